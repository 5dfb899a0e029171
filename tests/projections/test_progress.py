"""Given how far actions were, when it is folded, then this can be read."""

from datetime import date

from domain.identity import external
from domain.progress import ProgressReport
from projections.actions import ACTIONS
from projections.progress import ActionYearRow, ProgressReportRow
from tests.domain.given import an_organisation
from tests.history import AT, news
from tests.projections.folding import folded, only, shown
from tests.projections.test_actions import an_action
from tests.projections.test_mergers import merged

SUMMER, WINTER = date(2025, 7, 1), date(2025, 12, 31)


def test_each_day_has_the_report_that_was_made_last() -> None:
    action = an_action()
    action.report_progress(SUMMER, ProgressReport(percent=30, note="Provisoire"))
    action.report_progress(SUMMER, ProgressReport(percent=35))
    action.report_progress(WINTER, ProgressReport(percent=60, reported_by="pilote"))
    action.correct_progress(WINTER, ProgressReport(percent=67), "Un volet oublié")
    first, last = shown(folded(ACTIONS, *news(action)), ProgressReportRow, "reported_on")
    assert (first.percent, first.note, first.corrected_because) == (35, None, None)
    assert (last.percent, last.corrected_because) == (67, "Un volet oublié")
    assert (last.reported_by, last.reported_at) == (None, AT)


def test_a_year_ends_where_its_latest_report_left_the_action() -> None:
    action = an_action()
    for day, percent in ((WINTER, 60), (SUMMER, 30), (date(2024, 12, 31), 10)):
        action.report_progress(day, ProgressReport(percent=percent))
    action.correct_progress(SUMMER, ProgressReport(percent=35), "Mal lu")
    years = shown(folded(ACTIONS, *news(action)), ActionYearRow, "year")
    assert [(row.year, row.percent, row.reported_on) for row in years] == [
        (2024, 10, date(2024, 12, 31)),
        (2025, 60, WINTER),
    ]


def test_a_year_tells_whether_the_action_was_renewed_or_refocused() -> None:
    action = an_action()
    action.renew(2025)
    action.refocus(2026, "Les pratiques d’abord", title="Autre chose")
    first, second = shown(folded(ACTIONS, *news(action)), ActionYearRow, "year")
    assert (first.renewed, first.refocused_because, first.percent) == (True, None, None)
    assert (second.renewed, second.refocused_because) == (False, "Les pratiques d’abord")


def test_a_report_follows_the_survivor_of_a_merger_before_and_after_it() -> None:
    one, survivor = an_organisation("Un"), an_organisation("Deux")
    before, after = an_action(), an_action()
    before.report_progress(SUMMER, ProgressReport(percent=1, organisation=one.id))
    after.report_progress(SUMMER, ProgressReport(percent=2, organisation=one.id))
    rows = folded(ACTIONS, *news(before), *merged(one, survivor), *news(after))
    reporters = {row.organisation_id for row in rows.all(ProgressReportRow)}
    assert reporters == {external("organisation", survivor.id)}


def test_a_report_without_a_registered_organisation_names_none() -> None:
    action = an_action()
    action.report_progress(SUMMER, ProgressReport(percent=0))
    assert only(folded(ACTIONS, *news(action)), ProgressReportRow).organisation_id is None
