"""Stories: what commands of every kind, sent at random, have made happen."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from random import Random
from uuid import UUID

from hypothesis import strategies as st

from domain.action import ProposeAction
from domain.aggregate import AggregateEvent
from domain.alliance import LaunchAlliance
from domain.allies import JoinAlliance, OpenTheme
from domain.catalogue import COMMANDS
from domain.challenge import OpenChallenge, ParticipantAudience
from domain.cohort import OpenCohort
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.hosting import ScheduleWorkshop
from domain.lever import AddLever, AddObjective
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.programme import HoldSession, ScheduleSession
from domain.refusal import Refusal
from domain.roadmap import AskGenerativeQuestion, DraftRoadmap, SetNewCourse
from domain.seating import RegisterForWorkshop
from domain.theme import Theme
from tests.domain.intentions import intention
from tests.domain.work import Memory

RARE = {
    "RegisterOrganisation",
    "OpenCohort",
    "DraftRoadmap",
    "DissolveOrganisation",
    "CloseCohort",
    "ArchiveRoadmap",
    "LaunchAlliance",
    "CloseAlliance",
    "ProposeAction",
}
"""After these the rest has little left to meet: they come more rarely."""


class Story:
    """A log in the making: what was accepted, in its order."""

    def __init__(self) -> None:
        self.events: list[AggregateEvent] = []
        self.known: dict[str, list[UUID]] = defaultdict(list)
        self._memory = Memory()

    def tell(self, command: object) -> Memory.Decided:
        """Send a command, and remember what happened and what there is to speak of."""
        decided = self._memory.do(command)
        self.events += decided.events
        noun = type(decided.about).TOPIC
        if decided.about.id not in self.known[noun]:
            self.known[noun].append(decided.about.id)
        creates = COMMANDS[type(command).__name__].CREATES
        if creates not in (None, noun) and decided.events:
            self.known[str(creates)].append(decided.created[0])
        return decided

    def begin(self) -> None:
        """Two organisations in a cohort, one at its door, a roadmap, an alliance, an action."""
        cohort = self.tell(OpenCohort(name="CEC", territories=["region:28"], capacity=5)).id
        way_in = (ApplyToCohort, AdmitOrganisation, EnrolOrganisation)
        for name, steps in (("Trop tard", 2), ("Après", 3), ("Avant", 3)):
            kind = OrganisationKind.ASSOCIATION
            organisation = self.tell(RegisterOrganisation(name=name, kind=kind)).id
            for step in way_in[:steps]:
                self.tell(step(cohort=cohort, organisation=organisation))
        scheduled = ScheduleSession(cohort=cohort, number=1, starts_on=date(2025, 12, 4))
        session = self.tell(scheduled).part("session")
        self.tell(HoldSession(cohort=cohort, session=session))
        drafted = DraftRoadmap(organisation=organisation, cohort=cohort, horizon=2030)
        roadmap = self.tell(drafted).id
        self.tell(AskGenerativeQuestion(roadmap=roadmap, text="Comment aller ensemble ?"))
        self.tell(SetNewCourse(roadmap=roadmap, text="Un commun"))
        lever = self.tell(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
        self.tell(AddObjective(roadmap=roadmap, lever=lever, wording="Un bilan carbone"))
        alliance = self.tell(LaunchAlliance(name="Alliance", territory="region:28")).id
        self.tell(JoinAlliance(alliance=alliance, organisation=organisation))
        self.tell(OpenTheme(alliance=alliance, theme=Theme.WATER))
        self.tell(ProposeAction(alliance=alliance, title="Récupérer l’eau de pluie"))
        challenge = self.tell(
            OpenChallenge(
                name="2 tonnes",
                territory="region:28",
                starts_on=date(2025, 1, 1),
                ends_on=date(2026, 12, 31),
                host=organisation,
            )
        ).id
        workshop = self.tell(
            ScheduleWorkshop(
                challenge=challenge,
                starts="2026-01-23T14:00",
                ends="2026-01-23T17:00",
                place="Pavillon",
                seats=1,
                audience=ParticipantAudience.CITIZENS,
                payer=organisation,
            )
        ).id
        for name in ("awa", "ben", "clé"):
            email = f"{name}@exemple.fr"
            self.tell(RegisterForWorkshop(workshop=workshop, name=name, email=email))

    def go_on(self, chance: Random) -> None:
        """Send any command; it may well be refused."""
        name = chance.choice(list(COMMANDS))
        if name in RARE and chance.random() < 0.9:
            return
        try:
            self.tell(intention(chance, COMMANDS[name], self.known))
        except Refusal:
            return


def story(numbers: Sequence[int]) -> list[AggregateEvent]:
    """Give what happens when each number decides on a command."""
    told = Story()
    told.begin()
    for place, number in enumerate(numbers):
        told.go_on(Random(f"{place}/{number}"))  # noqa: S311  (a story is no secret)
    return told.events


def stories(commands: int) -> st.SearchStrategy[list[AggregateEvent]]:
    """Stories of a number of commands, most of which are accepted."""
    numbers = st.integers(0, 2**32)
    return st.lists(numbers, min_size=commands, max_size=commands).map(story)
