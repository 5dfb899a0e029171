"""Texts as they enter the system: Unicode NFC, visible, bounded."""

import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from domain.refusal import (
    BlankText,
    ControlCharacters,
    DatesReversed,
    InvalidNumber,
    TextTooLong,
    TooManyItems,
)

T = TypeVar("T")

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})  # which Unicode does not take apart

NAME_LIMIT = 200
TEXT_LIMIT = 8_000


def name(value: str, path: str) -> str:
    """A name on one line: 1 to 200 characters, NFC, outer white space removed."""
    return _clean(value, path, NAME_LIMIT, allowed="")


def text(value: str, path: str) -> str:
    """A free text, of any number of lines: 1 to 8 000 characters, NFC."""
    return _clean(value.replace("\r\n", "\n"), path, TEXT_LIMIT, allowed="\n\t")


def optional_name(value: str | None, path: str) -> str | None:
    """A name, or nothing."""
    return None if value is None else name(value, path)


def optional_text(value: str | None, path: str) -> str | None:
    """A free text, or nothing."""
    return None if value is None else text(value, path)


def folded(value: str) -> str:
    """The form under which doubles are looked for: no case, no accents, single spaces."""
    if value.isascii():  # nothing to take apart, and much faster
        return " ".join(value.casefold().split())
    decomposed = unicodedata.normalize("NFKD", value.casefold()).translate(_LIGATURES)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def within(value: int, least: int, most: int, path: str) -> int:
    """A whole number between two bounds, both included."""
    if not least <= value <= most:
        raise InvalidNumber(path, value=value, least=least, most=most)
    return value


def ordered(starts_on: date | None, ends_on: date | None, path: str) -> None:
    """Refuse a period that ends before it starts; an unknown date is in order."""
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise DatesReversed(path, starts_on=starts_on, ends_on=ends_on)


def at_most(items: Sequence[T], limit: int, path: str) -> tuple[T, ...]:
    """A list that is not longer than ``limit``."""
    if len(items) > limit:
        raise TooManyItems(path, length=len(items), limit=limit)
    return tuple(items)


def _clean(value: str, path: str, limit: int, allowed: str) -> str:
    if len(value) > 4 * limit:  # normalising an abuse would cost more than refusing it
        raise TextTooLong(path, length=len(value), limit=limit)
    clean = unicodedata.normalize("NFC", value).strip()
    if clean.isprintable() and 0 < len(clean) <= limit:  # nearly always, and much faster to know
        return clean
    for index, character in enumerate(clean):
        if character not in allowed and _is_unfit(character, allowed):
            raise ControlCharacters(path, index=index)
    if not any(unicodedata.category(c)[0] not in "ZC" for c in clean):
        raise BlankText(path)
    if len(clean) > limit:
        raise TextTooLong(path, length=len(clean), limit=limit)
    return clean


def _is_unfit(character: str, allowed: str) -> bool:
    """Tell what a text may not hold: what controls a device, means nothing to others, or is none.

    Noncharacters (Unicode, 23.7) are not well-formed in XML, so that a spreadsheet with one cannot
    be opened. The separators of lines and paragraphs are line breaks, which a name has not.
    """
    category = unicodedata.category(character)
    if category in ("Zl", "Zp"):
        return not allowed
    code = ord(character)
    return category in ("Cc", "Cs", "Co") or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
