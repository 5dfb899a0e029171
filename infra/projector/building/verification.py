"""Verification: what is stored of a projection, held against a fresh fold at the same position."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from infra.mapper import EventMapper
from infra.projector import parking
from infra.projector.building.comparison import TableComparison, compared
from infra.projector.building.engine import Engine, Told, silent
from infra.projector.building.sample import Sampled, Sampler
from infra.projector.building.scratch import Scratch
from infra.projector.connection import Connection
from infra.projector.generation import Generation
from infra.projector.refusals import NotPossible

_POSITION: Final = "select position from log.generation where projection = $1 and number = $2"

# A forgotten person's texts are gone from the log at once, and from the tables when the fact is
# folded: in between the tables say more than the log does.
_UNDER_WAY: Final = """
select exists (select from log.event where topic = 'person.forgotten' and position > $1)
"""

_PATIENCE: Final = 5


class GenerationGone(NotPossible):
    """The generation that is looked at was dropped."""


class Verified(NamedTuple):
    """What a verification has found."""

    generation: Generation
    position: int
    """The position at which both were compared."""
    events: int
    """How many events were folded for it."""
    tables: Sequence[TableComparison]
    """Each table: as a fresh fold has it before, as it is stored after."""
    sampled: Sampled

    @property
    def right(self) -> bool:
        """Whether all that is stored is what the events say."""
        return all(table.same for table in self.tables) and not self.sampled.wrong


class Verification:
    """Verifies one generation, while it may be read and followed."""

    def __init__(
        self,
        generation: Generation,
        *,
        reading: Connection,
        writing: Connection,
        mapper: EventMapper,
        memory: int,
        told: Told = silent,
    ) -> None:
        """``memory`` is what the fresh fold may take, in bytes.

        ``reading`` and ``writing`` are connections of its own, set as `stretch.SETTINGS` say; the
        scratch tables end with the latter.
        """
        self._generation = generation
        self._reading = reading
        self._writing = writing
        self._mapper = mapper
        self._memory = memory
        self._told = told

    async def run(self) -> Verified:
        """Fold all that the generation has anew, and compare.

        Raises:
            GenerationGone: there is no such generation any more.
            Unfoldable, UnreadableEvent: an event that is stored cannot be folded.
            asyncpg.PostgresError: the database cannot do it.
        """
        parked = await parking.parked(self._writing, self._generation)
        aside = {each.stream_id: each.position for each in parked}
        projection = self._generation.projection
        async with Scratch.made(self._writing, projection, aside) as scratch:
            return await self._run(scratch)

    async def _run(self, scratch: Scratch) -> Verified:
        engine = Engine(
            scratch,
            reading=self._reading,
            writing=self._writing,
            mapper=self._mapper,
            memory=self._memory,
            told=self._told,
        )
        built = await engine.run(await self._position())
        for attempt in range(_PATIENCE):
            found = await self._compare(engine, scratch, built.events)
            if found.right or attempt + 1 == _PATIENCE:
                break
            if not await self._reading.fetchval(_UNDER_WAY, found.position):
                break
        return found

    async def _compare(self, engine: Engine, scratch: Scratch, events: int) -> Verified:
        """Bring the fresh fold to where the generation is, in a snapshot in which that stays."""
        async with self._writing.transaction(isolation="repeatable_read"):
            position = await self._position()
            await engine.follow(position)
            fresh, stored = scratch.generation.schema, self._generation.schema
            kinds = self._generation.projection.rows
            tables = [await compared(self._writing, kind, fresh, stored) for kind in kinds]
            sampler = Sampler(self._generation, self._mapper, await scratch.aside(self._writing))
            sampled = await sampler.look(self._writing, position)
        return Verified(self._generation, position, events, tables, sampled)

    async def _position(self) -> int:
        key = (self._generation.name, self._generation.number)
        position: int | None = await self._writing.fetchval(_POSITION, *key)
        if position is None:
            raise GenerationGone(f"There is no {self._generation} any more: somebody dropped it.")
        return position
