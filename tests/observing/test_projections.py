"""What is told of a projection that an event has stopped, and of one whose work broke off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from unittest.mock import patch

import asyncpg
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from api.ports import Caller
from domain.aggregate import AggregateEvent
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.record import Recorded
from infra.command_bus import CommandBus
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.observing.facts import Inquiry
from infra.observing.folds import FoldMeter
from infra.projector import Projector
from infra.store import EventStore
from projections import organisations
from projections.projection import Projection
from projections.rows import Rows
from tests.infra.conftest import MASTER_KEY
from tests.observing.scraping import Scrape

SOON = 15.0
US = Caller("tests", "en", trusted=True)
COMMAND = RegisterOrganisation(name="The first", kind=OrganisationKind.UNION)


class Watched:
    """A log with one event, and what is told of a projection that folds it."""

    def __init__(self, dsn: str, store: EventStore, mapper: EventMapper) -> None:
        self.dsn = dsn
        self.store = store
        self.mapper = mapper
        self.registry = CollectorRegistry()
        self.inquiry = Inquiry(dsn)

    async def projector(self, projection: Projection) -> Projector:
        """Begin to fold."""
        return await Projector.start(
            self.dsn,
            self.store,
            self.mapper,
            projections=[projection],
            watch=FoldMeter(self.registry, None),
        )

    def scrape(self) -> Scrape:
        """Read what was counted."""
        return Scrape(generate_latest(self.registry).decode())


@pytest.fixture
async def watched(prepared: str) -> AsyncIterator[Watched]:
    """A log with one event."""
    async with asyncpg.create_pool(prepared, min_size=1, max_size=2) as pool:
        store = await EventStore.open(prepared)
        mapper = EventMapper(PersonKeys(pool, Keyring(MASTER_KEY)))
        bus = CommandBus(store, mapper, secret=MASTER_KEY)
        await bus.execute(COMMAND, US)
        yield Watched(prepared, store, mapper)
        await bus.close()
        await store.close()


async def until(so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(SOON):
        while not await so():
            await asyncio.sleep(0.02)


async def test_a_projection_that_an_event_has_stopped_is_told(watched: Watched) -> None:
    def fold(_rows: Rows, _recorded: Recorded[AggregateEvent]) -> None:
        raise ValueError("nobody can fold this")

    poisoned = replace(organisations.ORGANISATIONS, fold=fold)
    vars(poisoned)["code_hash"] = organisations.ORGANISATIONS.code_hash
    projector = await watched.projector(poisoned)

    async def stopped() -> bool:
        told = watched.scrape()
        return told.value("cordee_projection_errors_total", kind="stopped") == 1

    await until(stopped)
    await watched.inquiry.refresh()
    await projector.stop()
    assert watched.inquiry.facts is not None
    (told,) = (
        each for each in watched.inquiry.facts.generations if each.projection == "organisations"
    )
    assert (told.stopped, told.active, told.position, told.behind) == (True, True, 0, 1)
    assert 0 < told.late < SOON


async def test_work_that_breaks_off_is_told_and_goes_on(watched: Watched) -> None:
    away = patch("infra.projector.holding.PresentHolding.load", side_effect=ConnectionResetError)
    with away:
        projector = await watched.projector(organisations.ORGANISATIONS)

        async def interrupted() -> bool:
            told = watched.scrape()
            return told.value("cordee_projection_errors_total", kind="interrupted") >= 1

        await until(interrupted)
    assert await projector.wait_until(1, SOON)
    await projector.stop()
    assert watched.scrape().value("cordee_projection_events_total") == 1
    assert watched.scrape().value("cordee_projection_errors_total", kind="stopped") == 0
