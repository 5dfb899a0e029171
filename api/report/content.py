"""What an audit report says.

It holds what its reader may see and nothing else, for it is asked with their rights; what they may
not see is missing from it, or None.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from api.report.happened import Entry, Version
from api.report.standing import Answer, Comment, DroppedPart, ObjectiveMeasurement, Roadmap
from domain.refusal import Language


class Signer(Answer, frozen=True):
    """A key whose signatures count."""

    number: int
    public_key: str


class TreeHead(Answer, frozen=True):
    """A signed head of the tree over the log."""

    log: UUID
    size: int
    root: str
    sealed_at: datetime
    signer: int
    signature: str
    signers: Sequence[Signer]


class Inclusion(Answer, frozen=True):
    """That an event is in the tree."""

    position: int
    leaf_hash: str
    path: Sequence[str]
    head: TreeHead


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of the last fact, as it is told and as it is checked."""

    inclusion: Inclusion
    document: bytes
    """What the verifier reads."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that an audit report says."""

    language: Language
    position: int
    """The position of the log after which it speaks."""
    recorded_at: datetime | None
    """When the event at that position was recorded; None before the first."""
    roadmap: Roadmap
    measurements: Sequence[ObjectiveMeasurement]
    comments: Sequence[Comment]
    dropped: Sequence[DroppedPart]
    versions: Sequence[Version]
    entries: Sequence[Entry]
    """What happened, in the order in which it was recorded."""
    proof: Proof | None
    """None while the last fact is not sealed, and where nothing is proved."""
