"""Who carries an action, and what follows it up: steps, notes, documents, impacts."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.action import PartWithdrawn
from domain.assignment import PartyMissing, SteeringRole
from domain.impact import Impact
from domain.link import InvalidLink
from domain.organisation import OrganisationDissolved, OrganisationMerged
from domain.personal import Personal
from domain.quantity import InvalidQuantity
from domain.refusal import BlankText, ControlCharacters, NotFound, TextTooLong, TooManyItems
from domain.roadmap import DayStillToCome
from domain.step import Step
from domain.unit import UnknownUnit
from tests.domain.actions import (
    LAST_YEAR,
    TODAY,
    TOMORROW,
    YESTERDAY,
    facts,
    names,
    proposed,
    refused,
)
from tests.domain.given import BELL, LONG, an_organisation, settled

PILOT = SteeringRole.PILOT

# parties


def test_a_party_is_an_organisation_or_in_words_who_it_is() -> None:
    action, region = proposed(), an_organisation("Région Normandie")
    action.name_party(first := uuid4(), PILOT, organisation=region)
    action.name_party(second := uuid4(), SteeringRole.CO_PILOT, designation="Lycées agricoles")
    action.name_party(
        third := uuid4(), PILOT, organisation=region, designation="Direction des transports"
    )

    assert [tuple(fact.values()) for _, fact in facts(action)] == [
        (first, PILOT, region.id, None, None),
        (second, SteeringRole.CO_PILOT, None, "Lycées agricoles", None),
        (third, PILOT, region.id, "Direction des transports", None),
    ]


def test_the_name_of_a_person_is_the_persons_own() -> None:
    action = proposed()
    action.name_party(assignment := uuid4(), SteeringRole.ELECTED_REFERENT, person="Une élue")

    ((_, fact),) = facts(action)
    assert fact["person"] == Personal(assignment, "Une élue")
    assert "Une élue" not in repr(fact) + repr(action.state())


def test_two_people_may_have_one_role() -> None:
    action = proposed()
    for name in ("Une élue", "Un élu"):
        action.name_party(uuid4(), SteeringRole.ELECTED_REFERENT, designation="maire", person=name)

    assert len(facts(action)) == 2


def test_a_party_is_named_once_for_a_role_case_and_accents_aside() -> None:
    action, region = proposed(), an_organisation()
    for _ in range(2):
        action.name_party(uuid4(), PILOT, organisation=region)
        action.name_party(uuid4(), SteeringRole.PARTNER, organisation=region)
    for words in ("Élus référents", "elus REFERENTS"):
        action.name_party(uuid4(), PILOT, designation=words)

    assert len(facts(action)) == 3


def test_a_survivor_has_the_roles_of_what_went_up_in_it() -> None:
    action = proposed()
    absorbed, survivor = an_organisation("Avant"), an_organisation("Après")
    action.name_party(uuid4(), PILOT, organisation=absorbed)
    absorbed.merge_into(survivor)
    settled(action).name_party(uuid4(), PILOT, organisation=survivor)

    assert facts(action) == []


def test_nobody_is_no_party() -> None:
    action = proposed()
    with refused(action, PartyMissing, "organisation"):
        action.name_party(uuid4(), PILOT)


def test_only_a_living_organisation_is_named() -> None:
    action = proposed()
    gone, merged = an_organisation(), an_organisation()
    gone.dissolve()
    merged.merge_into(an_organisation())
    with refused(action, OrganisationDissolved, "organisation"):
        action.name_party(uuid4(), PILOT, organisation=gone)
    with refused(action, OrganisationMerged, "organisation"):
        action.name_party(uuid4(), PILOT, organisation=merged)


@pytest.mark.parametrize("field", ["designation", "person"])
@pytest.mark.parametrize(
    ("bad", "refusal"), [("", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)]
)
def test_who_it_is_is_said_visibly(field: str, bad: str, refusal: Any) -> None:
    action = proposed()
    words: dict[str, Any] = {field: bad}
    with refused(action, refusal, field):
        action.name_party(uuid4(), PILOT, **words)


def test_a_party_is_released_once_and_may_be_named_again() -> None:
    action, region, assignment = proposed(), an_organisation(), uuid4()
    action.name_party(assignment, PILOT, organisation=region)
    for _ in range(2):
        action.release_party(assignment, "Changement de pilote")
    action.name_party(uuid4(), PILOT, organisation=region)

    assert names(action) == ["PartyNamed", "PartyReleased", "PartyNamed"]


def test_a_role_that_was_never_given_does_not_end() -> None:
    action = proposed()
    with refused(action, NotFound, "assignment"):
        action.release_party(uuid4())


def test_parties_are_not_without_number() -> None:
    action = proposed()
    for number in range(200):
        action.name_party(uuid4(), PILOT, designation=f"Partenaire {number}")
    with refused(action, TooManyItems, "action"):
        action.name_party(uuid4(), PILOT, designation="Un de trop")


# steps


def test_a_step_is_added_done_and_its_day_put_right() -> None:
    action, step = proposed(), uuid4()
    for _ in range(2):
        action.add_step(step, Step(title="Une étude", due=TODAY))
        action.complete_step(step, YESTERDAY)
    action.complete_step(step)
    action.complete_step(step, LAST_YEAR)

    assert facts(action) == [
        ("StepAdded", {"step": step, "title": "Une étude", "due": TODAY}),
        ("StepDone", {"step": step, "done_on": YESTERDAY}),
        ("StepDone", {"step": step, "done_on": LAST_YEAR}),
    ]


def test_a_step_is_done_today_at_the_latest() -> None:
    action, step = proposed(), uuid4()
    action.add_step(step, Step(title="Une étude"))
    with refused(action, DayStillToCome, "done_on"):
        action.complete_step(step, TOMORROW)
    action.complete_step(step)

    assert action.steps[step].done_on == TODAY


def test_a_dropped_step_is_not_done() -> None:
    action, step = proposed(), uuid4()
    action.add_step(step, Step(title="Une étude"))
    for _ in range(2):
        action.drop_step(step)
    with refused(action, PartWithdrawn, "step"):
        action.complete_step(step)
    with refused(action, NotFound, "step"):
        action.complete_step(uuid4())
    with refused(action, NotFound, "step"):
        action.drop_step(uuid4())
    with refused(action, BlankText, "title"):
        action.add_step(uuid4(), Step(title=" "))


# notes and documents


def test_something_is_noted_about_an_action() -> None:
    action, note = proposed(), uuid4()
    action.add_note(note, "Premier bilan\nen mars")
    action.add_note(note, "Premier bilan\nen mars")
    with refused(action, BlankText, "text"):
        action.add_note(uuid4(), " ")

    assert names(action) == ["NoteAdded"]


def test_a_document_is_linked_once_and_unlinked_once() -> None:
    action, document = proposed(), uuid4()
    action.link_document(document, "Bilan", "https://normandie.fr/bilan")
    action.link_document(uuid4(), "Bilan", "https://normandie.fr/bilan")
    for _ in range(2):
        action.unlink_document(document)

    assert names(action) == ["DocumentLinked", "DocumentUnlinked"]


@pytest.mark.parametrize("url", ["normandie.fr", "ftp://normandie.fr", "javascript:alert(1)", "x"])
def test_a_document_is_on_the_web(url: str) -> None:
    action = proposed()
    with refused(action, InvalidLink, "url"):
        action.link_document(uuid4(), "Bilan", url)


# impacts


def impact(**changed: Any) -> Impact:
    fields: dict[str, Any] = {
        "what": "Friches recensées",
        "value": Decimal(3200),
        "unit": "ha",
        "measured_on": LAST_YEAR,
        "source": "EPF Normandie",
        "note": "Plus de 4 500 friches",
    }
    return Impact(**{**fields, **changed})


def test_it_is_measured_what_an_action_changed() -> None:
    action, found = proposed(), uuid4()
    action.measure_impact(found, impact())
    action.measure_impact(uuid4(), impact())
    action.measure_impact(uuid4(), impact(what="Friches", value=Decimal(4500), unit="count"))
    action.correct_impact(found, impact(value=Decimal(3201)), "Recompté")

    assert names(action) == ["ImpactMeasured", "ImpactMeasured", "ImpactCorrected"]
    assert action.impacts[found] == impact(value=Decimal(3201))


@pytest.mark.parametrize(
    ("changed", "refusal", "path"),
    [
        ({"what": " "}, BlankText, "what"),
        ({"value": Decimal("NaN")}, InvalidQuantity, "value"),
        ({"value": Decimal("1E+400")}, InvalidQuantity, "value"),
        ({"unit": "furlong"}, UnknownUnit, "unit"),
        ({"unit": ""}, BlankText, "unit"),
        ({"measured_on": TOMORROW}, DayStillToCome, "measured_on"),
        ({"source": BELL}, ControlCharacters, "source"),
        ({"note": LONG}, TextTooLong, "note"),
    ],
)
def test_a_finding_is_sound(changed: dict[str, Any], refusal: Any, path: str) -> None:
    action, found = proposed(), uuid4()
    action.measure_impact(found, impact())
    with refused(action, refusal, path):
        action.measure_impact(uuid4(), impact(**changed))
    with refused(action, refusal, path):
        action.correct_impact(found, impact(**changed), "Recompté")


def test_an_impact_that_was_not_measured_is_not_corrected() -> None:
    action = proposed()
    with refused(action, NotFound, "impact"):
        action.correct_impact(uuid4(), impact(), "Recompté")
