"""Verifying and comparing generations: what is right is called right, and what is not is shown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from domain.identity import external
from domain.organisation import Organisation, OrganisationKind
from domain.record import Recorded
from infra.projector import Projector
from infra.projector.building import report
from infra.projector.building.builder import builder, connections
from infra.projector.building.comparison import HIDDEN
from infra.projector.building.difference import NeverTogether, difference
from infra.projector.building.estimate import estimated
from infra.projector.building.verification import GenerationGone, Verification
from infra.projector.connection import Connection
from infra.projector.generation import Generation
from projections.catalogue import PROJECTIONS
from projections.organisations import ORGANISATIONS, OrganisationRow
from projections.projection import Projection
from projections.rows import Rows
from tests.domain.work import NOW
from tests.history import Log, given, news

PLENTY = 4 << 30
LIVE = [projection for projection in PROJECTIONS if projection.topics]


@asynccontextmanager
async def verifying(log: Log) -> AsyncIterator[tuple[Connection, Any]]:
    """A connection to alter something over, and what verifies the generation that is read."""

    def verification(projection: Projection, number: int = 1) -> Verification:
        return Verification(
            Generation(projection, number),
            reading=reading,
            writing=writing,
            mapper=log.mapper,
            memory=PLENTY,
        )

    async with connections(log.dsn, 3) as (other, reading, writing):
        yield other, verification


def shouting(rows: Rows, recorded: Recorded[Any]) -> None:
    """Fold organisations, in capitals."""
    ORGANISATIONS.fold(rows, recorded)
    if isinstance(recorded.event, Organisation.Registered):
        row = rows.change(OrganisationRow, external("organisation", recorded.stream_id))
        row.name = row.name.upper()


async def test_what_live_work_has_made_is_right(log: Log) -> None:
    async with verifying(log) as (_, verification):
        for projection in LIVE:
            verified = await verification(projection).run()
            assert verified.right, list(report.verified(verified))
            assert verified.position == await log.store.head()


async def test_a_row_altered_by_hand_is_told_by_its_key_and_columns(log: Log) -> None:
    async with verifying(log) as (other, verification):
        id = await other.fetchval(
            "update read_organisations_1.organisation set name = 'Personne' where id ="
            " (select min(id) from read_organisations_1.organisation) returning id"
        )
        verified = await verification(ORGANISATIONS).run()
    assert not verified.right
    (wrong,) = [table for table in verified.tables if not table.same]
    ((kind, row),) = wrong.samples
    assert (wrong.table, kind, row.key) == ("organisation", "changed", {"id": id})
    assert (list(row.columns), row.columns["name"].after) == (["name"], "Personne")
    told = "\n".join(report.verified(verified))
    assert f"wrong: id {id}; name: " in told
    assert "`cordee projections rebuild organisations --switch` makes it right." in told


async def test_what_people_are_called_is_told_to_nobody(log: Log) -> None:
    async with verifying(log) as (other, verification):
        assert await other.fetchval(
            "update read_organisations_1.contact set name = 'Canari' returning true"
        )
        verified = await verification(ORGANISATIONS).run()
    told = "\n".join(report.verified(verified))
    assert HIDDEN in told
    assert "Canari" not in told


async def test_rows_too_many_and_missing_are_counted(log: Log) -> None:
    async with verifying(log) as (other, verification):
        assert await other.fetchval("delete from read_cohorts_1.cohort_territory returning true")
        cohorts = next(projection for projection in LIVE if projection.name == "cohorts")
        verified = await verification(cohorts).run()
    (wrong,) = [table for table in verified.tables if not table.same]
    assert (wrong.gone, wrong.added, wrong.changed) == (wrong.rows.before, 0, 0)


async def test_it_is_verified_while_writers_go_on(log: Log) -> None:
    async def write() -> None:
        for number in range(100):
            kind, name = OrganisationKind.ASSOCIATION, f"Organisation {number}"
            one = Organisation.register(uuid4(), now=NOW, name=name, kind=kind)
            await given(log.store, log.mapper, *news(one))

    projector = await Projector.start(log.dsn, log.store, log.mapper)
    try:
        async with verifying(log) as (_, verification):
            writing = asyncio.create_task(write())
            while not writing.done():
                verified = await verification(ORGANISATIONS).run()
                assert verified.right, list(report.verified(verified))
            await writing
    finally:
        await projector.stop()


async def test_nothing_is_left_of_a_verification(log: Log) -> None:
    async with verifying(log) as (other, verification):
        before = await other.fetchval("select count(*) from pg_class")
        for _ in range(2):
            await verification(ORGANISATIONS).run()
        assert await other.fetchval("select count(*) from pg_class") == before
        with pytest.raises(GenerationGone, match="no generation 7 of organisations"):
            await verification(ORGANISATIONS, 7).run()


async def test_the_same_code_makes_no_difference(log: Log) -> None:
    async with builder(log.dsn, log.mapper, owner="somebody") as opened:
        await opened.anew(ORGANISATIONS)
    async with connections(log.dsn, 1) as (connection,):
        found = await difference(connection, ORGANISATIONS, 1, 2)
    assert all(table.same for table in found.tables)
    (told,) = report.difference("organisations", 1, 2, found)
    assert told.startswith("Generations 1 and 2 of organisations are the same at position ")


async def test_other_code_makes_a_difference_that_is_told_row_by_row(log: Log) -> None:
    wider = replace(
        ORGANISATIONS,
        fold=shouting,
        ddl=ORGANISATIONS.ddl + "alter table organisation add column motto text;\n"
        "create table motto (id text primary key);\n",
    )
    async with builder(log.dsn, log.mapper, owner="somebody") as opened:
        outcome = await opened.anew(wider)
    assert outcome.generation.number == 2
    async with connections(log.dsn, 1) as (connection,):
        found = await difference(connection, ORGANISATIONS, 1, 2)
    tables = {table.table: table for table in found.tables}
    organisation = tables["organisation"]
    assert (organisation.gone, organisation.added) == (0, 0)
    assert 0 < organisation.changed <= organisation.rows.before
    assert organisation.only_after == ["motto"]
    _, row = organisation.samples[0]
    assert row.columns["name"].after == row.columns["name"].before.upper()
    told = list(report.difference("organisations", 1, 2, found))
    assert "  motto: a new table, 0 rows" in told


async def test_two_that_never_meet_are_not_compared(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.projector.building.difference._PATIENCE", 0.1)
    async with builder(log.dsn, log.mapper, owner="somebody") as opened:
        await opened.anew(ORGANISATIONS)
    async with connections(log.dsn, 1) as (connection,):
        await connection.execute("update log.generation set position = 1 where number = 2")
        with pytest.raises(NeverTogether, match="generation 2 at 1: they can be compared when"):
            await difference(connection, ORGANISATIONS, 1, 2)


async def test_a_dry_run_tells_how_many_events_and_leaves_nothing(log: Log) -> None:
    async with connections(log.dsn, 2) as (reading, writing):
        expected = await reading.fetchval(
            "select count(*) from log.event where topic = any($1)", list(ORGANISATIONS.topics)
        )
        before = await reading.fetchval("select count(*) from pg_class")
        estimate = await estimated(
            reading, writing, log.mapper, ORGANISATIONS, memory=PLENTY, number=None
        )
        assert await reading.fetchval("select count(*) from pg_class") == before
    assert estimate.events == expected
    assert estimate.seconds > 0
    assert estimate.space > 0
    assert report.estimate("organisations", estimate).startswith(f"organisations: {expected} ev")
