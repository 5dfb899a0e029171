"""Who gave each field and each sentence its wording, as a client asks for it."""

from typing import Any

from api.ports import Identity
from tests.api.calling import Caller
from tests.api.ports import Known

BLAME = """
query ($id: ID!, $at: AsOf, $part: ID, $field: String) {
  roadmap(id: $id) {
    blame(at: $at, part: $part, field: $field) {
      noun part title field label value position
      sentence { text from to }
      entry { position type command version sentence actor { label } reason }
    }
  }
}
"""


async def a_roadmap(caller: Caller) -> str:
    """Draft a roadmap."""
    cohort = await caller.make("OpenCohort", name="CEC Ouest", territories=["region:53"])
    association = await caller.organisation("Territoire apprenant", "region:53")
    await caller.enrol(cohort, association)
    return await caller.make("DraftRoadmap", organisation=association, cohort=cohort, horizon=2030)


async def blame(caller: Caller, roadmap: str, **asked: Any) -> list[dict[str, Any]]:
    """Ask to which events a roadmap owes its wording."""
    found = await caller.ask(BLAME, id=roadmap, **asked)
    entries: list[dict[str, Any]] = found["roadmap"]["blame"]
    return entries


async def test_each_sentence_keeps_the_event_that_brought_it_in(caller: Caller) -> None:
    roadmap = await a_roadmap(caller)
    await caller.do("SetNewCourse", roadmap=roadmap, text="Une ville verte. Et calme.")
    first = caller.position
    await caller.do(
        "SetNewCourse", roadmap=roadmap, text="Une ville verte. Sans voiture. Et calme."
    )
    second = caller.position
    found = await blame(caller, roadmap, field="newCourse")
    assert [(each["sentence"], each["position"]) for each in found] == [
        ({"text": "Une ville verte. ", "from": 0, "to": 17}, first),
        ({"text": "Sans voiture. ", "from": 17, "to": 31}, second),
        ({"text": "Et calme.", "from": 31, "to": 40}, first),
    ]
    assert found[1]["entry"] == {
        "position": second,
        "type": "roadmap.new_course_set",
        "command": "SetNewCourse",
        "version": 3,
        "sentence": "The new course was set.",
        "actor": {"label": "the platform itself"},
        "reason": None,
    }
    then = await blame(caller, roadmap, field="newCourse", at={"position": first})
    assert [each["sentence"]["text"] for each in then] == ["Une ville verte. ", "Et calme."]


async def test_each_field_of_a_part_keeps_the_event_since_which_it_says_so(caller: Caller) -> None:
    roadmap = await a_roadmap(caller)
    lever = await caller.make("AddLever", roadmap=roadmap, title="Rouler")
    objective = await caller.make(
        "AddObjective", roadmap=roadmap, lever=lever, wording="Rouler mieux", scope="LOCAL"
    )
    added = caller.position
    await caller.do(
        "RewordObjective",
        roadmap=roadmap,
        objective=objective,
        wording="Rouler mieux",
        scope="LOCAL",
        dueYear=2030,
    )
    found = await blame(caller, roadmap, part=objective)
    assert {each["field"]: (each["value"], each["position"]) for each in found} == {
        "wording": ("Rouler mieux", added),
        "scope": ("LOCAL", added),
        "lever": (lever, added),
        "dueYear": ("2030", caller.position),
    }
    assert {each["title"] for each in found} == {"Rouler mieux"}
    assert {(each["noun"], each["part"]) for each in found} == {("objective", objective)}


async def test_a_field_that_nothing_has_is_told_so(caller: Caller) -> None:
    roadmap = await a_roadmap(caller)
    response = await caller.http.post(
        "/graphql",
        json={"query": BLAME, "variables": {"id": roadmap, "field": "colour"}},
        headers={"min-position": caller.position},
    )
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "UNKNOWN_FIELD"


async def test_of_a_draft_nobody_else_learns_what_it_says_nor_who_wrote_it(
    caller: Caller, known: Known
) -> None:
    roadmap = await a_roadmap(caller)
    lever = await caller.make("AddLever", roadmap=roadmap, title="Rouler")
    await caller.make("AddObjective", roadmap=roadmap, lever=lever, wording="Rouler mieux")
    await caller.do("AskGenerativeQuestion", roadmap=roadmap, text="Comment aider la ville ?")
    await caller.do("SetNewCourse", roadmap=roadmap, text="Une ville verte.")
    await caller.do("SubmitRoadmap", roadmap=roadmap, submittedOn="2024-01-10")
    await caller.do("PublishRoadmap", roadmap=roadmap)
    published = caller.position
    await caller.do("OpenRevision", roadmap=roadmap, reason="Le bilan de l’année")
    await caller.do("SetNewCourse", roadmap=roadmap, text="Une ville calme.")
    known.everybody = Identity()
    assert await blame(caller, roadmap, field="newCourse") == []
    ((then),) = await blame(caller, roadmap, field="newCourse", at={"position": published})
    assert then["value"] == "Une ville verte."
    assert then["entry"] is None, "what is written of a draft is told to nobody else"
