"""Statistics: groups with their counts and figures, each beside its denominator."""

from typing import Any

import pytest

from tests.api.conftest import Client

ORG = "org_{:032x}".format
NET = "net_{:032x}".format
COH = "coh_{:032x}".format


@pytest.fixture
async def asked(client: Client) -> Client:
    """Twelve organisations of three kinds in two territories, two networks, three cohorts."""
    await client.insert(
        """
        insert into organisation
        select 'org_' || lpad(to_hex(n), 32, '0'), n, make_timestamptz(2024, 12, 31, 22, 30, 0)
            + n % 3 * interval '1 hour', now(), 'Été ' || n, 'ete ' || n,
            (array['COMPANY', 'ASSOCIATION', 'UNION'])[1 + n % 3], null, null,
            case when n <= 4 then 'region:28' when n <= 10 then 'region:53' end, null, n = 12
        from generate_series(1, 12) n;
        insert into network values ('net_' || lpad('1', 32, '0'), 'AASQA', 'aasqa'),
            ('net_' || lpad('2', 32, '0'), 'Cler', 'cler');
        insert into membership
        select 'org_' || lpad(to_hex(n), 32, '0'), 'net_' || lpad(m::text, 32, '0'), now()
        from generate_series(1, 5) n, generate_series(1, 2) m where n + m <= 6;
        insert into cohort (id, version, opened_at, updated_at, name, name_key, status, capacity,
            places_held, starts_on)
        select 'coh_' || lpad(n::text, 32, '0'), 1, now(), now(), 'C' || n, 'c' || n,
            case when n = 1 then 'CLOSED' else 'OPEN' end, nullif(n, 3) * 10, n,
            make_date(2022 + n, 12, 4)
        from generate_series(1, 3) n;
        insert into enrolment (cohort_id, organisation_id, standing, held_place, applied_at)
        select 'coh_' || lpad((1 + n % 2)::text, 32, '0'), 'org_' || lpad(to_hex(n), 32, '0'),
            case when n = 3 then 'WITHDRAWN' else 'ENROLLED' end, false, now()
        from generate_series(1, 6) n;
        """
    )
    return client


async def test_organisations_are_counted_by_kind(asked: Client) -> None:
    query = "{organisationStats(groupBy: [KIND]) {total {count} groups {kind count} groupCount}}"
    assert (await asked.data(query))["organisationStats"] == {
        "total": {"count": 12},
        "groups": [
            {"kind": "ASSOCIATION", "count": 4},
            {"kind": "COMPANY", "count": 4},
            {"kind": "UNION", "count": 4},
        ],
        "groupCount": 3,
    }


async def test_what_is_not_told_is_a_group_of_its_own_and_comes_last(asked: Client) -> None:
    query = "{organisationStats(groupBy: [TERRITORY]) {groups {territory {key name} count kind}}}"
    assert (await asked.data(query))["organisationStats"]["groups"] == [
        {"territory": {"key": "region:28", "name": "Normandie"}, "count": 4, "kind": None},
        {"territory": {"key": "region:53", "name": "Bretagne"}, "count": 6, "kind": None},
        {"territory": None, "count": 2, "kind": None},
    ]


async def test_what_has_several_values_is_in_several_groups_and_counted_once_in_all(
    asked: Client,
) -> None:
    query = "{organisationStats(groupBy: [NETWORK]) {total {count} groups {network {name} count}}}"
    assert (await asked.data(query))["organisationStats"] == {
        "total": {"count": 12},
        "groups": [
            {"network": {"name": "AASQA"}, "count": 5},
            {"network": {"name": "Cler"}, "count": 4},
            {"network": None, "count": 7},
        ],
    }


async def test_enrolments_are_counted_by_standing_and_by_the_kind_of_the_organisation(
    asked: Client,
) -> None:
    query = (
        "query($where: EnrolmentWhere, $by: [EnrolmentGroupBy!]) {enrolmentStats(where: $where,"
        " groupBy: $by) {groups {standing organisationKind count}}}"
    )
    by = ["STANDING", "ORGANISATION_KIND"]
    found = await asked.data(query, by=by, where={"cohort": {"eq": COH(1)}})
    assert (
        found["enrolmentStats"]["groups"]
        == [
            {"standing": "ENROLLED", "organisationKind": "COMPANY", "count": 1},
            {"standing": "ENROLLED", "organisationKind": "UNION", "count": 1},
            {"standing": "ENROLLED", "organisationKind": "ASSOCIATION", "count": 1},
        ]
        or len(found["enrolmentStats"]["groups"]) == 3
    )
    both = await asked.data(query, by=by, where={"network": {"in": [NET(1), NET(2)]}})
    assert sum(group["count"] for group in both["enrolmentStats"]["groups"]) == 5


async def test_what_was_found_of_actions_keeps_years_and_standings_together(
    client: Client,
) -> None:
    await client.insert(
        """
        insert into finding (review_id, action_id, alliance_id, year, standing, theme, progress,
            found_at)
        values ('rev_1', 'act_1', 'ali_1', 2025, 'NEW', 'MOVING', 60, now()),
            ('rev_1', 'act_2', 'ali_1', 2025, 'RENEWED', 'MOVING', 75, now()),
            ('rev_1', 'act_3', 'ali_1', 2025, 'NEW', 'HOUSING', null, now()),
            ('rev_2', 'act_1', 'ali_1', 2026, 'RENEWED', 'MOVING', 100, now());
        insert into action (id, version, proposed_at, updated_at, title, visibility, reach,
            budget_answer)
        select 'act_' || n, 1, now(), now(), 'A', 'PUBLIC', 'EVERYONE', 'ASKED'
        from generate_series(1, 4) n
        """
    )
    query = (
        "{findingStats(groupBy: [THEME, YEAR]) {groups {theme year"
        " progress {asked answered average}}}"
        " actionStats(groupBy: [REVIEWED_YEAR, STANDING]) {groups {reviewedYear standing count}}}"
    )
    found = await client.data(query)
    assert found["findingStats"]["groups"] == [
        {
            "theme": "HOUSING",
            "year": 2025,
            "progress": {"asked": 1, "answered": 0, "average": None},
        },
        {
            "theme": "MOVING",
            "year": 2025,
            "progress": {"asked": 2, "answered": 2, "average": "67.50"},
        },
        {
            "theme": "MOVING",
            "year": 2026,
            "progress": {"asked": 1, "answered": 1, "average": "100.00"},
        },
    ]
    assert found["actionStats"]["groups"] == [
        {"reviewedYear": 2025, "standing": "NEW", "count": 2},
        {"reviewedYear": 2025, "standing": "RENEWED", "count": 1},
        {"reviewedYear": 2026, "standing": "RENEWED", "count": 1},
        {"reviewedYear": None, "standing": None, "count": 1},
    ]


async def test_every_sum_stands_beside_how_many_answered(asked: Client) -> None:
    query = (
        "{cohortStats(groupBy: [STATUS]) {total {capacity {asked answered sum min max average}}"
        " groups {status capacity {asked answered sum average} placesHeld {sum}}}}"
    )
    assert (await asked.data(query))["cohortStats"] == {
        "total": {
            "capacity": {
                "asked": 3,
                "answered": 2,
                "sum": "30",
                "min": "10",
                "max": "20",
                "average": "15.00",
            }
        },
        "groups": [
            {
                "status": "CLOSED",
                "capacity": {"asked": 1, "answered": 1, "sum": "10", "average": "10.00"},
                "placesHeld": {"sum": "1"},
            },
            {
                "status": "OPEN",
                "capacity": {"asked": 2, "answered": 1, "sum": "20", "average": "20.00"},
                "placesHeld": {"sum": "5"},
            },
        ],
    }


async def test_without_rows_there_is_nothing_to_sum_and_nobody_to_ask(client: Client) -> None:
    query = (
        "{cohortStats {total {count capacity {asked answered sum average}}"
        " groups {count} groupCount}}"
    )
    assert (await client.data(query))["cohortStats"] == {
        "total": {
            "count": 0,
            "capacity": {"asked": 0, "answered": 0, "sum": None, "average": None},
        },
        "groups": [{"count": 0}],
        "groupCount": 1,
    }


async def test_a_year_is_one_of_the_civil_calendar(asked: Client) -> None:
    query = "{organisationStats(groupBy: [REGISTERED_YEAR]) {groups {registeredYear count}}}"
    assert (await asked.data(query))["organisationStats"]["groups"] == [
        {"registeredYear": 2024, "count": 4},
        {"registeredYear": 2025, "count": 8},
    ]


async def test_one_document_groups_anew_by_what_its_variables_say(asked: Client) -> None:
    query = (
        "query($by: [OrganisationGroupBy!]) {organisationStats(groupBy: $by) {groupCount groups"
        " {kind dissolved count}}}"
    )

    async def counts(*by: str) -> tuple[int, int]:
        found: Any = (await asked.data(query, by=list(by)))["organisationStats"]
        return found["groupCount"], len(found["groups"])

    assert await counts() == (1, 1)
    assert await counts("KIND") == (3, 3)
    assert await counts("KIND", "DISSOLVED") == (4, 4)
    assert await counts("DISSOLVED") == (2, 2)


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (["KIND", "KIND"], "GROUPED_TWICE"),
        (["KIND", "TERRITORY", "NETWORK", "COHORT", "DISSOLVED"], "TOO_MANY_FACETS"),
    ],
)
async def test_groups_that_make_no_sense_are_refused(
    client: Client, by: list[str], code: str
) -> None:
    query = "query($by: [OrganisationGroupBy!]) {organisationStats(groupBy: $by) {groupCount}}"
    assert await client.code(query, by=by) == code


async def test_an_unknown_group_is_named(client: Client) -> None:
    response = await client.http.post(
        "/graphql", json={"query": "{organisationStats(groupBy: [COLOUR]) {groupCount}}"}
    )
    (error,) = response.json()["errors"]
    assert "'COLOUR' does not exist in 'OrganisationGroupBy'" in error["message"]
