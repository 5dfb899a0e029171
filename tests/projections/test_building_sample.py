"""A sample of aggregates, folded one by one: it agrees with what is right, and finds the rest."""

from dataclasses import replace
from typing import Any

import pytest

from domain.record import Recorded
from infra.projector.building.builder import BuildFailed, builder, connections
from infra.projector.building.sample import Sampler
from infra.projector.generation import Generation
from projections.catalogue import PROJECTIONS
from projections.organisations import ORGANISATIONS, OrganisationRow
from projections.rows import Rows
from tests.history import Log

LIVE = [projection for projection in PROJECTIONS if projection.topics]


async def test_what_live_work_has_made_is_what_aggregates_are_by_themselves(log: Log) -> None:
    async with connections(log.dsn, 1) as (connection,):
        position = await log.store.head()
        alone = 0
        for projection in LIVE:
            sampler = Sampler(Generation(projection, 1), log.mapper, size=500)
            sampled = await sampler.look(connection, position)
            assert sampled.wrong == [], projection.name
            alone += sampled.folded
        assert alone > 10


async def test_a_row_that_lacks_is_found_by_the_events_that_made_it(log: Log) -> None:
    async with connections(log.dsn, 1) as (connection,):
        gone = await connection.fetchval(
            "delete from read_organisations_1.organisation where id ="
            " (select min(id) from read_organisations_1.organisation) returning id"
        )
        sampler = Sampler(Generation(ORGANISATIONS, 1), log.mapper, size=500)
        sampled = await sampler.look(connection, await log.store.head())
    assert sampled.wrong == [gone]


async def test_a_fold_that_depends_on_what_else_is_there_fails_the_build(log: Log) -> None:
    def fold(rows: Rows, recorded: Recorded[Any]) -> None:
        ORGANISATIONS.fold(rows, recorded)
        for row in rows.all(OrganisationRow):
            row.name += "!"

    async with builder(log.dsn, log.mapper, owner="somebody") as opened:
        with pytest.raises(BuildFailed, match="came out otherwise than folded by itself"):
            await opened.anew(replace(ORGANISATIONS, fold=fold))
