"""Days, instants and figures as a report writes them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal

from domain.calendar import PARIS
from domain.refusal import Language
from infra.report.typography import FIRM

_LOCALES: Final = {"fr": "fr_FR", "en": "en_GB"}


def day(on: date, language: Language) -> str:
    """Write a day: 10 décembre 2023, 1er janvier 2024."""
    written = format_date(on, "d MMMM y", locale=_LOCALES[language])
    if language == "fr" and on.day == 1:
        written = written.replace("1", "1er", 1)
    return written.replace(" ", FIRM)


def instant(at: datetime, language: Language) -> str:
    """Write an instant on the clocks of Paris, to the minute."""
    here = at.astimezone(PARIS)
    on = day(here.date(), language)
    if language == "fr":
        return f"{on} à{FIRM}{here.hour}{FIRM}h{FIRM}{here:%M}"
    return f"{on} at{FIRM}{here:%H:%M}"


def short(on: date | datetime, language: Language) -> str:
    """Write a day in figures: 10/12/2023."""
    if isinstance(on, datetime):
        on = on.astimezone(PARIS).date()
    return format_date(on, "dd/MM/y", locale=_LOCALES[language])


def figure(number: Decimal | int, language: Language) -> str:
    """Write a number with as many decimals as it has."""
    return format_decimal(number, locale=_LOCALES[language], decimal_quantization=False)
