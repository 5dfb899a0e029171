"""Cursors of the feed: how far somebody has read, and of what, signed.

A position alone would do. But whoever goes on with other filters than they began with would miss
what was passed over, and not know: so a cursor names what was asked for, and counts for nothing
else. It is signed: one that was made up, or comes from another log, is told from those of this one.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

_MARK: Final = "c1."
"""With what a cursor begins: it is no position, and the next way to write one is told apart."""
_SIGNATURE: Final = 17
"""Bytes of a signature; with the others they make whole groups of base64, without padding."""
_ASKED: Final = 8
"""Bytes that stand for what was asked for."""


class CursorForged(Exception):
    """A text is no cursor that was signed here."""


class CursorOfAnother(Exception):
    """A cursor was made for another question."""


@dataclass(frozen=True, slots=True)
class Cursors:
    """Writes and reads cursors under a key, which all processes on a log share."""

    key: bytes = field(repr=False)

    def write(self, position: int, asked: Sequence[str]) -> str:
        """Make the cursor of somebody who has read up to a position of what they asked for."""
        body = position.to_bytes(8, "big") + _digest(asked)
        return _MARK + base64.urlsafe_b64encode(body + self._sign(body)).decode()

    def read(self, token: str, asked: Sequence[str]) -> int:
        """Give the position of a cursor.

        Raises:
            CursorForged: it is none, was changed, or was signed elsewhere.
            CursorOfAnother: something else was asked for.
        """
        try:
            whole = base64.b64decode(token.removeprefix(_MARK), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise CursorForged(token) from None
        body, signature = whole[:-_SIGNATURE], whole[-_SIGNATURE:]
        signed = token.startswith(_MARK) and hmac.compare_digest(signature, self._sign(body))
        if not signed:
            raise CursorForged(token)
        if body[8:] != _digest(asked):
            raise CursorOfAnother(token)
        return int.from_bytes(body[:8], "big")

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self.key, b"cordee feed cursor" + body, "sha256")[:_SIGNATURE]


OF_THIS_PROCESS: Final = Cursors(secrets.token_bytes())
"""Cursors that count as long as the process runs."""


def _digest(asked: Sequence[str]) -> bytes:
    counted = "".join(f"{len(each)}:{each}" for each in asked)
    return sha256(counted.encode()).digest()[:_ASKED]
