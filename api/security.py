"""Headers by which browsers are told what our answers are, and are not, to be used for."""

import base64
import hashlib
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

STRICT: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What an answer may load: nothing (Content Security Policy, level 3)."""

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_POLICY: Final = b"content-security-policy"
_ENCRYPTED_FOR: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class SecurityHeaders:
    """Adds to every answer what browsers need to know; a page brings a policy of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as the application within does."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = [*message.get("headers", ()), *_HEADERS]
                if all(name != _POLICY for name, _ in headers):
                    headers.append((_POLICY, STRICT.encode()))
                if scope["scheme"] == "https":
                    headers.append(_ENCRYPTED_FOR)
            await send(message)

        await self._app(scope, receive, with_headers)


def policy(*, style: str, script: str | None = None) -> dict[str, str]:
    """Give the header of a page that has this style and this script inside it, and no other."""
    sources = f"{STRICT}; style-src {_hash(style)}"
    if script is not None:
        sources += f"; script-src {_hash(script)}"
    return {"content-security-policy": sources}


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
