"""What happened is told in sentences, each of which says no more than may be known."""

import types
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest

from api.entity import ENTITIES
from api.history.sentence import Sentence, noun_of
from api.history.sentences import SENTENCES
from api.history.tracks import LEFT_OUT, traced
from api.labels.parts import PARTS
from api.naming import camel
from api.publication.catalogue import BY_EVENT
from domain.aggregate import AggregateEvent
from domain.catalogue import AGGREGATES
from domain.organisation import Organisation
from domain.roadmap import Roadmap
from projections.names import NAMES
from projections.projection import events_of
from tests.golden.samples import sample

AT = datetime(2026, 3, 1)  # noqa: DTZ001 - no clock is read
EVENTS = [event for aggregate in AGGREGATES for event in events_of(aggregate)]
LEVER = UUID(int=7)


def nobody(_noun: str, _uuid: UUID) -> None:
    """Tell no names."""


def somebody(noun: str, _uuid: UUID) -> str:
    return f"Le {noun}"


def hint_at(event: type[AggregateEvent], path: str) -> tuple[Any, bool]:
    """Give the type of a field, and whether it, or something on the way to it, may be missing."""
    hint: Any = event
    missing = False
    for name in path.split("."):
        hint = get_type_hints(hint, include_extras=True)[name]
        if get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
        if get_origin(hint) in (Union, types.UnionType):
            (hint,) = (each for each in get_args(hint) if each is not type(None))
            missing = True
        if get_origin(hint) is tuple:
            hint, missing = get_args(hint)[0], True
    return hint, missing


def fields_of(sentence: Sentence) -> Iterator[tuple[str, Any, bool]]:
    for path in sorted(sentence.paths):
        yield path, *hint_at(sentence.event, path)


def test_every_kind_of_fact_has_a_sentence() -> None:
    assert set(SENTENCES) == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_a_sentence_is_whole_whatever_is_known(event: type[AggregateEvent]) -> None:
    sentence, fact = SENTENCES[event], sample(event)
    for text in [
        sentence.text(fact, language, named)
        for language in ("fr", "en")
        for named in (nobody, somebody)
    ]:
        assert text[0].isupper() or text[0].isdigit() or text[0] == "€"
        assert text[-1] in ".»”"
        assert not any(sign in text for sign in "{}[]…")
        assert "None" not in text
        assert "  " not in text


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=lambda each: each.event.TOPIC)
def test_what_may_be_missing_can_be_left_out(sentence: Sentence) -> None:
    for path, hint, missing in fields_of(sentence):
        if path in sentence.plain:
            assert not missing, path
            assert hint is not UUID, path


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=lambda each: each.event.TOPIC)
def test_a_sentence_says_nothing_but_what_is_published_and_what_rows_show(
    sentence: Sentence,
) -> None:
    published = BY_EVENT.get(sentence.event)
    details = set() if published is None else {each.name for each in published.details}
    for path, hint, _ in fields_of(sentence):
        if hint is UUID:
            assert noun_of(path) in NAMES, path
        else:
            assert camel(path.rpartition(".")[2]) in details, path


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=lambda each: each.event.TOPIC)
def test_both_languages_say_the_same(sentence: Sentence) -> None:
    for template in (sentence.english, sentence.french):
        assert all(f"{{{path}}}" in template for path in sentence.paths)


def test_what_is_not_told_is_left_out_with_what_stands_around_it() -> None:
    sentence = SENTENCES[Roadmap.LeverReworded]
    fact = Roadmap.LeverReworded(
        originator_id=LEVER,
        originator_version=3,
        timestamp=AT,
        lever=LEVER,
        title="secret",
        description=None,
    )
    assert sentence.text(fact, "fr", nobody) == "Le levier a été reformulé."
    named = sentence.text(fact, "fr", lambda *_: "Éco-concevoir")
    assert named == "Le levier «\u00a0Éco-concevoir\u00a0» a été reformulé."
    assert sentence.text(fact, "en", nobody) == "The lever was reworded."


def test_days_and_signs_are_written_as_french_is_typeset() -> None:
    held = Organisation.MobilisationSessionHeld(
        originator_id=LEVER,
        originator_version=3,
        timestamp=AT,
        mobilisation=LEVER,
        held_on=date(2026, 3, 1),
        attendance=12_500,
    )
    text = SENTENCES[type(held)].text(held, "fr", nobody)
    assert text == (
        "Une séance de la mobilisation a eu lieu le 1er mars 2026"
        " (participants\u00a0: 12\u202f500)."
    )
    english = SENTENCES[type(held)].text(held, "en", nobody)
    assert english == (
        "A sitting of the mobilisation took place on 1 March 2026 (attendance: 12,500)."
    )


def test_a_long_text_is_cut_short_at_a_word() -> None:
    renamed = Organisation.Renamed(
        originator_id=LEVER,
        originator_version=3,
        timestamp=AT,
        name="mot " * 100,
        reason=None,
    )
    text = SENTENCES[type(renamed)].text(renamed, "en", nobody)
    assert text.endswith("mot mot…” from now on.")
    assert len(text) < 220


@pytest.mark.parametrize("noun", sorted({each.TOPIC for each in AGGREGATES} - {"claim"}))
def test_everything_that_is_told_as_changed_has_words_in_both_languages(noun: str) -> None:
    for table in traced(noun):
        assert all(PARTS[table.noun])
        for field in table.fields:
            assert all(field.words), f"{table.noun}.{field.name}"


def test_what_is_not_told_as_changed_is_there_and_has_a_reason() -> None:
    assert set(LEFT_OUT) <= set(ENTITIES)
    assert all(LEFT_OUT.values())


def test_nothing_is_told_of_what_footprints_come_to() -> None:
    assert traced("footprint_batch") == ()
    told = {table.noun for noun in ("workshop", "challenge") for table in traced(noun)}
    assert told == {"workshop", "registration", "challenge", "participant_target"}
