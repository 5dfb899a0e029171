"""Rules of access as SQL: where a filter, a group or a value could tell what may not be seen."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import orjson
import pytest

from domain.identity import Id
from infra.reads import Reads
from projections import guard
from projections.access import EVERYONE, NOBODY, Among, Holds, Own, Through, all_of, any_of
from projections.circle import INSIDERS
from projections.column import columns
from projections.condition import Comparison, Condition, Has, Not, Operator
from projections.facet import Facet, Path
from projections.guard import Around, Eyes
from projections.levers import LeverRow
from projections.organisations import OrganisationRow
from projections.plan import Count, Grouping, Groups, Plan, Source, Statistics, Whole
from projections.render import render
from projections.roadmaps import RoadmapRow
from projections.slot import Slot
from tests.generations import FIRST, PATH

ANYBODY, PROGRAM = Eyes(), Eyes(trusted=True)
LEADER, OTHER = Eyes(Id("prn_1")), Eyes(Id("prn_2"))
HORIZON = Facet(Path(OrganisationRow.TABLE, ("roadmaps",)), columns(RoadmapRow)["horizon"])
WHY = Facet(Path(RoadmapRow.TABLE), columns(RoadmapRow)["revision_because"])


class World:
    """Two organisations: the roadmap of the first is a draft, that of the second public."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads

    async def figures(
        self, row: Any, eyes: Eyes, where: Condition | None = None, by: Facet | None = None
    ) -> Any:
        """Count rows, and by groups."""
        grouping = () if by is None else (Grouping(by.column, by),)
        tallies = (("count", Count()),)
        if by is not None:
            tallies = ((by.column.name, by.column), *tallies)  # type: ignore[assignment]
        parts = (("whole", Whole((("count", Count()),))), ("groups", Groups(tallies)))
        statistics = Statistics(Source(row.TABLE, where=where), grouping, 10, parts)
        slots = () if where is None else (Slot(len(eyes.arguments) + 1, "bigint"),)
        plan = Plan((statistics,), eyes.viewer(1), slots)
        given = () if where is None else (2030,)
        (found,) = await self.reads.answer(render(plan), (*eyes.arguments, *given))
        assert found is not None
        return orjson.loads(found)


@pytest.fixture
async def world(prepared: str) -> AsyncIterator[World]:
    connection = await asyncpg.connect(prepared, server_settings={"search_path": PATH})
    await connection.execute(
        """
        insert into organisation
        select 'org_' || n, 1, now(), now(), 'n', 'n', 'UNION', null, null, null, null, false
        from generate_series(1, 2) n;
        insert into roadmap (id, version, drafted_at, updated_at, organisation_id, horizon, status,
            submissions, revision_because, known_to, read_by)
        values ('map_1', 1, now(), now(), 'org_1', 2030, 'DRAFT', 0, null, 'INSIDERS', 'INSIDERS'),
            ('map_2', 1, now(), now(), 'org_2', 2030, 'IN_REVISION', 1, 'too timid', 'EVERYONE',
                'INSIDERS');
        insert into role_grant values
            ('prn_1', 'ORGANISATION_LEADER', 'ORGANISATION', '1', 'org_1', false, now()),
            ('prn_1', 'ORGANISATION_LEADER', 'ORGANISATION', '2', 'org_2', true, now())
        """
    )
    await connection.close()
    reads = await Reads.open(prepared, FIRST, pool_size=1)
    yield World(reads)
    await reads.close()


def in_2030(eyes: Eyes) -> Has:
    slot = Slot(len(eyes.arguments) + 1, "bigint")
    return Has(HORIZON, (Comparison(Operator.EQUAL, slot),))


@pytest.mark.parametrize(("eyes", "found"), [(ANYBODY, 1), (OTHER, 1), (LEADER, 2), (PROGRAM, 2)])
async def test_a_filter_finds_nothing_by_what_may_not_be_seen(
    world: World, eyes: Eyes, found: int
) -> None:
    told = await world.figures(OrganisationRow, eyes, in_2030(eyes))
    assert told["whole"]["count"] == found
    told = await world.figures(OrganisationRow, eyes, Not(in_2030(eyes)))
    assert told["whole"]["count"] == 2 - found


@pytest.mark.parametrize(
    ("eyes", "groups"), [(ANYBODY, [(2030, 1), (None, 1)]), (PROGRAM, [(2030, 2)])]
)
async def test_a_group_counts_nothing_by_what_may_not_be_seen(
    world: World, eyes: Eyes, groups: list[Any]
) -> None:
    told = await world.figures(OrganisationRow, eyes, by=HORIZON)
    assert [(each["horizon"], each["count"]) for each in told["groups"]] == groups


@pytest.mark.parametrize(
    ("eyes", "groups"),
    [
        (ANYBODY, [(None, 1)]),
        (LEADER, [(None, 2)]),  # a role that rests opens nothing
        (PROGRAM, [("too timid", 1), (None, 1)]),
    ],
)
async def test_a_value_that_may_not_be_seen_makes_no_group(
    world: World, eyes: Eyes, groups: list[Any]
) -> None:
    told = await world.figures(RoadmapRow, eyes, by=WHY)
    assert [(each["revision_because"], each["count"]) for each in told["groups"]] == groups


def written(rule: Any, eyes: Eyes = ANYBODY) -> str:
    return guard._sql(rule, RoadmapRow.TABLE, "t", eyes.viewer(1), None)


def test_nothing_is_asked_of_a_circle_for_somebody_who_is_in_none() -> None:
    mine = Among(("cohort_id",), INSIDERS)
    assert written(mine) == written(Own("id")) == written(NOBODY) == "false"
    assert written(any_of(mine, EVERYONE)) == written(all_of(EVERYONE)) == "true"
    assert written(any_of(mine, Holds("status", ("DRAFT",)))) == "(t.status in ('DRAFT'))"
    assert written(all_of(mine, Holds("status", ("DRAFT",)))) == "false"
    assert written(Through("organisation", mine)) == "false"
    assert written(Through("organisation")) == "true"
    assert "circle" not in " ".join(guard.seen(RoadmapRow.TABLE, "t", ANYBODY.viewer(1)))


def test_a_row_that_was_looked_at_is_not_looked_at_again() -> None:
    around = Around(RoadmapRow.TABLE, "t1", frozenset([("roadmap_id", "id")]))
    beside = Around(RoadmapRow.TABLE, "t1", frozenset([("id", "id")]))
    viewer = ANYBODY.viewer(1)
    assert guard.seen(LeverRow.TABLE, "t2", viewer, around) == ["(t1.read_by in ('EVERYONE'))"]
    assert "exists" in guard.seen(LeverRow.TABLE, "t2", viewer, beside)[0]
    assert guard.seen(LeverRow.TABLE, "t2", PROGRAM.viewer(1), beside) == []


def test_a_circle_is_read_once_in_a_statement() -> None:
    viewer = LEADER.viewer(3)
    seen = " and ".join(guard.seen(RoadmapRow.TABLE, "t", viewer))
    text = guard.complete(f"select from roadmap t where {seen}", viewer).text
    assert text.count("circle_insiders as materialized") == 1
    assert text.count("from circle_insiders") > 1
    assert "$3::text" in text
    assert "circle_keepers" not in text


def test_what_is_counted_is_found_as_for_anybody_and_the_rest_gathered_once() -> None:
    viewer = LEADER.viewer(1)
    (counted,) = guard.seen_of_many(RoadmapRow.TABLE, "t", viewer)
    public, _, others = counted.partition(" or t.id in (select ")
    assert public == "((t.known_to in ('EVERYONE'))"
    assert "is not true" in others
    assert guard.seen_of_many(LeverRow.TABLE, "t", viewer)
    assert guard.seen_of_many(RoadmapRow.TABLE, "t", ANYBODY.viewer(1)) == guard.seen(
        RoadmapRow.TABLE, "t", ANYBODY.viewer(1)
    )
    assert guard.seen_of_many(OrganisationRow.TABLE, "t", viewer) == []


@pytest.mark.parametrize(
    ("reach", "found"), [("INSIDERS", [2]), ("FELLOWS", [1, 2]), ("EVERYONE", [1, 2, 3])]
)
async def test_a_roadmap_is_known_as_far_as_it_reaches(
    prepared: str, reach: str, found: list[int]
) -> None:
    connection = await asyncpg.connect(prepared, server_settings={"search_path": PATH})
    await connection.execute(
        """
        insert into enrolment (cohort_id, organisation_id, standing, held_place, applied_at)
        values ('coh_1', 'org_1', 'ENROLLED', false, now());
        insert into role_grant values
            ('prn_1', 'ORGANISATION_LEADER', 'ORGANISATION', '1', 'org_1', false, now()),
            ('prn_2', 'ORGANISATION_MEMBER', 'ORGANISATION', '2', 'org_2', false, now())
        """
    )
    await connection.execute(
        """
        insert into roadmap (id, version, drafted_at, updated_at, organisation_id, cohort_id,
            horizon, status, submissions, known_to, read_by)
        values ('map_1', 1, now(), now(), 'org_2', 'coh_1', 2030, 'DRAFT', 0, $1, $1)
        """,
        reach,
    )
    # One of the cohort, one of the organisation that writes it, and one of neither.
    knowing = []
    for number in (1, 2, 3):
        eyes = Eyes(Id(f"prn_{number}"))
        seen = " and ".join(guard.seen(RoadmapRow.TABLE, "map", eyes.viewer(1)))
        asked = guard.complete(f"select from roadmap map where {seen}", eyes.viewer(1))
        if await connection.fetch(asked.text, *eyes.arguments):
            knowing.append(number)
    await connection.close()
    assert knowing == found
