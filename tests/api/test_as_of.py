"""As of: what was answered at a moment is answered again, through everything that serves."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from api.ports import Identity
from domain.identity import Id, internal
from tests.api.calling import Caller
from tests.api.chronicle import identity
from tests.api.ports import Known

EVERYTHING = """
    organisations(%(and)s first: 50) { totalCount nodes { id name version
        enrolments { nodes { standing } } } }
    roadmaps(%(and)s first: 50) { nodes { id status title version newCourse
        levers { id title position objectives { wording target dueYear } }
        submissions { number submittedOn levers { title } } } }
    actions(%(and)s first: 50) { totalCount nodes { id title status visibility
        steps { nodes { title } } } }
    organisationStats(%(and)s groupBy: [TERRITORY]) { total { count } groups { count } }
    actionStats(%(and)s groupBy: [STATUS]) { groups { status count } }
    search(%(and)s text: "collectif") { totalCount nodes { kind node { id } passage { text } } }
"""


def everything(as_of: str = "") -> str:
    """Ask for all that the story touches."""
    document = EVERYTHING % {"and": f"asOf: {as_of}, " if as_of else ""}
    return "{" + document.replace("(, ", "(") + "}"


async def told(caller: Caller, query: str, headers: Mapping[str, str] | None = None) -> Any:
    """Ask, and give the whole answer."""
    answer = await caller.http.post("/graphql", json={"query": query}, headers=headers)
    return answer.json()


async def test_what_was_answered_then_is_answered_again(caller: Caller) -> None:
    answers = []

    async def remember() -> None:
        answers.append((caller.position, await caller.ask(everything())))

    await remember()
    organisation = await caller.organisation("Air Breizh", "region:53")
    await remember()
    cohort = await caller.make("OpenCohort", name="CEC Ouest", territories=["region:53"])
    await caller.enrol(cohort, organisation)
    roadmap = await caller.make(
        "DraftRoadmap", organisation=organisation, cohort=cohort, horizon=2030
    )
    await caller.do("SetNewCourse", roadmap=roadmap, text="Un air collectif")
    first = await caller.make("AddLever", roadmap=roadmap, title="Mesurer")
    second = await caller.make("AddLever", roadmap=roadmap, title="Former le collectif")
    await caller.make("AddObjective", roadmap=roadmap, lever=first, wording="Un bilan", target="40")
    await remember()
    await caller.do("RewordLever", roadmap=roadmap, lever=first, title="Mesurer mieux")
    await caller.do("ReorderLevers", roadmap=roadmap, levers=[second, first])
    await remember()
    await caller.do("DropLever", roadmap=roadmap, lever=second, reason="Fait ailleurs")
    await remember()
    alliance = await caller.make("LaunchAlliance", name="Alliance", territory="region:53")
    action = await caller.make("ProposeAction", alliance=alliance, title="Un collectif de capteurs")
    await caller.make("AddStep", action=action, title="Trouver des lieux")
    await remember()
    await caller.do(
        "RefocusAction", action=action, title="Des capteurs", reason="Plus simple", year=2026
    )
    await caller.do("DissolveOrganisation", organisation=organisation, reason="Fusion")
    await remember()

    for position, then in answers:
        again = await told(caller, everything(f'{{position: "{position}"}}'))
        assert again.get("errors") is None
        assert again["data"] == then, position
        assert set(again["extensions"]["asOf"].values()) == {position}
    assert len({str(then) for _, then in answers}) == len(answers)


async def test_one_question_may_speak_of_several_moments(caller: Caller) -> None:
    organisation = await caller.organisation("Ligair", "region:24")
    before = caller.position
    await caller.do("RenameOrganisation", organisation=organisation, name="Lig’Air")
    query = f"""query($id: ID!, $none: AsOf) {{
        now: organisation(id: $id, asOf: $none) {{ name }}
        then: organisation(id: $id, asOf: {{position: "{before}"}}) {{ name }}
        never: organisation(id: $id, asOf: {{position: "0"}}) {{ name }}
        found: search(text: "ligair", asOf: {{position: "{before}"}}) {{
            nodes {{ passage {{ text }} }}
        }}
    }}"""
    await caller.ask("{ __typename }")  # waits for what was written
    body = {"query": query, "variables": {"id": organisation}}
    answer = (await caller.http.post("/graphql", json=body)).json()
    assert answer["data"] == {
        "now": {"name": "Lig’Air"},
        "then": {"name": "Ligair"},
        "never": None,
        "found": {"nodes": [{"passage": [{"text": "Ligair"}]}]},
    }
    assert answer["extensions"]["asOf"] == {"then": before, "never": "0", "found": before}


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ('{position: "900"}', "MOMENT_AHEAD"),
        ('{time: "2999-01-01T00:00:00Z"}', "MOMENT_AHEAD"),
        ('{position: "-1"}', None),
        ('{position: "x"}', None),
        ('{position: "1", time: "2026-01-01T00:00:00Z"}', None),
        ("{}", None),
        ('{time: "2026-10-25T02:30:00"}', None),
    ],
)
async def test_a_moment_that_makes_no_sense_is_refused(
    caller: Caller, as_of: str, code: str | None
) -> None:
    await caller.organisation("Atmo", "region:28")
    answer: httpx.Response = await caller.http.post(
        "/graphql", json={"query": f"{{ organisations(asOf: {as_of}) {{ totalCount }} }}"}
    )
    (error,) = answer.json()["errors"]
    assert answer.json().get("data") is None
    assert error.get("extensions", {}).get("code") == code
    if code is not None:
        argument = f"asOf.{'time' if 'time' in as_of else 'position'}"
        assert error["extensions"]["argument"] == argument, "as the interface spells it"


async def test_a_text_that_is_gone_is_closed_with_the_action_in_which_it_stood(
    caller: Caller, known: Known
) -> None:
    alliance = await caller.make("LaunchAlliance", name="COP", territory="region:28")
    action = await caller.make(
        "ProposeAction", alliance=alliance, title="Planter", description="Au verger municipal"
    )
    before = caller.position
    await caller.do("RewordAction", action=action, title="Planter")
    await caller.do("RestrictAction", action=action)
    query = """query($at: Position!) {
        search(text: "verger", asOf: {position: $at}) { totalCount nodes { passage { text } } }
    }"""

    assert (await caller.ask(query, at=before))["search"]["totalCount"] == 1
    known.everybody = Identity()
    assert (await caller.ask(query, at=before))["search"] == {"totalCount": 0, "nodes": []}


async def test_who_lost_a_right_by_what_happened_since_has_lost_it_for_every_moment(
    caller: Caller, known: Known
) -> None:
    cohort = await caller.make("OpenCohort", name="CEC Ouest", territories=["region:53"])
    organisation = await caller.organisation("Air Breizh", "region:53")
    await caller.enrol(cohort, organisation)
    contacts = [
        await caller.make(
            "DesignateContact", organisation=organisation, name=name, function="Déléguée"
        )
        for name in ("Zoé", "Ada")
    ]
    facilitator = await caller.make("OpenPrincipal", issuer="https://issuer", subject="coach")
    await caller.do(
        "GrantRole", principal=facilitator, role="FACILITATOR", scopeKind="COHORT", scope=cohort
    )
    at = caller.position
    ours, known.everybody = known.everybody, identity(internal("principal", Id(facilitator)))
    query = """query($id: ID!, $at: AsOf) {
        organisation(id: $id, asOf: $at) { contacts { name } }
    }"""
    then = {"position": at}
    assert await names(caller, query, organisation, then) == {"Zoé", "Ada"}

    known.everybody = ours
    await caller.do("ReleaseContact", organisation=organisation, contact=contacts[0])
    await caller.do(
        "WithdrawOrganisation", organisation=organisation, cohort=cohort, reason="Trop tôt"
    )
    known.everybody = identity(internal("principal", Id(facilitator)))
    assert await names(caller, query, organisation, None) == set()
    assert await names(caller, query, organisation, then) == set()


async def names(caller: Caller, query: str, organisation: str, at: Any) -> set[str]:
    """Ask whom somebody sees."""
    found = await caller.ask(query, id=organisation, at=at)
    return {each["name"] for each in found["organisation"]["contacts"]}
