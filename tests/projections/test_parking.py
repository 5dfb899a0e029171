"""Parked streams: what one bad event keeps back, and how it is taken in when it is mended."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import hypothesis
import pytest
from asyncpg import Record
from hypothesis import HealthCheck
from hypothesis import strategies as st

from domain.aggregate import AggregateEvent
from domain.identity import external
from domain.person import Person
from domain.record import Recorded
from infra.observing.watch import SILENCE
from infra.projector import ProjectionState, Projector
from infra.projector.choice import chosen, stream_id_of
from infra.projector.folding import Folding
from infra.projector.generation import LOCK, Generation, begin
from infra.projector.lease import Lease
from infra.projector.parking import park, parked, release
from infra.projector.refusals import NeverSetAside, NoSuchStream, NotFailing, NotParked
from infra.projector.steering import drop
from projections import organisations
from projections.organisations import ORGANISATIONS
from projections.persons import PERSONS
from projections.projection import Projection
from projections.rows import Rows
from tests.domain.work import NOW
from tests.history import Log, given, news, opened
from tests.projections.folding import Tables
from tests.projections.projecting import (
    SOON,
    a_story,
    an_organisation,
    broken,
    folding_by,
    in_memory,
    names,
    projecting,
    timeless,
    until,
)
from tests.projections.reading import stored


@pytest.fixture
async def log(prepared: str) -> AsyncIterator[Log]:
    """An open log, with a first generation of each read model beside it."""
    async with opened(prepared) as opening:
        yield opening


@pytest.fixture
async def operator(prepared: str) -> AsyncIterator["asyncpg.Connection[Record]"]:
    """The connection of somebody who steers."""
    connection = await asyncpg.connect(prepared)
    yield connection
    await connection.close()


ONLY: Any = {"projections": [ORGANISATIONS]}


async def passed(projector: Projector, position: int) -> None:
    """Wait until a position is shown, whatever has stopped meanwhile."""
    async with asyncio.timeout(SOON):
        while projector.position()["organisations"] < position:
            await asyncio.sleep(0.02)


async def gone(operator: Any, stream: UUID) -> None:
    """Wait until a stream is no longer set aside."""
    generation = Generation(ORGANISATIONS, 1)
    async with asyncio.timeout(SOON):
        while stream in [each.stream_id for each in await parked(operator, generation)]:
            await asyncio.sleep(0.02)


async def test_the_rest_goes_on_when_the_stream_is_parked_that_has_stopped_it(
    log: Log, operator: Any
) -> None:
    poisoned = broken("Air Breizh", ValueError())
    before, failing, after = (an_organisation(name) for name in ("Avant", "Air Breizh", "Après"))
    async with projecting(log, projections=[poisoned]) as projector:
        await given(log.store, log.mapper, *news(before, failing, after))
        await until(ProjectionState.STOPPED, log.dsn)
        aside = await park(operator, await chosen(operator, ORGANISATIONS, None))
        assert (aside.stream_id, aside.position, aside.error) == (failing.id, 2, "ValueError")
        failing.rename("Air")
        position = await given(log.store, log.mapper, *news(failing, an_organisation("Enfin")))
        await passed(projector, position)
        assert sorted(await names(log.dsn)) == ["Après", "Avant", "Enfin"]


async def test_a_released_stream_is_folded_in_order_by_whoever_leads(
    log: Log, operator: Any
) -> None:
    async with projecting(log, **ONLY) as projector:
        organisation = an_organisation()
        position = await given(log.store, log.mapper, *news(organisation))
        assert await projector.wait_until(position, SOON)
        generation = await chosen(operator, ORGANISATIONS, None)
        await park(operator, generation, organisation.id)
        for name in ("Un", "Deux"):
            organisation.rename(name)
            await given(log.store, log.mapper, *news(organisation))
        # The table has moved at the very position at which it then moves once more.
        position = await given(log.store, log.mapper, *news(an_organisation("Trois")))
        assert await projector.wait_until(position, SOON)
        assert sorted(await names(log.dsn)) == ["Atmo Normandie", "Trois"]
        moved = projector.moved("organisation")
        await release(operator, generation, organisation.id)
        await gone(operator, organisation.id)
        assert sorted(await names(log.dsn)) == ["Deux", "Trois"]
        async with asyncio.timeout(SOON):
            while not projector.moved("organisation") > moved:
                await asyncio.sleep(0.02)


async def test_a_released_stream_that_cannot_be_folded_stays_aside_and_says_why(
    log: Log, operator: Any
) -> None:
    poisoned = broken("Air Breizh", ValueError())
    failing = an_organisation("Air Breizh")
    async with projecting(log, projections=[poisoned]) as projector:
        generation = await chosen(operator, ORGANISATIONS, None)
        position = await given(log.store, log.mapper, *news(failing))
        await until(ProjectionState.STOPPED, log.dsn)
        await park(operator, generation)
        await passed(projector, position)
        await release(operator, generation, failing.id)
        async with asyncio.timeout(SOON):
            while (await parked(operator, generation))[0].error is None:
                await asyncio.sleep(0.02)
        assert await projector.wait_until(position, SOON), "all others go on"
        ((_, at, released, error),) = await parked(operator, generation)
        assert (at, released, error) == (1, False, "ValueError")


async def test_an_event_that_cannot_be_decoded_can_be_set_aside(log: Log, operator: Any) -> None:
    await given(log.store, log.mapper, *news(an_organisation()))
    await operator.execute("alter table log.event disable trigger user")
    await operator.execute("update log.event set state = substring(state for 40)")
    await operator.execute("alter table log.event enable always trigger append_only")
    async with projecting(log, **ONLY) as projector:
        await until(ProjectionState.STOPPED, log.dsn)
        await park(operator, await chosen(operator, ORGANISATIONS, None))
        position = await given(log.store, log.mapper, *news(an_organisation("Après")))
        await passed(projector, position)
        assert await names(log.dsn) == ["Après"]


async def test_what_cannot_be_parked_is_told_with_what_to_do(log: Log, operator: Any) -> None:
    generation = await chosen(operator, ORGANISATIONS, None)
    organisation = an_organisation()
    with pytest.raises(NotFailing, match="name the stream"):
        await park(operator, generation)
    with pytest.raises(NoSuchStream, match=str(organisation.id)):
        await park(operator, generation, organisation.id)
    with pytest.raises(NoSuchStream, match="such as org_"):
        stream_id_of("Atmo Normandie", generation)
    await given(log.store, log.mapper, *news(organisation))
    id = stream_id_of(external("organisation", organisation.id), generation)
    with pytest.raises(NotParked, match="These are: none"):
        await release(operator, generation, id)
    await park(operator, generation, id)
    with pytest.raises(NotParked, match=str(id)):
        await release(operator, generation, UUID(int=1))


async def test_that_a_person_was_forgotten_is_never_set_aside(log: Log, operator: Any) -> None:
    person = Person.forget(UUID(int=1), named_in=UUID(int=2), now=NOW)
    await given(log.store, log.mapper, *news(person))
    generation = await chosen(operator, PERSONS, None)
    with pytest.raises(NeverSetAside, match="mend the projection"):
        await park(operator, generation, person.id)


# wherever it stands


STORY = a_story(250)
FOLLOWED = [
    position for position, event in enumerate(STORY, 1) if type(event).TOPIC in ORGANISATIONS.topics
]


def failing_at(position: int) -> Projection:
    """Organisations, with a fold that fails at a position."""

    def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        if recorded.position == position:
            raise ValueError
        organisations.fold(rows, recorded)

    return folding_by(fold)


async def folded(log: Log, connection: Any, projection: Projection, number: int, upto: int) -> bool:
    """Fold a generation as its leader does, up to a position; False where it stops before."""
    lease = Lease(projection, number, "leader", 60.0)
    assert await lease.claim(connection)
    folding = Folding(Generation(projection, number), lease, log.mapper, SILENCE)
    await folding.begin(connection)
    goes_on = True
    while goes_on and lease.position < upto:
        page = await log.store.page(
            lease.position, limit=folding.limit, topics=projection.topics, upto=upto
        )
        goes_on = await folding.take(connection, page)
    await lease.release(connection)
    await lease.let_go(connection)
    return goes_on


async def after_parking(log: Log, poison: int, released_at: int) -> Tables:
    """What a generation shows whose fold failed somewhere, and was mended later."""
    connection: asyncpg.Connection[Record] = await asyncpg.connect(
        log.dsn, server_settings={"timezone": "UTC"}
    )
    try:
        async with connection.transaction():
            await connection.execute(LOCK)
            generation = await begin(connection, ORGANISATIONS, automatic=False)
        number, broken_one = generation.number, failing_at(poison)
        while not await folded(log, connection, broken_one, number, released_at):
            await park(connection, generation)
        while aside := await parked(connection, generation):
            # One may need another one's rows: then it stays aside until those are there.
            for each in aside:
                await release(connection, generation, each.stream_id)
            assert await folded(log, connection, ORGANISATIONS, number, released_at)
        assert await folded(log, connection, ORGANISATIONS, number, FOLLOWED[-1])
        shown = await stored(log.dsn, ORGANISATIONS, number)
        await drop(connection, ORGANISATIONS, number)
        return shown
    finally:
        await connection.close()


def test_parked_and_taken_in_again_comes_to_what_one_fold_comes_to(
    prepared: str, runner: asyncio.Runner
) -> None:
    expected = timeless(in_memory(ORGANISATIONS, STORY))

    async def check(poison: int, released_at: int) -> None:
        async with opened(prepared) as log:
            if not await log.store.head():
                await given(log.store, log.mapper, *STORY)
            assert timeless(await after_parking(log, poison, released_at)) == expected

    @hypothesis.settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @hypothesis.given(st.tuples(st.sampled_from(FOLLOWED), st.sampled_from(FOLLOWED)).map(sorted))
    def wherever(places: list[int]) -> None:
        runner.run(check(*places))

    wherever()
