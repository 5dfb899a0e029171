"""Given what happened to base camps, when it is folded, then this can be read."""

from uuid import uuid4

from domain.identity import external
from projections.base_camps import BaseCampRow, CampMemberRow
from projections.cohorts import COHORTS
from projections.rows import Rows
from tests.history import AT, news
from tests.projections.folding import folded, only
from tests.projections.test_cohorts import ouest
from tests.projections.test_enrolments import in_cohort


def members(rows: Rows) -> set[str]:
    """The organisations that have a place in a base camp."""
    return {row.organisation_id for row in rows.all(CampMemberRow)}


def test_a_base_camp_is_formed_regrouped_and_dissolved() -> None:
    cohort, camp = ouest(), uuid4()
    one, two, three = (in_cohort(cohort, 3) for _ in range(3))
    cohort.form_base_camp(
        camp,
        name="Camp du Golfe",
        coach="coach",
        facilitator="facilitatrice",
        organisations=[one.id, two.id],
    )
    formed = news(cohort)
    rows = folded(COHORTS, *formed)
    row = only(rows, BaseCampRow)
    assert (row.name, row.coach, row.facilitator) == ("Camp du Golfe", "coach", "facilitatrice")
    assert (row.formed_at, row.dissolved_at) == (AT, None)
    assert members(rows) == {external("organisation", each.id) for each in (one, two)}

    cohort.regroup_base_camp(camp, [two.id, three.id])
    regrouped = [*formed, *news(cohort)]
    assert members(folded(COHORTS, *regrouped)) == {
        external("organisation", each.id) for each in (two, three)
    }

    cohort.dissolve_base_camp(camp, "Trop peu")
    rows = folded(COHORTS, *regrouped, *news(cohort))
    row = only(rows, BaseCampRow)
    assert (row.dissolved_at, row.dissolved_because) == (AT, "Trop peu")
    assert not members(rows)


def test_who_withdraws_leaves_its_base_camp() -> None:
    cohort = ouest()
    one, two = in_cohort(cohort, 3), in_cohort(cohort, 3)
    cohort.form_base_camp(
        uuid4(), name="Camp", coach="c", facilitator="f", organisations=[one.id, two.id]
    )
    cohort.withdraw(one, "Plus le temps")
    assert members(folded(COHORTS, *news(cohort))) == {external("organisation", two.id)}
