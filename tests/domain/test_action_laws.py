"""The laws of `tests.domain.test_laws`, held against stories of actions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import get_type_hints

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from domain.action import Action, ProposeAction
from domain.alliance import LaunchAlliance
from domain.assignment import SteeringRole
from domain.budget import BudgetBasis
from domain.classification import CategoriseAction
from domain.command import COMMANDS, Command
from domain.execution import BlockAction, ReportProgress
from domain.follow_up import AddStep, LinkDocument, MeasureImpact
from domain.funding import CommitBudgetLine
from domain.identity import external
from domain.lineage import AdoptAction
from domain.plan import AddPlanItem
from domain.steering import NameParty
from domain.upkeep import RewordAction
from tests.domain.intentions import intention
from tests.domain.test_laws import RARE, AnyStory

MODULES = {
    kind.__module__
    for kind in (
        AddStep,
        AdoptAction,
        BlockAction,
        CategoriseAction,
        CommitBudgetLine,
        NameParty,
        ProposeAction,
        RewordAction,
    )
}
OWN = {name: kind for name, kind in COMMANDS.items() if kind.__module__ in MODULES}
AROUND = ("AddPlanItem", "DropLever", "DropPlanItem", "DropObjective", "MergeOrganisation")
"""What happens to the roadmaps and organisations of which actions speak."""


class ActionStory(AnyStory):
    """Commands on actions in any order, and a few of those around them."""

    @initialize(story=st.integers(0, 2**64))
    def begin(self, story: int) -> None:
        """Begin with a plan of an alliance, one of a roadmap, and one part of every kind."""
        super().begin(story)
        (roadmap,), (lever,) = self.known["roadmap"], self.known["lever"]
        plan = external("roadmap", roadmap)
        served = external("lever", lever)
        for title, serves in (("Recruter", None), ("Financer", served)):
            self.accept(AddPlanItem(roadmap=plan, title=title, lever=serves))
        alliance = self.accept(LaunchAlliance(name="COP", territory="region:28")).id
        self.accept(ProposeAction(roadmap=plan, lever=served, title="Essaimer"))
        action = self.accept(ProposeAction(alliance=alliance, title="Mesurer", code="Avant")).id
        parts: Sequence[Command] = (
            NameParty(action=action, role=SteeringRole.PILOT, designation="Direction"),
            CommitBudgetLine(action=action, amount=Decimal(1), basis=BudgetBasis.WITH_TAX),
            AddStep(action=action, title="Une étude"),
            LinkDocument(action=action, title="Bilan", url="https://normandie.fr"),
            MeasureImpact(action=action, what="Friches", value=Decimal(1), unit="ha"),
            ReportProgress(action=action, percent=20, reported_on=date(2025, 12, 31)),
        )
        for part in parts:
            self.accept(part)
        self.accept(AdoptAction(origin=action, roadmap=plan, lever=served))

    @rule(number=st.integers(0, 2**64))
    def send(self, number: int) -> None:
        """Send a command, twice, and hold what comes of it against the laws."""
        chance = self.dice(number)
        name = chance.choice(AROUND) if chance.random() < 0.05 else chance.choice(list(OWN))
        if name in RARE and chance.random() < 0.9:
            return
        command = _well_meant(chance, intention(chance, COMMANDS[name], self.known))
        self.hold(command)


TestActionStory = ActionStory.TestCase
TestActionStory.settings = settings(max_examples=30, stateful_step_count=250, deadline=None)


def test_every_command_on_actions_is_driven() -> None:
    returned = {name for name, kind in COMMANDS.items() if _about(kind) is Action}

    assert returned == set(OWN)


@pytest.mark.parametrize("kind", OWN.values(), ids=OWN)
def test_a_command_on_actions_has_a_name_of_its_own_and_says_what_it_does(
    kind: type[Command],
) -> None:
    assert kind.__doc__
    assert kind.__doc__.strip().endswith(".")


def _well_meant(chance: Random, command: Command) -> Command:
    """A command as it is mostly meant: an amount has a basis, an action one owner."""
    if chance.random() < 0.2:
        return command
    changed: dict[str, object] = {}
    if getattr(command, "basis", command) is None:
        changed = {"basis": chance.choice(list(BudgetBasis))}
    elif getattr(command, "alliance", None) is not None:
        changed = {"roadmap": None, "lever": None}
    return replace(command, **changed)  # type: ignore[type-var]


def _about(kind: type[Command]) -> object:
    return get_type_hints(kind.decide)["return"]
