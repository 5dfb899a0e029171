"""The progress of an action: its status, its percentages, its end, and what comes after."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from domain.action import Action, ActionVisibility
from domain.assignment import SteeringRole
from domain.budget import BudgetBasis, BudgetLine, BudgetStage, Total
from domain.impact import Impact
from domain.progress import (
    ActionSettled,
    DoneBeforeReported,
    DoneMeansWhole,
    ExecutionStatus,
    NotBlocked,
    NotSettled,
    ProgressNotReported,
    ProgressReport,
    StatusOfItsOwn,
    StillBlocked,
)
from domain.refusal import BlankText, InvalidNumber
from domain.roadmap import DayStillToCome
from domain.sheet import Axis, Wording
from domain.step import Step
from domain.theme import Theme
from tests.domain.actions import (
    LAST_YEAR,
    TODAY,
    TOMORROW,
    YESTERDAY,
    abandoned,
    amount,
    done,
    facts,
    names,
    proposed,
    refused,
    under_way,
)
from tests.domain.given import settled

CORRECTION = "Erreur de saisie"


def percent(value: int) -> ProgressReport:
    return ProgressReport(percent=value)


# status


@pytest.mark.parametrize(
    "status",
    [
        ExecutionStatus.TO_BE_DISCUSSED,
        ExecutionStatus.PLANNED,
        ExecutionStatus.UNDER_WAY,
        ExecutionStatus.PAUSED,
        ExecutionStatus.LATE,
    ],
)
def test_the_execution_of_an_action_may_stand_anywhere(status: ExecutionStatus) -> None:
    action = proposed()
    action.change_status(status)
    action.change_status(status)

    assert facts(action) == [("StatusChanged", {"status": status})]


@pytest.mark.parametrize(
    "status", [ExecutionStatus.BLOCKED, ExecutionStatus.DONE, ExecutionStatus.ABANDONED]
)
def test_blocked_done_and_abandoned_say_more_than_a_status(status: ExecutionStatus) -> None:
    action = under_way()
    with refused(action, StatusOfItsOwn, "status"):
        action.change_status(status)


def test_a_blocked_action_goes_on_as_it_stood_before() -> None:
    action = under_way()
    action.block("Sans financement")
    action.block("Sans financement")
    action.block("Recours")
    action.unblock()
    action.unblock()

    assert facts(action) == [
        ("Blocked", {"obstacle": "Sans financement"}),
        ("Blocked", {"obstacle": "Recours"}),
        ("Unblocked", {"status": ExecutionStatus.UNDER_WAY}),
    ]


def test_a_blocked_action_may_go_on_otherwise() -> None:
    action = under_way()
    action.block()
    action.unblock(ExecutionStatus.LATE)
    action.unblock(ExecutionStatus.LATE)

    assert action.status is ExecutionStatus.LATE
    assert names(action) == ["Blocked", "Unblocked"]


def test_a_blocked_action_is_unblocked_before_its_status_changes() -> None:
    action = under_way()
    action.block("Recours")
    with refused(action, StillBlocked, "status"):
        action.change_status(ExecutionStatus.UNDER_WAY)


def test_what_is_not_blocked_is_not_unblocked() -> None:
    action = under_way()
    with refused(action, NotBlocked):
        action.unblock(ExecutionStatus.PAUSED)
    with refused(action, StatusOfItsOwn):
        action.unblock(ExecutionStatus.DONE)


def test_an_obstacle_is_visible() -> None:
    action = under_way()
    with refused(action, BlankText, "obstacle"):
        action.block(" ")


# progress


def test_progress_is_reported_for_a_day_by_somebody() -> None:
    action = under_way()
    organisation = uuid4()
    report = ProgressReport(
        percent=67, organisation=organisation, reported_by="pilote d’axe", note="Revue 2025"
    )
    action.report_progress(LAST_YEAR, report)
    action.report_progress(LAST_YEAR, report)

    assert facts(action) == [
        ("ProgressReported", {"reported_on": LAST_YEAR, "report": report}),
    ]


@pytest.mark.parametrize("value", [0, 1, 99, 100])
def test_percent_is_from_0_to_100(value: int) -> None:
    action = under_way()
    action.report_progress(TODAY, percent(value))

    assert action.progress[TODAY].percent == value
    assert action.status is ExecutionStatus.UNDER_WAY, "100 percent is not yet done"


@pytest.mark.parametrize("value", [-1, 101, 10**9])
def test_a_percentage_out_of_bounds_is_refused(value: int) -> None:
    action = under_way()
    with refused(action, InvalidNumber, "percent"):
        action.report_progress(TODAY, percent(value))


def test_progress_is_not_reported_before_it_happens() -> None:
    action = under_way()
    with refused(action, DayStillToCome, "reported_on"):
        action.report_progress(TOMORROW, percent(10))


def test_the_day_of_a_report_is_that_of_paris() -> None:
    action = under_way().at(datetime(2026, 1, 23, 23, 30, tzinfo=UTC))
    action.report_progress(TOMORROW, percent(10))

    assert names(action) == ["ProgressReported"]


def test_the_later_of_two_reports_for_a_day_counts() -> None:
    action = under_way()
    for value in (50, 60, 50):
        action.report_progress(YESTERDAY, percent(value))

    assert len(facts(action)) == 3
    assert action.progress[YESTERDAY] == percent(50)


def test_a_report_is_corrected_with_a_reason() -> None:
    action = under_way()
    action.report_progress(LAST_YEAR, percent(87))
    settled(action).correct_progress(LAST_YEAR, percent(78), CORRECTION)
    action.correct_progress(LAST_YEAR, percent(78), CORRECTION)

    assert facts(action) == [
        (
            "ProgressCorrected",
            {"reported_on": LAST_YEAR, "report": percent(78), "reason": CORRECTION},
        )
    ]


def test_nothing_is_corrected_that_was_not_reported() -> None:
    action = under_way()
    with refused(action, ProgressNotReported, "reported_on"):
        action.correct_progress(LAST_YEAR, percent(78), CORRECTION)


# done


def test_what_is_done_stands_at_100_percent() -> None:
    action = under_way()
    action.report_progress(LAST_YEAR, percent(90))
    settled(action).finish(YESTERDAY)
    action.finish(YESTERDAY)
    action.finish()

    assert facts(action) == [
        ("ProgressReported", {"reported_on": YESTERDAY, "report": percent(100)}),
        ("Finished", {"finished_on": YESTERDAY}),
    ]
    assert action.status is ExecutionStatus.DONE


def test_what_stands_at_100_percent_already_is_not_reported_again() -> None:
    action = under_way()
    action.report_progress(LAST_YEAR, percent(100))
    settled(action).finish()

    assert names(action) == ["Finished"]


def test_what_was_not_whole_on_a_day_was_not_done_before() -> None:
    action = under_way()
    action.report_progress(YESTERDAY, percent(90))
    with refused(action, DoneBeforeReported, "finished_on"):
        action.finish(LAST_YEAR)


def test_what_was_reported_whole_later_may_have_been_done_before() -> None:
    action = under_way()
    action.report_progress(YESTERDAY, percent(100))
    settled(action).finish(LAST_YEAR)

    assert facts(action) == [("Finished", {"finished_on": LAST_YEAR})]


def test_nothing_is_finished_or_abandoned_on_a_day_to_come() -> None:
    action = under_way()
    with refused(action, DayStillToCome, "finished_on"):
        action.finish(TOMORROW)
    with refused(action, DayStillToCome, "abandoned_on"):
        action.abandon("Sans porteur", TOMORROW)


def test_what_is_done_cannot_be_corrected_to_less_than_100_percent() -> None:
    action = under_way()
    action.report_progress(LAST_YEAR, percent(90))
    action.finish(YESTERDAY)
    with refused(action, DoneMeansWhole, "percent"):
        action.correct_progress(YESTERDAY, percent(99), CORRECTION)
    action.correct_progress(LAST_YEAR, percent(80), CORRECTION)

    assert action.progress[LAST_YEAR] == percent(80)


def test_a_blocked_action_may_turn_out_to_be_done() -> None:
    action = under_way()
    action.block("Recours")
    action.finish()

    assert action.status is ExecutionStatus.DONE


def test_an_action_is_abandoned_once_with_a_reason() -> None:
    action = under_way()
    with refused(action, BlankText, "reason"):
        action.abandon(" ")
    action.abandon("Sans porteur")
    action.abandon("Encore")

    assert facts(action) == [("Abandoned", {"abandoned_on": TODAY, "reason": "Sans porteur"})]


# after the end

CHANGES: list[Callable[[Action], None]] = [
    lambda action: action.reword(Wording(title="Autre")),
    lambda action: action.recode("9_99"),
    lambda action: action.place_in_axis(Axis(axis="Axe 2")),
    lambda action: action.categorise(None),
    lambda action: action.set_themes([Theme.EATING]),
    lambda action: action.set_audiences([]),
    lambda action: action.set_territories([]),
    lambda action: action.set_participation(None),
    lambda action: action.prioritise(None),
    lambda action: action.name_party(uuid4(), SteeringRole.PILOT, designation="Direction"),
    lambda action: action.release_party(uuid4()),
    lambda action: action.schedule(TODAY, None),
    lambda action: action.commit_budget_line(uuid4(), amount("1")),
    lambda action: action.revise_budget_line(uuid4(), amount("1")),
    lambda action: action.state_budget(BudgetStage.PLANNED, total()),
    lambda action: action.leave_budget_unanswered(),
    lambda action: action.describe_funding("Fonds vert"),
    lambda action: action.report_progress(TODAY, percent(50)),
    lambda action: action.change_status(ExecutionStatus.LATE),
    lambda action: action.block(),
    lambda action: action.unblock(),
    lambda action: action.renew(2026),
    lambda action: action.refocus(2026, "Trop large"),
    lambda action: action.add_note(uuid4(), "Bravo"),
    lambda action: action.add_step(uuid4(), Step(title="Une étude")),
    lambda action: action.complete_step(uuid4()),
    lambda action: action.drop_step(uuid4()),
    lambda action: action.link_document(uuid4(), "Bilan", "https://normandie.fr/bilan"),
    lambda action: action.unlink_document(uuid4()),
    lambda action: action.measure_impact(uuid4(), impact()),
    lambda action: action.unlink_objective(uuid4()),
]


def total() -> Total:
    line = amount("52000")
    return Total(amount=line.amount, basis=line.basis)


def impact(value: str = "1") -> Impact:
    return Impact(what="Friches recensées", value=amount(value).amount, unit="ha")


@pytest.mark.parametrize("given", [done, abandoned])
@pytest.mark.parametrize("change", CHANGES)
def test_nothing_changes_after_the_end(
    given: Callable[[], Action], change: Callable[[Action], None]
) -> None:
    action = given()
    with refused(action, ActionSettled, "action") as caught:
        change(action)
    assert "done" in caught.value.message("en") or "abandoned" in caught.value.message("en")


def test_a_finished_action_cannot_be_rescheduled_but_its_period_corrected() -> None:
    action = done()
    with refused(action, ActionSettled):
        action.schedule(LAST_YEAR, None)
    action.correct_schedule(LAST_YEAR, None, CORRECTION)
    action.correct_schedule(LAST_YEAR, None, CORRECTION)

    assert facts(action) == [
        ("ScheduleCorrected", {"starts_on": LAST_YEAR, "ends_on": None, "reason": CORRECTION})
    ]


def test_a_done_action_is_not_abandoned_nor_an_abandoned_one_done() -> None:
    with refused(done(), ActionSettled):
        done().abandon("Trop tard")
    with refused(abandoned(), ActionSettled):
        abandoned().finish()


def test_the_day_of_the_end_is_not_given_twice() -> None:
    action = done()
    with refused(action, ActionSettled):
        action.finish(TODAY)
    action = abandoned()
    with refused(action, ActionSettled):
        action.abandon("Sans porteur", TODAY)


@pytest.mark.parametrize("given", [done, abandoned])
def test_what_was_wrong_is_corrected_after_the_end(given: Callable[[], Action]) -> None:
    action, line, found = proposed(), uuid4(), uuid4()
    action.commit_budget_line(line, amount("10"))
    action.measure_impact(found, impact())
    action.state_budget(BudgetStage.PLANNED, total())
    if given is done:
        action.finish()
    else:
        action.abandon("Sans porteur")
    settled(action)
    whole = Total(amount=amount("53").amount, basis=BudgetBasis.WITH_TAX)
    for _ in range(2):
        action.correct_wording(Wording(title="Autre"), CORRECTION)
        action.correct_budget_line(line, amount("20"), CORRECTION)
        action.correct_budget(BudgetStage.PLANNED, whole, CORRECTION)
        action.correct_impact(found, impact("2"), CORRECTION)
    action.withdraw_budget_line(line, CORRECTION)

    assert names(action) == [
        "WordingCorrected",
        "BudgetLineCorrected",
        "BudgetCorrected",
        "ImpactCorrected",
        "BudgetLineWithdrawn",
    ]
    assert all(fact["reason"] == CORRECTION for _, fact in facts(action))


def test_what_comes_to_light_after_the_end_is_added_with_a_reason() -> None:
    action, document = done(), uuid4()
    late = "Connu après coup"
    action.measure_impact(uuid4(), impact(), late)
    action.commit_budget_line(
        uuid4(),
        BudgetLine(amount=amount("7").amount, basis=BudgetBasis.WITH_TAX, stage=BudgetStage.SPENT),
        late,
    )
    action.add_note(uuid4(), "Dépassé", late)
    action.link_document(document, "Bilan", "https://normandie.fr/bilan", late)
    action.unlink_document(document, late)

    assert [(name, fact["reason"]) for name, fact in facts(action)] == [
        ("ImpactMeasured", late),
        ("BudgetLineCommitted", late),
        ("NoteAdded", late),
        ("DocumentLinked", late),
        ("DocumentUnlinked", late),
    ]


def test_who_may_read_it_can_change_after_the_end() -> None:
    action = done()
    action.set_visibility(ActionVisibility.RESTRICTED)

    assert names(action) == ["VisibilitySet"]


@pytest.mark.parametrize("given", [done, abandoned])
def test_an_end_that_was_wrong_is_put_right(given: Callable[[], Action]) -> None:
    action = given()
    action.reopen("Déclarée trop tôt", status=ExecutionStatus.LATE, percent=80)
    action.reopen("Déclarée trop tôt", status=ExecutionStatus.LATE, percent=80)

    assert facts(action) == [
        ("Reopened", {"status": ExecutionStatus.LATE, "reason": "Déclarée trop tôt"}),
        ("ProgressReported", {"reported_on": TODAY, "report": percent(80)}),
    ]
    action.finish(TODAY)
    assert action.progress[TODAY] == percent(100)


def test_what_is_open_is_not_reopened() -> None:
    action = proposed()
    with refused(action, NotSettled):
        action.reopen("Trop tôt")
    action = done()
    with refused(action, StatusOfItsOwn, "status"):
        action.reopen("Trop tôt", status=ExecutionStatus.BLOCKED)
    with refused(action, InvalidNumber, "percent"):
        action.reopen("Trop tôt", percent=101)


# from year to year


def test_an_action_is_renewed_for_a_year_once() -> None:
    action = under_way()
    for year in (2026, 2026, 2027):
        action.renew(year)

    assert facts(action) == [("Renewed", {"year": 2026}), ("Renewed", {"year": 2027})]


@pytest.mark.parametrize("year", [0, 1999, 2101, 20_260])
def test_an_action_is_renewed_for_a_year_of_this_century(year: int) -> None:
    action = under_way()
    with refused(action, InvalidNumber):
        action.renew(year)
    with refused(action, InvalidNumber):
        action.refocus(year, "Trop large")


def test_a_refocused_action_is_worded_anew_for_a_reason() -> None:
    action = proposed(title="Accompagner les acteurs de la loi Egalim")
    aim = "Accompagner aux changements de pratique la restauration collective"
    for _ in range(2):
        action.refocus(2026, "Deux freins, deux actions", title=aim)
    action.refocus(2026, "Deux freins, deux actions")

    assert facts(action) == [
        (
            "Refocused",
            {
                "year": 2026,
                "reason": "Deux freins, deux actions",
                "title": aim,
                "description": None,
            },
        )
    ]
    assert action.wording.title == aim
    assert action.status is None, "a year's standing is no execution status"


def test_the_two_vocabularies_share_no_word() -> None:
    statuses = {status.value for status in ExecutionStatus}

    assert not statuses & {"NEW", "RENEWED", "REFOCUSED", "FINISHED"}
    assert len(statuses) == 8


def test_a_day_of_which_something_is_told_may_be_long_ago() -> None:
    action = under_way()
    action.report_progress(date(2012, 2, 29), percent(3))

    assert names(action) == ["ProgressReported"]
