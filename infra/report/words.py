"""What a report says by itself, in each language: headings, explanations, names of columns."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from domain.label import Label
from domain.refusal import Language
from infra.report.typography import set_in_type

HERE: Final = Path(__file__).parent
"""Where the words stand, beside the templates that show them."""

Phrases: TypeAlias = Mapping[str, str | list[str]]
"""Phrases, and lists of phrases, by name."""


@cache
def words(language: Language) -> Phrases:
    """Give all words of a language, ready to be printed."""
    written = tomllib.loads((HERE / f"words.{language}.toml").read_text(encoding="utf-8"))
    return {name: _set(said) for name, said in written.items()}


class Speech:
    """Says things in a language, ready to be printed."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._words = words(language)

    def say(self, name: str, **facts: object) -> str:
        """Give a phrase, filled in with facts; those stand in it as they are."""
        phrase = self._words[name]
        assert isinstance(phrase, str), f"{name} is a list"
        return phrase.format(**facts) if facts else phrase

    def text(self, text: str | None) -> str:
        """Give what somebody wrote; nothing where there is nothing."""
        return set_in_type(text or "")

    def word(self, label: Label) -> str:
        """Give a word of a vocabulary."""
        return self.text(label.fr if self.language == "fr" else label.en)


def _set(said: Any) -> str | list[str]:
    if isinstance(said, list):
        return [set_in_type(each) for each in said]
    return set_in_type(str(said))
