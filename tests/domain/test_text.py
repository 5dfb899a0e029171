"""Texts as they enter the system."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import text
from domain.refusal import BlankText, ControlCharacters, TextTooLong


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("École", "ecole"),
        ("L’Œuvre", "l’oeuvre"),
        ("ÆTHER", "aether"),
        ("A  b", "a b"),
        ("ﬁn", "fin"),
    ],
)
def test_case_accents_ligatures_and_spaces_do_not_matter_for_doubles(one: str, other: str) -> None:
    assert text.folded(one) == text.folded(other)


@given(st.text(max_size=300))
def test_a_name_is_refused_or_fit_to_be_shown(value: str) -> None:
    try:
        name = text.name(value, "name")
    except (BlankText, ControlCharacters, TextTooLong):
        return
    assert 1 <= len(name) <= text.NAME_LIMIT
    assert name == text.name(name, "name")
    assert "\n" not in name
    name.encode()


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u200b", "\u2060\u200d"])
def test_what_shows_nothing_is_blank(blank: str) -> None:
    with pytest.raises(BlankText):
        text.name(blank, "name")


@pytest.mark.parametrize(
    "bad",
    [
        *("a\x00b", "a\nb", "a\x7fb", "a\u0085b", "a\ud800b", "a\ue000b"),
        *("a\u2028b", "a\u2029b", "a\ufffeb", "a\uffffb", "a\ufdd0b", "a\U0010ffffb"),
    ],
)
def test_control_characters_are_refused_with_their_place(bad: str) -> None:
    with pytest.raises(ControlCharacters) as refused:
        text.name(bad, "name")
    assert refused.value.facts == {"index": 1}


def test_a_text_may_have_lines() -> None:
    assert text.text("un\r\ndeux", "text") == "un\ndeux"


def test_a_text_may_have_separators_of_lines_but_nothing_that_xml_has_not() -> None:
    assert text.text("un\u2028deux", "text") == "un\u2028deux"
    with pytest.raises(ControlCharacters):
        text.text("un\uffffdeux", "text")
