"""Laws that hold for every aggregate and every command, whatever is sent and in which order."""

import string
from collections import Counter, defaultdict
from dataclasses import fields
from datetime import date
from random import Random
from typing import TypeVar, get_args, get_type_hints
from uuid import UUID

import msgspec
import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from domain.aggregate import Aggregate, AggregateEvent
from domain.catalogue import AGGREGATES, COMMANDS
from domain.cohort import OpenCohort
from domain.command import Command
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.label import Label
from domain.lever import AddLever, AddObjective
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.personal import Personal
from domain.programme import ScheduleSession
from domain.refusal import Refusal
from domain.roadmap import DraftRoadmap
from tests.domain.intentions import intention
from tests.domain.work import Memory, fold, snapshot

RARE = {
    "RegisterOrganisation",
    "OpenCohort",
    "MergeOrganisation",
    "DissolveOrganisation",
    "CloseCohort",
    "ArchiveRoadmap",
    "LaunchAlliance",
    "CloseAlliance",
    "ProposeAction",
    "FinishAction",
    "AbandonAction",
    "CloseChallenge",
    "CancelWorkshop",
}
"""After these the rest has little left to meet: they come more rarely."""

SIREN = "732829320"

T = TypeVar("T")

KNOWN_BY_ID = {
    "RegisterOrganisation",
    "OpenCohort",
    "DraftRoadmap",
    "LaunchAlliance",
    "DraftAllianceRoadmap",
    "ProposeAction",
    "AdoptAction",
    "TurnPlanItemIntoAction",
    "OpenChallenge",
    "ScheduleWorkshop",
    "RecordFootprints",
}
"""These bring an aggregate into being: only the id of the command shows that it is repeated."""

ADDING_UP = {"HoldPlaces", "ReleasePlaces"}
"""These mean something else each time: so many more, so many less."""


def below(kind: type[T]) -> list[type[T]]:
    """All classes below a class, each once."""
    children = kind.__subclasses__()
    deeper = [grandchild for child in children for grandchild in below(child)]
    return list(dict.fromkeys([*children, *deeper]))


FACTS = [event for event in below(AggregateEvent) if "TOPIC" in vars(event)]
REFUSALS = below(Refusal)
LABELS = [label for kind in below(Label) for label in kind]


class AnyStory(RuleBasedStateMachine):
    """Commands of every kind in any order.

    One number decides on a whole command, so that a failing story shrinks by leaving out steps.
    Hypothesis likes to repeat numbers: in another story, or again, one is another command.
    """

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory()
        self.known: dict[str, list[UUID]] = defaultdict(list)
        self.drawn: Counter[int] = Counter()

    @initialize(story=st.integers(0, 2**64))
    def begin(self, story: int) -> None:
        """Begin where it gets interesting: a full cohort, one more at the door, one roadmap."""
        self.story = story
        kind = OrganisationKind.ASSOCIATION
        cohort = self.accept(OpenCohort(name="CEC", territories=["region:28"], capacity=2)).id
        way_in = (ApplyToCohort, AdmitOrganisation, EnrolOrganisation)
        for name, siren, steps in (("Trop tard", None, 2), ("Après", None, 3), ("Avant", SIREN, 3)):
            organisation = self.accept(RegisterOrganisation(name=name, kind=kind, siren=siren)).id
            for step in way_in[:steps]:
                self.accept(step(cohort=cohort, organisation=organisation))
        self.accept(ScheduleSession(cohort=cohort, number=1, starts_on=date(2025, 12, 4)))
        roadmap = self.accept(
            DraftRoadmap(organisation=organisation, cohort=cohort, horizon=2030)
        ).id
        lever = self.accept(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
        self.accept(AddObjective(roadmap=roadmap, lever=lever, wording="Un bilan carbone"))

    @rule(number=st.integers(0, 2**64))
    def send(self, number: int) -> None:
        """Send any command, twice, and hold what comes of it against the laws."""
        chance = self.dice(number)
        name = chance.choice(list(COMMANDS))
        if name in RARE and chance.random() < 0.9:
            return
        command = intention(chance, COMMANDS[name], self.known)
        self.hold(command)

    def dice(self, number: int) -> Random:
        """Give the dice for a number, which fall otherwise each time that it is drawn."""
        self.drawn[number] += 1
        return Random(f"{self.story}/{number}/{self.drawn[number]}")  # noqa: S311

    def hold(self, command: Command) -> None:
        """Send a command, twice, and hold what comes of it against the laws."""
        note(command)
        name = type(command).__name__
        try:
            decided = self.accept(command)
        except Refusal as refusal:
            self.hold_refusal(command, refusal)
            return
        if name not in KNOWN_BY_ID:
            try:
                again = self.memory.do(command, decided.decision)
            except Refusal as refusal:
                self.hold_refusal(command, refusal)
            else:
                assert name in ADDING_UP or not again.events, f"{name} repeated adds {again.events}"

    def accept(self, command: object) -> Memory.Decided:
        """Send a command, and hold the history that it makes against the laws."""
        decided = self.memory.do(command)
        noun = type(decided.about).TOPIC
        if decided.about.id not in self.known[noun]:
            self.known[noun].append(decided.about.id)
        creates = COMMANDS[type(command).__name__].CREATES
        if creates is not None and creates != noun and decided.events:
            self.known[creates].append(decided.created[0])
        changed = {event.originator_id for event in decided.events}
        for aggregate in self.loaded():
            history = self.memory.streams[aggregate.id]
            assert fold(history).state() == aggregate.state()
            if aggregate.id not in changed:
                continue  # of this history it was asked when it came to its last event
            half = snapshot(fold(history[: (len(history) + 1) // 2]))
            assert fold(history[(len(history) + 1) // 2 :], half).state() == aggregate.state()
        for event in decided.events:
            assert decoded(encoded(event), type(event)) == event
        return decided

    def hold_refusal(self, command: Command, refusal: Refusal) -> None:
        """A refusal was declared, it can be said in both languages, and nothing changed."""
        assert type(refusal) in command.REFUSES, f"{refusal!r} is not declared"
        for language in ("fr", "en"):
            assert refusal.message(language)
        for aggregate in self.loaded():
            if aggregate.id in self.memory.streams:
                assert not aggregate.pending_events
                history = self.memory.streams[aggregate.id]
                assert fold(history).state() == aggregate.state()

    def loaded(self) -> list[Aggregate]:
        """What the last decision had at hand."""
        assert self.memory.last is not None
        return list(self.memory.last.loaded.values())


def encoded(event: AggregateEvent) -> bytes:
    """An event as JSON; what belongs to a person stays together with whose it is."""
    return msgspec.json.encode(event, enc_hook=lambda personal: [personal.subject, personal.text])


def decoded(data: bytes, kind: type[AggregateEvent]) -> AggregateEvent:
    """An event from JSON."""
    return msgspec.json.decode(
        data, type=kind, dec_hook=lambda _, pair: Personal(UUID(pair[0]), pair[1])
    )


TestAnyStory = AnyStory.TestCase
TestAnyStory.settings = settings(max_examples=30, stateful_step_count=250, deadline=None)


# words


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: str(fact.__qualname__))
def test_a_fact_has_a_topic_of_its_own_and_says_what_happened(fact: type[AggregateEvent]) -> None:
    assert [other for other in FACTS if other.TOPIC == fact.TOPIC] == [fact]
    assert fact.__doc__


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_the_facts_of_an_aggregate_bear_its_name(aggregate: type[Aggregate]) -> None:
    own = [fact for fact in FACTS if fact.__qualname__.startswith(f"{aggregate.__name__}.")]
    assert own
    assert all(fact.TOPIC.startswith(f"{aggregate.TOPIC}.") for fact in own)


@pytest.mark.parametrize("kind", COMMANDS.values(), ids=COMMANDS)
def test_a_command_describes_itself_and_each_of_its_fields(kind: type[Command]) -> None:
    assert kind.__doc__
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):  # type: ignore[arg-type]
        assert get_args(hints[field.name])[1].endswith(".")


def test_a_refusal_has_a_code_of_its_own() -> None:
    codes = [refusal.code for refusal in REFUSALS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: str(refusal.__name__))
def test_a_refusal_says_in_both_languages_what_is_wrong_and_what_to_do(
    refusal: type[Refusal],
) -> None:
    for message in (str(refusal.__doc__), refusal.FRENCH):
        assert list(string.Formatter().parse(message))
        assert message.rstrip().endswith(".")
    assert "'" not in refusal.FRENCH, "an apostrophe is ’"


@pytest.mark.parametrize("label", LABELS, ids=repr)
def test_a_label_speaks_french_and_english(label: Label) -> None:
    assert label.value == label.name
    assert label.fr.strip()
    assert label.en.strip()
    assert "'" not in label.fr, "an apostrophe is ’"
