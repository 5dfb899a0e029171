"""Facts in the order of their effect: what was late, corrected, presupposed, or gone by then."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.calendar import PARIS
from domain.effect import effect_of
from domain.identity import external
from domain.ownership import ActionOwner
from domain.part import Lever, Objective
from domain.progress import ExecutionStatus, ProgressReport
from domain.record import Metadata, Recorded
from domain.roadmap import Roadmap, RoadmapOwner
from domain.sheet import Wording
from projections import truth
from projections.actions import ActionRow
from projections.levers import LeverRow, ObjectiveMeasurementRow
from projections.reach import Reach
from projections.roadmaps import RoadmapRow
from projections.rows import Rows
from projections.stand_in import owned, written
from projections.submissions import SubmittedLeverRow
from projections.truth import Fact, counting, in_effect, rows_of
from tests.history import news
from tests.projections.folding import only, shown, tables
from tests.projections.stories import stories

QUIET = settings(suppress_health_check=list(HealthCheck), max_examples=25)
ELSEWHERE = UUID(int=7)


def day(number: int) -> date:
    """A day of March 2026, or around it."""
    return date(2026, 2, 28) + timedelta(days=number)


def noon(number: int) -> datetime:
    """Noon of such a day in Paris."""
    return datetime.combine(day(number), time(12), PARIS)


class Telling:
    """The history of one thing in the making."""

    def __init__(self, thing: Any, *, effective: int | None = None) -> None:
        self.thing = thing
        self.facts: list[Fact] = []
        self._take(1, effective)

    def tell(self, on: int, decide: Callable[[Any], object], effective: int | None = None) -> None:
        """Decide something on a day, by a command that may state since when it is so."""
        decide(self.thing.at(noon(on)))
        self._take(on, effective)

    def on(self, number: int) -> Rows:
        """Give what is known of a day."""
        return true_on(self.facts, day(number))

    def _take(self, on: int, effective: int | None) -> None:
        stated = None if effective is None else day(effective)
        metadata = Metadata(actor="tests", command="Given", effective_on=stated)
        for event in news(self.thing):
            position = len(self.facts) + 1
            self.facts.append(
                Recorded(event, position, noon(on), UUID(int=position), metadata),
            )


def true_on(facts: Sequence[Fact], when: date) -> Rows:
    """Give what facts of one thing come to on a day."""
    noun = facts[0].event.TOPIC.partition(".")[0]
    counted = [each.fact for each in counting(in_effect(facts), when)]
    return rows_of(counted, truth.RETOLD[noun], ())


def action(title: str = "Planter", *, effective: int | None = None) -> Telling:
    """An action that was recorded on the first of March."""
    proposed = Action.propose(
        uuid4(), now=noon(1), owner=ActionOwner(alliance=ELSEWHERE), wording=Wording(title=title)
    )
    return Telling(proposed, effective=effective)


def roadmap() -> Telling:
    """A roadmap that was begun on the first of March, and has all that it takes to be submitted."""
    owner = RoadmapOwner(organisation=ELSEWHERE, cohort=ELSEWHERE)
    told = Telling(Roadmap.draft(uuid4(), now=noon(1), owner=owner, horizon=2030))
    lever, objective = uuid4(), uuid4()
    told.tell(1, lambda it: it.add_lever(lever, Lever(title="Mesurer")))
    told.tell(1, lambda it: it.add_objective(objective, lever, Objective(wording="Un bilan")))
    told.tell(1, lambda it: it.ask_generative_question("Comment ?"))
    told.tell(1, lambda it: it.set_new_course("Un commun"))
    return told


def _report(on: date, report: ProgressReport, it: Action) -> None:
    it.report_progress(on, report)


def _reword(wording: Wording, it: Action) -> None:
    it.reword(wording)


def _correct(wording: Wording, it: Action) -> None:
    it.correct_wording(wording, "Faute")


def title_on(told: Telling, number: int) -> str | None:
    """Give the title of an action on a day, None where it is not there."""
    found = list(told.on(number).all(ActionRow))
    return found[0].title if found else None


def test_what_states_no_day_counts_from_the_day_of_recording_in_paris() -> None:
    told = action()
    late_at_night = datetime(2026, 3, 4, 23, 30, tzinfo=PARIS).astimezone(PARIS)
    told.tell(5, lambda it: it.reword(Wording(title="Semer")))
    told.facts[-1] = replace(told.facts[-1], recorded_at=late_at_night)

    assert [title_on(told, number) for number in (0, 1, 3, 4)] == [
        None,
        "Planter",
        "Planter",
        "Semer",
    ]


def test_what_was_recorded_late_does_not_stand_over_what_took_effect_after_it() -> None:
    told = action()
    told.tell(10, lambda it: it.reword(Wording(title="Semer")))
    told.tell(12, lambda it: it.reword(Wording(title="Arroser")), effective=5)

    assert [title_on(told, number) for number in (4, 5, 9, 10, 12)] == [
        "Planter",
        "Arroser",
        "Arroser",
        "Semer",
        "Semer",
    ]
    assert [only(told.on(number), ActionRow).version for number in (4, 5, 10)] == [1, 3, 3]


def test_a_correction_counts_from_what_it_corrects_whatever_day_it_states() -> None:
    told = action()
    told.tell(5, lambda it: it.reword(Wording(title="Smer")))
    told.tell(9, lambda it: it.correct_wording(Wording(title="Semmer"), "Faute"), effective=8)
    told.tell(10, lambda it: it.correct_wording(Wording(title="Semer"), "Faute"))

    assert [title_on(told, number) for number in (4, 5, 8, 11)] == ["Planter", *["Semer"] * 3]
    assert [each.corrects and each.corrects.position for each in in_effect(told.facts)] == [
        None,
        None,
        2,
        3,
    ]


def test_a_correction_of_one_report_leaves_the_others_as_they_are() -> None:
    told = action()
    for number, percent in ((2, 20), (4, 40)):
        report = ProgressReport(percent=percent)
        told.tell(8, partial(_report, day(number), report))
    told.tell(9, lambda it: it.correct_progress(day(2), ProgressReport(percent=25), "Erreur"))

    percents = [only(told.on(number), ActionRow).percent for number in (1, 2, 3, 4)]
    assert percents == [None, 25, 25, 40]


def test_what_was_reopened_was_never_done() -> None:
    told = action()
    told.tell(5, lambda it: it.finish(day(4)))
    told.tell(8, lambda it: it.reopen("Il reste à faire", percent=80))

    statuses = {only(told.on(number), ActionRow).status for number in range(4, 9)}
    assert statuses == {ExecutionStatus.UNDER_WAY}


def test_a_thing_was_there_by_the_day_of_which_something_is_stated() -> None:
    told = action()
    told.tell(3, lambda it: it.finish(day(-9)))

    assert only(told.on(-9), ActionRow).status is ExecutionStatus.DONE
    assert title_on(told, -10) is None


def test_what_states_no_day_takes_effect_no_earlier_than_what_it_speaks_of() -> None:
    told = action(effective=10)
    told.tell(2, lambda it: it.reword(Wording(title="Semer")))

    assert [title_on(told, number) for number in (9, 10)] == [None, "Semer"]


def test_what_was_measured_on_a_day_makes_nothing_begin_that_day() -> None:
    told = roadmap()
    objective = next(iter(told.thing.objectives))
    told.tell(
        5, lambda it: it.measure_objective(objective, value=Decimal(12), measured_on=day(-20))
    )

    assert list(told.on(-20).all(RoadmapRow)) == []
    assert only(told.on(1), ObjectiveMeasurementRow).measured_on == day(-20)


def test_what_a_version_says_was_so_by_the_day_of_its_submission() -> None:
    told = roadmap()
    told.tell(9, lambda it: it.submit(uuid4(), day(-3)))

    assert list(told.on(-4).all(RoadmapRow)) == []
    assert [lever.title for lever in told.on(-3).all(SubmittedLeverRow)] == ["Mesurer"]


def test_what_speaks_of_a_part_that_was_gone_by_then_counts_no_more() -> None:
    told = roadmap()
    lever = uuid4()
    told.tell(2, lambda it: it.add_lever(lever, Lever(title="Réparer")))
    told.tell(4, lambda it: it.reword_lever(lever, Lever(title="Réparer tout")))
    told.tell(5, lambda it: it.reorder_levers([lever, *it.levers.keys() - {lever}]))
    told.tell(6, lambda it: it.drop_lever(lever, "Trop"), effective=3)

    def levers(number: int) -> list[tuple[int, str]]:
        found = shown(told.on(number), LeverRow, "position")
        return [(each.position, each.title) for each in found]

    assert levers(2) == [(1, "Mesurer"), (2, "Réparer")]
    assert levers(3) == [(1, "Mesurer")]
    assert levers(5) == [(1, "Mesurer")]


def test_what_is_retold_is_for_insiders_even_where_it_was_public() -> None:
    told = roadmap()
    told.tell(2, lambda it: it.submit(uuid4()))
    told.tell(2, lambda it: it.publish())

    row = only(told.on(2), RoadmapRow)
    assert (row.known_to, row.read_by) == (Reach.INSIDERS, Reach.INSIDERS)
    assert {each.reach for each in action().on(2).all(ActionRow)} == {Reach.INSIDERS}


@QUIET
@given(
    said=st.lists(
        st.tuples(st.booleans(), st.none() | st.integers(-5, 15)), min_size=1, max_size=8
    ),
    asked=st.integers(-6, 16),
)
def test_the_wording_of_a_day_is_what_was_said_of_it_last_with_what_was_put_right(
    said: list[tuple[bool, int | None]], asked: int
) -> None:
    told = action("0")
    statements = [(1, 0, "0")]
    for number, (corrects, stated) in enumerate(said, 1):
        wording, on = Wording(title=str(number)), number + 1
        if corrects:
            told.tell(on, partial(_correct, wording), stated)
            since, order, _ = statements.pop()
            statements.append((since, order, wording.title))
        else:
            told.tell(on, partial(_reword, wording), stated)
            statements.append((stated if stated is not None else on, number, wording.title))
    stated_days = [s for corrects, s in said if s is not None and not corrects]
    begun = min([1, *stated_days])
    statements[0] = (begun, *statements[0][1:])

    counted = [each for each in statements if each[0] <= asked]
    assert title_on(told, asked) == (max(counted)[2] if counted else None)


@QUIET
@given(events=stories(120), chance=st.randoms(use_true_random=False))
def test_whatever_was_late_it_can_be_told_of_every_day(
    events: list[AggregateEvent], chance: Any
) -> None:
    for facts in _histories(events, lambda: chance.choice([None, chance.randint(-9, 12)])):
        days = sorted({each.day for each in in_effect(facts)})
        for when in chance.sample(days, min(3, len(days))):
            noun = facts[0].event.TOPIC.partition(".")[0]
            rows, kinds = true_on(facts, when), owned(truth.RETOLD[noun], noun)
            (told,) = msgspec.json.decode(written(rows, kinds))[noun]
            assert told["id"] == external(noun, facts[0].stream_id)
        if days[0] > date.min:
            before = true_on(facts, days[0] - timedelta(days=1))
            assert not any(tables(truth.RETOLD[noun], before).values())


@QUIET
@given(events=stories(120), chance=st.randoms(use_true_random=False))
def test_where_nothing_was_late_or_corrected_what_is_known_is_what_was_believed(
    events: list[AggregateEvent], chance: Any
) -> None:
    for facts in _histories(events, lambda: None):
        effects = [effect_of(each.event) for each in facts]
        if any(each.day or each.corrects for each in effects):
            continue
        when = chance.choice(facts).recorded_at.date()
        noun = facts[0].event.TOPIC.partition(".")[0]
        believed = [each for each in facts if each.recorded_at.date() <= when]
        assert tables(truth.RETOLD[noun], true_on(facts, when)) == tables(
            truth.RETOLD[noun], rows_of(believed, truth.RETOLD[noun], ())
        )


def _histories(
    events: Sequence[AggregateEvent], stated: Callable[[], int | None]
) -> list[list[Fact]]:
    """Give the histories of what can be retold in a story, recorded over some days."""
    histories: dict[UUID, list[Fact]] = {}
    for position, event in enumerate(events, 1):
        if event.TOPIC.partition(".")[0] in truth.RETOLD:
            number = stated()
            metadata = Metadata(
                actor="tests",
                command="Given",
                effective_on=None if number is None else day(number),
            )
            on = noon(1 + 10 * position // len(events))
            fact = Recorded(event, position, on, UUID(int=position), metadata)
            histories.setdefault(event.originator_id, []).append(fact)
    return list(histories.values())
