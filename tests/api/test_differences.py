"""What is another in a thing between two moments or versions of it, as a client asks for it."""

from dataclasses import dataclass
from typing import Any

import pytest

from api import schema
from api.composition import composition
from api.differences import NOUNS
from api.labels.fields import words_of
from api.labels.parts import PARTS
from api.ports import Identity
from tests.api.calling import Caller
from tests.api.ports import Known

DIFFER = """
query ($id: ID!, $from: StateAt!, $to: StateAt, $kinds: [String!]) {
  roadmap(id: $id) {
    diff(from: $from, to: $to, kinds: $kinds) {
      before { position }
      after { position }
      fields { field label before after words { text change } }
      parts { noun id title changes placeBefore placeAfter fields { field before after } }
    }
  }
}
"""


@dataclass
class Revised:
    """A roadmap that was submitted twice, with what became of its levers in between."""

    roadmap: str
    kept: str
    dropped: str
    moved: str
    added: str
    objective: str
    first: str
    """The position of its first submission."""


@pytest.fixture
async def revised(caller: Caller) -> Revised:
    """The roadmap of an association, submitted, revised with a reason, and submitted again."""
    cohort = await caller.make("OpenCohort", name="CEC Ouest", territories=["region:53"])
    association = await caller.organisation("Territoire apprenant", "region:53")
    await caller.enrol(cohort, association)
    roadmap = await caller.make(
        "DraftRoadmap", organisation=association, cohort=cohort, horizon=2030
    )
    await caller.do("AskGenerativeQuestion", roadmap=roadmap, text="Comment aider la ville ?")
    await caller.do("SetNewCourse", roadmap=roadmap, text="Une ville sans voiture. Et verte.")
    levers, objectives = [], []
    for title in ("Rouler", "Planter", "Manger"):
        lever = await caller.make("AddLever", roadmap=roadmap, title=title)
        levers.append(lever)
        objectives.append(
            await caller.make(
                "AddObjective", roadmap=roadmap, lever=lever, wording=f"{title} mieux"
            )
        )
    await caller.do("SubmitRoadmap", roadmap=roadmap, submittedOn="2024-01-10")
    first = caller.position
    kept, dropped, moved = levers
    await caller.do("OpenRevision", roadmap=roadmap, reason="Le bilan de l’année")
    await caller.do("SetNewCourse", roadmap=roadmap, text="Une ville sans voiture. Et calme.")
    await caller.do("DropLever", roadmap=roadmap, lever=dropped, reason="Repris par la mairie")
    await caller.do("RewordLever", roadmap=roadmap, lever=kept, title="Rouler autrement")
    added = await caller.make("AddLever", roadmap=roadmap, title="Bâtir")
    await caller.make("AddObjective", roadmap=roadmap, lever=added, wording="Bâtir en bois")
    await caller.do("ReorderLevers", roadmap=roadmap, levers=[moved, kept, added])
    await caller.do(
        "RewordObjective",
        roadmap=roadmap,
        objective=objectives[0],
        wording="Rouler mieux",
        dueYear=2028,
    )
    await caller.do("SubmitRoadmap", roadmap=roadmap, submittedOn="2025-01-10")
    await caller.do("PublishRoadmap", roadmap=roadmap)
    return Revised(roadmap, kept, dropped, moved, added, objectives[0], first)


async def differ(caller: Caller, revised: Revised, **asked: Any) -> Any:
    """Ask what is another."""
    return (await caller.ask(DIFFER, id=revised.roadmap, **asked))["roadmap"]["diff"]


async def test_two_submitted_versions_differ_by_field_and_by_part(
    caller: Caller, revised: Revised
) -> None:
    found = await differ(caller, revised, **{"from": {"submission": 1}, "to": {"submission": 2}})
    assert found["fields"] == [
        {
            "field": "newCourse",
            "label": "new course",
            "before": "Une ville sans voiture. Et verte.",
            "after": "Une ville sans voiture. Et calme.",
            "words": [
                {"text": "Une ville sans voiture. Et ", "change": "SAME"},
                {"text": "verte", "change": "REMOVED"},
                {"text": "calme", "change": "ADDED"},
                {"text": ".", "change": "SAME"},
            ],
        }
    ]
    told = {part["title"]: part for part in found["parts"]}
    assert {title: part["changes"] for title, part in told.items()} == {
        "Manger": ["MOVED"],
        "Rouler autrement": ["REWORDED"],
        "Bâtir": ["ADDED"],
        "Planter": ["DROPPED"],
        "Rouler mieux": ["CHANGED"],
        "Bâtir en bois": ["ADDED"],
        "Planter mieux": ["DROPPED"],
    }
    assert (told["Manger"]["placeBefore"], told["Manger"]["placeAfter"]) == (3, 1)
    assert told["Rouler mieux"]["id"] == revised.objective
    assert told["Rouler mieux"]["fields"] == [{"field": "dueYear", "before": None, "after": "2028"}]
    assert found["before"] is found["after"] is None


async def test_a_moment_a_version_and_a_submission_tell_the_same_of_what_they_share(
    caller: Caller, revised: Revised
) -> None:
    kinds = ["lever", "objective"]
    by_number = await differ(caller, revised, **{"from": {"submission": 1}}, kinds=kinds)
    by_position = await differ(
        caller, revised, **{"from": {"position": revised.first}}, kinds=kinds
    )
    assert by_number["parts"] == by_position["parts"]
    assert by_position["before"] == {"position": revised.first}
    assert by_position["after"] == {"position": caller.position}
    (version,) = await versions_at(caller, revised)
    by_version = await differ(caller, revised, **{"from": {"version": version}}, kinds=kinds)
    assert by_version == by_position


async def versions_at(caller: Caller, revised: Revised) -> list[int]:
    """Ask which version the roadmap had at its first submission."""
    found = await caller.ask(
        "query ($id: ID!, $at: Position!) {roadmap(id: $id, asOf: {position: $at}) {version}}",
        id=revised.roadmap,
        at=revised.first,
    )
    return [found["roadmap"]["version"]]


async def test_before_there_was_anything_all_of_it_is_added_and_backwards_dropped(
    caller: Caller, revised: Revised
) -> None:
    nothing, first = {"position": "0"}, {"position": revised.first}
    there = await differ(caller, revised, **{"from": nothing, "to": first})
    back = await differ(caller, revised, **{"from": first, "to": nothing})
    assert {change for part in there["parts"] for change in part["changes"]} == {"ADDED"}
    assert {change for part in back["parts"] for change in part["changes"]} == {"DROPPED"}
    assert {part["title"] for part in there["parts"]} == {part["title"] for part in back["parts"]}


async def test_what_was_never_so_cannot_be_compared(caller: Caller, revised: Revised) -> None:
    assert await refused(caller, revised, **{"from": {"submission": 3}}) == "UNKNOWN_SUBMISSION"
    assert await refused(caller, revised, **{"from": {"version": 999}}) == "UNKNOWN_VERSION"
    assert await refused(caller, revised, **{"from": {"position": "999999"}}) == "MOMENT_AHEAD"
    unknown = {"from": {"version": 1}, "kinds": ["leverage"]}
    assert await refused(caller, revised, **unknown) == "UNKNOWN_KIND"


async def refused(caller: Caller, revised: Revised, **asked: Any) -> str:
    """Ask what must be refused, and give the code."""
    response = await caller.http.post(
        "/graphql",
        json={"query": DIFFER, "variables": {"id": revised.roadmap, **asked}},
        headers={"min-position": caller.position},
    )
    (error,) = response.json()["errors"]
    return str(error["extensions"]["code"])


async def test_nobody_learns_by_comparing_what_they_could_not_read(
    caller: Caller, known: Known, revised: Revised
) -> None:
    known.everybody = Identity()
    found = await differ(caller, revised, **{"from": {"position": revised.first}})
    assert {field["field"] for field in found["fields"]} >= {"newCourse", "generativeQuestion"}
    assert all(field["before"] is None for field in found["fields"]), "it was not public then"
    assert {change for part in found["parts"] for change in part["changes"]} == {"ADDED"}
    draft = {"from": {"submission": 1}, "to": {"submission": 2}}
    assert await refused(caller, revised, **draft) == "UNKNOWN_SUBMISSION"


async def test_of_what_is_hidden_nobody_learns_how_many_versions_it_had(
    caller: Caller, known: Known
) -> None:
    alliance = await caller.make("LaunchAlliance", name="COP", territory="region:28")
    action = await caller.make("ProposeAction", alliance=alliance, title="Planter")
    await caller.do("RestrictAction", action=action)
    query = "query($id: ID!) {diff(id: $id, from: {version: 1}) {before {position}}}"
    assert (await caller.ask(query, id=action))["diff"]["before"]["position"] is not None

    known.everybody = Identity()
    answers = [
        (await caller.http.post("/graphql", json={"query": query, "variables": {"id": id}})).json()
        for id in (action, "act_" + "0" * 31 + "1")
    ]
    assert [each["errors"][0]["extensions"]["code"] for each in answers] == ["UNKNOWN_VERSION"] * 2
    assert answers[0]["errors"] == answers[1]["errors"]


async def test_a_state_may_be_compared_with_one_as_of_which_is_asked(
    caller: Caller, revised: Revised
) -> None:
    found = await caller.ask(
        "query ($id: ID!, $at: Position!, $now: Position!) {"
        " roadmap(id: $id, asOf: {position: $at}) {"
        " diff(from: {submission: 1}) {after {position} fields {field} parts {id}}"
        " later: diff(from: {position: $at}, to: {position: $now}, kinds: []) {"
        " fields {field} parts {id}}}}",
        id=revised.roadmap,
        at=revised.first,
        now=caller.position,
    )
    assert found["roadmap"] == {
        "diff": {"after": {"position": revised.first}, "fields": [], "parts": []},
        "later": {
            "fields": [
                {"field": name}
                for name in ("newCourse", "submittedOn", "publishedNumber", "revisionBecause")
            ],
            "parts": [],
        },
    }


async def test_a_thing_of_any_noun_is_compared_by_its_id(caller: Caller) -> None:
    organisation = await caller.organisation("Atmo Normandie", "region:28")
    await caller.do("RenameOrganisation", organisation=organisation, name="Atmo Normandie 2")
    found = await caller.ask(
        "query ($id: ID!, $none: ID!) {"
        " diff(id: $id, from: {version: 1}, to: {version: 2}) {fields {field before after}}"
        " unknown: diff(id: $none, from: {version: 1}) {fields {field}}}",
        id=organisation,
        none="net_" + "0" * 32,
    )
    assert found == {
        "diff": {
            "fields": [{"field": "name", "before": "Atmo Normandie", "after": "Atmo Normandie 2"}]
        },
        "unknown": None,
    }


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_whatever_is_compared_has_a_name_in_both_languages(noun: str) -> None:
    schema.create()
    whole = composition(noun)
    for composed in (whole.whole, *whole.parts.values()):
        name = composed.table.name
        told = [PARTS[name], *(words_of(name, field) for field in composed.fields)]
        assert all(words.fr and words.en for words in told)


def test_what_is_known_to_nobody_but_those_who_have_its_id_is_no_part_of_a_workshop() -> None:
    schema.create()
    assert set(composition("workshop").parts) == {"registration"}
