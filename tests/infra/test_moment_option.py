"""Moments as they are said on the command line, also in the nights in which clocks change."""

from datetime import UTC, datetime

import pytest
import typer

from infra.moment_option import read_moment


def utc(*parts: int) -> datetime:
    """An instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("0", 0),
        ("4711", 4711),
        ("2026-01-15T09:30", utc(2026, 1, 15, 8, 30)),
        ("2026-07-15 09:30:15.25", utc(2026, 7, 15, 7, 30, 15, 250_000)),
        ("2026-07-15T09:30Z", utc(2026, 7, 15, 9, 30)),
        ("2026-07-15T09:30-04:00", utc(2026, 7, 15, 13, 30)),
        ("2026-03-31", utc(2026, 3, 31, 21, 59, 59, 999_999)),
        ("2026-12-31", utc(2026, 12, 31, 22, 59, 59, 999_999)),
    ],
)
def test_a_moment_is_a_position_a_day_to_its_end_or_a_time_in_paris(
    said: str, meant: int | datetime
) -> None:
    assert read_moment(said).moment == meant


def test_an_hour_that_occurs_twice_is_refused_with_both_instants() -> None:
    with pytest.raises(typer.BadParameter) as refused:
        read_moment("2026-10-25T02:30")

    assert "twice: write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00." in str(
        refused.value
    )


@pytest.mark.parametrize(("offset", "hour"), [("+02:00", 0), ("+01:00", 1)])
def test_an_hour_that_occurs_twice_is_taken_with_its_offset(offset: str, hour: int) -> None:
    assert read_moment(f"2026-10-25T02:30{offset}").moment == utc(2026, 10, 25, hour, 30)


@pytest.mark.parametrize("said", ["2026-10-25T01:59", "2026-10-25T03:00"])
def test_the_hours_around_it_occur_once(said: str) -> None:
    assert isinstance(read_moment(said).moment, datetime)


@pytest.mark.parametrize("said", ["2026-03-29T02:00", "2026-03-29T02:59:59.999999"])
def test_an_hour_that_the_clocks_pass_over_is_refused(said: str) -> None:
    with pytest.raises(typer.BadParameter, match="never show"):
        read_moment(said)


def test_an_hour_that_the_clocks_pass_over_is_taken_with_an_offset() -> None:
    assert read_moment("2026-03-29T02:30+01:00").moment == utc(2026, 3, 29, 1, 30)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "yesterday",
        "-1",
        "٣",
        "9" * 19,
        "2026-02-30",
        "2026-01-15T25:00",
        "2026-01-15T09:30+25:00",
        "2026-01-15T09",
        "2026-W03-4",
        "9999-12-31",
        "0001-01-01T00:00+14:00",
    ],
)
def test_what_is_no_moment_is_refused_with_how_to_write_one(said: str) -> None:
    with pytest.raises(typer.BadParameter, match="write a position of the log"):
        read_moment(said)
