"""Which event gave a value, or a sentence of a text, its present wording."""

from collections import Counter
from itertools import count
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from projections.origins import Version, origin_of_value, origins_of_sentences
from projections.wording import sentences

T = TypeVar("T")

said = st.lists(st.sampled_from(["Un. ", "Deux ! ", "Trois ? ", "Quatre… "]), max_size=6)
histories = st.lists(st.none() | said.map("".join), min_size=1, max_size=8)


def versions(*values: T) -> list[Version[T]]:
    """Number values by the events that set them: 10, 20, 30."""
    return [Version(since, value) for since, value in zip(count(10, 10), values, strict=False)]


def test_a_value_is_as_old_as_the_event_since_which_it_never_changed() -> None:
    assert origin_of_value(versions("a", "b", "a", "a")) == 30


def test_a_value_that_never_changed_is_as_old_as_the_thing() -> None:
    assert origin_of_value(versions(None, None)) == 10


def test_a_sentence_keeps_its_event_when_the_text_around_it_is_edited() -> None:
    found = origins_of_sentences(
        versions("Un. Deux.", "Zéro. Un. Deux et demi.", "Un. Deux et demi. Trois.")
    )
    assert [(each.text, origin) for each, origin in found] == [
        ("Un. ", 10),
        ("Deux et demi. ", 20),
        ("Trois.", 30),
    ]


def test_a_sentence_that_went_and_came_back_is_as_old_as_its_return() -> None:
    assert [origin for _, origin in origins_of_sentences(versions("Un.", "Deux.", "Un."))] == [30]


def test_of_a_sentence_said_twice_the_second_one_is_the_newer() -> None:
    found = origins_of_sentences(versions("Un.", "Un. Un."))
    assert [origin for _, origin in found] == [10, 20]


def test_a_text_that_is_told_no_more_has_no_sentences() -> None:
    assert origins_of_sentences(versions("Un.", None)) == []


@given(histories)
def test_the_sentences_with_an_origin_are_the_text(history: list[str | None]) -> None:
    found = origins_of_sentences(versions(*history))
    assert "".join(each.text for each, _ in found) == (history[-1] or "")


@given(histories)
def test_an_origin_is_the_first_event_from_which_a_sentence_was_always_there(
    history: list[str | None],
) -> None:
    held = [
        (version.since, Counter(each.text.strip() for each in sentences(version.value or "")))
        for version in versions(*history)
    ]
    seen = Counter[str]()
    for sentence, origin in origins_of_sentences(versions(*history)):
        words = sentence.text.strip()
        seen[words] += 1
        always = [since for since, found in held if found[words] >= seen[words]]
        assert origin in always
        assert always[always.index(origin) :] == [since for since, _ in held if since >= origin]
        before = [found for since, found in held if since < origin]
        assert not before or before[-1][words] < seen[words]
