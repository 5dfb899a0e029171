"""Entries: single facts of a history, as they are told."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import strawberry
from strawberry import UNSET

from api import leads
from api.context import Info
from api.entity import REFERS, linked
from api.hearing import Heard
from api.history.actors import Acting
from api.history.asked import corrects
from api.history.sentences import SENTENCES
from api.history.spoken import In, spoken
from api.history.telling import Telling, called_at, thing_of
from api.history.values import HistoryChange, shown
from api.labels.words import Words
from domain.calendar import today
from domain.identity import PREFIXES, external
from domain.role import Role, ScopeKind
from domain.territory import TERRITORIES
from projections.column import Position

_PRINCIPAL: Final = f"{PREFIXES['principal']}_"
_WITHOUT_ROLE: Final = Words("compte sans rôle à ce titre", "account without a role for it")
_PROGRAM: Final = Words("la plateforme elle-même", "the platform itself")
_ANYBODY: Final = Words("une personne sans compte", "somebody without an account")


@strawberry.type(description="As what somebody did something.")
class HistoryActor:
    """As what somebody did something."""

    role: Role | None = strawberry.field(
        description="The role by which they could, of those that they held when they did it; the "
        "one nearest to the thing where there were several. Null for somebody without an account, "
        "and for the program itself."
    )
    scope_kind: ScopeKind | None = strawberry.field(
        description="The kind of place in which they held it."
    )
    place: str | None = strawberry.field(
        description="The place: an id, or the key of a territory; null for the platform, and for "
        "what the caller may not see."
    )
    place_name: str | None = strawberry.field(description="What the place was called then.")
    said: strawberry.Private[Words]

    @strawberry.field(description="The role and the place in words.")
    def label(self, info: Info, language: In = UNSET) -> str:
        """Say it."""
        return self.said.of(spoken(language, info))


@linked
@strawberry.type(description="A fact of a history.")
class HistoryEntry:
    """A fact of a history."""

    heard: strawberry.Private[Heard]
    telling: strawberry.Private[Telling]

    position: Position = strawberry.field(description="Where it stands in the log.")
    version: int = strawberry.field(description="The version of the thing after it.")
    type: str = strawberry.field(description="What happened, such as roadmap.lever_reworded.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    effective_on: date = strawberry.field(
        description="The day on which it took effect: as it was stated, or that of the recording "
        "on the calendars of Paris."
    )
    is_late: bool = strawberry.field(
        description="Whether it was recorded on a later day than it took effect."
    )
    is_correction: bool = strawberry.field(
        description="Whether it puts right what had been recorded before."
    )
    command: str = strawberry.field(description="The command, such as RewordLever.")
    command_id: UUID | None = strawberry.field(
        description="The id of the command, for those who may know by whom."
    )

    @strawberry.field(
        description="Why it was done, for insiders of the thing and those who may know by whom."
    )
    async def reason(self) -> str | None:
        """Tell why it was done."""
        known = self.heard.named or await self.telling.inside()
        return self.heard.recorded.metadata.reason if known else None

    @strawberry.field(
        description="What happened, in a sentence; things bear the names that they had, as far as "
        "the caller may know these."
    )
    async def sentence(self, info: Info, language: In = UNSET) -> str:
        """Tell what happened."""
        event = self.heard.recorded.event
        named = called_at(self.position, await self.telling.names())
        return SENTENCES[type_of(event)].text(event, spoken(language, info), named)

    @strawberry.field(description="As what somebody did it: by which role, and where they hold it.")
    async def actor(self) -> HistoryActor:
        """Tell as what somebody did it."""
        acting = (await self.telling.acting()).get(self.position)
        if acting is None:
            return _without_role(self.heard.recorded.metadata.actor)
        thing = thing_of(acting.place, self.position)
        name = None if thing is None else (await self.telling.places()).get(thing)
        if acting.kind is ScopeKind.TERRITORY and acting.place in TERRITORIES:
            name = TERRITORIES[acting.place].name
        return _with_role(acting, name)

    @strawberry.field(
        graphql_type=Any,
        description="Who did it, for those who may know.",
        metadata={REFERS: "Principal | None"},
    )
    def principal(self) -> Any:
        """Give who did it."""
        actor = self.heard.recorded.metadata.actor
        return leads.node(actor) if self.heard.named else None

    @strawberry.field(
        graphql_type=Any,
        description="The organisation for which they acted.",
        metadata={REFERS: "Organisation | None"},
    )
    def on_behalf_of(self) -> Any:
        """Give for whom it was done."""
        behalf = self.heard.recorded.metadata.on_behalf_of
        return None if behalf is None else leads.node(external("organisation", behalf))

    @strawberry.field(
        description="The fields that it made another, of the thing itself and of its parts, as far "
        "as the caller may see them, before and after."
    )
    async def changes(self) -> list[HistoryChange]:
        """Tell what it changed."""
        changes = (await self.telling.changes())[self.position]
        return [shown(each, self.position, self.telling) for each in changes]


def entry(heard: Heard, telling: Telling) -> HistoryEntry:
    """Give a fact as it is told."""
    recorded = heard.recorded
    metadata, event = recorded.metadata, recorded.event
    recorded_on = today(recorded.recorded_at)
    effective_on = metadata.effective_on or recorded_on
    return HistoryEntry(
        heard=heard,
        telling=telling,
        position=Position(recorded.position),
        version=event.originator_version,
        type=event.TOPIC,
        recorded_at=recorded.recorded_at,
        effective_on=effective_on,
        is_late=effective_on < recorded_on,
        is_correction=corrects(event.TOPIC),
        command=metadata.command,
        command_id=recorded.command_id if heard.named else None,
    )


def type_of(event: Any) -> Any:
    """Give the class of an event; `type` is a field in this module."""
    return event.__class__


def _without_role(actor: str) -> HistoryActor:
    said = _ANYBODY if actor == "anonymous" else _PROGRAM
    if actor.startswith(_PRINCIPAL):
        said = _WITHOUT_ROLE
    return HistoryActor(role=None, scope_kind=None, place=None, place_name=None, said=said)


def _with_role(acting: Acting, name: str | None) -> HistoryActor:
    where = "" if name is None else f" ({name})"
    return HistoryActor(
        role=acting.role,
        scope_kind=acting.kind,
        place=acting.place if name is not None else None,
        place_name=name,
        said=Words(f"{acting.role.fr}{where}", f"{acting.role.en}{where}"),
    )
