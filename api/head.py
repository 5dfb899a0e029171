"""The head of a request, whose fields are gone through once."""

from functools import lru_cache

from python_multipart.multipart import parse_options_header
from starlette.types import Scope

from api.identity import Unauthenticated
from api.language import preferred
from api.media import JSON, chosen, streamed
from api.uploads import MULTIPART
from domain.refusal import Language

_AUTHORIZATION = b"authorization"


class Head:
    """What the head of a request over HTTP says."""

    __slots__ = ("_fields", "_given", "client", "media", "method", "streamed")

    def __init__(self, scope: Scope) -> None:
        self._given: list[tuple[bytes, bytes]] = scope["headers"]
        self._fields = dict(self._given)
        if len(self._fields) < len(self._given):
            self._fields = _joined(self._given)
        self.method: str = scope.get("method", "")
        self.client: str = scope["client"][0] if scope.get("client") else ""
        """The address of whoever asks, as the server knows it; behind a proxy, what that says."""
        accept = self.get(b"accept") or ""
        self.media = chosen(accept)
        """The media type that its sender likes best of those in which an answer is; None is no."""
        self.streamed = streamed(accept)
        """What its sender takes as a stream."""

    def get(self, name: bytes) -> str | None:
        """Give a field; one that is repeated is a list with commas (RFC 9110, 5.3)."""
        found = self._fields.get(name)
        return None if found is None else found.decode("latin-1")

    @property
    def credentials(self) -> str | None:
        """What it says of who sends it; None is nothing.

        Raises `Unauthenticated` where it says so twice: a proxy may have checked the other one.
        """
        if len(self._fields) < len(self._given):
            names = [name for name, _ in self._given]
            if names.count(_AUTHORIZATION) > 1:
                raise Unauthenticated
        return self.get(_AUTHORIZATION)

    @property
    def language(self) -> Language:
        """The language that its sender reads."""
        return _language(self._fields.get(b"accept-language", b""))

    @property
    def in_json(self) -> bool:
        """Whether its body is JSON, in UTF-8."""
        kind, charset = _content(self._fields.get(b"content-type", b""))
        return kind == JSON.encode() and charset == b"utf-8"

    @property
    def in_parts(self) -> bool:
        """Whether its body has parts, of which one may be a file."""
        kind, _ = _content(self._fields.get(b"content-type", b""))
        return kind == MULTIPART.encode() and self.method == "POST"


def _joined(given: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    for name, value in given:
        fields[name] = fields[name] + b", " + value if name in fields else value
    return fields


@lru_cache(maxsize=256)
def _language(accept_language: bytes) -> Language:
    return preferred(accept_language.decode("latin-1"))


@lru_cache(maxsize=256)
def _content(content_type: bytes) -> tuple[bytes, bytes]:
    kind, parameters = parse_options_header(content_type)
    return kind, parameters.get(b"charset", b"utf-8").lower()
