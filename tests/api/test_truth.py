"""What is known by now of a day, beside what was believed that day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.ports import Identity
from domain.calendar import today
from infra.settings import Settings
from infra.system import system
from tests.api.calling import Caller
from tests.api.ports import Known

TODAY = today(datetime.now(UTC))

TRUTH = """
query($id: ID!, $day: Date!, $at: AsOf) {
  trueOn(id: $id, day: $day, asOf: $at) {
    day position
    facts { position type countsFrom recordedAt corrects }
    node {
      __typename
      ... on Action {
        title status percent startsOn settledOn
        alliance { name actions { nodes { title } } }
        steps { nodes { title doneOn } }
      }
      ... on Roadmap { standing: status turningPoint levers { title objectives { wording } } }
    }
  }
}
"""


def ago(days: int) -> str:
    """The day so many days before today, in Paris."""
    return (TODAY - timedelta(days=days)).isoformat()


async def truth(caller: Caller, id: str, days: int, at: dict[str, str] | None = None) -> Any:
    """Ask what is known of a day."""
    return (await caller.ask(TRUTH, id=id, day=ago(days), at=at))["trueOn"]


@pytest.fixture
async def action(caller: Caller) -> str:
    """An action that was proposed twenty days ago, and recorded now."""
    alliance = await caller.make("LaunchAlliance", name="Les haies", territory="region:28")
    return await caller.make(
        "ProposeAction", alliance=alliance, title="Planter", effectiveOn=ago(20)
    )


async def test_what_was_recorded_late_counts_from_the_day_on_which_it_was_so(
    caller: Caller, action: str
) -> None:
    await caller.do("FinishAction", action=action, finishedOn=ago(5))

    before, after = await truth(caller, action, 6), await truth(caller, action, 5)
    assert (before["node"]["status"], before["node"]["settledOn"]) == (None, None)
    assert (after["node"]["status"], after["node"]["settledOn"]) == ("DONE", ago(5))
    assert (await truth(caller, action, 21))["node"] is None


async def test_a_correction_counts_from_what_it_corrects_and_says_so(
    caller: Caller, action: str
) -> None:
    await caller.do("ScheduleAction", action=action, startsOn="2027-01-01", effectiveOn=ago(15))
    await caller.do(
        "CorrectActionSchedule", action=action, startsOn="2027-02-01", reason="Faute de frappe"
    )

    found = await truth(caller, action, 15)
    assert found["node"]["startsOn"] == "2027-02-01"
    assert [(each["type"], each["countsFrom"]) for each in found["facts"]] == [
        ("action.proposed", ago(20)),
        ("action.scheduled", ago(15)),
        ("action.schedule_corrected", ago(15)),
    ]
    assert found["facts"][2]["corrects"] == found["facts"][1]["position"]


async def test_what_is_known_now_was_not_known_as_of_a_moment_before(
    caller: Caller, action: str
) -> None:
    before = {"position": caller.position}
    await caller.do("FinishAction", action=action, finishedOn=ago(5))

    assert (await truth(caller, action, 5, before))["node"]["status"] is None
    assert (await truth(caller, action, 5))["node"]["status"] == "DONE"
    assert (await truth(caller, action, 5, {"position": "0"}))["facts"] == []


async def test_a_thing_is_found_among_others_as_it_was_and_they_as_they_are(
    caller: Caller, action: str
) -> None:
    plan = (await truth(caller, action, 1))["node"]["alliance"]
    assert [each["title"] for each in plan["actions"]["nodes"]] == ["Planter"]
    await caller.do("RewordAction", action=action, title="Semer")
    await caller.do("AddStep", action=action, title="Acheter", effectiveOn=ago(3))

    found = (await truth(caller, action, 3))["node"]
    assert (found["title"], found["steps"]["nodes"]) == (
        "Planter",
        [{"title": "Acheter", "doneOn": None}],
    )
    assert found["alliance"]["actions"]["nodes"] == [{"title": "Planter"}]
    assert (await truth(caller, action, 0))["node"]["title"] == "Semer"


async def test_resolvers_see_the_same_as_statements_do(caller: Caller, action: str) -> None:
    await caller.do("AddStep", action=action, title="Acheter", effectiveOn=ago(3))
    await caller.do("RewordAction", action=action, title="Semer")
    by_resolvers = """
    query($id: ID!, $day: Date!) {
      trueOn(id: $id, day: $day) {
        node { ... on Action { title steps { nodes { title } } history { totalCount } } }
      }
    }
    """
    found = (await caller.ask(by_resolvers, id=action, day=ago(1)))["trueOn"]["node"]

    assert (found["title"], found["steps"]["nodes"]) == ("Planter", [{"title": "Acheter"}])
    assert found["history"]["totalCount"] == 2


async def test_a_roadmap_was_what_it_said_when_it_was_submitted(caller: Caller) -> None:
    organisation = await caller.organisation("Atmo", "region:28")
    cohort = await caller.make("OpenCohort", name="CEC", territories=["region:28"])
    await caller.enrol(cohort, organisation)
    roadmap = await caller.make(
        "DraftRoadmap", organisation=organisation, cohort=cohort, horizon=2030
    )
    await caller.do("TellTurningPoint", roadmap=roadmap, text="Un été sans eau")
    await caller.do("AskGenerativeQuestion", roadmap=roadmap, text="Comment ?")
    await caller.do("SetNewCourse", roadmap=roadmap, text="Un commun")
    lever = await caller.make("AddLever", roadmap=roadmap, title="Mesurer")
    await caller.do("AddObjective", roadmap=roadmap, lever=lever, wording="Un bilan")
    await caller.do("SubmitRoadmap", roadmap=roadmap, submittedOn=ago(30))

    assert (await truth(caller, roadmap, 31))["node"] is None
    assert (await truth(caller, roadmap, 30))["node"] == {
        "__typename": "Roadmap",
        "standing": "SUBMITTED",
        "turningPoint": "Un été sans eau",
        "levers": [{"title": "Mesurer", "objectives": [{"wording": "Un bilan"}]}],
    }


async def test_what_is_known_of_a_day_is_for_insiders_even_of_what_is_public(
    prepared: str, tmp_path: Path
) -> None:
    environment = {"CORDEE_DATA_DIR": str(tmp_path), "DATABASE_URL": prepared}
    known, settings = Known(), Settings.from_environment(environment)
    async with system(settings, prepared, identities=known) as running:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            caller = Caller(http, running.app)
            alliance = await caller.make("LaunchAlliance", name="COP", territory="region:28")
            action = await caller.make("ProposeAction", alliance=alliance, title="Planter")
            known.everybody = Identity(actor="anonymous")

            seen = await caller.ask("query($id: ID!) { action(id: $id) { title } }", id=action)
            assert seen == {"action": {"title": "Planter"}}
            found = await truth(caller, action, 0)
            assert (found["node"], found["facts"]) == (None, [])


async def test_of_what_is_hidden_nobody_learns_how_much_happened_to_it(
    caller: Caller, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    alliance = await caller.make("LaunchAlliance", name="COP", territory="region:28")
    action = await caller.make("ProposeAction", alliance=alliance, title="Planter")
    await caller.do("RestrictAction", action=action)
    monkeypatch.setattr("api.truth.MOST", 1)
    body = {"query": TRUTH, "variables": {"id": action, "day": ago(0), "at": None}}
    (error,) = (await caller.http.post("/graphql", json=body)).json()["errors"]
    assert error["extensions"]["code"] == "TOO_MUCH_HAPPENED"

    known.everybody = Identity()
    found = await truth(caller, action, 0)
    assert (found["node"], found["facts"]) == (None, [])


async def test_what_cannot_be_retold_is_refused_and_of_what_never_was_nothing_is_known(
    caller: Caller,
) -> None:
    found = await truth(caller, "act_00000000000000000000000000000001", 0)
    assert (found["node"], found["facts"]) == (None, [])
    for id, code in (
        ("coh_00000000000000000000000000000001", "NOT_RETOLD"),
        ("nonsense", "NOT_RETOLD"),
        ("act_nonsense", "NOT_FOUND"),
    ):
        body = {"query": TRUTH, "variables": {"id": id, "day": ago(0), "at": None}}
        (error,) = (await caller.http.post("/graphql", json=body)).json()["errors"]
        assert error["extensions"]["code"] == code
