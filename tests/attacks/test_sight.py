"""Who sees what is not for everybody, said once more by hand, and found the same way everywhere."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import pytest

from api.node import noun_of
from domain.identity import external
from domain.role import Role, ScopeKind
from infra.reads import Reads
from projections.statement import Statement
from tests.attacks.town import ANYBODY, Town

Held = tuple[Role, ScopeKind]

ADMINISTRATORS: Final = frozenset({(Role.TERRITORY_ADMINISTRATOR, ScopeKind.TERRITORY)})
COACHES: Final = frozenset(
    {
        (Role.COHORT_COORDINATOR, ScopeKind.COHORT),
        (Role.COHORT_COORDINATOR, ScopeKind.TERRITORY),
        (Role.FACILITATOR, ScopeKind.COHORT),
        (Role.FACILITATOR, ScopeKind.ORGANISATION),
    }
)
PEOPLE: Final = frozenset(
    (role, ScopeKind.ORGANISATION)
    for role in (Role.ORGANISATION_LEADER, Role.PLANET_CHAMPION, Role.ORGANISATION_MEMBER)
)
ALLIES: Final = frozenset(
    {
        (Role.ALLIANCE_COORDINATOR, ScopeKind.ALLIANCE),
        (Role.ALLIANCE_COORDINATOR, ScopeKind.TERRITORY),
        (Role.ALLIANCE_MEMBER, ScopeKind.ALLIANCE),
        (Role.EXPERT, ScopeKind.ALLIANCE),
        (Role.THEME_PILOT, ScopeKind.THEME),
    }
)
AUDITORS: Final = frozenset((Role.AUDITOR, kind) for kind in Role.AUDITOR.held_at)


def auditors(*kinds: ScopeKind) -> frozenset[Held]:
    """Auditors of everything, of the territory, and of places of some kinds."""
    wide = (ScopeKind.PLATFORM, ScopeKind.TERRITORY)
    return frozenset((Role.AUDITOR, kind) for kind in (*wide, *kinds))


IN_COHORT: Final = auditors(ScopeKind.COHORT, ScopeKind.ORGANISATION)
MOST: Final = 100
"""Rows of a page: more than there are."""
EVERY_WAY: Final = """query($ids: [ID!]!) {
    nodes(ids: $ids) {id}
    roadmaps(first: 100) {totalCount nodes {id}}
    actions(first: 100) {totalCount nodes {id}}
    principals(first: 100) {totalCount nodes {id}}
    actionStats {total {count}}
}"""
SEEN_BY: Final[Mapping[str, frozenset[Held]]] = {
    "published": frozenset(),
    "submitted": ADMINISTRATORS | COACHES | PEOPLE | IN_COHORT,
    "draft": ADMINISTRATORS | COACHES | PEOPLE | IN_COHORT,
    "lever": ADMINISTRATORS | COACHES | PEOPLE | IN_COHORT,
    "comment": ADMINISTRATORS | COACHES | PEOPLE | IN_COHORT,
    "restricted": ADMINISTRATORS | ALLIES | auditors(ScopeKind.ALLIANCE),
    "assignment": ADMINISTRATORS | ALLIES | auditors(ScopeKind.ALLIANCE),
    "contact": ADMINISTRATORS | COACHES | PEOPLE | IN_COHORT,
    "registration": ADMINISTRATORS
    | PEOPLE
    | frozenset({(Role.FACILITATOR, ScopeKind.ORGANISATION)}),
    "principal": frozenset(
        (role, ScopeKind.PLATFORM) for role in (Role.PLATFORM_OPERATOR, Role.AUDITOR)
    ),
}
"""Who has to see it that is there in a realm, of those who hold one role in that realm."""
OPEN: Final = {"published"}
"""What everybody sees, those who hold nothing included."""


@pytest.mark.parametrize("thing", sorted(SEEN_BY))
def test_it_is_seen_by_those_it_is_for(town: Town, thing: str) -> None:
    id = town.here.ids[thing]
    wrong = []
    for persona in town.personas:
        if persona.role is None and persona is not ANYBODY:
            continue
        here = persona.realm is town.here or persona.place is ScopeKind.PLATFORM
        right = thing in OPEN or (here and (persona.role, persona.place) in SEEN_BY[thing])
        found = town.ask("query($id: ID!) {node(id: $id) {id}}", persona, id=id)
        if (found["node"] is not None) is not right:
            wrong.append(str(persona))
    assert wrong == []


def test_lists_counts_and_statistics_have_what_can_be_seen_by_its_id(town: Town) -> None:
    ids = sorted({id for realm in (town.here, town.elsewhere) for id in realm.ids.values()})
    for persona in town.personas:
        found = town.ask(EVERY_WAY, persona, ids=ids)
        seen = {node["id"] for node in found["nodes"] if node is not None}
        for name in ("roadmaps", "actions", "principals"):
            listed = {node["id"] for node in found[name]["nodes"]}
            assert found[name]["totalCount"] == len(listed) < MOST
            prefix = {"roadmaps": "map_", "actions": "act_", "principals": "prn_"}[name]
            assert listed & set(ids) == {id for id in seen if id.startswith(prefix)}, str(persona)
        assert found["actionStats"]["total"]["count"] == found["actions"]["totalCount"]


def test_what_is_hidden_is_looked_for_as_what_never_was(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []
    for name in ("answer", "rows"):
        monkeypatch.setattr(Reads, name, noting(getattr(Reads, name), asked))
    hidden = SEEN_BY.keys() - OPEN
    ids = {noun_of(id): id for thing, id in town.here.ids.items() if thing in hidden}
    stranger = next(one for one in town.personas if one.name == "president-vannes")
    for noun, id in ids.items():
        never = external(str(noun), UUID(int=0xDEAD))
        costs = []
        for each in (id, never):
            asked.clear()
            answer = town.post("query($id: ID!) {node(id: $id) {id}}", stranger, id=each)
            assert answer.json()["data"] == {"node": None}
            costs.append((asked[:], answer.json()["extensions"].get("cost", {}).get("asked")))
        assert costs[0] == costs[1]
        assert asked


def noting(ask: Any, asked: list[tuple[str, int]]) -> Any:
    async def noted(self: Reads, statement: Statement, arguments: Any) -> Any:
        asked.append((statement.text, len(arguments)))
        return await ask(self, statement, arguments)

    return noted
