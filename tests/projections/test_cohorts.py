"""Given what happened to cohorts, when it is folded, then this can be read."""

from datetime import date
from uuid import uuid4

from domain.cohort import Cohort, ResourceKind
from domain.identity import external
from domain.report import Report
from projections.cohorts import (
    COHORTS,
    CohortRow,
    CohortStatus,
    CohortTerritoryRow,
    ErratumRow,
    PlaceHoldRow,
    ResourceRow,
)
from tests.domain.given import an_organisation
from tests.domain.work import NOW
from tests.history import AT, news
from tests.projections.folding import folded, only, shown


def ouest() -> Cohort:
    """A new cohort over two regions."""
    return Cohort.open(
        uuid4(),
        now=NOW,
        name="CEC Ouest",
        edition="2023",
        territories=["region:53", "region:52"],
        capacity=62,
        starts_on=date(2023, 3, 1),
        ends_on=date(2023, 12, 31),
    )


def test_an_opened_cohort_can_be_read_with_all_that_is_known() -> None:
    cohort = ouest()
    rows = folded(COHORTS, *news(cohort))
    id = external("cohort", cohort.id)
    row = only(rows, CohortRow)
    assert (row.id, row.version, row.opened_at, row.updated_at) == (id, 1, AT, AT)
    assert (row.name, row.name_key, row.edition) == ("CEC Ouest", "cec ouest", "2023")
    assert (row.status, row.capacity, row.places_held) == (CohortStatus.OPEN, 62, 0)
    assert (row.starts_on, row.ends_on) == (date(2023, 3, 1), date(2023, 12, 31))
    assert {(t.cohort_id, t.territory_key) for t in rows.all(CohortTerritoryRow)} == {
        (id, "region:53"),
        (id, "region:52"),
    }


def test_a_cohort_knows_from_which_cohort_roadmap_and_lever_it_springs() -> None:
    parent, roadmap, lever = uuid4(), uuid4(), uuid4()
    cohort = Cohort.open(
        uuid4(),
        now=NOW,
        name="CEC Bretagne Sud",
        territories=["region:53"],
        springs_from_cohort=parent,
        springs_from_roadmap=roadmap,
        springs_from_lever=lever,
    )
    row = only(folded(COHORTS, *news(cohort)), CohortRow)
    assert row.springs_from_cohort_id == external("cohort", parent)
    assert row.springs_from_roadmap_id == external("roadmap", roadmap)
    assert row.springs_from_lever_id == external("lever", lever)


def test_period_and_capacity_are_those_that_were_set_last() -> None:
    cohort = ouest()
    cohort.set_period(date(2023, 2, 1), None)
    cohort.set_capacity(70)
    row = only(folded(COHORTS, *news(cohort)), CohortRow)
    assert (row.starts_on, row.ends_on, row.capacity) == (date(2023, 2, 1), None, 70)
    assert row.version == 3


def test_held_places_add_up_and_each_change_stays_with_its_note() -> None:
    cohort = ouest()
    cohort.hold_places(61, "dont le nom viendra")
    cohort.release_places(2, "désistements")
    before = news(cohort)
    organisation = an_organisation()
    cohort.receive_application(organisation)
    cohort.admit(organisation)
    cohort.enrol(organisation, held_place=True)
    rows = folded(COHORTS, *before, *news(cohort))
    assert only(rows, CohortRow).places_held == 58
    assert [(row.places, row.note) for row in shown(rows, PlaceHoldRow, "version")] == [
        (61, "dont le nom viendra"),
        (-2, "désistements"),
    ]


def test_what_was_shared_is_shown() -> None:
    cohort = ouest()
    cohort.share_resource(
        uuid4(),
        title="Un film",
        kind=ResourceKind.DOCUMENTARY,
        url="https://exemple.fr/film",
        shared_on=date(2025, 12, 4),
    )
    row = only(folded(COHORTS, *news(cohort)), ResourceRow)
    assert (row.title, row.kind, row.url, row.shared_on) == (
        "Un film",
        ResourceKind.DOCUMENTARY,
        "https://exemple.fr/film",
        date(2025, 12, 4),
    )


def test_a_cohort_starts_and_closes_with_its_report_which_may_be_corrected() -> None:
    cohort = ouest()
    cohort.start(date(2023, 3, 9))
    started = news(cohort)
    assert only(folded(COHORTS, *started), CohortRow).status is CohortStatus.STARTED
    cohort.close(date(2023, 12, 15), Report(organisations=62, title="Bilan"))
    closed = [*started, *news(cohort)]
    row = only(folded(COHORTS, *closed), CohortRow)
    assert (row.status, row.started_on, row.closed_on) == (
        CohortStatus.CLOSED,
        date(2023, 3, 9),
        date(2023, 12, 15),
    )
    assert (row.report_organisations, row.report_title, row.report_corrected_because) == (
        62,
        "Bilan",
        None,
    )
    cohort.correct_report(
        Report(organisations=61, url="https://exemple.fr", summary="Résumé"), "Un oubli"
    )
    row = only(folded(COHORTS, *closed, *news(cohort)), CohortRow)
    assert (row.report_organisations, row.report_title) == (61, None)
    assert (row.report_url, row.report_summary) == ("https://exemple.fr", "Résumé")
    assert row.report_corrected_because == "Un oubli"


def test_an_erratum_is_shown_beside_what_it_corrects() -> None:
    cohort = ouest()
    cohort.note_erratum("Le lieu", "C’était Vannes", "Une coquille")
    row = only(folded(COHORTS, *news(cohort)), ErratumRow)
    assert (row.subject, row.correction, row.reason) == (
        "Le lieu",
        "C’était Vannes",
        "Une coquille",
    )


def test_cohorts_do_not_mix() -> None:
    one, other = ouest(), ouest()
    one.set_capacity(10)
    rows = folded(COHORTS, *news(one, other))
    by_id = {row.id: row.capacity for row in rows.all(CohortRow)}
    assert by_id == {external("cohort", one.id): 10, external("cohort", other.id): 62}
