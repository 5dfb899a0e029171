"""Given who came into cohorts and went, when it is folded, then this can be read."""

from domain.cohort import Cohort
from domain.delegation import DelegateRole
from domain.identity import external
from domain.organisation import Organisation
from domain.participation import Standing
from projections.cohorts import COHORTS
from projections.enrolments import DelegateRow, EnrolmentRow
from tests.domain.given import DIRECTOR, OFFICER, PRESIDENT, an_organisation
from tests.history import AT, news
from tests.projections.folding import folded, only, shown
from tests.projections.test_cohorts import ouest


def in_cohort(cohort: Cohort, steps: int, organisation: Organisation | None = None) -> Organisation:
    """Let an organisation go so many steps of the way in."""
    organisation = organisation or an_organisation()
    for step in (cohort.receive_application, cohort.admit, cohort.enrol)[:steps]:
        step(organisation)
    return organisation


def test_an_organisation_applies_is_admitted_and_enrols() -> None:
    cohort = ouest()
    for steps in (1, 2, 3):
        in_cohort(cohort, steps)
    rows = shown(folded(COHORTS, *news(cohort)), EnrolmentRow, "organisation_id")
    assert [(r.standing, r.applied_at, r.admitted_at, r.enrolled_at) for r in rows] == [
        (Standing.APPLIED, AT, None, None),
        (Standing.ADMITTED, AT, AT, None),
        (Standing.ENROLLED, AT, AT, AT),
    ]


def test_an_enrolment_says_whether_it_took_a_place_that_was_held() -> None:
    cohort = ouest()
    cohort.hold_places(1)
    organisation = in_cohort(cohort, 2)
    cohort.enrol(organisation, held_place=True)
    assert only(folded(COHORTS, *news(cohort)), EnrolmentRow).held_place


def test_who_withdraws_stays_with_the_reason_and_nobody_stands_for_it() -> None:
    cohort = ouest()
    organisation = in_cohort(cohort, 3)
    cohort.set_delegation(organisation, [PRESIDENT])
    cohort.withdraw(organisation, "Plus le temps")
    rows = folded(COHORTS, *news(cohort))
    row = only(rows, EnrolmentRow)
    assert (row.standing, row.withdrew_at, row.withdrew_because) == (
        Standing.WITHDRAWN,
        AT,
        "Plus le temps",
    )
    assert not list(rows.all(DelegateRow))


def test_who_comes_back_begins_anew() -> None:
    cohort = ouest()
    organisation = in_cohort(cohort, 3)
    cohort.withdraw(organisation, "Plus le temps")
    in_cohort(cohort, 1, organisation)
    row = only(folded(COHORTS, *news(cohort)), EnrolmentRow)
    assert (row.standing, row.enrolled_at, row.withdrew_because) == (Standing.APPLIED, None, None)


def test_a_delegation_replaces_the_one_before_and_touches_no_other() -> None:
    cohort = ouest()
    organisation, other = in_cohort(cohort, 3), in_cohort(cohort, 3)
    cohort.set_delegation(other, [PRESIDENT])
    cohort.set_delegation(organisation, [PRESIDENT, DIRECTOR])
    cohort.set_delegation(organisation, [PRESIDENT, OFFICER])
    rows = folded(COHORTS, *news(cohort)).all(DelegateRow)
    id = external("organisation", organisation.id)
    assert sorted((r.organisation_id == id, r.place, r.role, r.function) for r in rows) == [
        (False, 1, DelegateRole.LEADER, PRESIDENT.function),
        (True, 1, DelegateRole.LEADER, PRESIDENT.function),
        (True, 2, DelegateRole.PLANET_CHAMPION, OFFICER.function),
    ]


def test_the_same_organisation_may_be_in_two_cohorts() -> None:
    one, other = ouest(), ouest()
    organisation = an_organisation()
    for cohort in (one, other):
        in_cohort(cohort, 3, organisation)
        cohort.set_delegation(organisation, [PRESIDENT])
    one.withdraw(organisation, "Une suffit")
    rows = folded(COHORTS, *news(one, other))
    assert {row.cohort_id: row.standing for row in rows.all(EnrolmentRow)} == {
        external("cohort", one.id): Standing.WITHDRAWN,
        external("cohort", other.id): Standing.ENROLLED,
    }
    assert only(rows, DelegateRow).cohort_id == external("cohort", other.id)
