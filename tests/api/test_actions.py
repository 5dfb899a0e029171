"""Actions as callers propose, carry, pay, follow and correct them."""

from typing import Any

import pytest

from tests.api.calling import Caller


@pytest.fixture
async def alliance(caller: Caller) -> str:
    """A regional COP."""
    return await caller.make("LaunchAlliance", name="COP Normandie", territory="region:28")


@pytest.fixture
async def action(caller: Caller, alliance: str) -> str:
    """One of its actions."""
    return await caller.make(
        "ProposeAction",
        alliance=alliance,
        title="Mettre en place une animation régionale sur la géothermie",
        code="4_13",
        axis="Axe 1",
        themes=["PRODUCING", "HOUSING"],
        audiences=["COMPANIES"],
        territories=["region:28"],
    )


async def test_an_action_can_be_read_from_its_alliance_with_all_that_was_said(
    caller: Caller, alliance: str, action: str
) -> None:
    pilot = await caller.organisation("Un pilote", "region:28")
    await caller.do("NameParty", action=action, role="PILOT", organisation=pilot)
    await caller.do(
        "CommitBudgetLine", action=action, amount="100.50", basis="BEFORE_TAX", funder=pilot
    )
    await caller.do("StateBudget", action=action, amount="120", basis="WITH_TAX")
    await caller.do("ReportProgress", action=action, percent=20, reportedOn="2025-06-30")
    await caller.do("AddStep", action=action, title="Recruter")
    await caller.do("AddActionNote", action=action, text="Bien parti")
    await caller.do("LinkDocument", action=action, title="Étude", url="https://example.org")
    await caller.do("MeasureImpact", action=action, what="Forages", value="3", unit="count")
    found = await caller.ask(
        """
        query ($alliance: ID!) { alliance(id: $alliance) { actions { nodes {
            code axis percent plannedAmount plannedBasis budgetAnswer
            themes { theme } audiences { audience } territories { territory { name } }
            assignments { nodes { role organisation { name } } }
            budgetLines { nodes { amount basis funder { name } } }
            budgetTotals { stage amount }
            progressReports { nodes { reportedOn percent } }
            years { year percent renewed }
            steps { nodes { title doneOn } }
            notes { nodes { text author } }
            documents { nodes { title url } }
            impacts { nodes { what value unit } }
        } } } }
        """,
        alliance=alliance,
    )
    (read,) = found["alliance"]["actions"]["nodes"]
    (note,) = read.pop("notes")["nodes"]
    assert note["text"] == "Bien parti"
    assert read == {
        "code": "4_13",
        "axis": "Axe 1",
        "percent": 20,
        "plannedAmount": "120.00",
        "plannedBasis": "WITH_TAX",
        "budgetAnswer": "ANSWERED",
        "themes": [{"theme": "PRODUCING"}, {"theme": "HOUSING"}],
        "audiences": [{"audience": "COMPANIES"}],
        "territories": [{"territory": {"name": "Normandie"}}],
        "assignments": {"nodes": [{"role": "PILOT", "organisation": {"name": "Un pilote"}}]},
        "budgetLines": {
            "nodes": [{"amount": "100.50", "basis": "BEFORE_TAX", "funder": {"name": "Un pilote"}}]
        },
        "budgetTotals": [{"stage": "PLANNED", "amount": "120.00"}],
        "progressReports": {"nodes": [{"reportedOn": "2025-06-30", "percent": 20}]},
        "years": [{"year": 2025, "percent": 20, "renewed": False}],
        "steps": {"nodes": [{"title": "Recruter", "doneOn": None}]},
        "documents": {"nodes": [{"title": "Étude", "url": "https://example.org"}]},
        "impacts": {"nodes": [{"what": "Forages", "value": "3", "unit": "count"}]},
    }


async def test_a_role_leads_from_the_organisation_to_the_action(
    caller: Caller, action: str
) -> None:
    pilot = await caller.organisation("Un pilote", "region:28")
    await caller.do("NameParty", action=action, role="PILOT", organisation=pilot)
    found = await caller.ask(
        """
        query ($id: ID!) {
          organisation(id: $id) { assignments { nodes { role action { code } } } }
        }
        """,
        id=pilot,
    )
    (assignment,) = found["organisation"]["assignments"]["nodes"]
    assert assignment == {"role": "PILOT", "action": {"code": "4_13"}}


@pytest.mark.parametrize(
    ("command", "given", "refusal"),
    [
        (
            "ReportProgress",
            {"percent": 101, "reportedOn": "2025-06-30"},
            ("INVALID_NUMBER", "percent"),
        ),
        (
            "CommitBudgetLine",
            {"amount": "-1", "basis": "WITH_TAX"},
            ("AMOUNT_NOT_POSITIVE", "amount"),
        ),
        ("CommitBudgetLine", {"amount": "1"}, ("BASIS_MISSING", "basis")),
        (
            "MeasureImpact",
            {"what": "Forages", "value": "3", "unit": "furlong"},
            ("UNKNOWN_UNIT", "unit"),
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_with_the_field(
    caller: Caller, action: str, command: str, given: dict[str, Any], refusal: tuple[str, str]
) -> None:
    refused = await caller.attempt(command, action=action, **given)
    code, path = refusal
    assert (refused["code"], refused["path"]) == (code, ["input", path])


async def test_a_second_action_with_a_code_in_use_is_refused_with_the_one_that_has_it(
    caller: Caller, alliance: str, action: str
) -> None:
    refused = await caller.attempt("ProposeAction", "fr", alliance=alliance, title="X", code="4_13")
    assert (refused["code"], refused["path"]) == ("CODE_TAKEN", ["input", "code"])
    assert action in refused["message"]


async def test_a_finished_action_changes_by_corrections_only(caller: Caller, action: str) -> None:
    await caller.do("FinishAction", action=action, finishedOn="2025-12-31")
    refused = await caller.attempt("PrioritiseAction", action=action, priority="HIGH")
    assert refused["code"] == "ACTION_SETTLED"
    await caller.do("ReopenAction", action=action, reason="Il reste un volet", percent=90)
    await caller.do("PrioritiseAction", action=action, priority="HIGH")
    found = await caller.ask(
        "query ($id: ID!) { action(id: $id) { status percent priority settledOn } }", id=action
    )
    assert found["action"] == {
        "status": "UNDER_WAY",
        "percent": 90,
        "priority": "HIGH",
        "settledOn": None,
    }


async def test_progress_is_averaged_by_theme_and_year(
    caller: Caller, alliance: str, action: str
) -> None:
    other = await caller.make(
        "ProposeAction", alliance=alliance, title="Friches", themes=["PRODUCING"]
    )
    silent = await caller.make(
        "ProposeAction", alliance=alliance, title="Autre", themes=["PRODUCING"]
    )
    await caller.do("RenewAction", action=silent, year=2025)
    for day, of, percent in (
        ("2024-12-31", action, 10),
        ("2025-06-30", action, 40),
        ("2025-12-31", action, 60),
        ("2025-12-31", other, 75),
    ):
        await caller.do("ReportProgress", action=of, percent=percent, reportedOn=day)
    found = await caller.ask(
        """
        {
          actionYearStats(groupBy: [THEME, YEAR]) {
            groups { theme year percent { asked answered average } }
          }
        }
        """
    )
    rates = {
        (each["theme"], each["year"]): (
            each["percent"]["asked"],
            each["percent"]["answered"],
            each["percent"]["average"],
        )
        for each in found["actionYearStats"]["groups"]
    }
    assert rates == {
        ("HOUSING", 2024): (1, 1, "10.00"),
        ("HOUSING", 2025): (1, 1, "60.00"),
        ("PRODUCING", 2024): (1, 1, "10.00"),
        ("PRODUCING", 2025): (3, 2, "67.50"),
    }
