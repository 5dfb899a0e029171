"""From a number to the events that made it, as a client asks for them."""

from typing import Any

import pytest

from tests.api.calling import Caller

COUNTED = "nodes { position type subject counted } totalCount pageInfo { hasNextPage endCursor }"


@pytest.fixture
async def alliance(caller: Caller) -> str:
    """A regional COP."""
    return await caller.make("LaunchAlliance", name="COP Normandie", territory="region:28")


async def proposed(caller: Caller, alliance: str, *titles: str) -> list[str]:
    """Propose actions."""
    return [
        await caller.make(
            "ProposeAction", alliance=alliance, title=title, themes=["HOUSING", "PRODUCING"]
        )
        for title in titles
    ]


async def groups(caller: Caller, by: str, asked: str, where: str = "{}") -> Any:
    """Ask for groups of actions."""
    found = await caller.ask(
        f"{{actionStats(groupBy: [{by}], where: {where}) {{groups {{{asked}}}}}}}"
    )
    return found["actionStats"]["groups"]


async def test_what_a_group_counts_is_led_back_to_the_event_since_which_it_is_in_it(
    caller: Caller, alliance: str
) -> None:
    idle, busy = await proposed(caller, alliance, "Attendre", "Agir")
    await caller.do("ChangeActionStatus", action=busy, status="UNDER_WAY")
    began = caller.position
    await caller.do("AddActionNote", action=busy, text="Ce qui suit ne change pas le statut")
    await caller.do("ReportProgress", action=busy, percent=20, reportedOn="2025-06-30")
    found = {
        each["status"]: each["sources"]["nodes"]
        for each in await groups(caller, "STATUS", f"status sources {{{COUNTED}}}")
    }
    assert found["UNDER_WAY"] == [
        {"position": began, "type": "action.status_changed", "subject": busy, "counted": busy}
    ]
    ((waiting,),) = [sources for status, sources in found.items() if status != "UNDER_WAY"]
    assert (waiting["type"], waiting["counted"]) == ("action.proposed", idle)


async def test_who_is_in_a_group_by_what_stands_beside_it_is_led_back_to_that(
    caller: Caller, alliance: str
) -> None:
    (action,) = await proposed(caller, alliance, "Isoler")
    there = caller.position
    await caller.do("SetActionThemes", action=action, themes=["HOUSING", "MOVING"])
    await caller.do("SetActionThemes", action=action, themes=["HOUSING"])
    await caller.do("SetActionThemes", action=action, themes=["HOUSING", "MOVING"])
    found = {
        each["theme"]: each["sources"]["nodes"]
        for each in await groups(caller, "THEME", f"theme sources {{{COUNTED}}}")
    }
    assert {theme: source["position"] for theme, (source,) in found.items()} == {
        "HOUSING": there,
        "MOVING": caller.position,
    }


async def test_a_sum_is_led_back_to_the_events_that_gave_its_answers(
    caller: Caller, alliance: str
) -> None:
    asked, _silent = await proposed(caller, alliance, "Isoler", "Sans réponse")
    await caller.do("StateBudget", action=asked, amount="100", basis="WITH_TAX")
    await caller.do("CorrectBudget", action=asked, amount="120", basis="WITH_TAX", reason="Devis")
    stated = caller.position
    await caller.do("AddActionNote", action=asked, text="Rien de neuf sur le budget")
    found = await caller.ask(
        f"{{actionStats {{total {{plannedAmount {{sum answered sources {{{COUNTED}}}}}}}}}}}"
    )
    answers = found["actionStats"]["total"]["plannedAmount"]
    assert (answers["sum"], answers["answered"]) == ("120.00", 1)
    assert answers["sources"]["totalCount"] == 1
    assert answers["sources"]["nodes"] == [
        {
            "position": stated,
            "type": "action.budget_corrected",
            "subject": asked,
            "counted": asked,
        }
    ]


async def test_page_by_page_each_thing_that_is_counted_comes_once(
    caller: Caller, alliance: str
) -> None:
    actions = await proposed(caller, alliance, *(f"Action {number}" for number in range(5)))
    seen: list[str] = []
    after = None
    while True:
        found = await caller.ask(
            "query ($after: String) {actionStats(groupBy: [THEME]) {groups {count theme"
            f" sources(first: 2, after: $after) {{{COUNTED}}}}}}}}}",
            after=after,
        )
        group = found["actionStats"]["groups"][0]
        page = group["sources"]
        assert page["totalCount"] == group["count"]
        seen += [each["counted"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert sorted(seen) == sorted(actions)


async def test_as_of_a_moment_the_events_are_those_of_then(caller: Caller, alliance: str) -> None:
    (action,) = await proposed(caller, alliance, "Agir")
    await caller.do("ChangeActionStatus", action=action, status="UNDER_WAY")
    then = caller.position
    await caller.do("ChangeActionStatus", action=action, status="PAUSED")
    found = await caller.ask(
        "query ($at: Position!) {actionStats(groupBy: [STATUS], asOf: {position: $at}) {"
        " groups {status sources {nodes {position}}}}}",
        at=then,
    )
    assert found["actionStats"]["groups"] == [
        {"status": "UNDER_WAY", "sources": {"nodes": [{"position": then}]}}
    ]


async def test_one_operation_leads_back_so_many_numbers_at_most(
    caller: Caller, alliance: str
) -> None:
    await proposed(caller, alliance, "Agir")
    asked = " ".join(f"s{number}: sources(first: 1) {{ totalCount }}" for number in range(26))
    await caller.ask(f"{{actionStats {{total {{{asked}}}}}}}")
    response = await caller.http.post(
        "/graphql",
        json={"query": f"{{actionStats(groupBy: [THEME]) {{groups {{{asked}}}}}}}"},
        headers={"min-position": caller.position},
    )
    codes = {error["extensions"]["code"] for error in response.json()["errors"]}
    assert codes == {"TOO_MUCH_RETRACED"}
