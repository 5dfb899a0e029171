"""Calendars: what takes place in a territory, or in a cohort, as everybody may know it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from projections.statement import Statement

MOST: Final = 5_000
"""How many entries a calendar has at most: the last ones."""

READS: Final = ("challenge", "workshop", "cohort", "cohort_territory", "session", "webinar")
"""The tables from which calendars are read without asking who asks: everybody may see them."""


class Occasion(StrEnum):
    """What takes place."""

    WORKSHOP = "workshop"
    SESSION = "session"
    WEBINAR = "webinar"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that takes place at some hours, or on some days."""

    occasion: Occasion
    id: str
    name: str
    """Of the challenge or the cohort."""
    edition: str | None
    number: int | None
    title: str | None
    place: str | None
    first_day: date
    last_day: date
    starts: str | None
    """The local start, such as 2025-03-30T14:00; what has days alone has none."""
    ends: str | None
    time_zone: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    cancelled: bool
    because: str | None
    """Why it is cancelled."""
    revision: int
    updated_at: datetime


_WORKSHOPS: Final = """
select 'workshop', w.id, c.name, null, null, null, w.place, w.day, w.day, w.starts, w.ends,
    w.time_zone, w.starts_at, w.ends_at, w.status = 'CANCELLED', w.cancelled_because, w.revision,
    w.updated_at
from workshop w join challenge c on c.id = w.challenge_id
where c.territory_key in (select key from land)
"""

_SESSIONS: Final = """
select 'session', s.id, c.name, c.edition, s.number, s.name, s.town, s.starts_on,
    coalesce(s.ends_on, s.starts_on), null, null, null, null::timestamptz, null::timestamptz,
    s.status = 'CANCELLED', s.cancelled_because, s.revision, c.updated_at
from session s join cohort c on c.id = s.cohort_id
where s.starts_on is not null and c.id in (select id from cohorts)
"""

_WEBINARS: Final = """
select 'webinar', w.id, c.name, c.edition, null, w.title, null, w.day, w.day, null, null, null,
    null::timestamptz, null::timestamptz, w.status = 'CANCELLED', w.cancelled_because, w.revision,
    c.updated_at
from webinar w join cohort c on c.id = w.cohort_id
where c.id in (select id from cohorts)
"""

_LAST: Final = f"order by 8 desc, 2 limit {MOST}"

OF_TERRITORY: Final = Statement(
    f"""
    with recursive land as (
        select key from territory where key = $1
        union all select t.key from territory t join land l on t.parent_key = l.key
    ), cohorts as (
        select cohort_id as id from cohort_territory where territory_key in (select key from land)
    )
    {_WORKSHOPS} union all {_SESSIONS} union all {_WEBINARS} {_LAST}
    """  # noqa: S608  (parts of this module)
)
"""What takes place in a territory and in its parts, by the territory's key."""

OF_COHORT: Final = Statement(
    f"""
    with cohorts as (select $1::text as id)
    {_SESSIONS} union all {_WEBINARS} {_LAST}
    """
)
"""What takes place in a cohort, by its id."""

COHORT: Final = Statement("select name, edition from cohort where id = $1")
"""What a cohort is called."""


def entries(rows: Iterable[Sequence[Any]]) -> list[Entry]:
    """Read what the statements give, the earliest first."""
    found = [Entry(Occasion(occasion), *told) for occasion, *told in rows]
    return sorted(found, key=lambda entry: (entry.first_day, entry.starts or "", entry.id))
