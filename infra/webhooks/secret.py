"""Secrets: what signs the deliveries of an endpoint, encrypted where it is kept, and signatures.

They are encrypted under a key that follows from the request secret of the database, which the
master key wraps: when that is replaced, nothing of them has to be written anew.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from standardwebhooks import Webhook

from api.webhooks.refusals import InvalidSecret

PREFIX: Final = "whsec_"
"""What each secret starts with."""

_BYTES: Final = 32
_LEAST: Final = 24
"""Bytes of a secret, at least and at most (Standard Webhooks)."""
_MOST: Final = 64
_NONCE: Final = 12


class SecretLost(Exception):
    """A secret cannot be decrypted: it came from a database with other keys."""


class SecretBox:
    """Encrypts the secrets of one database."""

    def __init__(self, request_secret: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(request_secret, b"cordee webhook secrets", "sha256"))

    def close(self, secret: str, endpoint: UUID) -> bytes:
        """Encrypt a secret; it opens only as that of the endpoint."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), endpoint.bytes)

    def open(self, box: bytes, endpoint: UUID) -> str:
        """Give a secret back.

        Raises:
            SecretLost: it was encrypted elsewhere, or is that of another endpoint.
        """
        try:
            return self._cipher.decrypt(box[:_NONCE], box[_NONCE:], endpoint.bytes).decode()
        except InvalidTag:
            raise SecretLost from None


def new_secret() -> str:
    """Make a secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def sound(secret: str) -> str:
    """Give a secret back that somebody made themselves.

    Raises:
        InvalidSecret: it is not written as Standard Webhooks has it, or too short to be one.
    """
    try:
        raw = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not secret.startswith(PREFIX) or not _LEAST <= len(raw) <= _MOST:
        raise InvalidSecret("secret")
    return secret


def signed(id: str, body: bytes, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Give the headers that sign a body, by each of some secrets.

    ``id`` is the same whenever the same is sent; ``now`` is when it leaves, in UTC.
    """
    text = body.decode()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(id, now, text) for each in secrets),
    }
