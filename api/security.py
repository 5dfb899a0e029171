"""Headers by which browsers are told what our answers are, and are not, to be used for."""

import base64
import hashlib
from collections.abc import Awaitable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

STRICT: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What an answer may load: nothing (Content Security Policy, level 3)."""

_POLICY: Final = b"content-security-policy"
_ALWAYS: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_OF_DATA: Final = [*_ALWAYS, (_POLICY, STRICT.encode())]
"""What is no page is told by one policy not to be shown, framed or run (OWASP, REST security)."""
_OF_PAGES: Final = [
    *_ALWAYS,
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
_ENCRYPTED_FOR: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class SecurityHeaders:
    """Adds to every answer what browsers need to know; a page brings a policy of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    # Neither has a frame of its own to wait in: an answer that is kept takes not much longer.

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve as the application within does."""
        if scope["type"] != "http":
            return self._app(scope, receive, send)

        def with_headers(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                ours = _OF_PAGES if _POLICY in dict(given) else _OF_DATA
                headers = message["headers"] = [*given, *ours]
                if scope["scheme"] == "https":
                    headers.append(_ENCRYPTED_FOR)
            return send(message)

        return self._app(scope, receive, with_headers)


def policy(*, style: str, script: str | None = None) -> dict[str, str]:
    """Give the header of a page that has this style and this script inside it, and no other."""
    sources = f"{STRICT}; style-src {_hash(style)}"
    if script is not None:
        sources += f"; script-src {_hash(script)}"
    return {"content-security-policy": sources}


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
