"""The laws of `tests.domain.test_laws`, held against stories of challenges and their workshops."""

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from domain.challenge import OpenChallenge, ParticipantAudience
from domain.command import COMMANDS, Command
from domain.footprint_batch import RecordFootprints
from domain.hosting import HoldWorkshop, ScheduleWorkshop
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.seating import RegisterForWorkshop
from tests.domain.challenges import a_batch, footprints
from tests.domain.intentions import intention
from tests.domain.test_laws import RARE, AnyStory

MODULES = {
    kind.__module__
    for kind in (OpenChallenge, RecordFootprints, RegisterForWorkshop, ScheduleWorkshop)
}
OWN = [name for name, kind in COMMANDS.items() if kind.__module__ in MODULES]
MORNING = datetime(2026, 1, 23, 7, 0, tzinfo=UTC)
EVENING = datetime(2026, 1, 23, 20, 0, tzinfo=UTC)


class ChallengeStory(AnyStory):
    """Commands on challenges in any order, on the morning and on the evening of a workshop."""

    @initialize(story=st.integers(0, 2**64))
    def begin(self, story: int) -> None:
        """Begin with a workshop that is to come, and one that is over with its footprints."""
        self.story = story
        kind = OrganisationKind.COMPANY
        host = self.accept(RegisterOrganisation(name="Avant", kind=kind)).id
        challenge = self.accept(
            OpenChallenge(
                name="2 tonnes",
                territory="region:28",
                starts_on=date(2025, 1, 1),
                ends_on=date(2026, 12, 31),
                host=host,
            )
        ).id
        for day in ("2026-01-23", "2025-12-04"):
            workshop = self.accept(
                ScheduleWorkshop(
                    challenge=challenge,
                    starts=f"{day}T14:00",
                    ends=f"{day}T17:00",
                    place="Pavillon",
                    seats=1,
                    audience=ParticipantAudience.STAFF,
                )
            ).id
        self.accept(HoldWorkshop(workshop=workshop, came=25))
        self.accept(a_batch(workshop, 10))

    @rule(number=st.integers(0, 2**64))
    def send(self, number: int) -> None:
        """Send a command, twice, and hold what comes of it against the laws."""
        chance = self.dice(number)
        self.memory.now = chance.choice((MORNING, EVENING))
        name = chance.choice(OWN)
        if name in RARE and chance.random() < 0.9:
            return
        command = _well_meant(chance, intention(chance, COMMANDS[name], self.known))
        self.hold(command)


TestChallengeStory = ChallengeStory.TestCase
TestChallengeStory.settings = settings(max_examples=25, stateful_step_count=200, deadline=None)


def _well_meant(chance: Random, command: Command) -> Command:
    """A command as it is mostly meant: a batch has footprints enough."""
    if isinstance(command, RecordFootprints) and chance.random() < 0.7:
        return replace(command, footprints=footprints(chance.choice((10, 12))))
    return command
