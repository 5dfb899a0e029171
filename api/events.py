"""What happens, as it happens: one subscription that begins at any position."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

import strawberry
from strawberry import UNSET

from api.changes import changed
from api.context import Info, Operation
from api.entity import linked
from api.faults import fault
from api.hearing import Heard, follow
from api.interests import EventWhere, Interests, interests
from api.prices import PRICE, SUBSCRIPTION, Price
from api.publication.asked import OtherFilters
from api.publication.cursor import CursorForged, CursorOfAnother, Cursors
from domain.identity import Id, external
from domain.refusal import Refusal
from projections.column import Position

EVENTS: Final = "events"
"""What the subscription is called."""


class ForeignCursor(Refusal):
    """{value} is no cursor from here. Take that of the last event that you saw, as it is."""

    FRENCH = (
        "{value} n’est pas un curseur d’ici. "
        "Prenez, tel quel, celui du dernier événement que vous avez vu."
    )


class TwoBeginnings(Refusal):
    """A position and a cursor both say where to begin. Give one of them."""

    FRENCH = "Une position et un curseur disent tous deux où commencer. N’en donnez qu’un."


@strawberry.type(description="A fact that was recorded.")
class Event:
    """A fact that was recorded."""

    position: Position = strawberry.field(
        description="Where it stands in the log; go on after it when you come back."
    )
    type: str = strawberry.field(description="What happened, such as organisation.registered.")
    noun: str = strawberry.field(description="The kind of thing to which it happened.")
    subject: Id | None = strawberry.field(
        description="The id of that to which it happened; null for what has no id of its own."
    )
    version: int = strawberry.field(description="The version of the subject after it.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    effective_on: date | None = strawberry.field(
        description="The day on which it took effect, where that is not the day of recording."
    )
    actor: str | None = strawberry.field(
        description="Who gave the command, for those who may know."
    )
    on_behalf_of: Id | None = strawberry.field(
        description="The organisation for which the caller acted."
    )
    command: str = strawberry.field(description="The command, such as RegisterOrganisation.")
    command_id: UUID | None = strawberry.field(
        description="The id of the command, for those who may know by whom."
    )
    reason: str | None = strawberry.field(
        description="Why it was done, for those who may know by whom."
    )
    cursors: strawberry.Private[Cursors]
    filters: strawberry.Private[Sequence[str]]

    @strawberry.field(
        description="Signed, and opaque: go on after it when you come back, with the same where. "
        "It is also a cursor of the feed, GET /events, under the same filters."
    )
    def cursor(self) -> str:
        """Sign how far somebody is who has seen it."""
        return self.cursors.write(self.position, self.filters)


@linked
@strawberry.type(description="What happens, as it happens.")
class Subscription:
    """What happens, as it happens."""

    organisation_changed = changed(
        "organisation", "Organisation", "An organisation as it is, and whenever it changed."
    )
    cohort_changed = changed("cohort", "Cohort", "A cohort as it is, and whenever it changed.")
    roadmap_changed = changed("roadmap", "Roadmap", "A roadmap as it is, and whenever it changed.")
    alliance_changed = changed(
        "alliance", "Alliance", "An alliance as it is, and whenever it changed."
    )
    action_changed = changed("action", "Action", "An action as it is, and whenever it changed.")
    challenge_changed = changed(
        "challenge", "Challenge", "A challenge as it is, and whenever it changed."
    )
    workshop_changed = changed(
        "workshop", "Workshop", "A workshop as it is, and whenever it changed."
    )

    @strawberry.subscription(
        description="Every fact beyond a position, in order: first those that are recorded "
        "already, then each as it is recorded. None is left out that is about what the caller may "
        "see.",
        metadata={PRICE: Price(once=SUBSCRIPTION)},
    )
    async def events(
        self,
        info: Info,
        after: Annotated[
            Position | None,
            strawberry.argument(
                description="The position after which to begin; without it, what is still to come."
            ),
        ] = UNSET,
        after_cursor: Annotated[
            str | None,
            strawberry.argument(description="The cursor after which to begin, in its place."),
        ] = UNSET,
        where: Annotated[
            EventWhere | None,
            strawberry.argument(description="Which facts are meant; all of them unless given."),
        ] = UNSET,
    ) -> AsyncIterator[Event]:
        """Tell what happens."""
        operation = info.context
        try:
            asked = Asked.of(after, after_cursor, where)
            begin = await asked.begins(operation)
            async for heard in follow(operation.feed.since(begin), operation, asked.wanted):
                yield told(heard, operation.cursors, asked.filters)
        except Exception as error:
            raise fault(error, operation.caller.language, [EVENTS]) from error


@dataclass(frozen=True, slots=True)
class Asked:
    """Which facts somebody asks for, and from where on."""

    after: int | None
    cursor: str | None
    wanted: Interests
    filters: tuple[str, ...]
    """What says which facts are meant, in an order of its own, as the feed names it."""

    @classmethod
    def of(cls, after: int | None, cursor: str | None, where: EventWhere | None) -> Self:
        """Read the arguments.

        Raises:
            domain.refusal.Refusal: they make no sense.
        """
        after = after if isinstance(after, int) else None
        cursor = cursor if isinstance(cursor, str) else None
        if after is not None and cursor is not None:
            raise TwoBeginnings("afterCursor")
        return cls(after, cursor, interests(where or None), _filters(where))

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Read the arguments as they are given to the field."""
        where = given.get("where")
        meant = None if where is None else EventWhere(**where)
        return cls.of(given.get("after"), given.get("afterCursor"), meant)

    async def begins(self, operation: Operation) -> int:
        """Give the position after which to begin, or to go on.

        Raises:
            ForeignCursor, OtherFilters: the cursor does not say so.
            api.ports.ReadsUnavailable: it begins with what is still to come, wherever that is.
        """
        after = self.after
        if self.cursor is not None:
            try:
                after = operation.cursors.read(self.cursor, self.filters)
            except CursorForged:
                raise ForeignCursor("afterCursor", value=self.cursor[:80]) from None
            except CursorOfAnother:
                raise OtherFilters("afterCursor") from None
        if operation.seen is not None:
            return max(after or 0, operation.seen)
        return await operation.feed.head() if after is None else after


def _filters(where: EventWhere | None) -> tuple[str, ...]:
    lists = {} if where is None else vars(where)
    return tuple(
        f"{name}={each}"
        for name, listed in sorted(lists.items())
        if listed is not None and listed is not UNSET
        for each in sorted(set(listed))
    )


def told(heard: Heard, cursors: Cursors, filters: Sequence[str]) -> Event:
    """Tell a fact as it leaves: what it is and who did it, not what it contains."""
    recorded = heard.recorded
    metadata = recorded.metadata
    behalf = metadata.on_behalf_of
    return Event(
        position=Position(recorded.position),
        type=type(recorded.event).TOPIC,
        noun=heard.noun,
        subject=heard.subject,
        version=recorded.event.originator_version,
        recorded_at=recorded.recorded_at,
        effective_on=metadata.effective_on,
        actor=metadata.actor if heard.named else None,
        on_behalf_of=None if behalf is None else external("organisation", behalf),
        command=metadata.command,
        command_id=recorded.command_id if heard.named else None,
        reason=metadata.reason if heard.named else None,
        cursors=cursors,
        filters=filters,
    )
