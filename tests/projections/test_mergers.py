"""Given that organisations became one, when it is folded, then every reference follows."""

from uuid import uuid4

from domain.aggregate import AggregateEvent
from domain.delegation import Attendance
from domain.identity import external
from domain.organisation import Organisation
from domain.participation import Standing
from domain.roadmap import Roadmap, RoadmapOwner
from domain.session import Turnout
from projections.base_camps import CampMemberRow
from projections.cohorts import COHORTS
from projections.enrolments import DelegateRow, EnrolmentRow
from projections.roadmaps import ROADMAPS, RoadmapRow
from projections.sessions import AttendanceRow
from tests.domain.given import DIRECTOR, PRESIDENT, an_organisation
from tests.domain.work import NOW
from tests.history import news
from tests.projections.folding import folded, only
from tests.projections.test_cohorts import ouest
from tests.projections.test_enrolments import in_cohort
from tests.projections.test_sessions import with_a_session


def merged(one: Organisation, into: Organisation) -> list[AggregateEvent]:
    """Let one organisation go up in another."""
    one.merge_into(into)
    return news(one, into)


def test_all_that_an_organisation_has_in_a_cohort_follows_its_survivor() -> None:
    cohort = ouest()
    one, survivor = in_cohort(cohort, 3), an_organisation()
    cohort.set_delegation(one, [PRESIDENT])
    cohort.form_base_camp(uuid4(), name="Camp", coach="c", facilitator="f", organisations=[one.id])
    came = Attendance(organisation=one.id, delegates=(PRESIDENT,))
    cohort.hold_session(with_a_session(cohort), Turnout(attendance=(came,)))
    rows = folded(COHORTS, *news(cohort), *merged(one, survivor))
    id = external("organisation", survivor.id)
    assert only(rows, EnrolmentRow).organisation_id == id
    assert only(rows, EnrolmentRow).standing is Standing.ENROLLED
    assert only(rows, DelegateRow).organisation_id == id
    assert only(rows, CampMemberRow).organisation_id == id
    assert only(rows, AttendanceRow).organisation_id == id


def test_references_follow_through_any_number_of_mergers() -> None:
    cohort = ouest()
    one, two, three = in_cohort(cohort, 3), an_organisation(), an_organisation()
    rows = folded(COHORTS, *news(cohort), *merged(one, two), *merged(two, three))
    assert only(rows, EnrolmentRow).organisation_id == external("organisation", three.id)


def test_where_both_are_in_a_cohort_the_survivors_enrolment_stays() -> None:
    cohort = ouest()
    one, survivor = in_cohort(cohort, 3), in_cohort(cohort, 3)
    cohort.set_delegation(one, [PRESIDENT, DIRECTOR])
    cohort.set_delegation(survivor, [PRESIDENT])
    both = [one.id, survivor.id]
    cohort.form_base_camp(uuid4(), name="Camp", coach="c", facilitator="f", organisations=both)
    rows = folded(COHORTS, *news(cohort), *merged(one, survivor))
    id = external("organisation", survivor.id)
    assert only(rows, EnrolmentRow).organisation_id == id
    assert (only(rows, DelegateRow).organisation_id, only(rows, DelegateRow).place) == (id, 1)
    assert only(rows, CampMemberRow).organisation_id == id


def test_an_enrolment_is_not_lost_to_one_from_which_the_survivor_withdrew() -> None:
    cohort = ouest()
    one, survivor = in_cohort(cohort, 3), in_cohort(cohort, 3)
    cohort.set_delegation(one, [PRESIDENT])
    cohort.withdraw(survivor, "Plus le temps")
    rows = folded(COHORTS, *news(cohort), *merged(one, survivor))
    assert only(rows, EnrolmentRow).standing is Standing.ENROLLED
    assert only(rows, DelegateRow).organisation_id == external("organisation", survivor.id)


def test_the_furthest_of_two_enrolments_stays() -> None:
    cohort = ouest()
    one, survivor = in_cohort(cohort, 3), in_cohort(cohort, 1)
    rows = folded(COHORTS, *news(cohort), *merged(one, survivor))
    assert only(rows, EnrolmentRow).standing is Standing.ENROLLED
    assert only(rows, EnrolmentRow).organisation_id == external("organisation", survivor.id)


def test_a_merger_that_the_cohort_acknowledges_was_followed_already() -> None:
    cohort = ouest()
    one, survivor = in_cohort(cohort, 3), in_cohort(cohort, 3)
    cohort.set_delegation(survivor, [PRESIDENT])
    cohort.form_base_camp(uuid4(), name="Camp", coach="c", facilitator="f", organisations=[one.id])
    history = [*news(cohort), *merged(one, survivor)]
    before = folded(COHORTS, *history)
    cohort.acknowledge_merger(one, survivor)
    after = folded(COHORTS, *history, *news(cohort))
    for kind in (EnrolmentRow, DelegateRow, CampMemberRow):
        assert only(after, kind) == only(before, kind)
    assert only(after, CampMemberRow).organisation_id == external("organisation", survivor.id)


def test_both_who_came_to_a_session_came_for_the_survivor() -> None:
    cohort = ouest()
    one, survivor = in_cohort(cohort, 3), in_cohort(cohort, 3)
    came = tuple(
        Attendance(organisation=each.id, delegates=(PRESIDENT,)) for each in (one, survivor)
    )
    cohort.hold_session(with_a_session(cohort), Turnout(attendance=came))
    rows = folded(COHORTS, *news(cohort), *merged(one, survivor)).all(AttendanceRow)
    assert [row.organisation_id for row in rows] == [external("organisation", survivor.id)] * 2


def test_what_is_stated_later_under_the_former_name_is_the_survivors() -> None:
    cohort = ouest()
    one, survivor = in_cohort(cohort, 3), an_organisation()
    before = [*news(cohort), *merged(one, survivor)]
    cohort.set_delegation(survivor, [PRESIDENT])
    came = Attendance(organisation=one.id, delegates=(PRESIDENT,))
    cohort.hold_session(with_a_session(cohort), Turnout(attendance=(came,)))
    cohort.form_base_camp(uuid4(), name="Camp", coach="c", facilitator="f", organisations=[one.id])
    after = news(cohort)
    rows = folded(COHORTS, *before, *after)
    id = external("organisation", survivor.id)
    assert only(rows, DelegateRow).organisation_id == id
    assert only(rows, AttendanceRow).organisation_id == id
    assert only(rows, CampMemberRow).organisation_id == id
    cohort.withdraw(survivor, "Plus le temps")
    rows = folded(COHORTS, *before, *after, *news(cohort))
    assert only(rows, EnrolmentRow).standing is Standing.WITHDRAWN
    assert not list(rows.all(DelegateRow))
    assert not list(rows.all(CampMemberRow))


def test_a_roadmap_follows_its_organisation_drafted_before_or_after() -> None:
    one, survivor = an_organisation(), an_organisation()
    owner = RoadmapOwner(organisation=one.id, cohort=uuid4())
    before, after = (Roadmap.draft(uuid4(), now=NOW, owner=owner, horizon=2030) for _ in range(2))
    rows = folded(ROADMAPS, *news(before), *merged(one, survivor), *news(after))
    assert [row.organisation_id for row in rows.all(RoadmapRow)] == [
        external("organisation", survivor.id)
    ] * 2
