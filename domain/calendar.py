"""The civil calendar in which people name days and months: that of Europe/Paris."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.refusal import Refusal

PARIS = ZoneInfo("Europe/Paris")


class InvalidMonth(Refusal):
    """{month} is no month. Write the year and the month, such as 2026-03."""

    FRENCH = "{month} n’est pas un mois. Écrivez l’année et le mois, par exemple 2026-03."


def today(now: datetime) -> date:
    """The day on the calendars in Paris at an instant: after their midnight, a day ahead of UTC."""
    return now.astimezone(PARIS).date()


def month(value: str, path: str) -> str:
    """A month as it is stored: ``YYYY-MM``."""
    if not re.fullmatch(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", value):
        raise InvalidMonth(path, month=value[:40])
    return value


def month_of(day: date) -> str:
    """The month in which a day lies, ``YYYY-MM``."""
    return day.isoformat()[:7]
