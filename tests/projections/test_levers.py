"""Given what happened to levers and objectives, when it is folded, then this can be read."""

from datetime import date
from decimal import Decimal

from domain.identity import external
from domain.part import ImpactScope, Lever
from projections.levers import LeverRow, ObjectiveMeasurementRow, ObjectiveRow
from projections.roadmaps import ROADMAPS
from projections.rows import Rows
from tests.domain.roadmaps import COMMITTEE, FOOTPRINT, GOVERNANCE, IMPACT, SERVICES, bilan
from tests.history import AT, news
from tests.projections.folding import folded, only, shown
from tests.projections.test_roadmaps import a_roadmap


def titles(rows: Rows) -> list[str]:
    """The titles of the levers, in their order."""
    return [row.title for row in shown(rows, LeverRow, "position")]


def test_levers_stand_in_the_order_that_was_set_last() -> None:
    roadmap = a_roadmap()
    for id, title in ((GOVERNANCE, "Un"), (IMPACT, "Deux"), (SERVICES, "Trois")):
        roadmap.add_lever(id, Lever(title=title))
    facts = news(roadmap)
    assert titles(folded(ROADMAPS, *facts)) == ["Un", "Deux", "Trois"]
    roadmap.reorder_levers([SERVICES, GOVERNANCE, IMPACT])
    roadmap.drop_lever(GOVERNANCE, "Acquise")
    roadmap.add_lever(COMMITTEE, Lever(title="Quatre"))
    assert titles(folded(ROADMAPS, *facts, *news(roadmap))) == ["Trois", "Deux", "Quatre"]


def test_a_lever_says_what_it_was_reworded_to() -> None:
    roadmap = a_roadmap()
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouverner", description="À plusieurs"))
    roadmap.reword_lever(GOVERNANCE, Lever(title="Gouverner ensemble"))
    row = only(folded(ROADMAPS, *news(roadmap)), LeverRow)
    assert (row.title, row.description) == ("Gouverner ensemble", None)
    assert row.roadmap_id == external("roadmap", roadmap.id)


def test_an_objective_has_all_that_was_said_of_it() -> None:
    roadmap = a_roadmap()
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouverner"))
    roadmap.add_objective(FOOTPRINT, GOVERNANCE, bilan())
    row = only(folded(ROADMAPS, *news(roadmap)), ObjectiveRow)
    assert row.lever_id == external("lever", GOVERNANCE)
    assert (row.wording, row.scope) == ("Un bilan carbone", ImpactScope.LOCAL)
    assert (row.baseline, row.target, row.unit) == (Decimal("12.5"), Decimal(6), "t CO2e")
    assert row.due_year == 2030


def test_a_reworded_objective_keeps_its_lever_and_its_place() -> None:
    roadmap = a_roadmap()
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouverner"))
    roadmap.add_objective(FOOTPRINT, GOVERNANCE, bilan(wording="D’abord"))
    roadmap.add_objective(COMMITTEE, GOVERNANCE, bilan(wording="Ensuite"))
    roadmap.reword_objective(FOOTPRINT, bilan(wording="Autrement", scope=None, target=None))
    first, second = shown(folded(ROADMAPS, *news(roadmap)), ObjectiveRow, "position")
    assert (first.wording, first.scope, first.target) == ("Autrement", None, None)
    assert first.lever_id == external("lever", GOVERNANCE)
    assert second.wording == "Ensuite"


def test_a_later_measurement_supersedes_and_erases_nothing() -> None:
    roadmap = a_roadmap()
    roadmap.add_lever(GOVERNANCE, Lever(title="Gouverner"))
    roadmap.add_objective(FOOTPRINT, GOVERNANCE, bilan())
    day = date(2024, 1, 31)
    for value, source in (("11.80", "bilan"), ("11.2", "bilan"), ("12", "estimation")):
        roadmap.measure_objective(
            FOOTPRINT, value=Decimal(value), measured_on=day, source=source, note="provisoire"
        )
    rows = shown(folded(ROADMAPS, *news(roadmap)), ObjectiveMeasurementRow, "version")
    assert [(str(row.value), row.source, row.superseded_at) for row in rows] == [
        ("11.80", "bilan", AT),
        ("11.2", "bilan", None),
        ("12", "estimation", None),
    ]
    assert {(row.measured_on, row.note) for row in rows} == {(day, "provisoire")}
