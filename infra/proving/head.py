"""Heads of the tree: what was signed, when, over which head before it."""

import hashlib
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from infra.proving.verifier import NOBODY, check_signature, signed_by_head


class Head(NamedTuple):
    """A signed head, as ``log.head`` has it."""

    size: int
    """Events in the tree."""
    root: bytes
    sealed_at: datetime
    previous: bytes
    """The digest of the head before it, zeros for the first."""
    signer: int
    """The number of the key that signed it."""
    signature: bytes

    def signed(self, log: UUID, public_key: bytes) -> bytes:
        """Give what it signs."""
        return signed_by_head(
            log,
            self.size,
            self.sealed_at,
            root=self.root,
            previous=self.previous,
            public_key=public_key,
        )

    def digest(self, log: UUID, public_key: bytes) -> bytes:
        """Give what the head after it signs of this one."""
        return hashlib.sha256(self.signed(log, public_key) + self.signature).digest()

    def check(self, log: UUID, public_key: bytes) -> None:
        """Check its signature.

        Raises:
            infra.proving.verifier.Unproven: another key signed it, or something else was signed.
        """
        what = f"the head of {self.size} events"
        check_signature(public_key, self.signature, self.signed(log, public_key), what)


class Signer(NamedTuple):
    """A public key whose signatures count, as ``log.signer`` has it."""

    number: int
    public_key: bytes
    accepted: bytes
    """Its own signature over whom it succeeds."""
    introduced: bytes | None
    """The signature of the one before it over the same; None for the first, or if that was lost."""


FIRST: Final = NOBODY
"""What the first head has in the place of the digest of one before it."""

HEAD_COLUMNS: Final = "size, root, sealed_at, previous, signer, signature"

NEWEST: Final = f"select {HEAD_COLUMNS} from log.head order by size desc limit 1"  # noqa: S608

SIGNERS: Final = "select number, public_key, accepted, introduced from log.signer order by number"

TREE: Final = "select secret from log.tree"
