"""Truth: what is known by now of a day, which need not be what was believed that day.

What was recorded late counts from the day on which it took effect, what was corrected from the day
of what was wrong. Asked as of a moment, it is what was known by then.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from api import leads
from api.context import Info, Operation
from api.hearing import hear
from api.leads import Elsewhere
from api.node import Node, known, noun_of
from api.past import AsOfArgument
from api.ports import Reads
from api.prices import PRICE, TRUTH, Price
from domain.identity import Id, internal
from domain.refusal import NotFound, Refusal
from projections.column import Position
from projections.mergers import MergerRow
from projections.projection import Projection
from projections.rows import Rows
from projections.stand_in import owned, standing_in, written
from projections.statement import Statement
from projections.table import Row
from projections.truth import RETOLD, Effective, Fact, counting, in_effect, mergers, rows_of

MOST: Final = 5_000
"""Facts of one thing that are folded for an answer: some 50 ms."""
_LAST_VERSION: Final = 2**31 - 1


class NotRetold(Refusal):
    """What is known of a day is told of actions and roadmaps: {id} is none. Ask of the past."""

    FRENCH = (
        "Ce que l’on sait d’un jour n’est donné que pour les actions et les feuilles de route : "
        "{id} n’en est pas une. Interrogez le passé (asOf)."
    )


class TooMuchHappened(Refusal):
    """More than {limit} facts are told of this: they cannot be retold at once. Ask of the past."""

    FRENCH = (
        "Plus de {limit} faits concernent ceci : on ne peut les raconter d’un coup. "
        "Interrogez le passé (asOf)."
    )


@strawberry.type(description="A fact, and since when it counts.")
class EffectiveFact:
    """A fact, and since when it counts."""

    position: Position = strawberry.field(description="Where it stands in the log.")
    type: str = strawberry.field(description="What happened, such as action.finished.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    counts_from: date = strawberry.field(
        description="The day on which it took effect: as it states, or that of the recording in "
        "Paris; of a correction, that of what it corrects."
    )
    corrects: Position | None = strawberry.field(
        description="The position of the fact that it puts right; null where it puts none right."
    )


@strawberry.type(description="What is known of a day of one thing.")
class Truth:
    """What is known of a day of one thing."""

    day: date = strawberry.field(description="The day.")
    position: Position = strawberry.field(
        description="The position up to which what was recorded is known."
    )
    facts: list[EffectiveFact] = strawberry.field(
        description="The facts that count on that day and that the caller may hear of, in the "
        "order in which they took effect."
    )
    lead: strawberry.Private[Elsewhere]

    @strawberry.field(
        graphql_type=Node | None,
        description="The thing as it was at the end of that day; what belongs to others is as it "
        "is now, or as of the moment. Null where it was not there yet, and for those who are not "
        "inside of it.",
    )
    def node(self) -> Any:
        """Give the thing."""
        return self.lead


class StandInReads:
    """Answers questions from a read model in which one thing is as it is given."""

    def __init__(self, reads: Reads, id: Id, kinds: tuple[type[Row], ...], rows: Rows) -> None:
        """``rows`` of some ``kinds`` stand in for those that belong to ``id``."""
        self._reads = reads
        self._id = id
        self._kinds = kinds
        self._rows = written(rows, kinds)

    async def answer(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[bytes | None]:
        """Run a rendered plan and give its one row: a JSON text for each root field."""
        return await self._reads.answer(*self._instead(statement, arguments))

    async def rows(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement and give its rows."""
        return await self._reads.rows(*self._instead(statement, arguments))

    def _instead(
        self, statement: Statement, arguments: Sequence[object]
    ) -> tuple[Statement, Sequence[object]]:
        asked = standing_in(statement, self._kinds, len(arguments) + 1)
        return asked, [*arguments, self._id, self._rows]


def true_on(description: str) -> Any:
    """Make the question for what is known of a day."""

    async def resolve(
        info: Info,
        id: Annotated[Id, strawberry.argument(description="The id of an action or a roadmap.")],
        day: Annotated[date, strawberry.argument(description="The day, to its end.")],
    ) -> Truth | None:
        noun = noun_of(id)
        if noun is None or noun not in RETOLD:
            raise NotRetold("id", id=id)
        if known(id, noun) is None:
            raise NotFound("id", noun=noun, id=id)
        return await _truth(id, noun, day, info.context)

    return strawberry.field(
        resolver=resolve,
        description=description,
        metadata={PRICE: Price(once=TRUTH)},
        extensions=[AsOfArgument()],
    )


async def _truth(id: Id, noun: str, day: date, operation: Operation) -> Truth:
    """Tell what is known of a day.

    Raises:
        TooMuchHappened: it would take too long.
        api.ports.FeedBroken: a fact cannot be read.
        api.ports.ReadsUnavailable, api.ports.ReadTooSlow: there is no answer.
    """
    projection = RETOLD[noun]
    position = operation.position if operation.moment is None else operation.moment
    lead = leads.node(id)
    assert lead is not None, "what is retold is a node"
    if await lead.row(operation) is None:
        # Nothing of what is hidden is told, not even how much happened to it.
        return Truth(
            day=day, position=Position(position), facts=[], lead=Elsewhere(lead, operation)
        )
    history = await _history(internal(noun, id), position, operation)
    counted = list(counting(in_effect(history), day))
    facts = [each.fact for each in counted]
    rows = rows_of(facts, projection, await _beside(facts, projection, operation))
    reads = StandInReads(operation.reads, id, owned(projection, noun), rows)
    there = operation.at(position, reads)
    inside = await lead.row(there) is not None
    heard = await hear(facts, operation) if inside else []
    audible = {each.recorded.position for each in heard}
    return Truth(
        day=day,
        position=Position(position),
        facts=[_effective(each) for each in counted if each.fact.position in audible],
        lead=Elsewhere(lead, there),
    )


async def _history(stream: UUID, position: int, operation: Operation) -> Sequence[Fact]:
    histories = operation.histories
    assert histories is not None, "whoever reads a log can tell what happened"
    facts = await histories.facts(
        stream, after=0, upto=_LAST_VERSION, limit=MOST + 1, newest_first=False
    )
    if len(facts) > MOST:
        raise TooMuchHappened("id", limit=MOST)
    return [each for each in facts if each.position <= position]


async def _beside(
    facts: Sequence[Fact], projection: Projection, operation: Operation
) -> Sequence[MergerRow]:
    """Give what became of the organisations of which facts speak."""
    statement, kind, organisations = mergers(facts, projection)
    found = await operation.reads.rows(statement, [organisations])
    return [kind(organisation_id=merged, survivor_id=survivor) for merged, survivor in found]


def _effective(each: Effective) -> EffectiveFact:
    return EffectiveFact(
        position=Position(each.fact.position),
        type=each.fact.event.TOPIC,
        recorded_at=each.fact.recorded_at,
        counts_from=each.day,
        corrects=None if each.corrects is None else Position(each.corrects.position),
    )
