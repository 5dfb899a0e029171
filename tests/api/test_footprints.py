"""Footprints through the interface: what they come to, against two tonnes, and what is withheld."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.challenge import SetParticipantTarget
from infra.settings import Settings
from infra.system import system
from projections.disclosure import Rule
from tests.api.calling import Caller
from tests.api.conftest import OURSELVES, Client
from tests.api.ports import Always
from tests.projections.challenge_year import CITIZENS, STAFF, ChallengeYear, ReadModel
from tests.projections.footprints import people

EXACT = Rule(dominance=0, count_step=1, mean_step=0)

EVERYTHING = """
{
    footprintStats(groupBy: [AUDIENCE]) {
        groupCount
        total { recorded audience ...told }
        groups { recorded audience year ...told }
    }
}
fragment told on FootprintGroup {
    figures {
        __typename
        ... on Footprints {
            people
            before
            in2050
            target
            margin
            trajectory { year tonnes gap }
            byDomain { domain before in2050 committed asked }
            distributions { domain bands { floor ceiling before in2050 } }
        }
        ... on Withheld { reason message threshold }
    }
}
"""


@pytest.fixture
def year() -> ChallengeYear:
    """A challenge with a workshop for citizens and one for the staff of an employer."""
    year = ChallengeYear()
    year.do(SetParticipantTarget(challenge=year.challenge, audience=CITIZENS, people=1000))
    year.batch(year.held(), people(20), food=6, mobility=11)
    year.batch(year.held(STAFF, host=year.employer("Verrerie")), people(11, seed=2))
    return year


async def told(client: Client, query: str = EVERYTHING, **variables: Any) -> Any:
    """Ask for what footprints come to."""
    return (await client.data(query, **variables))["footprintStats"]


async def test_a_group_has_means_beside_how_many_people_they_are_of(
    client: Client, year: ChallengeYear
) -> None:
    await ReadModel(client.dsn, EXACT).follow(year.events)
    stats = await told(client)
    assert stats["groupCount"] == 2
    citizens, staff = stats["groups"]
    assert (citizens["audience"], staff["audience"]) == ("CITIZENS", "STAFF")
    found = people(20)
    figures = citizens["figures"]
    assert figures["people"] == citizens["recorded"] == 20
    mean = sum(each.before.total() for each in found) / 20
    assert figures["before"] == f"{mean:.2f}"
    food = {each["domain"]: each for each in figures["byDomain"]}["FOOD"]
    assert food["before"] == f"{sum(each.before.food for each in found) / 20:.2f}"
    assert (food["committed"], food["asked"]) == (6, 20)
    assert stats["total"]["audience"] is None
    assert stats["total"]["figures"]["people"] == 31


async def test_the_trajectory_goes_from_the_workshop_to_2050_against_two_tonnes(
    client: Client, year: ChallengeYear
) -> None:
    await ReadModel(client.dsn, EXACT).follow(year.events)
    figures = (await told(client))["total"]["figures"]
    assert figures["target"] == "2"
    points = figures["trajectory"]
    assert [point["year"] for point in points] == list(range(2025, 2051))
    assert points[0]["tonnes"] == figures["before"]
    assert points[-1]["tonnes"] == figures["in2050"]
    assert float(points[-1]["gap"]) == pytest.approx(float(figures["in2050"]) - 2)


async def test_a_distribution_shows_all_bands_and_no_smallest_or_largest_value(
    client: Client, year: ChallengeYear
) -> None:
    await ReadModel(client.dsn, Rule()).follow(year.events)
    figures = (await told(client))["total"]["figures"]
    in_all, *domains = figures["distributions"]
    assert in_all["domain"] is None
    assert len(domains) == 5
    assert (in_all["bands"][0]["floor"], in_all["bands"][-1]["ceiling"]) == ("0", None)
    assert all(band["before"] % 3 == band["in2050"] % 3 == 0 for band in in_all["bands"])
    assert figures["margin"] == 4


async def test_a_group_below_the_threshold_is_withheld_and_the_total_does_not_tell_it(
    client: Client, year: ChallengeYear
) -> None:
    await ReadModel(client.dsn, Rule(threshold=20)).follow(year.events)
    stats = await told(client)
    citizens, staff = stats["groups"]
    assert staff["recorded"] == 11
    assert staff["figures"] == {
        "__typename": "Withheld",
        "reason": "TOO_FEW",
        "message": "Too few people so far.",
        "threshold": 20,
    }
    assert stats["total"]["recorded"] == 31
    assert stats["total"]["figures"] == citizens["figures"], "the total less the citizens is nobody"


async def test_why_it_is_withheld_is_said_in_french_to_those_who_read_it(client: Client) -> None:
    response = await client.ask(EVERYTHING, {"accept-language": "fr"})
    figures = response["data"]["footprintStats"]["total"]["figures"]
    assert figures["reason"] == "NOTHING_RECORDED"
    assert figures["message"] == "Rien n’est enregistré."


async def test_groups_lead_to_what_they_have_in_common(client: Client, year: ChallengeYear) -> None:
    await ReadModel(client.dsn, Rule()).follow(year.events)
    stats = await told(
        client,
        """{footprintStats(where: {audience: {eq: STAFF}}, groupBy: [CHALLENGE, WORKSHOP, HOST,
        TERRITORY]) {groups {challenge {name} workshop {audience} host {name} territory {key}}}}""",
    )
    (group,) = stats["groups"]
    assert group == {
        "challenge": {"name": "Challenge 2 tonnes"},
        "workshop": {"audience": "STAFF"},
        "host": {"name": "Verrerie"},
        "territory": {"key": "epci:200023414"},
    }


async def test_a_batch_tells_how_many_and_not_what(client: Client, year: ChallengeYear) -> None:
    await ReadModel(client.dsn, Rule()).follow(year.events)
    data = await client.data(
        """{footprintBatches {nodes {people audience method methodVersion publication
        workshop {place} challenge {name}}}
        __type(name: "FootprintBatch") {fields {name}}}"""
    )
    assert {node["people"] for node in data["footprintBatches"]["nodes"]} == {20, 11}
    assert {node["publication"] for node in data["footprintBatches"]["nodes"]} == {"RELEASED"}
    fields = {field["name"] for field in data["__type"]["fields"]}
    assert not fields & {"waiting", "fingerprints", "releaseId", "waitsIn", "footprints"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("groupBy: [AUDIENCE, AUDIENCE]", "GROUPED_TWICE"),
        ("groupBy: [AUDIENCE, YEAR, HOST, METHOD, WORKSHOP]", "TOO_MANY_FACETS"),
        ("where: {workshop: {in: []}}", "EMPTY_LIST"),
        ("where: {year: {eq: 2025, ne: 2025}}", "CONTRADICTORY_FILTER"),
    ],
)
async def test_what_makes_no_sense_is_refused(client: Client, arguments: str, code: str) -> None:
    assert await client.code(f"{{footprintStats({arguments}) {{groupCount}}}}") == code


@pytest.mark.parametrize("figure", ["housing: {gt: 3}", "before: {gt: 3}", "people: {gt: 3}"])
async def test_nothing_is_chosen_by_what_is_in_a_batch(client: Client, figure: str) -> None:
    response = await client.ask(f"{{footprintStats(where: {{{figure}}}) {{groupCount}}}}")
    assert "'FootprintWhere' not to include unknown field" in response["errors"][0]["message"]


async def test_participation_stands_beside_its_target(client: Client, year: ChallengeYear) -> None:
    await ReadModel(client.dsn, Rule()).follow(year.events)
    data = await client.data(
        """{participationStats(groupBy: [AUDIENCE]) {groups {audience
        came {sum answered} target {sum}}}}"""
    )
    assert data["participationStats"]["groups"] == [
        {"audience": "CITIZENS", "came": {"sum": "40", "answered": 1}, "target": {"sum": "1000"}},
        {"audience": "STAFF", "came": {"sum": "40", "answered": 1}, "target": {"sum": None}},
    ]


def a_footprint(number: int) -> dict[str, Any]:
    """Give a footprint as a caller writes it."""
    values = {"housing": "2", "food": "2.5", "goods": "1", "publicServices": "1.4"}
    return {
        "before": {**values, "mobility": f"{2 + number / 10:.1f}"},
        "in2050": {**dict.fromkeys(values, "0.4"), "mobility": f"{number / 50:.2f}"},
    }


async def a_workshop(caller: Caller) -> str:
    """Hold a workshop to which fifteen people came."""
    challenge = await caller.make(
        "OpenChallenge",
        name="Challenge 2 tonnes",
        territory="epci:200023414",
        startsOn="2025-01-01",
        endsOn="2026-12-31",
    )
    workshop = await caller.make(
        "ScheduleWorkshop",
        challenge=challenge,
        starts="2025-03-30T14:00",
        ends="2025-03-30T17:00",
        place="Pavillon des transitions",
        seats=15,
        audience="CITIZENS",
    )
    await caller.do("HoldWorkshop", workshop=workshop, came=15)
    return workshop


def a_batch(workshop: str, people: int) -> dict[str, Any]:
    """Give a batch as a caller writes it."""
    return {
        "workshop": workshop,
        "method": "TWO_TONNES",
        "methodVersion": "2025.1",
        "footprints": [a_footprint(number) for number in range(people)],
        "commitments": [{"domain": "FOOD", "people": 6}],
    }


async def test_what_is_recorded_is_told_and_what_is_recorded_late_is_held_back(
    caller: Caller,
) -> None:
    workshop = await a_workshop(caller)
    batch = await caller.make("RecordFootprints", **a_batch(workshop, 12))
    told = (await caller.ask(EVERYTHING))["footprintStats"]["total"]["figures"]
    assert told["people"] == 12
    assert len(told["trajectory"]) == 2050 - 2025 + 1
    await caller.do("WithdrawFootprints", footprintBatch=batch, reason="Une entrée de plus")
    late = await caller.make("RecordFootprints", **a_batch(workshop, 13))
    data = await caller.ask("query($id: ID!) {footprintBatch(id: $id) {publication}}", id=late)
    assert data["footprintBatch"]["publication"] == "HELD_BACK"
    total = (await caller.ask(EVERYTHING))["footprintStats"]["total"]
    assert (total["recorded"], total["figures"]["reason"]) == (13, "TOO_CLOSE")


async def test_an_operator_raises_the_threshold_and_what_is_told_is_worked_out_anew(
    prepared: str, tmp_path: Path
) -> None:
    reasons: list[str | None] = []
    for threshold in ("10", "13"):
        settings = Settings.from_environment(
            {
                "CORDEE_DATA_DIR": str(tmp_path),
                "CORDEE_DISCLOSURE_THRESHOLD": threshold,
                "DATABASE_URL": prepared,
            }
        )
        async with system(settings, prepared, identities=Always(OURSELVES)) as running:
            transport = httpx.ASGITransport(running.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                caller = Caller(http, running.app)
                if not reasons:
                    await caller.make("RecordFootprints", **a_batch(await a_workshop(caller), 12))
                assert await running.positions.reached(await running.store.head(), 10)
                total = (await caller.ask(EVERYTHING))["footprintStats"]["total"]
                reasons.append(total["figures"].get("reason"))
    assert reasons == [None, "TOO_FEW"]


SOURCES = """
{
    footprintStats(groupBy: [WORKSHOP]) {
        total { figures { ... on Footprints {
            people sources { nodes { position type subject counted } totalCount }
        } } }
        groups { workshop { id } figures {
            __typename ... on Footprints { sources { totalCount } }
        } }
    }
}
"""


async def test_a_figure_is_led_back_to_what_published_it_and_never_to_what_waits(
    caller: Caller,
) -> None:
    shown, waiting = await a_workshop(caller), await a_workshop(caller)
    released = await caller.make("RecordFootprints", **a_batch(shown, 12))
    position = caller.position
    dominated = a_batch(waiting, 10)
    for number, footprint in enumerate(dominated["footprints"]):
        footprint["before"]["mobility"] = "0" if number else "30"
    await caller.make("RecordFootprints", **dominated)
    found = (await caller.ask(SOURCES))["footprintStats"]
    assert found["total"]["figures"] == {
        "people": 12,
        "sources": {
            "nodes": [
                {
                    "position": position,
                    "type": "footprint_batch.recorded",
                    "subject": released,
                    "counted": None,
                }
            ],
            "totalCount": 1,
        },
    }
    assert {each["workshop"]["id"]: each["figures"] for each in found["groups"]} == {
        shown: {"__typename": "Footprints", "sources": {"totalCount": 1}},
        waiting: {"__typename": "Withheld"},
    }
