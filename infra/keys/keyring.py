"""Master keys at work: the one in use, and while it is changed the one before it.

Each wraps people's keys by AES-256-GCM. What was wrapped bears the fingerprint of its master key,
so that two can be in use at a time, and one key after the other be wrapped anew.
"""

import hmac
import secrets
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE: Final = 12
_SHORT: Final = 16

SESSION: Final = "cordee keys"
"""What the name of a session begins with that knows by which master keys to unwrap."""


class WrongMasterKey(Exception):
    """What was wrapped cannot be unwrapped: no master key at hand is the one that wrapped it."""


class Wrapped(NamedTuple):
    """A secret that was wrapped, and by which master key."""

    by: bytes
    """The fingerprint of the master key."""
    box: bytes


class Keyring:
    """The master keys that one process accepts."""

    def __init__(self, current: bytes, previous: bytes | None = None) -> None:
        """``previous`` is the key that ``current`` replaces, for as long as that takes."""
        known = [current] if previous is None else [current, previous]
        self._ciphers = {fingerprint(key): AESGCM(key) for key in known}
        self.current = fingerprint(current)
        self.previous = fingerprint(known[-1])
        """The same as ``current`` where no key is being replaced."""

    @property
    def name(self) -> str:
        """Tell others which keys are at hand: what sessions of the database are called."""
        return " ".join((SESSION, *map(self.short, self._ciphers)))

    @staticmethod
    def short(by: bytes) -> str:
        """Give what stands for a key in that name."""
        return by.hex()[:_SHORT]

    def __contains__(self, by: bytes) -> bool:
        """Tell whether a master key is at hand, by its fingerprint."""
        return by in self._ciphers

    def wrap(self, secret: bytes, about: bytes, by: bytes) -> Wrapped:
        """Wrap a secret under one of the keys; it opens only as what it is about."""
        nonce = secrets.token_bytes(_NONCE)
        return Wrapped(by, nonce + self._ciphers[by].encrypt(nonce, secret, about))

    def unwrap(self, wrapped: Wrapped, about: bytes) -> bytes:
        """Give a secret back.

        Raises:
            WrongMasterKey: another master key wrapped it, or it was about something else.
        """
        cipher = self._ciphers.get(wrapped.by)
        if cipher is None:
            raise WrongMasterKey
        try:
            return cipher.decrypt(wrapped.box[:_NONCE], wrapped.box[_NONCE:], about)
        except InvalidTag:
            raise WrongMasterKey from None


def fingerprint(master_key: bytes) -> bytes:
    """Tell a master key from any other, with nothing of it given away."""
    return hmac.digest(master_key, b"cordee master key", "sha256")
