"""Sessions and webinars of a cohort, and who came."""

from api.entity import entity, many, one
from api.node import Node
from projections.sessions import AttendanceRow, SessionRow, WebinarRow


@entity(
    id="Its id.",
    number="Its number within the cohort, 1 for the first.",
    name="What it is called.",
    town="The town where it takes place.",
    starts_on="Its first day.",
    ends_on="Its last day.",
    expected_month="The month in which it is expected, such as 2026-03, until its days are known.",
    days="How many days it lasts.",
    status="Whether it has taken place.",
    headcount="How many came, where that is known.",
    scheduled_at="When it was entered.",
    moved_because="Why it was moved, where it was.",
    cancelled_because="Why it was cancelled, where it was.",
    corrected_because="Why its attendance was corrected, where it was.",
    revision="How often its days or its place changed, or it was cancelled.",
)
class Session(SessionRow, Node):
    """A session of a cohort: its days, or its month until they are known."""

    cohort = one("The cohort.")
    attendances = many("Who came, in the order in which they were named; bounded by the places.")


@entity(
    role="In which role they came.",
    function="Their function in the organisation.",
)
class Attendance(AttendanceRow):
    """One who came to a session for an organisation."""

    session = one("The session.")
    organisation = one("The organisation for which they came.")
    contact = one("The contact of the organisation that they are, where that is known.")


@entity(
    id="Its id.",
    title="Its title.",
    day="The day.",
    status="Whether it has taken place.",
    attendance="How many came, where that is known.",
    scheduled_at="When it was entered.",
    moved_because="Why it was moved, where it was.",
    cancelled_because="Why it was cancelled, where it was.",
    revision="How often its day changed, or it was cancelled.",
)
class Webinar(WebinarRow, Node):
    """A webinar of a cohort."""

    cohort = one("The cohort.")
