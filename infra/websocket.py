"""WebSockets that take several messages at once: what many are told is framed and written plainly.

uvicorn leads each message through an object of a frame and a state machine. A message of text from
a server, without extensions and whole, is a head of some bytes and the text.
"""

from collections.abc import Sequence
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.websocket import TEXTS

_TEXT: Final = 0x81
"""How a message of text begins that is whole (RFC 6455, 5.2)."""


class TogetherProtocol(WebSocketsSansIOProtocol):
    """A WebSocket, with `api.websocket.Texts` for an extension."""

    def handle_connect(self, event: Any) -> None:
        """Offer the extension to whoever serves the connection."""
        super().handle_connect(event)
        if self.response.status_code == 101 and not self.conn.extensions:
            self.scope["extensions"][TEXTS] = {"writer": self}

    def ready(self) -> bool:
        """Tell whether its reader keeps up, so that more can be written."""
        return self.writable.is_set()

    def write(self, messages: Sequence[bytes]) -> bool:
        """Write messages of text, in UTF-8, and tell whether their reader keeps up.

        Raises:
            OSError: they left, or the connection is being closed.
        """
        self._check()
        parts = list[bytes]()
        for message in messages:
            parts += (_head(len(message)), message)
        self.transport.write(b"".join(parts))
        return self.writable.is_set()

    async def drain(self) -> None:
        """Wait until their reader has taken most of them.

        Raises:
            OSError: they left, or the connection is being closed.
        """
        await self.writable.wait()
        self._check()

    def _check(self) -> None:
        if self.close_sent or self.transport.is_closing():
            raise ClientDisconnected


def _head(length: int) -> bytes:
    if length < 126:
        return bytes((_TEXT, length))
    if length < 1 << 16:
        return b"\x81\x7e%b" % length.to_bytes(2, "big")
    return b"\x81\x7f%b" % length.to_bytes(8, "big")
