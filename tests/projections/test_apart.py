"""Building apart: a generation with much to fold, in a process of its own."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from infra.projector import apart, prepare, staff
from infra.projector.apart import Apart
from projections.organisations import ORGANISATIONS
from tests.generations import of_other_code
from tests.history import MASTER_KEY, Log, given, news, opened
from tests.projections.projecting import SOON, an_organisation, in_table, projecting
from tests.projections.test_passages import a_cohort


@pytest.fixture
async def log(prepared: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Log]:
    """A log with events that count as many, and of whose read models none is of this version."""
    monkeypatch.setattr(staff, "FEW", 0)
    monkeypatch.setenv("CORDEE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CORDEE_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())
    await of_other_code(prepared)
    async with opened(prepared) as opening:
        for name in ("Atmo Normandie", "Air Breizh"):
            await given(opening.store, opening.mapper, *news(an_organisation(name)))
        await prepare(prepared, [ORGANISATIONS])
        yield opening


async def names(dsn: str) -> set[str]:
    """The organisations of the second generation."""
    rows = await in_table(dsn, "select name from read_organisations_2.organisation")
    return {row["name"] for row in rows}


async def test_a_process_builds_what_a_worker_then_goes_on_with(log: Log) -> None:
    with capture_logs() as logged:
        async with projecting(log, projections=[ORGANISATIONS], apart=Apart(log.dsn)) as projector:
            position = await given(log.store, log.mapper, *news(an_organisation("Après")))
            assert await projector.wait_until(position, 3 * SOON)
            assert await names(log.dsn) == {"Après", "Atmo Normandie", "Air Breizh"}
    building = [entry for entry in logged if entry["event"].startswith("projection.b")]
    assert [(entry["event"], entry["generation"]) for entry in building] == [
        ("projection.building", 2)
    ]
    assert not [entry for entry in logged if entry["event"] == "projection.not_built"]


async def test_no_process_is_started_for_few_events_of_interest(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "FEW", await log.store.head())
    await given(log.store, log.mapper, *news(a_cohort("region:53")))  # the log is longer than that
    with capture_logs() as logged:
        async with projecting(log, projections=[ORGANISATIONS], apart=Apart(log.dsn)) as projector:
            assert await projector.wait_until(await log.store.head(), SOON)
            assert await names(log.dsn) == {"Atmo Normandie", "Air Breizh"}
    assert "projection.building" not in {entry["event"] for entry in logged}


async def test_where_no_process_can_build_it_a_worker_does(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "PROGRAM", "infra.no_such_program")
    async with projecting(log, projections=[ORGANISATIONS], apart=Apart(log.dsn)) as projector:
        assert await projector.wait_until(await log.store.head(), SOON)
        assert await names(log.dsn) == {"Atmo Normandie", "Air Breizh"}


async def test_whoever_stops_takes_the_process_along(log: Log) -> None:
    async with projecting(log, projections=[ORGANISATIONS], apart=Apart(log.dsn)):
        pass
    async with projecting(log, projections=[ORGANISATIONS]) as projector:
        assert await projector.wait_until(await log.store.head(), SOON)
