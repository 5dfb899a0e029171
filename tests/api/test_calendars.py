"""Calendars as a calendar program reads them, also on the days on which the clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from api.calendars import calendar
from domain.hours import Hours
from projections.access import EVERYONE
from projections.calendars import READS, Entry, Occasion
from projections.table import TABLES
from tests.api.conftest import Client

UPDATED = datetime(2025, 2, 1, 9, 30, tzinfo=UTC)
NORMANDIE, ROUEN = "region:28", "epci:200023414"


def workshop(starts: str, ends: str, **later: bool) -> Entry:
    """A workshop by the clocks of Paris."""
    hours = Hours.of(starts, ends, "Europe/Paris", **later)
    return Entry(
        occasion=Occasion.WORKSHOP,
        id="wks_00000000000000000000000000000001",
        name="Challenge 2 tonnes",
        edition=None,
        number=None,
        title=None,
        place="Le 108, salle Joséphine Baker",
        first_day=hours.day,
        last_day=hours.day,
        starts=hours.starts,
        ends=hours.ends,
        time_zone=hours.time_zone,
        starts_at=hours.starts_at,
        ends_at=hours.ends_at,
        cancelled=False,
        because=None,
        revision=0,
        updated_at=UPDATED,
    )


def session(first: date, last: date, **fields: Any) -> Entry:
    """A session of a cohort, of which only the days are known."""
    entry = replace(
        workshop("2025-03-30T14:00", "2025-03-30T17:00"),
        occasion=Occasion.SESSION,
        id="ses_00000000000000000000000000000001",
        name="CEC Ouest",
        edition="2023",
        number=1,
        place="Rennes",
        starts=None,
        ends=None,
        time_zone=None,
        starts_at=None,
        ends_at=None,
    )
    return replace(entry, first_day=first, last_day=last, **fields)


def read(*entries: Entry) -> Any:
    """What a calendar program reads of a calendar with one event."""
    (event,) = Calendar.from_ical(calendar("Rouen", entries)).events
    return event


@pytest.mark.parametrize(
    ("starts", "ends", "hour"),
    [
        ("2025-03-29T14:00", "2025-03-29T17:00", 13),
        ("2025-03-30T14:00", "2025-03-30T17:00", 12),
        ("2025-10-25T14:00", "2025-10-25T17:00", 12),
        ("2025-10-26T14:00", "2025-10-26T17:00", 13),
    ],
)
def test_an_afternoon_is_read_as_what_it_is_around_the_changes_of_the_clocks(
    starts: str, ends: str, hour: int
) -> None:
    event = read(workshop(starts, ends))
    assert event["dtstart"].params["TZID"] == "Europe/Paris"
    assert event["dtstart"].to_ical().decode() == f"{starts.replace('-', '').replace(':', '')}00"
    assert event.start.astimezone(UTC).hour == hour
    assert event.end - event.start == timedelta(hours=3)


@pytest.mark.parametrize(
    ("starts", "ends", "later", "expected"),
    [
        ("2025-10-26T02:30", "2025-10-26T05:00", {}, (0, 4)),
        ("2025-10-26T02:30", "2025-10-26T05:00", {"starts_later": True}, (1, 4)),
        ("2025-10-26T01:30", "2025-10-26T02:30", {"ends_later": True}, (23, 1)),
    ],
)
def test_an_hour_that_comes_twice_is_read_as_the_one_that_is_meant(
    starts: str, ends: str, later: dict[str, bool], expected: tuple[int, int]
) -> None:
    event = read(workshop(starts, ends, **later))
    read_as = tuple(moment.astimezone(UTC).hour for moment in (event.start, event.end))
    assert read_as == expected
    if later:
        assert "TZID" not in event["dtstart"].params


def test_the_clocks_are_described_as_they_change() -> None:
    written = calendar("Rouen", [workshop("2025-03-30T14:00", "2025-03-30T17:00")])
    zone: Any
    (zone,) = Calendar.from_ical(written).walk("VTIMEZONE")
    changes = [
        (part.name, part["dtstart"].dt, part["tzoffsetfrom"].td, part["tzoffsetto"].td)
        for part in zone.subcomponents
    ]
    winter, summer = timedelta(hours=1), timedelta(hours=2)
    assert changes == [
        ("STANDARD", datetime(2024, 12, 31, 1), winter, winter),  # noqa: DTZ001 - as on the clock
        ("DAYLIGHT", datetime(2025, 3, 30, 2), winter, summer),  # noqa: DTZ001
        ("STANDARD", datetime(2025, 10, 26, 3), summer, winter),  # noqa: DTZ001
    ]


def test_days_end_before_the_next_one() -> None:
    event = read(session(date(2023, 9, 14), date(2023, 9, 15)))
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2023, 9, 14), date(2023, 9, 16))
    assert event["summary"] == "CEC Ouest 2023 · session 1"
    assert event["dtstart"].params["VALUE"] == "DATE"


def test_what_is_cancelled_stays_and_says_why() -> None:
    before = session(date(2023, 9, 14), date(2023, 9, 15))
    after = replace(before, cancelled=True, because="Crue", revision=1)
    assert read(before)["status"] == "CONFIRMED"
    event = read(after)
    assert (event["status"], event["sequence"], event["description"]) == ("CANCELLED", 1, "Crue")
    assert event["uid"] == read(before)["uid"]


def test_no_text_breaks_out_of_its_line() -> None:
    place = "Salle A\r\nATTENDEE:mailto:x@exemple.fr\nEND:VEVENT; b, c\\d " + "é" * 200
    event = read(replace(workshop("2025-03-30T14:00", "2025-03-30T17:00"), place=place))
    assert event["location"] == place.replace("\r\n", "\n")
    assert "attendee" not in event
    written = calendar("Rouen", [session(date(2023, 9, 14), date(2023, 9, 15))])
    assert max(len(line) for line in written.split(b"\r\n")) <= 75


def test_a_calendar_tells_only_what_everybody_may_see() -> None:
    for name in READS:
        assert TABLES[name].seen == EVERYONE
        assert not TABLES[name].shown


async def test_a_territory_and_a_cohort_have_a_calendar(client: Client) -> None:
    cohort = "coh_00000000000000000000000000000001"
    await client.insert(
        """
        insert into challenge (id, version, opened_at, updated_at, name, name_key, territory_key,
            starts_on, ends_on, status)
        values ('cha_1', 1, now(), now(), '2 tonnes', '2 tonnes', $1, '2025-01-01', '2026-12-31',
            'OPEN')
        """,
        ROUEN,
    )
    await client.insert(
        """
        insert into workshop (id, version, scheduled_at, updated_at, challenge_id, day, starts,
            ends, time_zone, starts_at, ends_at, place, audience, status, seats, taken, free,
            waiting, revision)
        values ('wks_1', 1, now(), now(), 'cha_1', '2025-03-30', '2025-03-30T14:00',
            '2025-03-30T17:00', 'Europe/Paris', '2025-03-30T12:00Z', '2025-03-30T15:00Z',
            'Pavillon', 'CITIZENS', 'SCHEDULED', 15, 0, 15, 0, 0)
        """
    )
    await client.insert(
        """
        insert into cohort (id, version, opened_at, updated_at, name, name_key, status, places_held)
        values ($1, 1, now(), now(), 'CEC', 'cec', 'OPEN', 0)
        """,
        cohort,
    )
    await client.insert("insert into cohort_territory values ($1, $2)", cohort, NORMANDIE)
    for number, day in ((1, date(2025, 12, 4)), (2, None)):
        await client.insert(
            """
            insert into session (id, cohort_id, number, starts_on, status, scheduled_at, revision)
            values ($1, $2, $3, $4, 'CANCELLED', now(), 0)
            """,
            f"ses_{number}",
            cohort,
            number,
            day,
        )
    await client.insert(
        """
        insert into webinar (id, cohort_id, title, day, status, scheduled_at, revision)
        values ('web_1', $1, 'Le vivant', '2026-01-20', 'SCHEDULED', now(), 0)
        """,
        cohort,
    )

    async def uids(name: str) -> list[str]:
        response = await client.http.get(f"/calendar/{name}.ics")
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/calendar; charset=utf-8"
        return [str(event["uid"]) for event in Calendar.from_ical(response.content).events]

    everything = ["wks_1@cordee", "ses_1@cordee", "web_1@cordee"]
    assert await uids(NORMANDIE) == await uids("FR") == everything
    assert await uids(ROUEN) == ["wks_1@cordee"]
    assert await uids("region:53") == []
    assert await uids(cohort) == ["ses_1@cordee", "web_1@cordee"]


async def test_a_calendar_that_did_not_change_is_not_sent_again(client: Client) -> None:
    first = await client.http.get(f"/calendar/{ROUEN}.ics")
    again = await client.http.get(
        f"/calendar/{ROUEN}.ics", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["region:99", "coh_" + "0" * 32, "coh_", "org_" + "0" * 32, "%00", "'; drop table"]
)
async def test_what_is_no_territory_and_no_cohort_has_none(client: Client, name: str) -> None:
    assert (await client.http.get(f"/calendar/{name}.ics")).status_code == 404
    assert (await client.http.post(f"/calendar/{ROUEN}.ics")).status_code == 405
