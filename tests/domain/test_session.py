"""The programme of a cohort: sessions, webinars, base camps, and who came."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from domain.calendar import InvalidMonth
from domain.cohort import Cohort, OpenCohort
from domain.delegation import (
    Attendance,
    AttendanceEntry,
    Delegate,
    DelegateEntry,
    DelegateRole,
    NamedTwice,
    NobodyNamed,
)
from domain.identity import Id, external
from domain.organisation import HeldInTheFuture, OrganisationKind, RegisterOrganisation
from domain.participation import AlreadyInCamp, CampDissolved, NotEnrolled
from domain.programme import FormBaseCamp, HoldSession, MoveWebinar, ScheduleSession
from domain.refusal import (
    BlankText,
    ControlCharacters,
    DatesReversed,
    InvalidNumber,
    NotFound,
    Refusal,
    TextTooLong,
    TooManyItems,
    WrongKindOfId,
)
from domain.session import (
    AlreadyCancelled,
    AlreadyHeld,
    DayOrMonth,
    DayOutsidePeriod,
    FirstDayMissing,
    NotHeldYet,
    SessionNumberTaken,
    SessionOutsidePeriod,
    SessionsOutOfOrder,
    SessionsOverlap,
    SessionUndated,
    Turnout,
)
from tests.domain.given import (
    BELL,
    BRETAGNE,
    DIRECTOR,
    LONG,
    OFFICER,
    PRESIDENT,
    a_cohort,
    an_id,
    enrolled,
    settled,
)
from tests.domain.work import Memory

CEC_OUEST_2023 = [
    ("Rennes", date(2023, 1, 20), date(2023, 1, 21)),
    ("Nantes", date(2023, 3, 10), date(2023, 3, 11)),
    ("Saint-Malo", date(2023, 5, 4), date(2023, 5, 5)),
    ("Brest", date(2023, 6, 29), date(2023, 6, 30)),
    ("Angers", date(2023, 9, 14), date(2023, 9, 15)),
    ("Nantes", date(2023, 10, 12), date(2023, 10, 13)),
]


def the_six_sessions(cohort: Cohort) -> list[UUID]:
    """Schedule the sessions of CEC Ouest 2023."""
    sessions = [an_id() for _ in CEC_OUEST_2023]
    for index, (town, starts_on, ends_on) in enumerate(CEC_OUEST_2023):
        cohort.schedule_session(
            sessions[index], number=index + 1, town=town, starts_on=starts_on, ends_on=ends_on
        )
    settled(cohort)
    return sessions


def a_session(cohort: Cohort, starts_on: date | None = date(2026, 1, 22)) -> UUID:
    """Schedule a first session."""
    session = an_id()
    cohort.schedule_session(session, number=1, starts_on=starts_on)
    settled(cohort)
    return session


# when a session may be


def test_sessions_are_scheduled_as_far_as_they_are_known() -> None:
    cohort = a_cohort(starts_on=date(2025, 12, 1), ends_on=date(2026, 8, 31))
    cohort.schedule_session(an_id(), number=1, expected_month="2025-12", days=2)
    cohort.schedule_session(an_id(), number=2, days=2)
    cohort.schedule_session(an_id(), number=6, expected_month="2026-08", days=2)
    assert [event.number for event in cohort.collect_events()] == [1, 2, 6]  # type: ignore[attr-defined]


def test_a_number_is_given_once() -> None:
    cohort = a_cohort()
    a_session(cohort)
    with pytest.raises(SessionNumberTaken):
        cohort.schedule_session(an_id(), number=1)


def test_the_number_of_a_cancelled_session_is_free_again() -> None:
    cohort = a_cohort()
    cohort.cancel_session(a_session(cohort), "grève des trains")
    cohort.schedule_session(an_id(), number=1, starts_on=date(2026, 1, 22))


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2022, 12, 31), date(2023, 1, 1)),
        (date(2023, 10, 31), date(2023, 11, 1)),
        (date(2023, 11, 1), None),
    ],
)
def test_a_session_outside_the_period_is_refused(starts_on: date, ends_on: date | None) -> None:
    cohort = a_cohort(starts_on=date(2023, 1, 1), ends_on=date(2023, 10, 31))
    with pytest.raises(SessionOutsidePeriod):
        cohort.schedule_session(an_id(), number=1, starts_on=starts_on, ends_on=ends_on)


@pytest.mark.parametrize("month", ["2022-12", "2023-11"])
def test_a_month_outside_the_period_is_refused(month: str) -> None:
    cohort = a_cohort(starts_on=date(2023, 1, 15), ends_on=date(2023, 10, 15))
    with pytest.raises(SessionOutsidePeriod):
        cohort.schedule_session(an_id(), number=1, expected_month=month)
    cohort.schedule_session(an_id(), number=1, expected_month="2023-01")


def test_sessions_do_not_share_a_day() -> None:
    cohort = a_cohort()
    the_six_sessions(cohort)
    with pytest.raises(SessionsOverlap):
        cohort.schedule_session(an_id(), number=7, starts_on=date(2023, 10, 13))


def test_the_dates_follow_the_numbers() -> None:
    cohort = a_cohort()
    the_six_sessions(cohort)
    with pytest.raises(SessionsOutOfOrder):
        cohort.schedule_session(an_id(), number=7, starts_on=date(2023, 8, 1))


def test_an_expected_month_follows_the_numbers_too() -> None:
    cohort = a_cohort()
    the_six_sessions(cohort)
    with pytest.raises(SessionsOutOfOrder):
        cohort.schedule_session(an_id(), number=7, expected_month="2023-09")
    cohort.schedule_session(an_id(), number=7, expected_month="2023-10")


def test_a_session_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(DatesReversed):
        a_cohort().schedule_session(
            an_id(), number=1, starts_on=date(2023, 1, 21), ends_on=date(2023, 1, 20)
        )


def test_a_last_day_without_a_first_is_refused() -> None:
    with pytest.raises(FirstDayMissing):
        a_cohort().schedule_session(an_id(), number=1, ends_on=date(2023, 1, 20))


def test_a_day_and_a_month_together_are_refused() -> None:
    with pytest.raises(DayOrMonth):
        a_cohort().schedule_session(
            an_id(), number=1, starts_on=date(2023, 1, 21), expected_month="2023-01"
        )


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-00", "26-01", "2026-1", "٢٠٢٦-٠١"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(InvalidMonth):
        a_cohort().schedule_session(an_id(), number=1, expected_month=month)


@pytest.mark.parametrize("number", [0, -1, 101])
def test_a_number_out_of_bounds_is_refused(number: int) -> None:
    with pytest.raises(InvalidNumber):
        a_cohort().schedule_session(an_id(), number=number)


@pytest.mark.parametrize("days", [0, 3, 32])
def test_more_days_than_lie_between_the_first_and_the_last_are_refused(days: int) -> None:
    with pytest.raises(InvalidNumber):
        a_cohort().schedule_session(
            an_id(), number=1, starts_on=date(2023, 1, 20), ends_on=date(2023, 1, 21), days=days
        )


@pytest.mark.parametrize(
    ("bad", "refusal"), [(" ", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]
)
def test_a_bad_name_or_town_of_a_session_is_refused(bad: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        a_cohort().schedule_session(an_id(), number=1, name=bad)
    with pytest.raises(refusal):
        a_cohort().schedule_session(an_id(), number=1, town=bad)


# moved and cancelled


def test_a_session_gets_its_days_once_they_are_known() -> None:
    cohort = a_cohort()
    session = an_id()
    cohort.schedule_session(session, number=1, town="Rouen", expected_month="2025-12", days=2)

    settled(cohort).move_session(session, starts_on=date(2025, 12, 4), ends_on=date(2025, 12, 5))

    (moved,) = cohort.collect_events()
    assert isinstance(moved, Cohort.SessionMoved)
    assert (moved.town, moved.days) == ("Rouen", 2)
    assert (moved.starts_on, moved.expected_month) == (date(2025, 12, 4), None)


def test_a_session_may_move_to_another_town_on_the_same_days() -> None:
    cohort = a_cohort()
    session = a_session(cohort)
    cohort.move_session(session, town="Le Havre")
    assert cohort.sessions[session].starts_on == date(2026, 1, 22)
    assert cohort.sessions[session].town == "Le Havre"


def test_a_session_that_stays_where_it_is_does_not_move() -> None:
    cohort = a_cohort()
    cohort.move_session(a_session(cohort), starts_on=date(2026, 1, 22))
    assert not cohort.collect_events()


def test_a_session_may_move_over_days_that_were_its_own() -> None:
    cohort = a_cohort()
    _, second, *_ = the_six_sessions(cohort)
    cohort.move_session(second, starts_on=date(2023, 3, 11), ends_on=date(2023, 3, 12))


def test_a_session_does_not_move_onto_another() -> None:
    cohort = a_cohort()
    _, second, *_ = the_six_sessions(cohort)
    before = cohort.state()
    with pytest.raises(SessionsOverlap):
        cohort.move_session(second, starts_on=date(2023, 1, 21))
    with pytest.raises(SessionsOutOfOrder):
        cohort.move_session(second, expected_month="2023-12")
    assert cohort.state() == before


def test_a_session_is_cancelled_with_a_reason_and_once() -> None:
    cohort = a_cohort()
    session = a_session(cohort)
    with pytest.raises(BlankText):
        cohort.cancel_session(session, " ")
    cohort.cancel_session(session, "tempête")
    cohort.cancel_session(session, "tempête")
    assert [type(event) for event in cohort.collect_events()] == [Cohort.SessionCancelled]


def test_a_cancelled_session_neither_moves_nor_takes_place() -> None:
    cohort = a_cohort()
    session = a_session(cohort)
    cohort.cancel_session(session, "tempête")
    with pytest.raises(AlreadyCancelled):
        cohort.move_session(session, starts_on=date(2026, 1, 23))
    with pytest.raises(AlreadyCancelled):
        cohort.hold_session(session, Turnout())


@pytest.mark.parametrize(
    "decision",
    [
        lambda cohort, unknown: cohort.move_session(unknown, town="Rouen"),
        lambda cohort, unknown: cohort.cancel_session(unknown, "tempête"),
        lambda cohort, unknown: cohort.hold_session(unknown, Turnout()),
        lambda cohort, unknown: cohort.correct_attendance(unknown, Turnout(), "oubli"),
        lambda cohort, unknown: cohort.move_webinar(unknown, date(2026, 1, 1)),
        lambda cohort, unknown: cohort.cancel_webinar(unknown, "tempête"),
        lambda cohort, unknown: cohort.hold_webinar(unknown),
        lambda cohort, unknown: cohort.regroup_base_camp(unknown, []),
        lambda cohort, unknown: cohort.dissolve_base_camp(unknown),
    ],
)
def test_what_is_unknown_is_not_found(decision: Callable[[Cohort, UUID], None]) -> None:
    with pytest.raises(NotFound):
        decision(a_cohort(), an_id())


def test_an_id_of_another_kind_is_told_apart_from_an_unknown_one() -> None:
    memory = Memory()
    cohort = memory.do(OpenCohort(name="CEC Ouest", territories=[BRETAGNE])).id
    session = memory.do(ScheduleSession(cohort=cohort, number=1)).part("session")
    with pytest.raises(WrongKindOfId):
        memory.do(MoveWebinar(cohort=cohort, webinar=session, day=date(2026, 1, 1)))
    with pytest.raises(NotFound):
        memory.do(HoldSession(cohort=cohort, session=Id("la première")))
    with pytest.raises(NotFound):
        memory.do(ScheduleSession(cohort=external("cohort", an_id()), number=1))


# held


def test_the_planet_champion_may_differ_from_one_session_to_the_next() -> None:
    cohort = a_cohort()
    organisation = enrolled(cohort).id
    sessions = the_six_sessions(cohort)

    for session in sessions:
        champion = OFFICER if session == sessions[3] else DIRECTOR
        came = Attendance(organisation=organisation, delegates=(PRESIDENT, champion))
        cohort.hold_session(session, Turnout(attendance=(came,)))

    held = [event for event in cohort.collect_events() if isinstance(event, Cohort.SessionHeld)]
    champions = [event.turnout.attendance[0].delegates[1].function for event in held]
    assert champions.count("directeur") == 5
    assert champions.count("chargé de projet label") == 1


def test_a_session_that_is_not_over_is_not_held() -> None:
    cohort = a_cohort()
    session = an_id()
    cohort.schedule_session(
        session, number=1, starts_on=date(2026, 1, 23), ends_on=date(2026, 1, 24)
    )
    with pytest.raises(HeldInTheFuture):
        cohort.hold_session(session, Turnout())


def test_a_session_may_be_held_today() -> None:
    cohort = a_cohort()
    session = a_session(cohort, date(2026, 1, 23))
    cohort.hold_session(session, Turnout(headcount=62))
    assert cohort.sessions[session].turnout == Turnout(headcount=62)


def test_a_session_without_days_is_not_held() -> None:
    cohort = a_cohort()
    with pytest.raises(SessionUndated):
        cohort.hold_session(a_session(cohort, None), Turnout())


def test_a_session_held_twice_alike_is_recorded_once() -> None:
    cohort = a_cohort()
    session = a_session(cohort)
    cohort.hold_session(session, Turnout(headcount=62))
    cohort.hold_session(session, Turnout(headcount=62))
    assert [type(event) for event in cohort.collect_events()] == [Cohort.SessionHeld]


def test_a_session_that_was_held_changes_by_correction_only() -> None:
    cohort = a_cohort()
    session = a_session(cohort)
    cohort.hold_session(session, Turnout(headcount=62))
    decisions: list[Callable[[], None]] = [
        lambda: cohort.hold_session(session, Turnout(headcount=61)),
        lambda: cohort.move_session(session, starts_on=date(2026, 1, 21)),
        lambda: cohort.cancel_session(session, "tempête"),
    ]
    for decision in decisions:
        with pytest.raises(AlreadyHeld):
            decision()
    cohort.correct_attendance(session, Turnout(headcount=61), "une personne comptée deux fois")


def test_the_attendance_of_a_session_that_was_not_held_is_not_corrected() -> None:
    cohort = a_cohort()
    with pytest.raises(NotHeldYet):
        cohort.correct_attendance(a_session(cohort), Turnout(headcount=1), "oubli")


def test_only_organisations_of_the_cohort_come() -> None:
    cohort = a_cohort()
    came = Attendance(organisation=an_id(), delegates=(PRESIDENT,))
    with pytest.raises(NotEnrolled) as refusal:
        cohort.hold_session(a_session(cohort), Turnout(attendance=(came,)))
    assert refusal.value.path == "attendance.0.organisation"


def test_an_organisation_that_withdrew_since_may_have_come_before() -> None:
    cohort = a_cohort()
    organisation = enrolled(cohort)
    session = a_session(cohort)
    cohort.withdraw(organisation, "faute de temps")
    came = Attendance(organisation=organisation.id, delegates=(PRESIDENT,))
    cohort.hold_session(session, Turnout(attendance=(came,)))


def test_an_organisation_comes_once_to_a_session() -> None:
    cohort = a_cohort()
    came = Attendance(organisation=enrolled(cohort).id, delegates=(PRESIDENT,))
    with pytest.raises(NamedTwice):
        cohort.hold_session(a_session(cohort), Turnout(attendance=(came, came)))


def test_an_organisation_comes_with_somebody() -> None:
    cohort = a_cohort()
    came = Attendance(organisation=enrolled(cohort).id, delegates=())
    with pytest.raises(NobodyNamed):
        cohort.hold_session(a_session(cohort), Turnout(attendance=(came,)))


@pytest.mark.parametrize(
    ("bad", "refusal"), [(" ", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]
)
def test_a_bad_function_is_refused_and_the_path_says_whose(
    bad: str, refusal: type[Refusal]
) -> None:
    cohort = a_cohort()
    nameless = Delegate(role=DelegateRole.PLANET_CHAMPION, function=bad)
    came = Attendance(organisation=enrolled(cohort).id, delegates=(PRESIDENT, nameless))
    with pytest.raises(refusal) as refused:
        cohort.hold_session(a_session(cohort), Turnout(attendance=(came,)))
    assert refused.value.path == "attendance.0.delegates.1.function"


def test_too_many_delegates_are_refused() -> None:
    cohort = a_cohort()
    came = Attendance(organisation=enrolled(cohort).id, delegates=(PRESIDENT,) * 21)
    with pytest.raises(TooManyItems):
        cohort.hold_session(a_session(cohort), Turnout(attendance=(came,)))


@pytest.mark.parametrize("headcount", [-1, 1, 100_001])
def test_no_fewer_come_than_are_named(headcount: int) -> None:
    cohort = a_cohort()
    came = Attendance(organisation=enrolled(cohort).id, delegates=(PRESIDENT, DIRECTOR))
    with pytest.raises(InvalidNumber):
        cohort.hold_session(a_session(cohort), Turnout(attendance=(came,), headcount=headcount))


def test_a_contact_who_is_not_the_organisations_does_not_come_for_it() -> None:
    memory = Memory()
    cohort = memory.do(OpenCohort(name="CEC Ouest", territories=[BRETAGNE])).id
    session = memory.do(ScheduleSession(cohort=cohort, number=1, starts_on=date(2023, 1, 20))).part(
        "session"
    )
    organisation = memory.do(
        RegisterOrganisation(name="Territoire apprenant", kind=OrganisationKind.ASSOCIATION)
    ).id
    stranger = DelegateEntry(
        role=DelegateRole.LEADER, function="présidente", contact=external("contact", an_id())
    )
    entry = AttendanceEntry(organisation=organisation, delegates=[stranger])
    with pytest.raises(NotFound) as refusal:
        memory.do(HoldSession(cohort=cohort, session=session, attendance=[entry]))
    assert refusal.value.path == "attendance.0.delegates.0.contact"


# webinars


def test_a_webinar_is_scheduled_moved_and_held() -> None:
    cohort = a_cohort()
    webinar = an_id()
    cohort.schedule_webinar(webinar, title="Numérique responsable", day=date(2023, 6, 22))
    cohort.move_webinar(webinar, date(2023, 6, 23), "une autre date convient mieux")
    cohort.move_webinar(webinar, date(2023, 6, 23))
    cohort.hold_webinar(webinar, 40)
    cohort.hold_webinar(webinar, 40)
    assert [type(event) for event in cohort.collect_events()] == [
        Cohort.WebinarScheduled,
        Cohort.WebinarMoved,
        Cohort.WebinarHeld,
    ]


@pytest.mark.parametrize("day", [date(2025, 11, 30), date(2026, 9, 1)])
def test_a_webinar_outside_the_period_is_refused(day: date) -> None:
    cohort = a_cohort(starts_on=date(2025, 12, 1), ends_on=date(2026, 8, 31))
    webinar = an_id()
    with pytest.raises(DayOutsidePeriod) as refusal:
        cohort.schedule_webinar(webinar, title="Feuilles de route", day=day)
    assert refusal.value.path == "day"
    assert "2025-12-01 – 2026-08-31" in refusal.value.message("fr")

    cohort.schedule_webinar(webinar, title="Feuilles de route", day=date(2026, 8, 31))
    with pytest.raises(DayOutsidePeriod):
        cohort.move_webinar(webinar, day)


def test_a_webinar_to_come_is_not_held() -> None:
    cohort = a_cohort()
    webinar = an_id()
    cohort.schedule_webinar(webinar, title="Feuilles de route", day=date(2026, 1, 24))
    with pytest.raises(HeldInTheFuture):
        cohort.hold_webinar(webinar)


def test_a_webinar_that_was_held_neither_moves_nor_falls_away() -> None:
    cohort = a_cohort()
    webinar = an_id()
    cohort.schedule_webinar(webinar, title="Feuilles de route", day=date(2023, 10, 5))
    cohort.hold_webinar(webinar)
    with pytest.raises(AlreadyHeld):
        cohort.move_webinar(webinar, date(2023, 10, 6))
    with pytest.raises(AlreadyHeld):
        cohort.cancel_webinar(webinar, "trop tard")
    with pytest.raises(AlreadyHeld):
        cohort.hold_webinar(webinar, 3)


def test_a_webinar_is_cancelled_with_a_reason_and_once() -> None:
    cohort = a_cohort()
    webinar = an_id()
    cohort.schedule_webinar(webinar, title="Feuilles de route", day=date(2023, 10, 5))
    settled(cohort)
    with pytest.raises(BlankText):
        cohort.cancel_webinar(webinar, "")
    cohort.cancel_webinar(webinar, "faute d’intervenant")
    cohort.cancel_webinar(webinar, "faute d’intervenant")
    assert [type(event) for event in cohort.collect_events()] == [Cohort.WebinarCancelled]
    with pytest.raises(AlreadyCancelled):
        cohort.hold_webinar(webinar)


@pytest.mark.parametrize("attendance", [-1, 10_001])
def test_an_attendance_out_of_bounds_is_refused(attendance: int) -> None:
    cohort = a_cohort()
    webinar = an_id()
    cohort.schedule_webinar(webinar, title="Feuilles de route", day=date(2023, 10, 5))
    with pytest.raises(InvalidNumber):
        cohort.hold_webinar(webinar, attendance)


@pytest.mark.parametrize(
    ("bad", "refusal"), [(" ", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]
)
def test_a_bad_title_of_a_webinar_is_refused(bad: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        a_cohort().schedule_webinar(an_id(), title=bad, day=date(2023, 10, 5))


# base camps


def a_camp(cohort: Cohort, *organisations: UUID) -> UUID:
    """Form a base camp."""
    camp = an_id()
    cohort.form_base_camp(
        camp,
        name="Golfe",
        coach="coach",
        facilitator="facilitatrice",
        organisations=organisations,
    )
    settled(cohort)
    return camp


def test_a_base_camp_is_a_pair_and_its_organisations() -> None:
    cohort = a_cohort()
    first, second = enrolled(cohort).id, enrolled(cohort).id
    camp = a_camp(cohort, first)
    cohort.regroup_base_camp(camp, [second, first, second])
    (regrouped,) = cohort.collect_events()
    assert isinstance(regrouped, Cohort.BaseCampRegrouped)
    assert regrouped.organisations == (second, first)


def test_the_order_of_organisations_makes_no_other_base_camp() -> None:
    cohort = a_cohort()
    first, second = enrolled(cohort).id, enrolled(cohort).id
    camp = a_camp(cohort, first, second)
    cohort.regroup_base_camp(camp, [second, first])
    assert not cohort.collect_events()


def test_an_organisation_belongs_to_one_base_camp() -> None:
    cohort = a_cohort()
    organisation = enrolled(cohort).id
    camp = a_camp(cohort, organisation)
    with pytest.raises(AlreadyInCamp) as refusal:
        a_camp(cohort, organisation)
    assert external("camp", camp) in refusal.value.message("fr")


def test_a_base_camp_takes_enrolled_organisations_only() -> None:
    with pytest.raises(NotEnrolled):
        a_camp(a_cohort(), an_id())


def test_a_base_camp_takes_no_more_than_a_hundred_organisations() -> None:
    with pytest.raises(TooManyItems):
        a_camp(a_cohort(), *(an_id() for _ in range(101)))


def test_the_organisations_of_a_dissolved_base_camp_are_free_for_another() -> None:
    cohort = a_cohort()
    organisation = enrolled(cohort).id
    camp = a_camp(cohort, organisation)
    cohort.dissolve_base_camp(camp)
    cohort.dissolve_base_camp(camp)
    assert [type(event) for event in cohort.collect_events()] == [Cohort.BaseCampDissolved]
    a_camp(cohort, organisation)
    with pytest.raises(CampDissolved):
        cohort.regroup_base_camp(camp, [])


@pytest.mark.parametrize("field", ["name", "coach", "facilitator"])
@pytest.mark.parametrize(
    ("bad", "refusal"), [(" ", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]
)
def test_a_bad_text_of_a_base_camp_is_refused(field: str, bad: str, refusal: type[Refusal]) -> None:
    memory = Memory()
    cohort = memory.do(OpenCohort(name="CEC Ouest", territories=[BRETAGNE])).id
    texts = {"name": "Golfe", "coach": "coach", "facilitator": "facilitatrice", field: bad}
    with pytest.raises(refusal) as refused:
        memory.do(FormBaseCamp(cohort=cohort, **texts))  # type: ignore[arg-type]
    assert refused.value.path == field
