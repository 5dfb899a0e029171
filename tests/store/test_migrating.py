"""Bringing a database to the newest migration."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest

from infra.migrate import MigrationChanged, PostgresTooOld, migrate, refuse_old

MIGRATIONS = Path(migrate.__code__.co_filename).parent / "migrations"


async def test_every_migration_runs_once_in_order(empty: str) -> None:
    names = sorted(path.name for path in MIGRATIONS.glob("*.sql"))

    assert await migrate(empty) == names
    assert await migrate(empty) == []


async def test_two_processes_may_migrate_at_once(empty: str) -> None:
    script = (
        "import asyncio, sys; from infra.migrate import migrate;"
        "print(*asyncio.run(migrate(sys.argv[1])))"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, empty, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    printed = [(await process.communicate())[0].split() for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    nothing, everything = sorted(printed, key=len)
    assert nothing == []
    assert len(everything) == len(list(MIGRATIONS.glob("*.sql")))


async def test_a_migration_that_changed_after_it_ran_is_refused(empty: str, tmp_path: Path) -> None:
    path = tmp_path / "0001_first.sql"
    path.write_text("create table public.first ()")
    await migrate(empty, tmp_path)

    path.write_text("create table public.first (id int)")

    with pytest.raises(MigrationChanged, match=r"^0001_first\.sql was changed"):
        await migrate(empty, tmp_path)


async def test_a_migration_that_fails_leaves_nothing_and_can_be_mended(
    empty: str, tmp_path: Path
) -> None:
    (tmp_path / "0001_first.sql").write_text("create table public.first ()")
    second = tmp_path / "0002_second.sql"
    second.write_text("create table public.second (); create table public.first ()")

    with pytest.raises(asyncpg.DuplicateTableError):
        await migrate(empty, tmp_path)

    second.write_text("create table public.second ()")
    assert await migrate(empty, tmp_path) == ["0002_second.sql"]


@pytest.mark.parametrize("major", [9, 14])
def test_an_old_server_is_refused_in_one_sentence(major: int) -> None:
    with pytest.raises(PostgresTooOld) as caught:
        refuse_old(major)

    assert str(caught.value) == f"This is PostgreSQL {major}; cordée needs PostgreSQL 15 or newer."


@pytest.mark.parametrize("major", [15, 18])
def test_a_server_that_is_new_enough_is_taken(major: int) -> None:
    refuse_old(major)
