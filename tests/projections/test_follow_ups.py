"""Given what follows actions up, when it is folded, then this can be read."""

from datetime import date
from decimal import Decimal

from domain.identity import external
from domain.impact import Impact
from domain.step import Step
from projections.actions import ACTIONS
from projections.follow_ups import DocumentRow, ImpactRow, NoteRow, StepRow
from tests.domain.given import an_id
from tests.history import AT, METADATA, news
from tests.projections.folding import folded, only, shown
from tests.projections.test_actions import an_action

DAY = date(2025, 12, 1)


def test_steps_stand_in_order_and_tell_when_they_were_done() -> None:
    action, first, second, third = an_action(), an_id(), an_id(), an_id()
    action.add_step(first, Step(title="Inventaire", due=date(2026, 6, 30)))
    action.add_step(second, Step(title="Atelier"))
    action.add_step(third, Step(title="Abandonnée"))
    action.complete_step(first, DAY)
    action.drop_step(third, "Sans objet")
    one, two = shown(folded(ACTIONS, *news(action)), StepRow, "place")
    assert (one.title, one.due, one.done_on) == ("Inventaire", date(2026, 6, 30), DAY)
    assert (two.title, two.due, two.done_on, two.added_at) == ("Atelier", None, None, AT)


def test_a_note_tells_who_wrote_it() -> None:
    action = an_action()
    action.add_note(an_id(), "Plus de 4 500 friches")
    row = only(folded(ACTIONS, *news(action)), NoteRow)
    assert (row.text, row.author, row.noted_at) == ("Plus de 4 500 friches", METADATA.actor, AT)


def test_a_document_is_there_until_its_link_is_taken_back() -> None:
    action, kept, gone = an_action(), an_id(), an_id()
    action.link_document(kept, "Panorama", "https://obdec-normandie.org")
    action.link_document(gone, "Autre", "https://example.org")
    action.unlink_document(gone)
    row = only(folded(ACTIONS, *news(action)), DocumentRow)
    assert (row.id, row.title) == (external("document", kept), "Panorama")
    assert (row.url, row.linked_at) == ("https://obdec-normandie.org", AT)


def test_a_corrected_impact_says_what_is_right_and_why_it_changed() -> None:
    action, first, second = an_action(), an_id(), an_id()
    measured = Impact(what="Friches", value=Decimal(3200), unit="ha", source="EPF", note="Plus de")
    action.measure_impact(first, measured)
    action.measure_impact(second, Impact(what="Surface", value=Decimal(1), unit="ha"))
    action.correct_impact(
        first, Impact(what="Friches", value=Decimal(3201), unit="ha", measured_on=DAY), "Recompté"
    )
    one, two = shown(folded(ACTIONS, *news(action)), ImpactRow, "place")
    assert (one.what, one.value, one.unit) == ("Friches", Decimal(3201), "ha")
    assert (one.measured_on, one.source, one.note) == (DAY, None, None)
    assert (one.corrected_because, one.measured_at) == ("Recompté", AT)
    assert (two.what, two.corrected_because) == ("Surface", None)
