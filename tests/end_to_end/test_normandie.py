"""The regional COP of Normandie: every figure of its document comes out of a query."""

from collections import Counter
from typing import Any

import pytest

from tests.end_to_end.running import Running


@pytest.fixture(scope="module")
def alliances(demo: Running) -> dict[str, str]:
    """The COP and its working group, by kind."""
    found = demo.ask("{ alliances { nodes { id kind territory { key } } } }")["alliances"]["nodes"]
    return {each["kind"]: each["id"] for each in found if each["territory"]["key"] == "region:28"}


@pytest.fixture
def cop(alliances: dict[str, str]) -> str:
    """The regional COP."""
    return alliances["REGIONAL_COP"]


@pytest.fixture
def group(alliances: dict[str, str]) -> str:
    """The working group on jobs and skills."""
    return alliances["WORKING_GROUP"]


def test_the_survey_gathered_26_sheets_from_14_contributors(demo: Running, group: str) -> None:
    query = """
        query ($id: ID!) {
          alliance(id: $id) {
            parent { name }
            surveys { sheets contributors opensOn closesOn note }
            actions(first: 100) {
              totalCount
              nodes { assignments { nodes { role organisation { name } } } }
            }
          }
        }
    """
    found = demo.ask(query, id=group)["alliance"]
    assert found["parent"]["name"] == "COP Normandie"
    (survey,) = found["surveys"]
    assert (survey["sheets"], survey["contributors"]) == (26, 14)
    assert (survey["opensOn"], survey["closesOn"]) == ("2025-01-12", "2026-02-04")
    assert "2026" in survey["note"]
    holders = {
        each["organisation"]["name"]
        for action in found["actions"]["nodes"]
        for each in action["assignments"]["nodes"]
        if each["role"] == "HOLDER"
    }
    assert (found["actions"]["totalCount"], len(holders)) == (26, 14)


def test_nine_of_26_budgets_are_answered_and_the_sum_says_so(demo: Running, group: str) -> None:
    query = """
        query ($where: ActionWhere!) {
          actionStats(where: $where, groupBy: [BUDGET_ANSWER]) {
            total { plannedAmount { asked answered min max sum } }
            groups { budgetAnswer count }
          }
        }
    """
    asked = {"alliance": {"eq": group}, "budgetAnswer": {"ne": "NOT_ASKED"}}
    found = demo.ask(query, where=asked)["actionStats"]
    figures = found["total"]["plannedAmount"]
    assert (figures["asked"], figures["answered"]) == (26, 9)
    assert [float(figures[name]) for name in ("min", "max", "sum")] == [52_000, 600_000, 1_452_000]
    assert found["groups"] == [
        {"budgetAnswer": "ANSWERED", "count": 9},
        {"budgetAnswer": "NOT_ANSWERED", "count": 17},
    ]


def test_knowledge_of_jobs_and_skills_is_the_largest_category(demo: Running, group: str) -> None:
    query = """
        query ($where: ActionWhere!) {
          actionStats(where: $where, groupBy: [CATEGORY]) { groups { category count } }
        }
    """
    where = {"alliance": {"eq": group}, "category": {"isNull": False}}
    groups = demo.ask(query, where=where)["actionStats"]["groups"]
    assert max(groups, key=lambda each: each["count"])["category"] == "KNOWLEDGE"


def test_1_112_stands_in_the_same_axis_as_4_12_and_4_13(demo: Running, cop: str) -> None:
    query = """
        query ($where: ActionWhere!) {
          actions(where: $where) { nodes { code axis themes { theme } findings { standing } } }
        }
    """
    (action,) = demo.ask(query, where={"code": {"eq": "1_112"}})["actions"]["nodes"]
    assert action["themes"] == [{"theme": "PRODUCING"}]
    assert action["findings"] == [{"standing": "NEW"}]
    same = {"alliance": {"eq": cop}, "axis": {"eq": action["axis"]}}
    codes = [each["code"] for each in demo.ask(query, where=same)["actions"]["nodes"]]
    assert codes == ["4_12", "4_13", "1_112"]
    assert not demo.ask(query, where={"code": {"contains": "2_14"}})["actions"]["nodes"]


def test_the_review_tells_what_is_new_renewed_refocused_and_finished(
    demo: Running, cop: str
) -> None:
    query = """
        query ($where: ActionWhere!) {
          actionStats(where: $where, groupBy: [THEME, STANDING]) {
            groups { theme standing count }
          }
        }
    """
    where = {"alliance": {"eq": cop}, "reviewedYear": {"eq": 2025}}
    groups = demo.ask(query, where=where)["actionStats"]["groups"]
    assert {(each["theme"], each["standing"]): each["count"] for each in groups} == {
        ("MOVING", "FINISHED"): 1,
        ("MOVING", "RENEWED"): 7,
        ("MOVING", "NEW"): 1,
        ("ECOSYSTEMS", "RENEWED"): 8,
        ("ECOSYSTEMS", "NEW"): 1,
        ("PRODUCING", "NEW"): 4,
        ("EATING", "REFOCUSED"): 1,
        ("EATING", "NEW"): 2,
    }


def test_the_six_average_rates_belong_to_their_themes(demo: Running, cop: str) -> None:
    query = """
        query ($id: ID!) {
          alliance(id: $id) { reviews { year statedProgress { theme progress } } }
        }
    """
    (review,) = demo.ask(query, id=cop)["alliance"]["reviews"]
    rates = {each["theme"]: int(each["progress"]) for each in review["statedProgress"]}
    themes = ("MOVING", "HOUSING", "ECOSYSTEMS", "PRODUCING", "EATING", "CONSUMING")
    assert review["year"] == 2025
    assert [rates[theme] for theme in themes] == [67, 78, 56, 63, 34, 61]


def test_an_action_names_its_pilots(demo: Running) -> None:
    query = """
        query ($where: ActionWhere!) {
          actions(where: $where) {
            nodes { assignments { nodes { role designation organisation { name } } } }
          }
        }
    """

    def pilots(code: str) -> list[str]:
        (action,) = demo.ask(query, where={"code": {"eq": code}})["actions"]["nodes"]
        named: list[dict[str, Any]] = action["assignments"]["nodes"]
        return [
            each["designation"] or each["organisation"]["name"]
            for each in named
            if each["role"] == "PILOT"
        ]

    assert pilots("6_42") == ["ADEME", "CITEO"]
    assert pilots("6_52")[0] == "CMA"
    assert pilots("6_45") == []


def test_there_are_arguments_on_both_sides_of_a_second_theme(demo: Running, group: str) -> None:
    query = """
        query ($id: ID!) {
          alliance(id: $id) {
            prioritisations {
              decidedOn
              options { title theme arguments { nodes { side } } }
            }
          }
        }
    """
    sides = {
        option["theme"] or option["title"]: Counter(
            each["side"] for each in option["arguments"]["nodes"]
        )
        for each in demo.ask(query, id=group)["alliance"]["prioritisations"]
        for option in each["options"]
    }
    assert sides == {
        "MOVING": {"FOR": 3},
        "Un second chantier en parallèle": {"FOR": 3, "AGAINST": 2},
        "PRODUCING": {"FOR": 2, "AGAINST": 1},
        "ECOSYSTEMS": {"FOR": 1, "AGAINST": 1},
    }
