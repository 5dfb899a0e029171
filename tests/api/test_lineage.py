"""Where an action comes from, what it serves, and what came of it: walked both ways."""

from dataclasses import dataclass

import pytest

from tests.api.calling import Caller


@dataclass
class Plan:
    """A roadmap with a lever, an objective and a line of its plan."""

    roadmap: str
    lever: str
    objective: str
    item: str


@pytest.fixture
async def plan(caller: Caller) -> Plan:
    """The roadmap of an association in a cohort."""
    cohort = await caller.make("OpenCohort", name="CEC Ouest", territories=["region:53"])
    association = await caller.organisation("Territoire apprenant", "region:53")
    await caller.enrol(cohort, association)
    roadmap = await caller.make(
        "DraftRoadmap", organisation=association, cohort=cohort, horizon=2030
    )
    lever = await caller.make("AddLever", roadmap=roadmap, title="Déployer")
    objective = await caller.make(
        "AddObjective", roadmap=roadmap, lever=lever, wording="Une convention au pays de Vannes"
    )
    item = await caller.make(
        "AddPlanItem", roadmap=roadmap, lever=lever, title="Réunir", due="2026-12-31"
    )
    return Plan(roadmap, lever, objective, item)


async def test_a_line_of_a_plan_and_the_action_that_it_became_know_each_other(
    caller: Caller, plan: Plan
) -> None:
    action = await caller.make("TurnPlanItemIntoAction", roadmap=plan.roadmap, planItem=plan.item)
    found = await caller.ask(
        """
        query ($roadmap: ID!, $action: ID!) {
          roadmap(id: $roadmap) {
            planItems { action { id title endsOn } }
            levers { actions { nodes { id } } }
            actions { nodes { id } }
          }
          action(id: $action) { planItem { id } lever { title } roadmap { id } alliance { id } }
        }
        """,
        roadmap=plan.roadmap,
        action=action,
    )
    became = {"id": action, "title": "Réunir", "endsOn": "2026-12-31"}
    assert found["roadmap"] == {
        "planItems": [{"action": became}],
        "levers": [{"actions": {"nodes": [{"id": action}]}}],
        "actions": {"nodes": [{"id": action}]},
    }
    assert found["action"] == {
        "planItem": {"id": plan.item},
        "lever": {"title": "Déployer"},
        "roadmap": {"id": plan.roadmap},
        "alliance": None,
    }


async def test_an_adopted_action_and_its_origin_know_each_other_and_what_changed_since(
    caller: Caller,
) -> None:
    here = await caller.make("LaunchAlliance", name="COP Normandie", territory="region:28")
    there = await caller.make("LaunchAlliance", name="COP Bretagne", territory="region:53")
    origin = await caller.make("ProposeAction", alliance=here, title="Géothermie", code="4_13")
    adopted = await caller.make("AdoptAction", origin=origin, alliance=there, code="1")
    await caller.do("CategoriseAction", action=origin, category="KNOWLEDGE")
    found = await caller.ask(
        """
        query ($origin: ID!, $adopted: ID!) {
          origin: action(id: $origin) {
            adoptions { nodes { code alliance { name territory { name } } } }
          }
          adopted: action(id: $adopted) {
            title originVersion origin { code version alliance { name } }
          }
        }
        """,
        origin=origin,
        adopted=adopted,
    )
    assert found["origin"]["adoptions"]["nodes"] == [
        {"code": "1", "alliance": {"name": "COP Bretagne", "territory": {"name": "Bretagne"}}}
    ]
    assert found["adopted"] == {
        "title": "Géothermie",
        "originVersion": 1,
        "origin": {"code": "4_13", "version": 2, "alliance": {"name": "COP Normandie"}},
    }


async def test_an_objective_and_the_actions_that_serve_it_know_each_other(
    caller: Caller, plan: Plan
) -> None:
    alliance = await caller.make("LaunchAlliance", name="Alliance", territory="region:53")
    action = await caller.make("ProposeAction", alliance=alliance, title="Essaimer")
    await caller.do(
        "LinkActionToObjective", action=action, roadmap=plan.roadmap, objective=plan.objective
    )
    query = """
        query ($objective: ID!, $action: ID!) {
          node(id: $objective) {
            ... on Objective { servedBy { nodes { action { title } } } }
          }
          action(id: $action) {
            serves { nodes { objective { wording lever { title } } roadmap { id } } }
          }
        }
    """
    found = await caller.ask(query, objective=plan.objective, action=action)
    assert found["node"]["servedBy"]["nodes"] == [{"action": {"title": "Essaimer"}}]
    (served,) = found["action"]["serves"]["nodes"]
    assert served["objective"]["wording"] == "Une convention au pays de Vannes"
    assert served["roadmap"] == {"id": plan.roadmap}
    await caller.do("UnlinkActionFromObjective", action=action, objective=plan.objective)
    found = await caller.ask(query, objective=plan.objective, action=action)
    assert found["node"]["servedBy"]["nodes"] == found["action"]["serves"]["nodes"] == []
