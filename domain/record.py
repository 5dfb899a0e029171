"""What the log keeps around an event: where it stands, when, by whom and why."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID, uuid5

import msgspec

from domain.aggregate import AggregateEvent


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who gave the command that an event answers, on whose behalf, and why."""

    actor: str
    """The authenticated caller."""
    command: str
    """The name of the command, such as ``EnrolOrganisation``."""
    on_behalf_of: UUID | None = None
    """The organisation for which the caller acted."""
    effective_on: date | None = None
    """The day on which it took effect, where that is not the day of recording."""
    reason: str | None = None
    correlation_id: UUID | None = None
    """What started the chain to which this belongs."""
    causation_id: UUID | None = None
    """The command or event that led to this one."""


E_co = TypeVar("E_co", bound=AggregateEvent, covariant=True)


@dataclass(slots=True)
class Recorded(Generic[E_co]):
    """An event as it stands in the log."""

    event: E_co
    position: int
    """1..N, without gaps, in the order of commit, over all streams."""
    recorded_at: datetime
    """The store's clock at the commit, in UTC."""
    command_id: UUID
    metadata: Metadata

    @property
    def stream_id(self) -> UUID:
        """The aggregate that recorded it."""
        return self.event.originator_id

    @property
    def event_id(self) -> UUID:
        """A stable id: the stream's UUID with the version as a name in it (RFC 9562, v5)."""
        return uuid5(self.event.originator_id, str(self.event.originator_version))
