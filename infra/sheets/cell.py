"""Values in cells: what a person may write for a day, an amount or a choice, and how we write it.

Each reader gives None for an empty cell, and raises `Unreadable` with what to write instead.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Final, TypeVar

from domain import text
from domain.label import Label
from infra.sheets.grid import Cell

L = TypeVar("L", bound=Label)

EPOCH: Final = date(1900, 1, 1)
"""Spreadsheets know no earlier day."""

_FRENCH_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T00:00:00)?")
_AMOUNT: Final = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?")
_RUNNABLE: Final = re.compile(r"'*[=+\-@\t\r]")

_SPELLINGS: Final[Mapping[str, str]] = {
    "realise": "realisee",
    "termine": "realisee",
    "terminee": "realisee",
    "abandonne": "abandonnee",
    "bloque": "bloquee",
    "eleve": "elevee",
    "moyen": "moyenne",
    "bas": "basse",
    "faible": "basse",
    "ht": "hors taxes",
    "ttc": "toutes taxes comprises",
    "sans tva": "non soumis a la tva",
    "pas de participation": "pas de participation citoyenne",
}
"""Other ways to write a label, without case and accents."""


class Unreadable(ValueError):
    """A cell does not hold what its column is for; it says in English and French what to write."""

    def __init__(self, en: str, fr: str) -> None:
        super().__init__(en)
        self.en = en
        self.fr = fr


def words(cell: Cell) -> str | None:
    """A text, in NFC, without white space around it."""
    match cell:
        case str():
            clean = unicodedata.normalize("NFC", cell.replace("\r\n", "\n")).strip()
        case bool():
            clean = "oui" if cell else "non"
        case datetime() | date():
            raise Unreadable(
                "this is a date; write it as a text.",
                "c’est une date ; écrivez-la comme un texte.",
            )
        case time() | timedelta():
            raise Unreadable(
                "this is a time; write it as a text.",
                "c’est une heure ; écrivez-la comme un texte.",
            )
        case _:
            clean = _whole(cell)
    return clean or None


def lines(cell: Cell) -> list[str]:
    """Several texts, one on each line of the cell, or with semicolons between them."""
    given = words(cell) or ""
    return [part.strip() for part in re.split(r"[\n;]", given) if part.strip()]


def day(cell: Cell) -> date | None:
    """A day: a date, or a text such as 31/12/2026 or 2026-12-31."""
    match cell:
        case datetime() if cell.time() == time():
            return cell.date()
        case datetime():
            raise Unreadable(
                "this has a time of day; write the day alone, such as 31/12/2026.",
                "cette date a une heure ; écrivez le jour seul, comme 31/12/2026.",
            )
        case date():
            return cell
        case str():
            return _written_day(cell.strip())
        case _:
            raise Unreadable(
                f"{cell} is no date; write the day, such as 31/12/2026.",
                f"{cell} n’est pas une date ; écrivez le jour, comme 31/12/2026.",
            )


def amount(cell: Cell) -> Decimal | None:
    """Euros: a number, or a text such as 52 000 or 52 000,50 €."""
    match cell:
        case bool() | date() | time() | timedelta():
            raise _no_amount(str(cell))
        case str():
            given = " ".join(cell.replace("€", " ").split())
            if not given:
                return None
            if not _AMOUNT.fullmatch(given):
                raise _no_amount(repr(given[:80]))
            return Decimal(given.replace(" ", "").replace(",", "."))
        case _:
            return Decimal(_whole(cell))


def percent(cell: Cell) -> int | None:
    """A whole number of percents, with or without its sign."""
    number = (words(cell) or "").removesuffix("%").strip()
    if not number:
        return None
    if not number.isascii() or not number.isdigit():
        raise Unreadable(
            f"{number[:80]!r} is no percentage; write a whole number, such as 40.",
            f"{number[:80]!r} n’est pas un pourcentage ; écrivez un nombre entier, comme 40.",
        )
    return int(number)


def choice(cell: Cell, labels: type[L]) -> L | None:
    """One of a closed vocabulary, by its French or English label or by its name."""
    given = words(cell)
    return None if given is None else chosen(given, labels)


def chosen(given: str, labels: type[L]) -> L:
    """Find the label that a text means, whatever its case and accents."""
    folded = _folded(given)
    label: L | None = _by_name(labels).get(_SPELLINGS.get(folded, folded))
    if label is not None:
        return label
    known = ", ".join(label.fr for label in labels)
    raise Unreadable(
        f"{given[:80]!r} is none of the choices; write one of: {known}.",
        f"{given[:80]!r} n’est pas un choix possible ; écrivez l’un de : {known}.",
    )


def escaped(value: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    return f"'{value}" if _RUNNABLE.match(value) else value


def unescaped(value: Cell) -> Cell:
    """Take away the apostrophe that `escaped` put there."""
    if isinstance(value, str) and value.startswith("'") and _RUNNABLE.match(value):
        return value[1:]
    return value


def _folded(name: str) -> str:
    return text.folded(name.replace("’", "'"))


@cache
def _by_name(labels: type[L]) -> Mapping[str, L]:
    """Give the labels of a vocabulary by all that each is called; what comes first counts."""
    return {
        _folded(name): label
        for label in reversed(labels)
        for name in (label.fr, label.en, label.value)
    }


def _no_amount(given: str) -> Unreadable:
    return Unreadable(
        f"{given} is no amount; write euros, such as 52 000,50.",
        f"{given} n’est pas un montant ; écrivez des euros, comme 52 000,50.",
    )


def _whole(number: float) -> str:
    """Write a number: the spreadsheets' 412.0 is what somebody wrote as 412."""
    return str(int(number)) if number == int(number) else repr(number)


def _written_day(given: str) -> date | None:
    if not given:
        return None
    if found := _FRENCH_DAY.fullmatch(given):
        of_month, month, year = (int(part) for part in found.groups())
    elif found := _ISO_DAY.fullmatch(given):
        year, month, of_month = (int(part) for part in found.groups())
    else:
        raise Unreadable(
            f"{given[:80]!r} is no date; write it as 31/12/2026.",
            f"{given[:80]!r} n’est pas une date ; écrivez-la comme 31/12/2026.",
        )
    try:
        found_day = date(year, month, of_month)
    except ValueError:
        raise Unreadable(
            f"there is no {given} in the calendar; write a day that is.",
            f"le {given} n’est pas au calendrier ; écrivez un jour qui y est.",
        ) from None
    if found_day < EPOCH:
        raise Unreadable(
            f"{given} is long ago; write a day after 1900.",
            f"le {given} est trop loin ; écrivez un jour d’après 1900.",
        )
    return found_day
