"""Cohorts: opened, fixed, started, closed, and corrected afterwards."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.cohort import (
    AlreadyStarted,
    Cohort,
    CohortClosed,
    LineageIncomplete,
    NotClosed,
    NotStarted,
    OpenCohort,
    ResourceKind,
    SessionPending,
    ShareResource,
    TerritoryMissing,
)
from domain.delegation import Attendance
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.identity import Id, external
from domain.lever import AddLever
from domain.link import InvalidLink
from domain.organisation import (
    HeldInTheFuture,
    Organisation,
    OrganisationKind,
    RegisterOrganisation,
)
from domain.participation import CapacityBelowTaken, NotEnrolled
from domain.refusal import (
    BlankText,
    ControlCharacters,
    DatesReversed,
    InvalidNumber,
    NotFound,
    TextTooLong,
    TooManyItems,
    WrongKindOfId,
)
from domain.report import Report
from domain.roadmap import DraftRoadmap
from domain.session import DayOutsidePeriod, SessionOutsidePeriod, Turnout
from domain.territory import UnknownTerritory
from tests.domain.given import (
    BELL,
    DIRECTOR,
    LONG,
    NORMANDIE,
    PRESIDENT,
    a_cohort,
    an_id,
    an_organisation,
    enrolled,
    settled,
)
from tests.domain.work import NOW, Memory

REPORT = Report(organisations=62, title="Rapport final", url="https://cec-impact.org/rapport")


def a_closed_cohort() -> tuple[Cohort, UUID, Organisation]:
    """A cohort after its end, with its one session and the organisation that was there."""
    cohort = a_cohort()
    organisation = enrolled(cohort)
    session = an_id()
    cohort.schedule_session(session, number=1, starts_on=date(2023, 1, 20))
    came = Attendance(organisation=organisation.id, delegates=(PRESIDENT, DIRECTOR))
    cohort.hold_session(session, Turnout(attendance=(came,)))
    cohort.start(date(2023, 1, 20))
    cohort.close(date(2023, 10, 13), REPORT)
    return settled(cohort), session, organisation


# opening


def test_a_cohort_may_span_several_territories_each_named_once() -> None:
    cohort = Cohort.open(
        an_id(),
        now=NOW,
        name="  CEC Ouest ",
        territories=["region:53", "region:52", "region:53"],
    )

    (opened,) = cohort.collect_events()
    assert isinstance(opened, Cohort.Opened)
    assert opened.name == "CEC Ouest"
    assert opened.territories == ("region:53", "region:52")
    assert opened.capacity is None


def test_a_cohort_without_a_territory_is_refused() -> None:
    with pytest.raises(TerritoryMissing):
        a_cohort(territories=())


def test_a_cohort_in_an_unknown_territory_is_refused_and_the_path_says_which() -> None:
    with pytest.raises(UnknownTerritory) as refusal:
        a_cohort(territories=(NORMANDIE, "region:99"))
    assert refusal.value.path == "territories.1"


def test_a_cohort_in_too_many_territories_is_refused() -> None:
    with pytest.raises(TooManyItems):
        a_cohort(territories=[NORMANDIE] * 21)


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(DatesReversed):
        a_cohort(starts_on=date(2026, 8, 31), ends_on=date(2025, 12, 1))


@pytest.mark.parametrize("capacity", [0, -1, 10_001])
def test_a_capacity_out_of_bounds_is_refused(capacity: int) -> None:
    with pytest.raises(InvalidNumber):
        a_cohort(capacity=capacity)


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [("", BlankText), (" \t ", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)],
)
def test_a_bad_name_is_refused(bad: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        Cohort.open(an_id(), now=NOW, name=bad, territories=[NORMANDIE])
    with pytest.raises(refusal):
        Cohort.open(an_id(), now=NOW, name="CEC", edition=bad, territories=[NORMANDIE])


# lineage


def a_lever(memory: Memory) -> tuple[Id, Id, Id]:
    """The ids of a cohort, of a roadmap drafted in it, and of the roadmap's lever."""
    cohort = memory.do(OpenCohort(name="CEC Ouest", territories=["region:53"])).id
    organisation = memory.do(
        RegisterOrganisation(name="Territoire apprenant", kind=OrganisationKind.ASSOCIATION)
    ).id
    memory.do(ApplyToCohort(cohort=cohort, organisation=organisation))
    memory.do(AdmitOrganisation(cohort=cohort, organisation=organisation))
    memory.do(EnrolOrganisation(cohort=cohort, organisation=organisation))
    roadmap = memory.do(DraftRoadmap(organisation=organisation, cohort=cohort, horizon=2030)).id
    lever = memory.do(AddLever(roadmap=roadmap, title="Une CEC Pays de Vannes")).part("lever")
    return cohort, roadmap, lever


def test_a_cohort_springs_from_a_lever_of_a_roadmap_of_another_cohort() -> None:
    memory = Memory()
    cohort, roadmap, lever = a_lever(memory)

    (opened,) = memory.do(
        OpenCohort(
            name="CEC Pays de Vannes",
            territories=["epci:200067932"],
            springs_from_cohort=cohort,
            springs_from_roadmap=roadmap,
            springs_from_lever=lever,
        )
    ).events

    assert isinstance(opened, Cohort.Opened)
    assert opened.springs_from_cohort is not None
    assert external("cohort", opened.springs_from_cohort) == cohort
    assert opened.springs_from_lever is not None
    assert external("lever", opened.springs_from_lever) == lever


def test_a_lever_without_its_roadmap_is_refused() -> None:
    memory = Memory()
    _, _, lever = a_lever(memory)
    with pytest.raises(LineageIncomplete):
        memory.do(OpenCohort(name="CEC", territories=[NORMANDIE], springs_from_lever=lever))


def test_a_lever_of_another_roadmap_is_refused() -> None:
    memory = Memory()
    _, roadmap, _ = a_lever(memory)
    with pytest.raises(LineageIncomplete):
        memory.do(
            OpenCohort(
                name="CEC",
                territories=[NORMANDIE],
                springs_from_roadmap=roadmap,
                springs_from_lever=external("lever", an_id()),
            )
        )


def test_a_cohort_that_springs_from_nothing_that_exists_is_refused() -> None:
    memory = Memory()
    unknown = external("cohort", an_id())
    with pytest.raises(NotFound):
        memory.do(OpenCohort(name="CEC", territories=[NORMANDIE], springs_from_cohort=unknown))
    with pytest.raises(WrongKindOfId):
        memory.do(OpenCohort(name="CEC", territories=[NORMANDIE], springs_from_roadmap=unknown))
    assert memory.streams == {}


# period and capacity


def test_a_period_is_fixed_once_it_is_known() -> None:
    cohort = a_cohort()
    cohort.set_period(date(2025, 12, 1), date(2026, 8, 31))
    cohort.set_period(date(2025, 12, 1), date(2026, 8, 31))
    assert [type(event) for event in cohort.collect_events()] == [Cohort.PeriodSet]


def test_a_period_that_leaves_a_session_outside_is_refused() -> None:
    cohort = a_cohort()
    cohort.schedule_session(an_id(), number=1, expected_month="2025-12")
    with pytest.raises(SessionOutsidePeriod):
        cohort.set_period(date(2026, 1, 1), None)


def test_a_period_that_leaves_a_webinar_outside_is_refused_unless_it_is_cancelled() -> None:
    cohort = a_cohort()
    webinar = an_id()
    cohort.schedule_webinar(webinar, title="Feuilles de route", day=date(2025, 12, 4))
    with pytest.raises(DayOutsidePeriod) as refusal:
        cohort.set_period(date(2026, 1, 1), None)
    assert refusal.value.path == "starts_on"
    cohort.cancel_webinar(webinar, "faute d’intervenant")
    cohort.set_period(date(2026, 1, 1), None)


def test_a_period_that_leaves_the_start_outside_is_refused() -> None:
    cohort = a_cohort()
    cohort.start(date(2023, 1, 20))
    with pytest.raises(DayOutsidePeriod):
        cohort.set_period(date(2023, 1, 21), None)


def test_a_period_turned_round_is_refused() -> None:
    with pytest.raises(DatesReversed):
        a_cohort().set_period(date(2026, 1, 2), date(2026, 1, 1))


def test_a_capacity_never_falls_below_what_is_taken() -> None:
    cohort = a_cohort()
    enrolled(cohort)
    cohort.hold_places(61)

    with pytest.raises(CapacityBelowTaken) as refusal:
        cohort.set_capacity(61)
    assert "62" in refusal.value.message("fr")

    settled(cohort).set_capacity(62)
    assert cohort.capacity == 62


def test_the_same_capacity_is_not_recorded_again() -> None:
    cohort = a_cohort(capacity=20)
    cohort.set_capacity(20)
    assert not cohort.collect_events()


@pytest.mark.parametrize("capacity", [0, 10_001])
def test_a_new_capacity_out_of_bounds_is_refused(capacity: int) -> None:
    with pytest.raises(InvalidNumber):
        a_cohort().set_capacity(capacity)


# resources


def test_what_was_shared_is_not_shared_again_whatever_its_case() -> None:
    cohort = a_cohort()
    day = date(2026, 1, 16)
    for title in ("Vendredi c’est raviolis", "VENDREDI C’EST RAVIOLIS"):
        cohort.share_resource(an_id(), title=title, kind=ResourceKind.PODCAST, shared_on=day)
    assert len(cohort.collect_events()) == 1


def test_nothing_was_shared_tomorrow() -> None:
    with pytest.raises(HeldInTheFuture):
        a_cohort().share_resource(
            an_id(), title="Un livre", kind=ResourceKind.BOOK, shared_on=date(2026, 1, 24)
        )


@pytest.mark.parametrize(
    "url",
    [
        "cec-impact.org",
        "javascript:alert(1)",
        "ftp://cec-impact.org",
        "https://",
        "https://[::1",
        "https://cec-impact.org/un rapport",
    ],
)
def test_a_link_that_leads_nowhere_on_the_web_is_refused(url: str) -> None:
    memory = Memory()
    cohort = memory.do(OpenCohort(name="CEC", territories=[NORMANDIE])).id
    with pytest.raises(InvalidLink) as refusal:
        memory.do(
            ShareResource(
                cohort=cohort,
                title="Un rapport",
                kind=ResourceKind.ARTICLE,
                shared_on=date(2026, 1, 1),
                url=url,
            )
        )
    assert refusal.value.path == "url"


# start and end


def test_a_cohort_starts_once() -> None:
    cohort = a_cohort()
    cohort.start(date(2023, 1, 20))
    cohort.start(date(2023, 1, 20))
    with pytest.raises(AlreadyStarted):
        cohort.start(date(2023, 1, 21))
    assert [type(event) for event in cohort.collect_events()] == [Cohort.Started]


@pytest.mark.parametrize("day", [date(2023, 1, 19), date(2023, 10, 14)])
def test_a_cohort_starts_inside_its_period(day: date) -> None:
    cohort = a_cohort(starts_on=date(2023, 1, 20), ends_on=date(2023, 10, 13))
    with pytest.raises(DayOutsidePeriod) as refusal:
        cohort.start(day)
    assert refusal.value.path == "started_on"
    cohort.start(date(2023, 1, 20))


def test_a_cohort_may_close_after_its_period() -> None:
    cohort = a_cohort(starts_on=date(2023, 1, 20), ends_on=date(2023, 10, 13))
    cohort.start(date(2023, 1, 20))
    cohort.close(date(2023, 12, 10), Report())


def test_no_cohort_started_tomorrow() -> None:
    with pytest.raises(HeldInTheFuture):
        a_cohort().start(date(2026, 1, 24))


def test_the_day_is_that_of_paris_not_of_greenwich() -> None:
    cohort = a_cohort().at(datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
    cohort.start(date(2026, 7, 1))
    assert cohort.started_on == date(2026, 7, 1)


def test_a_cohort_closes_with_its_report() -> None:
    cohort, _, _ = a_closed_cohort()
    assert cohort.report == REPORT
    cohort.close(date(2023, 10, 13), REPORT)
    assert not cohort.collect_events()


def test_a_cohort_that_never_started_does_not_close() -> None:
    with pytest.raises(NotStarted):
        a_cohort().close(date(2023, 10, 13), REPORT)


def test_a_cohort_does_not_close_before_it_started() -> None:
    cohort = a_cohort()
    cohort.start(date(2023, 1, 20))
    with pytest.raises(DatesReversed):
        cohort.close(date(2023, 1, 19), REPORT)


def test_a_cohort_does_not_close_before_its_last_session() -> None:
    cohort = a_cohort()
    cohort.start(date(2023, 1, 20))
    session = an_id()
    cohort.schedule_session(
        session, number=6, starts_on=date(2023, 10, 12), ends_on=date(2023, 10, 13)
    )
    cohort.hold_session(session, Turnout())
    with pytest.raises(DatesReversed):
        cohort.close(date(2023, 10, 12), REPORT)


def test_a_cohort_with_a_session_still_to_come_does_not_close() -> None:
    cohort = a_cohort()
    cohort.start(date(2023, 1, 20))
    cohort.schedule_session(an_id(), number=6)
    with pytest.raises(SessionPending):
        cohort.close(date(2023, 10, 13), REPORT)


def test_a_cohort_does_not_close_tomorrow() -> None:
    cohort = a_cohort()
    cohort.start(date(2023, 1, 20))
    with pytest.raises(HeldInTheFuture):
        cohort.close(date(2026, 1, 24), REPORT)


@pytest.mark.parametrize(
    ("report", "path"),
    [
        (Report(organisations=-1), "report.organisations"),
        (Report(title=" "), "report.title"),
        (Report(url="rapport.pdf"), "report.url"),
        (Report(summary=LONG), "report.summary"),
    ],
)
def test_a_bad_report_is_refused_and_the_path_says_where(report: Report, path: str) -> None:
    cohort = a_cohort()
    cohort.start(date(2023, 1, 20))
    with pytest.raises((InvalidNumber, BlankText, InvalidLink, TextTooLong)) as refusal:
        cohort.close(date(2023, 10, 13), report)
    assert refusal.value.path == path


def test_nothing_changes_after_the_closing() -> None:
    cohort, session, organisation = a_closed_cohort()
    newcomer = an_organisation()
    before = cohort.state()
    decisions: list[Callable[[], None]] = [
        lambda: cohort.set_capacity(80),
        lambda: cohort.set_period(None, None),
        lambda: cohort.schedule_session(an_id(), number=7),
        lambda: cohort.move_session(session, town="Nantes"),
        lambda: cohort.schedule_webinar(an_id(), title="De plus", day=date(2023, 12, 1)),
        lambda: cohort.form_base_camp(an_id(), name="A", coach="coach", facilitator="facilitateur"),
        lambda: cohort.receive_application(newcomer),
        lambda: cohort.withdraw(organisation, "faute de temps"),
        lambda: cohort.hold_places(1),
        lambda: cohort.start(date(2023, 1, 20)),
        lambda: cohort.close(date(2023, 10, 14), REPORT),
    ]
    for decision in decisions:
        with pytest.raises(CohortClosed):
            decision()
    assert cohort.state() == before


# corrections


def test_an_attendance_is_corrected_after_the_closing_with_a_reason() -> None:
    cohort, session, organisation = a_closed_cohort()
    came = Attendance(organisation=organisation.id, delegates=(PRESIDENT,))

    cohort.correct_attendance(session, Turnout(attendance=(came,)), "une seule personne présente")

    (corrected,) = cohort.collect_events()
    assert isinstance(corrected, Cohort.AttendanceCorrected)
    assert corrected.turnout.attendance == (came,)
    assert corrected.reason == "une seule personne présente"


def test_a_correction_without_a_reason_is_refused() -> None:
    cohort, session, _ = a_closed_cohort()
    with pytest.raises(BlankText):
        cohort.correct_attendance(session, Turnout(), " ")
    with pytest.raises(BlankText):
        cohort.correct_report(Report(), "")
    with pytest.raises(BlankText):
        cohort.note_erratum("ville de la session 2", "Nantes", "\n")


def test_a_correction_to_what_is_recorded_already_records_nothing() -> None:
    cohort, session, organisation = a_closed_cohort()
    came = Attendance(organisation=organisation.id, delegates=(PRESIDENT, DIRECTOR))
    cohort.correct_attendance(session, Turnout(attendance=(came,)), "relecture")
    cohort.correct_report(REPORT, "relecture")
    assert not cohort.collect_events()


def test_an_attendance_is_not_corrected_by_strangers() -> None:
    cohort, session, _ = a_closed_cohort()
    stranger = Attendance(organisation=an_id(), delegates=(PRESIDENT,))
    with pytest.raises(NotEnrolled):
        cohort.correct_attendance(session, Turnout(attendance=(stranger,)), "oubli")


def test_a_report_is_corrected_after_the_closing_only() -> None:
    with pytest.raises(NotClosed):
        a_cohort().correct_report(REPORT, "trop tôt")
    cohort, _, _ = a_closed_cohort()
    cohort.correct_report(Report(organisations=61), "une organisation comptée deux fois")
    assert cohort.report == Report(organisations=61)


def test_an_erratum_is_noted_once() -> None:
    cohort, _, _ = a_closed_cohort()
    for _ in range(2):
        cohort.note_erratum("ville de la session 2", "Nantes", "faute de frappe")
    assert [type(event) for event in cohort.collect_events()] == [Cohort.ErratumNoted]
