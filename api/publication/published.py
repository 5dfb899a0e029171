"""Public events: which facts are published, as what, and which of their fields.

    published(Cohort.CapacitySet, "Places were set.", "Les places ont été fixées.", "capacity")

What is published is named, field by field, and nothing else leaves: neither what belongs to a
person, nor why something was done, nor what the rules show to fewer than the fact itself is told
to, today or when it was recorded. Whoever may see more asks the interface for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.publication.detail import Detail, detail
from domain.aggregate import AggregateEvent

NAMESPACE: Final = "fr.cordee"
"""With what the types of public events begin."""


@dataclass(frozen=True, slots=True)
class Published:
    """A public event: how a fact of one kind is told."""

    event: type[AggregateEvent]
    english: str
    french: str
    details: tuple[Detail, ...]
    version: int
    """Another one once a detail is gone or has another meaning; new ones leave it as it is."""

    @property
    def type(self) -> str:
        """The type of the CloudEvent, such as ``fr.cordee.action.proposed.v1``."""
        return f"{NAMESPACE}.{self.event.TOPIC}.v{self.version}"

    @property
    def noun(self) -> str:
        """The kind of thing to which it happens."""
        return self.event.TOPIC.partition(".")[0]

    @property
    def title(self) -> Mapping[str, str]:
        """What happened, by language."""
        return {"en": self.english, "fr": self.french}


def published(
    event: type[AggregateEvent], english: str, french: str, *paths: str, version: int = 1
) -> Published:
    """Publish the facts of a kind, with the fields at some paths."""
    details = tuple(detail(event, path) for path in paths)
    return Published(event, english, french, details, version)


def internal(reason: str, *events: type[AggregateEvent]) -> Mapping[type[AggregateEvent], str]:
    """Declare that the facts of some kinds are not published, and why."""
    return dict.fromkeys(events, reason)
