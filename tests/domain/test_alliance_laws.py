"""The laws of every aggregate, held against stories of alliances and of little else."""

from datetime import date
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from domain.account import OpenReview
from domain.action import ProposeAction
from domain.agenda import FormWorkingGroup, ScheduleMeeting
from domain.alliance import Alliance, LaunchAlliance
from domain.alliance_roadmap import DraftAllianceRoadmap
from domain.allies import AssociateExpert, JoinAlliance, OpenTheme
from domain.command import COMMANDS
from domain.deliberation import AddCriterion, AddOption, OpenPrioritisation
from domain.indicator import Direction, Source
from domain.observation import DefineIndicator, ReportMeasurement
from domain.organisation import (
    DissolveOrganisation,
    MergeOrganisation,
    OrganisationKind,
    RegisterOrganisation,
)
from domain.prioritisation import CriterionEntry
from domain.questionnaire import AddQuestion, OpenSurvey
from domain.theme import Theme
from tests.domain.intentions import intention
from tests.domain.test_alliance_commands import ROOMS
from tests.domain.test_laws import FACTS, AnyStory

KINDS = [
    *(name for name, kind in COMMANDS.items() if kind.__module__ in ROOMS),
    MergeOrganisation.__name__,
    RegisterOrganisation.__name__,
]
RARE = {
    "CancelMeeting",
    "CloseAlliance",
    "CloseSurvey",
    "CloseTheme",
    "DecidePriorities",
    "DropIndicator",
    "EndWorkingGroup",
    "LaunchAlliance",
    "LeaveAlliance",
    "MergeOrganisation",
    "PublishReview",
    "RegisterOrganisation",
    "WithdrawMeasurement",
    "WithdrawOption",
}
"""After these the rest has little left to meet: they come more rarely."""


class AllianceStory(AnyStory):
    """Commands on alliances in any order; each accepted one is sent twice."""

    @initialize(story=st.integers(0, 2**64))
    def begin(self, story: int) -> None:
        """Begin where it gets interesting: one thing of each kind, and one organisation gone."""
        self.story = story
        alliance = self.accept(LaunchAlliance(name="Alliance", territory="region:28")).id
        for theme in Theme:
            self.accept(OpenTheme(alliance=alliance, theme=theme))
        for name in ("Avant", "Après", "Trop tard"):
            kind = OrganisationKind.ASSOCIATION
            organisation = self.accept(RegisterOrganisation(name=name, kind=kind)).id
            self.accept(JoinAlliance(alliance=alliance, organisation=organisation))
        self.accept(DissolveOrganisation(organisation=organisation))
        survey = self.accept(
            OpenSurvey(
                alliance=alliance,
                title="Recensement",
                opens_on=date(2026, 1, 12),
                closes_on=date(2026, 2, 4),
                open_to_contributors=True,
            )
        ).part("survey")
        asked = date(2026, 1, 5)
        self.accept(AddQuestion(alliance=alliance, survey=survey, text="?", effective_on=asked))
        indicator = self.accept(
            DefineIndicator(
                alliance=alliance, name="Émissions", unit="t CO2e", direction=Direction.FALLING
            )
        ).part("indicator")
        self.accept(
            ReportMeasurement(
                alliance=alliance,
                indicator=indicator,
                starts_on=date(2024, 1, 1),
                ends_on=date(2024, 12, 31),
                value=Decimal(12),
                source=Source(producer="Atmo"),
            )
        )
        ranking = self.accept(
            OpenPrioritisation(
                alliance=alliance, title="Leviers", criteria=[CriterionEntry(name="Impact")]
            )
        ).part("prioritisation")
        self.accept(AddOption(alliance=alliance, prioritisation=ranking, title="Agir"))
        self.accept(AddCriterion(alliance=alliance, prioritisation=ranking, name="Moyens"))
        self.accept(OpenReview(alliance=alliance, year=2030))
        self.accept(FormWorkingGroup(alliance=alliance, name="Eau", mandate="Économiser"))
        self.accept(AssociateExpert(alliance=alliance, role="ingénieure"))
        self.accept(ScheduleMeeting(alliance=alliance, number=1))
        self.accept(ProposeAction(alliance=alliance, title="Replanter des haies"))
        self.accept(DraftAllianceRoadmap(alliance=alliance, horizon=2030))

    @rule(number=st.integers(0, 2**64))
    def send(self, number: int) -> None:
        """Send any command on alliances, twice, and hold what comes of it against the laws."""
        chance = self.dice(number)
        name = chance.choice(KINDS)
        if name in RARE and chance.random() < 0.9:
            return
        command = intention(chance, COMMANDS[name], self.known)
        self.hold(command)


TestAllianceStory = AllianceStory.TestCase
TestAllianceStory.settings = settings(max_examples=25, stateful_step_count=250, deadline=None)


def test_the_facts_of_an_alliance_bear_its_name() -> None:
    own = [fact for fact in FACTS if fact.__qualname__.startswith("Alliance.")]

    assert len(own) == len({fact.TOPIC for fact in own}) == 48
    assert all(fact.TOPIC.startswith(f"{Alliance.TOPIC}.") for fact in own)
