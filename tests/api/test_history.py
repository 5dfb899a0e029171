"""What happened to a thing, in sentences: by whom, when, why, and what it made another."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.history import facts
from domain.identity import Id, internal
from tests.api.both_ways import INTERPRETED
from tests.api.calling import Caller
from tests.api.chronicle import ANYBODY, PROGRAM, Asking, Told, asking, identity, tell
from tests.api.ports import Known, Still
from tests.api.socket import connected
from tests.conftest import Databases

ENTRY = """
  position version type sentence(language: FR) recordedAt effectiveOn isLate isCorrection
  command commandId reason actor { role scopeKind place placeName label(language: FR) }
  principal { name } onBehalfOf { name }
  changes {
    part { noun id key became label(language: FR) }
    field label(language: FR)
    before { kind text label(language: FR) name } after { kind text label(language: FR) name }
  }
"""
HISTORY = f"""
query(
  $id: ID!, $first: Int, $after: String, $last: Int, $before: String,
  $where: HistoryWhere, $orderBy: HistoryOrder
) {{
  roadmap(id: $id) {{
    history(
      first: $first, after: $after, last: $last, before: $before, where: $where, orderBy: $orderBy
    ) {{
      totalCount
      edges {{ cursor node {{ {ENTRY} }} }}
      pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
    }}
  }}
}}
"""


@pytest.fixture(scope="module")
def chronicle(
    databases: Databases, runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    """The roadmap of `tests.api.chronicle`."""
    with databases.copy(Databases.PREPARED) as dsn:
        yield runner.run(tell(dsn, Path(tmp_path_factory.mktemp("chronicle"))))


@pytest.fixture
async def asked(chronicle: Told) -> AsyncIterator[Asking]:
    """Somebody who asks what happened to it."""
    async with asking(chronicle) as opened:
        yield opened


async def history(asked: Asking, asker: Any = PROGRAM, **given: Any) -> Any:
    """Ask for the history of the roadmap, by resolvers and without, which give the same."""
    found, codes = await asked.ask(HISTORY, asker, id=asked.told.roadmap, **given)
    assert codes == []
    assert (await asked.ask(HISTORY, asker, INTERPRETED, id=asked.told.roadmap, **given))[
        0
    ] == found
    return found["roadmap"]["history"]


async def entries(asked: Asking, asker: Any = PROGRAM, **given: Any) -> list[Any]:
    """Give the facts of a page, the first that happened first."""
    found = await history(asked, asker, orderBy="OLDEST_FIRST", **given)
    return [edge["node"] for edge in found["edges"]]


async def test_each_fact_is_a_sentence_in_its_order(asked: Asking) -> None:
    sentences = [entry["sentence"].replace("\u00a0", " ") for entry in await entries(asked)]
    assert sentences == [
        "La feuille de route a été commencée, à l’horizon 2030.",
        "Le levier « Éco-concevoir » a été ajouté.",
        "Le levier « Éco-concevoir tout » a été reformulé.",
        "L’objectif d’impact « Moins de trajets » a été ajouté au levier « Éco-concevoir tout ».",
        "L’objectif d’impact « Trop vague » a été ajouté au levier « Éco-concevoir tout ».",
        "L’objectif d’impact « Trop vague » a été abandonné.",
        "La question générative a été posée.",
        "Le nouveau cap a été fixé.",
        "La version 1 a été remise.",
        "Un commentaire a été fait : levier.",
        "La version 1 a été publiée.",
    ]


async def test_a_fact_says_what_it_made_another(asked: Asking) -> None:
    reworded = (await entries(asked))[2]
    assert reworded["changes"] == [
        {
            "part": {
                "noun": "lever",
                "id": asked.told.lever,
                "key": asked.told.lever,
                "became": "CHANGED",
                "label": "levier",
            },
            "field": "title",
            "label": "titre",
            "before": said("TEXT", "Éco-concevoir"),
            "after": said("TEXT", "Éco-concevoir tout"),
        }
    ]


def said(kind: str, text: str, label: str | None = None, name: str | None = None) -> Any:
    return {"kind": kind, "text": text, "label": label or text, "name": name}


async def test_what_is_new_had_nothing_before_and_what_is_gone_has_nothing_after(
    asked: Asking,
) -> None:
    added, dropped = (await entries(asked))[4:6]
    assert [(c["field"], c["before"], c["after"]) for c in added["changes"]] == [
        ("wording", None, said("TEXT", "Trop vague")),
        ("lever", None, said("ID", asked.told.lever, name="Éco-concevoir tout")),
    ]
    assert [(c["field"], c["before"], c["after"]) for c in dropped["changes"]] == [
        ("wording", said("TEXT", "Trop vague"), None),
        ("lever", said("ID", asked.told.lever, name="Éco-concevoir tout"), None),
    ]
    assert {c["part"]["became"] for c in added["changes"]} == {"ADDED"}
    assert {c["part"]["became"] for c in dropped["changes"]} == {"REMOVED"}


async def test_a_word_and_a_day_are_told_as_people_say_them(asked: Asking) -> None:
    submitted = (await entries(asked, where={"types": ["roadmap.submitted"]}))[0]
    of_roadmap = {c["field"]: c["after"] for c in submitted["changes"][:2]}
    assert of_roadmap == {
        "status": said("WORD", "SUBMITTED", "remise"),
        "submittedOn": said("DATE", "2024-01-15", "15 janvier 2024"),
    }


async def test_a_fact_says_as_what_somebody_did_it_and_why(asked: Asking) -> None:
    reworded, published = [(await entries(asked))[place] for place in (2, -1)]
    assert reworded["actor"] == {
        "role": "ORGANISATION_LEADER",
        "scopeKind": "ORGANISATION",
        "place": asked.told.organisation,
        "placeName": "Atmo Normandie",
        "label": "dirigeant d’organisation (Atmo Normandie)",
    }
    assert published["actor"]["label"] == "coordinateur de promotion (CEC Ouest)"
    assert (reworded["principal"], reworded["reason"]) == ({"name": "Ada"}, "Le conseil l’a voulu")
    assert reworded["command"] == "RewordLever"


async def test_what_was_recorded_late_shows_both_days(asked: Asking) -> None:
    (submitted,) = await entries(asked, where={"late": True})
    assert submitted["effectiveOn"] == "2024-01-15"
    assert submitted["recordedAt"] > "2026"
    assert submitted["isLate"]
    assert not submitted["isCorrection"]


async def test_who_it_was_is_for_those_who_may_know_and_why_for_insiders_too(
    asked: Asking,
) -> None:
    asker = identity(asked.told.coordinator).caller("fr")
    of_others, own = [(await entries(asked, asker))[place] for place in (2, -1)]
    named = ("principal", "reason", "commandId")
    assert [of_others[name] for name in named] == [None, "Le conseil l’a voulu", None]
    assert not any(entry["reason"] for entry in await entries(asked, ANYBODY))
    assert of_others["actor"]["role"] == "ORGANISATION_LEADER"
    assert own["principal"] == {"name": "Grace"}
    assert own["commandId"]


async def test_a_stranger_hears_what_is_public_and_not_what_drafts_said(asked: Asking) -> None:
    heard = await entries(asked, ANYBODY)
    assert "roadmap.commented" not in [entry["type"] for entry in heard]
    written = [entry for entry in heard if entry["type"] != "roadmap.published"]
    assert len(written) == len(heard) - 1
    assert [entry["changes"] for entry in written] == [[]] * len(written)
    text = str(heard)
    assert "Éco-concevoir" not in text
    assert "Trop vague" not in text
    assert "Le levier a été reformulé." in text


async def test_a_stranger_learns_nothing_of_drafts_by_asking_for_what_changed(
    asked: Asking,
) -> None:
    for where in ({"parts": ["lever"]}, {"fields": ["wording"]}):
        assert await entries(asked, ANYBODY, where=where) == []
    actor = f"prn_{asked.told.leader.hex}"
    assert await entries(asked, ANYBODY, where={"actors": [actor]}) == []
    assert len(await entries(asked, where={"actors": [actor]})) == 9


@pytest.mark.parametrize(
    ("where", "versions"),
    [
        ({}, list(range(1, 12))),
        ({"types": ["roadmap.objective_added", "roadmap.archived"]}, [4, 5]),
        ({"commands": ["RewordLever"]}, [3]),
        ({"parts": ["lever"]}, [2, 3]),
        ({"fields": ["wording"]}, [4, 5, 6]),
        ({"parts": ["objective"], "fields": ["title"]}, []),
        ({"roles": ["COHORT_COORDINATOR"]}, [10, 11]),
        ({"roles": ["AUDITOR"]}, []),
        ({"effectiveUntil": "2024-01-15"}, [9]),
        ({"effectiveFrom": "2024-01-16", "commands": ["SubmitRoadmap", "AddLever"]}, [2]),
        ({"recordedFrom": "2999-01-01T00:00:00Z"}, []),
        ({"recordedBefore": "2999-01-01T00:00:00Z", "late": True}, [9]),
        ({"corrections": True}, []),
        ({"types": None, "corrections": False}, list(range(1, 12))),
    ],
    ids=str,
)
async def test_a_filter_leaves_what_is_meant(
    asked: Asking, where: Any, versions: list[int]
) -> None:
    assert [entry["version"] for entry in await entries(asked, where=where)] == versions


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"where": {"types": ["action.proposed"]}}, "UNKNOWN_EVENT_TYPE"),
        ({"where": {"types": []}}, "EMPTY_LIST"),
        ({"where": {"parts": ["step"]}}, "UNKNOWN_PART"),
        ({"where": {"fields": ["percent"]}}, "UNKNOWN_FIELD"),
        ({"where": {"actors": ["org_00"]}}, "NOT_FOUND"),
        ({"where": {"onBehalfOf": [f"prn_{'0' * 32}"]}}, "WRONG_KIND_OF_ID"),
        (
            {"where": {"effectiveFrom": "2026-01-02", "effectiveUntil": "2026-01-01"}},
            "PERIOD_REVERSED",
        ),
        ({"first": 1, "last": 1}, "BOTH_ENDS"),
        ({"first": 101}, "PAGE_OUT_OF_BOUNDS"),
        ({"after": "nonsense"}, "CURSOR_MALFORMED"),
        ({"after": "c1.AAAA"}, "CURSOR_MALFORMED"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(asked: Asking, given: Any, code: str) -> None:
    assert await asked.ask(HISTORY, id=asked.told.roadmap, **given) == ({"roadmap": None}, [code])


async def test_a_cursor_belongs_to_its_order(asked: Asking) -> None:
    cursor = (await history(asked, first=1))["pageInfo"]["endCursor"]
    refused = await asked.ask(HISTORY, id=asked.told.roadmap, after=cursor, orderBy="OLDEST_FIRST")
    assert refused[1] == ["CURSOR_MALFORMED"]


@pytest.mark.parametrize("order", ["NEWEST_FIRST", "OLDEST_FIRST"])
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("size", [3, 11])
async def test_page_by_page_everything_is_told_once_and_in_order(
    asked: Asking, order: str, backward: bool, size: int
) -> None:
    how, place = ("last", "before") if backward else ("first", "after")
    edge, more = ("startCursor", "hasPreviousPage") if backward else ("endCursor", "hasNextPage")
    behind = "hasNextPage" if backward else "hasPreviousPage"
    versions: list[int] = []
    given: dict[str, Any] = {how: size, "orderBy": order}
    goes_on = True
    while goes_on:
        found = await asked.ask(PAGES, id=asked.told.roadmap, **given)
        page = found[0]["roadmap"]["history"]
        read = [each["version"] for each in page["nodes"]]
        assert page["totalCount"] == 11
        assert page["pageInfo"][behind] is (place in given)
        versions = [*read, *versions] if backward else [*versions, *read]
        given[place], goes_on = page["pageInfo"][edge], page["pageInfo"][more]
    everything = list(range(1, 12))
    assert versions == (everything if order == "OLDEST_FIRST" else everything[::-1])


PAGES = """
query(
  $id: ID!, $first: Int, $after: String, $last: Int, $before: String,
  $where: HistoryWhere, $orderBy: HistoryOrder
) {
  roadmap(id: $id) {
    history(
      first: $first, after: $after, last: $last, before: $before, where: $where, orderBy: $orderBy
    ) {
      totalCount
      nodes { version }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""


@pytest.mark.parametrize("order", ["NEWEST_FIRST", "OLDEST_FIRST"])
async def test_a_page_that_ends_early_says_from_where_to_go_on(
    asked: Asking, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "MOST", 3)
    monkeypatch.setattr(facts, "STRETCH", 3)
    given: dict[str, Any] = {"orderBy": order, "where": {"types": ["roadmap.objective_dropped"]}}
    pages, versions = 0, list[int]()
    while True:
        found = await asked.ask(PAGES, id=asked.told.roadmap, first=5, **given)
        page = found[0]["roadmap"]["history"]
        versions += [each["version"] for each in page["nodes"]]
        pages += 1
        if not page["pageInfo"]["hasNextPage"]:
            break
        given["after"] = page["pageInfo"]["endCursor"]
    assert versions == [6]
    assert pages == 4


async def test_where_the_past_is_not_gathered_so_far_the_facts_are_told_without_it(
    asked: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "pasts", Still(5))
    query = "query($id: ID!) { roadmap(id: $id) { history { nodes { type command } } } }"
    found, codes = await asked.ask(query, id=asked.told.roadmap)
    assert (len(found["roadmap"]["history"]["nodes"]), codes) == (11, [])
    refused = await asked.ask(HISTORY, id=asked.told.roadmap)
    assert refused == ({"roadmap": None}, ["PAST_NOT_GATHERED"])


async def test_one_operation_reads_only_so_many_histories(asked: Asking) -> None:
    many = " ".join(f"h{n}: history(first: 1) {{ nodes {{ version }} }}" for n in range(21))
    query = f"query($id: ID!) {{ roadmap(id: $id) {{ {many} }} }}"
    assert await asked.ask(query, id=asked.told.roadmap) == (
        {"roadmap": None},
        ["TOO_MANY_HISTORIES"],
    )


async def test_what_is_named_by_its_id_is_told_to_those_who_may_see_it(asked: Asking) -> None:
    query = (
        'query($id: ID!) { organisation(id: $id) { history(where: {parts: ["contact"]}) {'
        " nodes { sentence changes { field after { text } } } } } }"
    )
    found, codes = await asked.ask(query, id=asked.told.organisation)
    assert codes == []
    (designated,) = found["organisation"]["history"]["nodes"]
    assert [each["after"]["text"] for each in designated["changes"]] == [
        "Direction",
        "Hedy Lamarr",
        "hedy@example.org",
    ]
    assert "Hedy" not in designated["sentence"]
    found, codes = await asked.ask(query, ANYBODY, id=asked.told.organisation)
    assert (found["organisation"]["history"]["nodes"], codes) == ([], [])


async def test_what_was_closed_since_is_not_told_of_the_past_either(asked: Asking) -> None:
    query = (
        "query($id: ID!) { alliance(id: $id) {"
        ' history(where: {types: ["alliance.standing_set"]}) {'
        " nodes { sentence(language: FR) changes { part { noun } } } } } }"
    )

    async def told(asker: Any) -> Any:
        found, codes = await asked.ask(query, asker, id=asked.told.alliance)
        assert codes == []
        (entry,) = found["alliance"]["history"]["nodes"]
        return entry

    assert "Une action gardée" in (await told(ANYBODY))["sentence"]
    assert {each["part"]["noun"] for each in (await told(ANYBODY))["changes"]} == {"finding"}
    await asked.write(
        "update action set visibility = 'RESTRICTED' where id = $1", asked.told.action
    )
    try:
        assert "Une action gardée" not in str(await told(ANYBODY))
        assert (await told(ANYBODY))["changes"] == []
        assert "Une action gardée" in (await told(PROGRAM))["sentence"]
    finally:
        await asked.write(
            "update action set visibility = 'PUBLIC' where id = $1", asked.told.action
        )


async def test_a_history_can_lead_on_to_what_has_a_history_itself(asked: Asking) -> None:
    query = (
        "query($id: ID!) { roadmap(id: $id) { history(first: 1) { nodes { principal {"
        " history(first: 1) { nodes { type changes { part { noun } } } } } } } } }"
    )
    found, codes = await asked.ask(query, id=asked.told.roadmap)
    assert codes == []
    assert (await asked.ask(query, by=INTERPRETED, id=asked.told.roadmap))[0] == found
    (entry,) = found["roadmap"]["history"]["nodes"]
    (granted,) = entry["principal"]["history"]["nodes"]
    assert granted["type"] == "principal.role_granted"
    assert {each["part"]["noun"] for each in granted["changes"]} == {"role_grant"}


THEN = """
query($id: ID!, $at: Position!) {
  roadmap(id: $id, asOf: {position: $at}) {
    id status submittedOn newCourse generativeQuestion publishedNumber
    levers { id title }
    objectives { id wording }
    comments { nodes { id text } }
    history(first: 1) { totalCount }
  }
}
"""


@pytest.mark.parametrize("who", ["the program", "anybody", "the leader", "the coordinator"])
async def test_what_is_told_as_changed_is_what_could_be_seen_before_and_after(
    asked: Asking, who: str
) -> None:
    asker = {
        "the program": PROGRAM,
        "anybody": ANYBODY,
        "the leader": identity(asked.told.leader).caller("fr"),
        "the coordinator": identity(asked.told.coordinator).caller("fr"),
    }[who]

    async def seen(position: int) -> dict[tuple[str, str], Any]:
        found, codes = await asked.ask(THEN, asker, id=asked.told.roadmap, at=str(position))
        assert codes == []
        return {} if found["roadmap"] is None else dict(flat(found["roadmap"]))

    compared = 0
    for entry in await entries(asked, asker):
        before, after = await seen(int(entry["position"]) - 1), await seen(int(entry["position"]))
        for change in entry["changes"]:
            key = change["part"]["key"], change["field"]
            if key in before or key in after:
                assert (change["before"] or {}).get("text") == before.get(key)
                assert (change["after"] or {}).get("text") == after.get(key)
                compared += 1
    assert compared == 0 if who == "anybody" else compared >= 12


def flat(roadmap: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """Give what is shown of a roadmap and its parts, by id and field."""
    parts = [roadmap, *roadmap["levers"], *roadmap["objectives"], *roadmap["comments"]["nodes"]]
    for part in parts:
        for field, value in part.items():
            if not isinstance(value, dict | list):
                yield (part["id"], field), None if value is None else str(value)


async def test_as_of_a_moment_a_history_ends_there(asked: Asking) -> None:
    third = (await entries(asked))[2]["position"]
    query = THEN.replace("totalCount", f"totalCount nodes {{ {ENTRY} }}")
    for asker in (PROGRAM, identity(asked.told.leader).caller("fr")):
        found, codes = await asked.ask(query, asker, id=asked.told.roadmap, at=third)
        assert codes == []
        assert found["roadmap"]["history"]["totalCount"] == 3
        (last,) = found["roadmap"]["history"]["nodes"]
        assert last["sentence"] == "Le levier «\u00a0Éco-concevoir tout\u00a0» a été reformulé."
        assert last["actor"]["placeName"] == "Atmo Normandie"
        assert last["changes"][0]["after"]["text"] == "Éco-concevoir tout"


async def test_a_command_can_be_answered_with_the_fact_that_it_recorded(caller: Caller) -> None:
    found = await caller.ask(
        'mutation { registerOrganisation(input: {name: "Atmo Sud", kind: ASSOCIATION}) {'
        " ... on RegisterOrganisationSuccess { organisation { history { nodes {"
        " sentence(language: EN) actor { label(language: FR) }"
        " changes { field after { text } } } } } } } }"
    )
    assert found["registerOrganisation"]["organisation"]["history"]["nodes"] == [
        {
            "sentence": "The organisation was registered as “Atmo Sud”.",
            "actor": {"label": "la plateforme elle-même"},
            "changes": [
                {"field": "name", "after": {"text": "Atmo Sud"}},
                {"field": "kind", "after": {"text": "ASSOCIATION"}},
                {"field": "dissolved", "after": {"text": "false"}},
            ],
        }
    ]


async def test_a_role_in_another_thing_of_the_kind_is_not_what_it_was_done_by(
    caller: Caller, known: Known
) -> None:
    alliance = await caller.make("LaunchAlliance", name="COP", territory="region:28")
    action, other = [
        await caller.make("ProposeAction", alliance=alliance, title=title)
        for title in ("Planter", "En secret")
    ]
    await caller.do("RestrictAction", action=other)
    somebody = await caller.make("OpenPrincipal", issuer="https://issuer", subject="ada")
    for role, kind, scope in (
        ("ACTION_PILOT", "ACTION", other),
        ("ALLIANCE_COORDINATOR", "TERRITORY", "region:28"),
    ):
        await caller.do("GrantRole", principal=somebody, role=role, scopeKind=kind, scope=scope)
    known.everybody = identity(internal("principal", Id(somebody)))
    await caller.make("AddStep", action=action, title="Creuser")

    found = await caller.ask(
        "query($id: ID!) { action(id: $id) { history(first: 1) { nodes {"
        " type actor { role scopeKind place } } } } }",
        id=action,
    )
    (entry,) = found["action"]["history"]["nodes"]
    assert entry["type"] == "action.step_added"
    assert entry["actor"] == {
        "role": "ALLIANCE_COORDINATOR",
        "scopeKind": "TERRITORY",
        "place": "region:28",
    }


async def test_whoever_follows_a_thing_can_follow_its_history(caller: Caller) -> None:
    organisation = await caller.organisation("Atmo Sud", "region:28")
    query = (
        "subscription($of: ID!) { organisationChanged(id: $of) {"
        " name history(first: 1) { totalCount nodes { sentence(language: EN) } } } }"
    )
    await caller.ask("{ organisations { totalCount } }")  # waits until it is there
    async with connected(caller.app) as socket:
        await socket.subscribe("a", query, of=organisation)
        first = (await socket.next("a"))["data"]["organisationChanged"]
        await caller.do("RenameOrganisation", organisation=organisation, name="Atmo Nord")
        second = first
        while second == first:  # as it is may come twice where it has just been made
            second = (await socket.next("a"))["data"]["organisationChanged"]
    assert (first["name"], first["history"]["totalCount"]) == ("Atmo Sud", 1)
    assert second == {
        "name": "Atmo Nord",
        "history": {
            "totalCount": 2,
            "nodes": [
                {"sentence": "The organisation is called “Atmo Nord” from now on."},
            ],
        },
    }


async def test_whatever_leads_to_a_thing_leads_to_its_history(asked: Asking) -> None:
    query = "query($id: ID!) { node(id: $id) { ... on Roadmap { history(first: 1) { %s } } } }"
    counted, codes = await asked.ask(query % "totalCount", id=asked.told.roadmap)
    assert (counted["node"]["history"], codes) == ({"totalCount": 11}, [])
