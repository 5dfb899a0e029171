"""A person: somebody whom other aggregates name, and who can be forgotten."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Self
from uuid import UUID, uuid5

from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.claim import NAMESPACE
from domain.command import Command, Work, command
from domain.identity import PREFIXES, Id, external, internal
from domain.refusal import NotFound
from domain.role import Role

NAMED_IN: Final[Mapping[str, str]] = {
    "contact": "organisation",
    "assignment": "action",
    "registration": "workshop",
    "principal": "principal",
}
"""What stands for a person, with the noun of the aggregate whose facts say who it is."""


class Person(Aggregate):
    """A person who was forgotten; of others nothing is known here."""

    TOPIC = "person"

    class Event(AggregateEvent, frozen=True):
        """A fact about a person."""

    class Forgotten(Event, AggregateCreated, frozen=True, kw_only=True):
        """What was said of them in person is gone for ever, and nothing more can be said.

        With this fact, in one transaction, the store destroys their key.
        """

        TOPIC = "person.forgotten"
        subject: UUID
        named_in: UUID

    @staticmethod
    def id_of(subject: UUID) -> UUID:
        """The id of the stream of a person whose texts belong to ``subject``."""
        return uuid5(NAMESPACE, f"person\x1f{subject}")

    @classmethod
    def forget(cls, subject: UUID, *, named_in: UUID, now: datetime) -> Self:
        """Forget a person whom one aggregate names."""
        return cls._create(
            cls.Forgotten,
            id=cls.id_of(subject),
            timestamp=now,
            subject=subject,
            named_in=named_in,
        ).at(now)

    def __init__(self, subject: UUID, named_in: UUID) -> None:
        self.subject = subject
        self.named_in = named_in


def ids_of(subject: UUID) -> tuple[Id, ...]:
    """Give every id under which callers may know a person."""
    return tuple(external(noun, subject) for noun in NAMED_IN)


def noun_of(person: Id) -> str:
    """Tell what stands for a person from its id.

    Raises `WrongKindOfId` when it names something that is no person.
    """
    prefix = person.partition("_")[0]
    return next((noun for noun in NAMED_IN if PREFIXES[noun] == prefix), "contact")


# commands


@command(
    by=(
        Role.PLATFORM_OPERATOR,
        Role.TERRITORY_ADMINISTRATOR,
        Role.ORGANISATION_LEADER,
        Role.ALLIANCE_COORDINATOR,
    ),
    by_oneself=True,
)
class ForgetPerson(Command):
    """Forget a person: what was said of them in person can never be read again, by nobody.

    What was done, counted and decided stays as it was, and shows that there was somebody.
    """

    DISCREET = True  # an id that is known from elsewhere does not tell whether somebody is here

    person: Annotated[Id, "The contact, assignment, registration or principal that they are."]
    reason: Annotated[str | None, "Why this is done. It stays: do not name the person."] = None

    async def ground(self, work: Work) -> Aggregate:
        """That which names them: they lie where it does."""
        naming = await self._naming(work)
        return await work.get(type(naming), external(naming.TOPIC, naming.id))

    def missing(self, subject: Aggregate) -> NotFound:  # noqa: ARG002
        """For whoever may not have them forgotten, they are not there."""
        return NotFound("person", id=self.person, noun=noun_of(self.person))

    async def decide(self, work: Work) -> Person:
        naming = await self._naming(work)
        subject = internal(noun_of(self.person), self.person)
        known = await work.find(Person, Person.id_of(subject))
        return known or work.add(Person.forget(subject, named_in=naming.id, now=work.now))

    async def _naming(self, work: Work) -> Aggregate:
        noun = noun_of(self.person)
        naming = await work.naming(internal(noun, self.person))
        if naming is None or NAMED_IN[noun] != naming.TOPIC:
            raise NotFound("person", id=self.person, noun=noun)
        return naming
