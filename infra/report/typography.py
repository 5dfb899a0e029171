"""Typography: what a printer does to the spaces of a text, and to signs that no type is there for.

The words stay as they were written. A space before a high sign, which is written in French alone,
becomes one at which no line ends: a narrow one before ; ! ? » and % and after «, a full one before
the colon, as the « Lexique des règles typographiques en usage à l’Imprimerie nationale » has it.
"""

import re
import unicodedata
from typing import Final

NARROW: Final = "\u202f"
"""A narrow space at which no line ends."""
FIRM: Final = "\u00a0"
"""A space at which no line ends."""

_BEFORE_HIGH: Final = re.compile(r"[ \u00a0\u202f](?=[;!?»%€])")
_AFTER_QUOTE: Final = re.compile(r"(?<=«)[ \u00a0\u202f]")
_BEFORE_COLON: Final = re.compile(r"[ \u00a0\u202f](?=:(?!//))")
_IN_NUMBER: Final = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_BEFORE_DASH: Final = re.compile(r" (?=[–—])")
_AFTER_NUMBER: Final = re.compile(r"(?<=\d) (?=[a-zµ°]{1,3}\b)")

_FORMULA: Final = re.compile(r"(?<=[A-Z])[2-6](?![\d-])")
_LOW: Final = str.maketrans("23456", "₂₃₄₅₆")

# What the fonts of the printed report can show (`tests/infra/test_report.py` holds them to it).
_SHOWN: Final = (
    "\u0020-\u007e\u00a0-\u017f\u0192\u01cd-\u01dc\u0218-\u021b\u02c6\u02c7\u02d8-\u02dd"
    "\u0300-\u0304\u0306-\u0308\u0327\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce"
    "\u0400-\u045f\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u202f\u2030\u2032\u2033\u2039\u203a"
    "\u2070\u2074-\u208e\u20ac\u2116\u2122\u2190-\u2195\u2212\u2248\u2260\u2264\u2265\u2713"
)
_NOT_SHOWN: Final = re.compile(f"[^{_SHOWN}]")
_BREAKS: Final = re.compile(r"[\n\r\u2028\u2029\u000b\u000c\u0085]+")


def set_in_type(text: str) -> str:
    """Give a text with the spaces of a printer, in signs that can be printed.

    A sign for which there is no type is told by its number, as [U+1F600]: nothing is left out.
    """
    composed = unicodedata.normalize("NFC", _BREAKS.sub(" ", text).replace("\t", " "))
    return _spaced(_NOT_SHOWN.sub(lambda found: f"[U+{ord(found[0]):04X}]", composed))


def unit_of(unit: str) -> str:
    """Give a unit as it is printed, with what it counts in its formula: t CO₂e."""
    firm = set_in_type(unit).replace(" ", FIRM)
    return _FORMULA.sub(lambda found: found[0].translate(_LOW), firm)


def paragraphs(text: str | None) -> list[str]:
    """Give a text paragraph by paragraph; none where there is no text."""
    lines = _BREAKS.split(text or "")
    return [set_in_type(line.strip()) for line in lines if line.strip()]


def _spaced(text: str) -> str:
    text = _BEFORE_HIGH.sub(NARROW, text)
    text = _AFTER_QUOTE.sub(NARROW, text)
    text = _BEFORE_COLON.sub(FIRM, text)
    text = _BEFORE_DASH.sub(FIRM, text)
    text = _IN_NUMBER.sub(NARROW, text)
    return _AFTER_NUMBER.sub(FIRM, text)
