"""Hours on the clocks of a place, and the instants that they are, also when the clocks change."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from domain.command import value
from domain.refusal import Refusal

LONGEST = timedelta(hours=24)


class UnknownTimeZone(Refusal):
    """There is no time zone {time_zone}. Write its name in the IANA list, such as Europe/Paris."""

    FRENCH = (
        "Le fuseau horaire {time_zone} n’existe pas. "
        "Écrivez son nom dans la liste de l’IANA, par exemple Europe/Paris."
    )


class InvalidLocalTime(Refusal):
    """{time} is no day and time. Write them as on the clock of the place: 2025-03-30T14:00."""

    FRENCH = (
        "{time} n’est pas un jour et une heure. Écrivez l’heure locale ainsi : 2025-03-30T14:00."
    )


class HourDoesNotExist(Refusal):
    """The clocks of {time_zone} never show {time}: they are put forward then. Take another time."""

    FRENCH = (
        "Les horloges de {time_zone} n’indiquent jamais {time} : elles sont avancées à ce moment. "
        "Choisissez une autre heure."
    )


class EndsBeforeStart(Refusal):
    """It would end at {ends_at}, no later than its start at {starts_at}. Correct one of them."""

    FRENCH = (
        "La fin, {ends_at}, ne vient pas après le début, {starts_at}. Corrigez l’une ou l’autre."
    )


class LastsTooLong(Refusal):
    """From {starts} to {ends} are more than 24 hours. Correct them, or split it."""

    FRENCH = "De {starts} à {ends}, cela dépasse 24 heures. Corrigez, ou scindez."


HOURS = (UnknownTimeZone, InvalidLocalTime, HourDoesNotExist, EndsBeforeStart, LastsTooLong)
"""What can be wrong with hours."""


@value
class Hours:
    """From when to when something lasts: as the clocks of the place show it, and in UTC.

    Both are kept: the local time is what was agreed, the instant what it meant on that day by
    the rules known then.
    """

    starts: Annotated[str, "The local start, such as 2025-03-30T14:00."]
    ends: Annotated[str, "The local end."]
    time_zone: Annotated[str, "The time zone of the place, such as Europe/Paris."]
    starts_at: Annotated[datetime, "The start, in UTC."]
    ends_at: Annotated[datetime, "The end, in UTC."]

    @classmethod
    def of(
        cls,
        starts: str,
        ends: str,
        time_zone: str,
        *,
        starts_later: bool = False,
        ends_later: bool = False,
    ) -> Self:
        """Read local times.

        In the night when the clocks are put back an hour is shown twice: the first is meant,
        unless `starts_later` or `ends_later` says the second.
        """
        if time_zone not in _zones():
            raise UnknownTimeZone("time_zone", time_zone=time_zone[:80])
        zone = ZoneInfo(time_zone)
        starts_at = _instant(starts, zone, starts_later, "starts")
        ends_at = _instant(ends, zone, ends_later, "ends")
        if ends_at <= starts_at:
            raise EndsBeforeStart("ends", starts_at=_shown(starts_at), ends_at=_shown(ends_at))
        if ends_at - starts_at > LONGEST:
            raise LastsTooLong("ends", starts=starts, ends=ends)
        return cls(
            starts=starts, ends=ends, time_zone=time_zone, starts_at=starts_at, ends_at=ends_at
        )

    @property
    def day(self) -> date:
        """The day on which it starts, on the calendar of the place."""
        return date.fromisoformat(self.starts[:10])

    @property
    def starts_later(self) -> bool:
        """Whether clocks show the start for the second time then."""
        return _is_second(self.starts_at, self.time_zone)

    @property
    def ends_later(self) -> bool:
        """Whether clocks show the end for the second time then."""
        return _is_second(self.ends_at, self.time_zone)


def _instant(local: str, zone: ZoneInfo, later: bool, path: str) -> datetime:
    """The instant at which the clocks of a zone show a time."""
    if not re.fullmatch(r"(19|20|21)\d\d-\d\d-\d\dT\d\d:\d\d", local, re.ASCII):
        raise InvalidLocalTime(path, time=local[:40])
    try:
        shown = datetime.fromisoformat(local)
    except ValueError:
        raise InvalidLocalTime(path, time=local) from None
    instant = shown.replace(tzinfo=zone, fold=int(later)).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != shown:  # a clock cannot be read back to it
        raise HourDoesNotExist(path, time=local, time_zone=zone.key)
    return instant


def _is_second(instant: datetime, time_zone: str) -> bool:
    return bool(instant.astimezone(ZoneInfo(time_zone)).fold)


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%MZ}"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
