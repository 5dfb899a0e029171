"""Hours on the clocks of a place, also in the nights in which these change."""

from datetime import UTC, date, datetime

import pytest

from domain.hours import (
    EndsBeforeStart,
    HourDoesNotExist,
    Hours,
    InvalidLocalTime,
    LastsTooLong,
    UnknownTimeZone,
)

PARIS = "Europe/Paris"


def instant(hour: int, minute: int = 0, day: int = 30, month: int = 3) -> datetime:
    """An instant in 2025."""
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


def test_an_afternoon_is_two_hours_ahead_of_utc_once_the_clocks_were_put_forward() -> None:
    hours = Hours.of("2025-03-30T14:00", "2025-03-30T17:00", PARIS)

    assert (hours.starts_at, hours.ends_at) == (instant(12), instant(15))
    assert hours.day == date(2025, 3, 30)


def test_the_afternoon_of_the_day_before_is_one_hour_ahead_of_utc() -> None:
    hours = Hours.of("2025-03-29T14:00", "2025-03-29T17:00", PARIS)

    assert (hours.starts_at, hours.ends_at) == (instant(13, day=29), instant(16, day=29))


@pytest.mark.parametrize("minute", ["00", "30", "59"])
def test_a_start_inside_the_hour_that_does_not_exist_is_refused(minute: str) -> None:
    with pytest.raises(HourDoesNotExist) as refused:
        Hours.of(f"2025-03-30T02:{minute}", "2025-03-30T05:00", PARIS)

    assert refused.value.path == "starts"


def test_an_end_inside_the_hour_that_does_not_exist_is_refused() -> None:
    with pytest.raises(HourDoesNotExist) as refused:
        Hours.of("2025-03-30T01:00", "2025-03-30T02:30", PARIS)

    assert refused.value.path == "ends"


@pytest.mark.parametrize(("starts", "ends"), [("01:59", "03:00"), ("01:00", "03:30")])
def test_a_night_may_span_the_hour_that_does_not_exist(starts: str, ends: str) -> None:
    hours = Hours.of(f"2025-03-30T{starts}", f"2025-03-30T{ends}", PARIS)

    assert hours.ends_at > hours.starts_at


def test_the_hour_that_comes_twice_is_the_first_unless_the_later_is_said() -> None:
    first = Hours.of("2025-10-26T02:30", "2025-10-26T05:00", PARIS)
    later = Hours.of("2025-10-26T02:30", "2025-10-26T05:00", PARIS, starts_later=True)

    assert first.starts_at == instant(0, 30, day=26, month=10)
    assert later.starts_at == instant(1, 30, day=26, month=10)
    assert first.ends_at == later.ends_at == instant(4, day=26, month=10)


def test_what_is_said_to_be_later_changes_nothing_where_an_hour_comes_once() -> None:
    said = Hours.of(
        "2025-03-30T14:00", "2025-03-30T17:00", PARIS, starts_later=True, ends_later=True
    )

    assert said == Hours.of("2025-03-30T14:00", "2025-03-30T17:00", PARIS)


def test_an_end_may_show_an_earlier_time_when_the_clocks_are_put_back_in_between() -> None:
    hours = Hours.of("2025-10-26T02:45", "2025-10-26T02:15", PARIS, ends_later=True)

    assert hours.ends_at - hours.starts_at == instant(0, 30) - instant(0, 0)


def test_an_end_that_shows_a_later_time_may_come_before_the_start() -> None:
    with pytest.raises(EndsBeforeStart):
        Hours.of("2025-10-26T02:15", "2025-10-26T02:45", PARIS, starts_later=True)


@pytest.mark.parametrize("ends", ["2025-03-30T13:59", "2025-03-30T14:00", "2025-03-29T17:00"])
def test_an_end_that_is_not_after_the_start_is_refused(ends: str) -> None:
    with pytest.raises(EndsBeforeStart):
        Hours.of("2025-03-30T14:00", ends, PARIS)


def test_a_day_is_the_longest_also_when_it_has_another_number_of_hours_on_the_clock() -> None:
    Hours.of("2025-03-29T14:00", "2025-03-30T15:00", PARIS)
    with pytest.raises(LastsTooLong):
        Hours.of("2025-03-29T14:00", "2025-03-30T15:01", PARIS)


@pytest.mark.parametrize(
    "time",
    [
        "",
        "14:00",
        "2025-03-30",
        "2025-03-30 14:00",
        "2025-03-30T14:00:00",
        "2025-03-30T14:00Z",
        "2025-03-30T14:00+02:00",
        "2025-02-29T14:00",
        "2025-03-30T24:00",
        "1025-03-30T14:00",
        "٢٠٢٥-03-30T14:00",
        "é" * 10_000,
        "2025-03-30T14:00\x07",
    ],
)
def test_what_is_no_local_time_is_refused(time: str) -> None:
    with pytest.raises(InvalidLocalTime):
        Hours.of(time, "2025-03-30T17:00", PARIS)
    with pytest.raises(InvalidLocalTime):
        Hours.of("2025-03-30T14:00", time, PARIS)


@pytest.mark.parametrize(
    "zone", ["", "Europe", "europe/paris", "Europe/Rouen", "../etc/passwd", "CET\x00", "é" * 10_000]
)
def test_a_time_zone_that_is_not_in_the_list_is_refused(zone: str) -> None:
    with pytest.raises(UnknownTimeZone):
        Hours.of("2025-03-30T14:00", "2025-03-30T17:00", zone)


def test_other_places_have_other_clocks() -> None:
    hours = Hours.of("2025-03-30T14:00", "2025-03-30T17:00", "America/Cayenne")

    assert hours.starts_at == instant(17)
