"""A projector at work on a log, and what there is to see of it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
from asyncpg import Record

from api.ports import Hindrance
from domain.aggregate import AggregateEvent
from domain.organisation import Organisation, OrganisationKind
from domain.record import Recorded
from infra.projector import ProjectionState, Projector, status
from infra.store import EventStore
from projections import organisations
from projections.organisations import ORGANISATIONS
from projections.projection import Fold, Projection
from projections.rows import Rows
from projections.table import Row
from tests.domain.work import NOW
from tests.history import AT, Log
from tests.projections.folding import Tables, of_interest, tables
from tests.projections.stories import story

SOON = 10.0
"""Seconds for what takes milliseconds, on a busy machine."""


@asynccontextmanager
async def projecting(log: Log, **options: Any) -> AsyncIterator[Projector]:
    """A projector at work."""
    projector = await Projector.start(log.dsn, log.store, log.mapper, **options)
    try:
        yield projector
    finally:
        await projector.stop()


def an_organisation(name: str = "Atmo Normandie") -> Organisation:
    """A new organisation."""
    return Organisation.register(uuid4(), now=NOW, name=name, kind=OrganisationKind.ASSOCIATION)


def a_story(commands: int = 300) -> list[AggregateEvent]:
    """What a number of random commands have made happen, the same every time."""
    chance = Random(2025)  # noqa: S311
    return story([chance.randrange(2**32) for _ in range(commands)])


def in_memory(projection: Projection, events: Iterable[AggregateEvent]) -> Tables:
    """What one fold over all comes to, beside what is of reference."""
    rows = Rows()
    for row in projection.reference:
        rows.put(row)
    for each in of_interest(projection, list(events)):
        projection.take(rows, each)
    return tables(projection, rows)


def timeless(shown: Tables) -> Tables:
    """Rows without the instants at which the log recorded: those differ from run to run."""
    return {
        table: {
            key: replace(row, **dict.fromkeys(_instants(row), AT))  # type: ignore[type-var]
            for key, row in rows.items()
        }
        for table, rows in shown.items()
    }


def _instants(row: Row) -> list[str]:
    return [
        name
        for name in row.TABLE.columns
        if name.endswith("_at") and getattr(row, name) is not None
    ]


async def in_table(dsn: str, query: str, *arguments: object) -> list[Record]:
    """Ask the database."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


async def names(dsn: str) -> list[str]:
    """The names of the organisations that can be read."""
    rows = await in_table(dsn, "select name from read_organisations_1.organisation")
    return [row["name"] for row in rows]


async def until(state: ProjectionState, dsn: str, name: str = "organisations") -> Any:
    """Wait until a projection is in a state, and give what is known of it."""
    async with asyncio.timeout(SOON):
        while True:
            (found,) = [each for each in await status(dsn) if each.name == name]
            if found.state is state:
                return found
            await asyncio.sleep(0.02)


async def hindered(projector: Projector, code: str) -> list[Hindrance]:
    """Wait until something hinders a projector, and give all that does."""
    async with asyncio.timeout(SOON):
        while True:
            found = projector.hindrances()
            if any(each.code == code for each in found):
                return found
            await asyncio.sleep(0.02)


def broken(at: str, error: Exception) -> Projection:
    """Organisations, with a fold that fails when somebody takes a certain name."""

    def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        if getattr(recorded.event, "name", None) == at:
            raise error
        organisations.fold(rows, recorded)

    return folding_by(fold)


def folding_by(fold: Fold) -> Projection:
    """Organisations, with another fold that passes for theirs."""
    projection = replace(ORGANISATIONS, fold=fold)
    vars(projection)["code_hash"] = ORGANISATIONS.code_hash
    return projection


class Stalling:
    """A log that can be made to answer one of its readers late: a process that is paused."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.stalls = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        """Answer as the log does."""
        return getattr(self._store, name)

    async def wait_beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        """Wait as the log does, and then for as long as the test says."""
        head = await self._store.wait_beyond(position, timeout)
        if not self.goes_on.is_set():
            self.stalls.set()
            await self.goes_on.wait()
        return head

    async def stall(self) -> None:
        """Keep the reader waiting, and come back when it is."""
        self.goes_on.clear()
        await self.stalls.wait()
