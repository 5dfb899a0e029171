"""Given what happened to sessions and webinars, when it is folded, then this can be read."""

from datetime import date
from uuid import UUID, uuid4

from domain.cohort import Cohort
from domain.delegation import Attendance, Delegate, DelegateRole
from domain.identity import external
from domain.session import Turnout
from projections.cohorts import COHORTS
from projections.sessions import AttendanceRow, SessionRow, SessionStatus, WebinarRow
from tests.domain.given import DIRECTOR, OFFICER, PRESIDENT, an_organisation
from tests.history import AT, news
from tests.projections.folding import folded, only, shown
from tests.projections.test_cohorts import ouest


def with_a_session(cohort: Cohort) -> UUID:
    """Schedule the first session."""
    session = uuid4()
    cohort.schedule_session(
        session,
        number=1,
        name="Constats",
        town="Vannes",
        starts_on=date(2023, 3, 9),
        ends_on=date(2023, 3, 10),
        days=2,
    )
    return session


def enrol(cohort: Cohort) -> UUID:
    """Let an organisation take a place, and give its id."""
    organisation = an_organisation()
    cohort.receive_application(organisation)
    cohort.admit(organisation)
    cohort.enrol(organisation)
    return organisation.id


def test_a_scheduled_session_can_be_read_with_all_that_is_known() -> None:
    cohort = ouest()
    session = with_a_session(cohort)
    assert only(folded(COHORTS, *news(cohort)), SessionRow) == SessionRow(
        id=external("session", session),
        cohort_id=external("cohort", cohort.id),
        number=1,
        name="Constats",
        town="Vannes",
        starts_on=date(2023, 3, 9),
        ends_on=date(2023, 3, 10),
        expected_month=None,
        days=2,
        status=SessionStatus.SCHEDULED,
        headcount=None,
        scheduled_at=AT,
        moved_because=None,
        cancelled_because=None,
        corrected_because=None,
        revision=0,
    )


def test_a_session_of_which_the_month_alone_is_known_gets_its_days_later() -> None:
    cohort, session = ouest(), uuid4()
    cohort.schedule_session(session, number=2, expected_month="2023-04")
    before = news(cohort)
    assert only(folded(COHORTS, *before), SessionRow).expected_month == "2023-04"
    cohort.move_session(session, starts_on=date(2023, 4, 6), reason="La salle est trouvée")
    row = only(folded(COHORTS, *before, *news(cohort)), SessionRow)
    assert (row.expected_month, row.starts_on) == (None, date(2023, 4, 6))
    assert row.moved_because == "La salle est trouvée"


def test_a_cancelled_session_stays_with_its_reason() -> None:
    cohort = ouest()
    cohort.cancel_session(with_a_session(cohort), "Neige")
    row = only(folded(COHORTS, *news(cohort)), SessionRow)
    assert (row.status, row.cancelled_because) == (SessionStatus.CANCELLED, "Neige")


def test_a_held_session_shows_who_came_for_whom() -> None:
    cohort = ouest()
    organisation, other, contact = enrol(cohort), enrol(cohort), uuid4()
    session = with_a_session(cohort)
    known = Delegate(role=DelegateRole.LEADER, function="présidente", contact=contact)
    came = (
        Attendance(organisation=organisation, delegates=(PRESIDENT, DIRECTOR)),
        Attendance(organisation=other, delegates=(known,)),
    )
    cohort.hold_session(session, Turnout(attendance=came, headcount=180))
    rows = folded(COHORTS, *news(cohort))
    held = only(rows, SessionRow)
    assert (held.status, held.headcount) == (SessionStatus.HELD, 180)
    attendances = shown(rows, AttendanceRow, "place")
    assert [(row.organisation_id, row.role, row.function) for row in attendances] == [
        (external("organisation", organisation), DelegateRole.LEADER, PRESIDENT.function),
        (external("organisation", organisation), DelegateRole.PLANET_CHAMPION, DIRECTOR.function),
        (external("organisation", other), DelegateRole.LEADER, "présidente"),
    ]
    assert [row.contact_id for row in attendances] == [None, None, external("contact", contact)]


def test_a_correction_replaces_all_who_were_said_to_have_come() -> None:
    cohort = ouest()
    organisation = enrol(cohort)
    session = with_a_session(cohort)
    came = Attendance(organisation=organisation, delegates=(PRESIDENT, DIRECTOR))
    cohort.hold_session(session, Turnout(attendance=(came,), headcount=2))
    corrected = Attendance(organisation=organisation, delegates=(OFFICER,))
    cohort.correct_attendance(session, Turnout(attendance=(corrected,)), "La feuille de présence")
    rows = folded(COHORTS, *news(cohort))
    assert only(rows, AttendanceRow).function == OFFICER.function
    row = only(rows, SessionRow)
    assert (row.headcount, row.corrected_because) == (None, "La feuille de présence")
    assert row.status is SessionStatus.HELD


def test_webinars_are_scheduled_moved_held_and_cancelled() -> None:
    cohort, held, cancelled = ouest(), uuid4(), uuid4()
    cohort.schedule_webinar(held, title="Limites planétaires", day=date(2023, 4, 4))
    cohort.move_webinar(held, date(2023, 4, 11), "Grève")
    cohort.hold_webinar(held, 120)
    cohort.schedule_webinar(cancelled, title="Récits", day=date(2023, 5, 4))
    cohort.cancel_webinar(cancelled, "L’oratrice est malade")
    first, second = shown(folded(COHORTS, *news(cohort)), WebinarRow, "day")
    assert (first.title, first.day) == ("Limites planétaires", date(2023, 4, 11))
    assert (first.status, first.attendance, first.moved_because) == (
        SessionStatus.HELD,
        120,
        "Grève",
    )
    assert (second.status, second.cancelled_because) == (
        SessionStatus.CANCELLED,
        "L’oratrice est malade",
    )
