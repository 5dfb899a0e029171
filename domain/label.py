"""Enumerations that speak French and English."""

from enum import StrEnum
from typing import Self


class Label(StrEnum):
    """A closed vocabulary: the member's name is stored and served, its labels are shown."""

    fr: str
    en: str

    def __new__(cls, value: str, fr: str, en: str) -> Self:
        """Make a member from its stored value and its labels."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.fr = fr
        member.en = en
        return member
