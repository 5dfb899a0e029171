"""Calendars: workshops, sessions and webinars as iCalendar feeds (RFC 5545), for everybody.

``/calendar/region:28.ics`` has what takes place in a territory and its parts,
``/calendar/coh_….ics`` what a cohort does.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.admission import NOT_LET_IN, Admission, address_of, told, turned_away
from api.identity import ANYBODY
from api.language import preferred
from api.node import known, noun_of
from api.ports import Reads, ReadsUnavailable, ReadTooSlow
from api.prices import CALENDAR
from domain.territory import TERRITORIES
from projections.calendars import COHORT, OF_COHORT, OF_TERRITORY, Entry, Occasion, entries

PRODUCT: Final = "-//cordee//calendar//FR"
REFRESH: Final = timedelta(hours=1)
"""How often a calendar program should ask again."""

_KIND: Final = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Calendars:
    """Serves the calendar of a territory or of a cohort."""

    reads: Reads
    admission: Admission

    async def serve(self, request: Request) -> Response:
        """Answer a request for a calendar; one that did not change is not sent again."""
        address = address_of(request)
        try:
            purse = self.admission.admit(ANYBODY, address)
            purse.spend(CALENDAR)
        except NOT_LET_IN as refusal:
            return turned_away(refusal, preferred(request.headers.get("accept-language", "")))
        try:
            body = await self._written(request.path_params["name"])
        except (ReadsUnavailable, ReadTooSlow):
            return PlainTextResponse("Ask again later.", 503, {"retry-after": "5"})
        if body is None:
            return PlainTextResponse("There is no such territory or cohort.", 404)
        headers = {
            "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "cache-control": "public, max-age=300",
            "content-type": _KIND,
            "vary": "accept-encoding",
            **told(purse.left()),
        }
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers)

    async def _written(self, name: str) -> bytes | None:
        """Write the calendar of a territory or of a cohort; None where there is no such thing."""
        if name in TERRITORIES:
            rows = await self.reads.rows(OF_TERRITORY, (name,))
            return calendar(TERRITORIES[name].name, entries(rows))
        if noun_of(name) != "cohort" or known(name, "cohort") is None:
            return None
        found = await self.reads.rows(COHORT, (name,))
        if not found:
            return None
        rows = await self.reads.rows(OF_COHORT, (name,))
        return calendar(_named(*found[0]), entries(rows))


def calendar(name: str, found: Iterable[Entry]) -> bytes:
    """Write entries as a calendar."""
    found = list(found)
    written = Calendar()
    written.add("prodid", PRODUCT)
    written.add("version", "2.0")
    written.add("method", "PUBLISH")
    written.add("name", name)  # RFC 7986; older programs know the next one
    written.add("x-wr-calname", name)
    written.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for zone in sorted({entry.time_zone for entry in found if entry.time_zone}):
        days = [entry.first_day for entry in found if entry.time_zone == zone]
        written.add_component(_zone(zone, min(days).year, max(days).year))
    for entry in found:
        written.add_component(_event(entry))
    return bytes(written.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.id}@cordee")
    event.add("dtstamp", entry.updated_at)
    event.add("last-modified", entry.updated_at)
    event.add("sequence", entry.revision)
    event.add("summary", _summary(entry))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("categories", [entry.occasion.value])
    if entry.place is not None:
        event.add("location", entry.place)
    if entry.because is not None:
        event.add("description", entry.because)
    starts, ends = _times(entry)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    return event


def _times(entry: Entry) -> tuple[date, date]:
    """Give the hours on the clocks of the place, or whole days, the last of which is the day after.

    A calendar reads a local time that the clocks show twice as the first (RFC 5545, 3.3.5): where
    the second is meant, both are given in UTC.
    """
    if entry.starts_at is None or entry.ends_at is None or entry.time_zone is None:
        return entry.first_day, entry.last_day + timedelta(days=1)
    zone = ZoneInfo(entry.time_zone)
    starts, ends = entry.starts_at.astimezone(zone), entry.ends_at.astimezone(zone)
    return (entry.starts_at, entry.ends_at) if starts.fold or ends.fold else (starts, ends)


def _summary(entry: Entry) -> str:
    parts = [_named(entry.name, entry.edition)]
    if entry.occasion is Occasion.SESSION:
        parts.append(f"session {entry.number}")
    if entry.title is not None:
        parts.append(entry.title)
    return " · ".join(parts)


def _named(name: str, edition: str | None) -> str:
    return name if edition is None or edition in name else f"{name} {edition}"


@lru_cache(maxsize=64)
def _zone(name: str, first: int, last: int) -> Timezone:
    """Describe the clocks of a zone over some years, as far as anything takes place there.

    What the library makes of a zone puts the spring change an hour late: a change begins at the
    time that the clocks showed until then (RFC 5545, 3.6.5).
    """
    zone = ZoneInfo(name)
    begins = datetime(first - 1, 12, 31, tzinfo=UTC)  # a day that no zone is ahead of
    described = Timezone()
    described.add("tzid", name)
    described.add_component(_observance(zone, begins, begins))
    for before, after in _changes(zone, begins, datetime(last + 1, 1, 2, tzinfo=UTC)):
        described.add_component(_observance(zone, before, after))
    return described


def _observance(
    zone: ZoneInfo, before: datetime, after: datetime
) -> TimezoneStandard | TimezoneDaylight:
    """Describe what the clocks show from a change on, in terms of what they showed before."""
    was, then = before.astimezone(zone), after.astimezone(zone)
    observance = TimezoneDaylight() if then.dst() else TimezoneStandard()
    offset_before = was.utcoffset()
    assert offset_before is not None, "a zone has an offset"
    observance.add("dtstart", (after + offset_before).replace(tzinfo=None))
    observance.add("tzoffsetfrom", offset_before)
    observance.add("tzoffsetto", then.utcoffset())
    observance.add("tzname", then.tzname())
    return observance


def _changes(
    zone: ZoneInfo, begins: datetime, ends: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Find the changes of the clocks: each the last second before, and the first one after."""
    day = timedelta(days=1)
    while begins < ends:
        if _offset(zone, begins) != _offset(zone, begins + day):
            low, high = begins, begins + day
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                if _offset(zone, middle) == _offset(zone, begins):
                    low = middle
                else:
                    high = middle
            yield low, high
        begins += day


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()
