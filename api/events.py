"""What happens, as it happens: one subscription that begins at any position."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from api.changes import changed
from api.context import Info
from api.entity import linked
from api.faults import fault
from api.hearing import Heard, follow
from api.interests import EventWhere, interests
from api.prices import PRICE, SUBSCRIPTION, Price
from domain.identity import Id, external
from projections.column import Position


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
        where: Annotated[
            EventWhere | None,
            strawberry.argument(description="Which facts are meant; all of them unless given."),
        ] = UNSET,
    ) -> AsyncIterator[Event]:
        """Tell what happens."""
        feed = info.context.feed
        try:
            wanted = interests(where or None)
            begin = after if isinstance(after, int) else await feed.head()
            async for heard in follow(feed.since(begin), info.context, wanted):
                yield told(heard)
        except Exception as error:
            raise fault(error, info.context.caller.language, ["events"]) from error


def told(heard: Heard) -> Event:
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
    )
