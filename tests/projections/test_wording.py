"""What became of a text word by word, and the sentences of which it is made."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from projections.wording import WordChange, compared, sentences

words = st.sampled_from(["la", "l’", "Rouen", "eau", "2,5", "%", " ", "\u202f", "\n"])
signs = st.sampled_from(["«", "»", "!", ".", "…", "’", "-", "(", ")", ",", "\u00a0"])
texts = st.lists(words | signs, max_size=40).map("".join) | st.text()


def marked(before: str, after: str) -> str:
    """Write a comparison with what was added in braces and what was removed in brackets."""
    forms = {WordChange.SAME: "{}", WordChange.ADDED: "{{{}}}", WordChange.REMOVED: "[{}]"}
    return "".join(forms[words.change].format(words.text) for words in compared(before, after))


@given(texts, texts)
def test_both_texts_can_be_put_together_again_character_by_character(old: str, new: str) -> None:
    found = compared(old, new)
    assert "".join(w.text for w in found if w.change is not WordChange.ADDED) == old
    assert "".join(w.text for w in found if w.change is not WordChange.REMOVED) == new


@given(texts)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert all(words.change is WordChange.SAME for words in compared(text, text))


@given(texts, texts)
def test_no_two_pieces_in_a_row_say_the_same_of_their_words(old: str, new: str) -> None:
    changes = [words.change for words in compared(old, new)]
    assert all(one is not other for one, other in pairwise(changes))


def test_a_number_with_its_decimals_is_one_word() -> None:
    assert marked("de 2,5 t à 12 t", "de 2,8 t à 12 t") == "de [2,5]{2,8} t à 12 t"


def test_an_elided_article_stays_when_its_noun_goes() -> None:
    assert marked("celles de l’usine", "celles de l’atelier") == "celles de l’[usine]{atelier}"


def test_what_was_put_in_between_is_all_that_is_told() -> None:
    old, new = "Aider la ville à respirer ?", "Aider la ville, et la vallée, à respirer ?"
    assert marked(old, new) == "Aider la ville{, et la vallée,} à respirer ?"


def test_a_new_sentence_is_not_patched_together_from_the_small_words_of_the_old_one() -> None:
    old, new = "Tout salarié de la région vient à vélo", "Le conseil rend compte de la gestion"
    assert marked(old, new) == f"[{old}]{{{new}}}"


@given(texts)
def test_the_sentences_of_a_text_are_the_text(text: str) -> None:
    found = list(sentences(text))
    assert "".join(each.text for each in found) == text
    assert all(text[each.start : each.end] == each.text for each in found)


def test_a_sentence_ends_after_its_closing_quotation_mark() -> None:
    said = [each.text for each in sentences("Il dit : « Allons ! » Puis il y alla. Voilà")]
    assert said == ["Il dit : « Allons ! » ", "Puis il y alla. ", "Voilà"]


def test_nothing_ends_in_the_midst_of_a_figure_an_initial_or_a_shortened_word() -> None:
    text = "M. J. Morel vise 2.5 t (cf. art. 3), soit moins que prévu etc. mais plus qu’avant."
    assert [each.text for each in sentences(text)] == [text]


def test_each_line_is_a_sentence_of_its_own() -> None:
    assert [each.text for each in sentences("Deux points :\n- un\n- deux")] == [
        "Deux points :\n",
        "- un\n",
        "- deux",
    ]
