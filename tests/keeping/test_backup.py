"""Backups: one moment of the log in a file, and every byte of it back in an empty database."""

import asyncio
import errno
import os
from pathlib import Path

import asyncpg
import pytest

from infra.keeping.backup import backup
from infra.keeping.damage import FileTaken, LogBroken, Unwritable
from infra.keeping.kept import KEYS, LOG, Kept
from infra.keeping.restore import restore
from infra.migrate import migrate
from tests.keeping.world import (
    KEYRING,
    contents,
    execute,
    forget_the_other,
    keys_left,
    silent,
)


async def test_a_restore_gives_back_every_byte(world: str, database: str, tmp_path: Path) -> None:
    events, keys = tmp_path / "events", tmp_path / "keys"

    saved = await backup(world, events, keys, silent)
    restored = await restore(database, events, keys, silent, keyring=KEYRING)

    assert await contents(database) == await contents(world)
    assert restored.events == saved.events > 500
    assert (restored.commands, restored.people) == (saved.commands, saved.people)
    assert restored.forgotten_again == 0


async def test_without_the_keys_the_events_come_back_alone(
    world: str, database: str, tmp_path: Path
) -> None:
    await backup(world, tmp_path / "events", None, silent)
    restored = await restore(database, tmp_path / "events", None, silent)

    assert await contents(database, keys=False) == await contents(world, keys=False)
    assert restored.people is None
    assert [path.name for path in tmp_path.iterdir()] == ["events"]


async def test_an_empty_log_can_be_kept_too(database: str, empty: str, tmp_path: Path) -> None:
    await migrate(empty)
    events, keys = tmp_path / "events", tmp_path / "keys"

    await backup(database, events, keys, silent)
    restored = await restore(empty, events, keys, silent)

    assert (restored.events, restored.people) == (0, 0)


async def test_a_copy_of_a_copy_has_the_same_digest(
    world: str, database: str, empty: str, tmp_path: Path
) -> None:
    await migrate(empty)
    await backup(world, tmp_path / "first", None, silent)
    first = await restore(database, tmp_path / "first", None, silent)
    await backup(database, tmp_path / "second", None, silent)

    assert (await restore(empty, tmp_path / "second", None, silent)).sha256 == first.sha256


async def test_what_is_written_meanwhile_is_not_in_it(
    world: str, database: str, tmp_path: Path
) -> None:
    before = await contents(world, keys=False)
    wrote = asyncio.Event()

    async def write() -> None:
        await forget_the_other(world)
        wrote.set()

    writing: list[asyncio.Task[None]] = []

    def tell(_done: int, _of: int) -> None:
        if not writing:
            writing.append(asyncio.create_task(write()))

    await backup(world, tmp_path / "events", None, tell)
    await wrote.wait()
    await restore(database, tmp_path / "events", None, silent)

    assert await contents(database, keys=False) == before
    assert await contents(world, keys=False) != before


async def test_progress_ends_where_it_said(world: str, database: str, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    events, keys = tmp_path / "events", tmp_path / "keys"

    await backup(world, events, keys, lambda done, of: told.append((done, of)))
    saved = list(told)
    told.clear()
    await restore(database, events, keys, lambda done, of: told.append((done, of)))

    for each in (saved, told):
        assert each[-1][0] == each[-1][1] == max(done for done, _ in each)


async def test_a_file_that_is_there_is_left_alone(world: str, tmp_path: Path) -> None:
    (tmp_path / "events").write_text("dear")

    with pytest.raises(FileTaken, match="--force"):
        await backup(world, tmp_path / "events", tmp_path / "keys", silent)

    assert (tmp_path / "events").read_text() == "dear"
    assert [path.name for path in tmp_path.iterdir()] == ["events"]


async def test_where_no_file_can_be_made_it_is_told_which(world: str, tmp_path: Path) -> None:
    with pytest.raises(Unwritable, match=r"nowhere/events cannot be written .* Name a folder"):
        await backup(world, tmp_path / "nowhere" / "events", None, silent)


async def test_a_full_disk_is_told_with_the_file_and_leaves_nothing(
    world: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unwritable, match=r"/events cannot be written .* make room"):
        await backup(world, tmp_path / "events", None, silent)
    assert not [*tmp_path.iterdir()]


async def test_forced_it_is_written_over(world: str, database: str, tmp_path: Path) -> None:
    (tmp_path / "events").write_text("cheap")

    await backup(world, tmp_path / "events", None, silent, force=True)

    assert (await restore(database, tmp_path / "events", None, silent)).events > 0
    assert [path.name for path in tmp_path.iterdir()] == ["events"]


async def test_when_the_second_file_is_in_the_way_the_first_does_not_come_to_be(
    world: str, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text("dear")

    with pytest.raises(FileTaken):
        await backup(world, tmp_path / "events", tmp_path / "keys", silent)

    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


async def test_when_the_second_file_comes_to_be_meanwhile_neither_is_written(
    world: str, tmp_path: Path
) -> None:
    def tell(_done: int, _of: int) -> None:
        (tmp_path / "keys").write_text("dear")

    with pytest.raises(FileTaken):
        await backup(world, tmp_path / "events", tmp_path / "keys", tell)

    assert [path.name for path in tmp_path.iterdir()] == ["keys"]
    assert (tmp_path / "keys").read_text() == "dear"


@pytest.mark.parametrize("after", [1, 2, 3])
async def test_a_backup_that_is_stopped_leaves_no_file(
    world: str, tmp_path: Path, after: int
) -> None:
    told = 0

    def tell(_done: int, _of: int) -> None:
        nonlocal told
        told += 1
        if told == after:
            task.cancel()

    task = asyncio.ensure_future(backup(world, tmp_path / "events", tmp_path / "keys", tell))
    with pytest.raises(asyncio.CancelledError):
        await task

    assert list(tmp_path.iterdir()) == []


async def test_no_other_account_may_read_it(world: str, tmp_path: Path) -> None:
    await backup(world, tmp_path / "events", tmp_path / "keys", silent)

    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


async def test_a_log_with_a_hole_is_not_copied(world: str, tmp_path: Path) -> None:
    await execute(world, "delete from log.event where position = 7")

    with pytest.raises(LogBroken, match="cordee check"):
        await backup(world, tmp_path / "events", None, silent)

    assert list(tmp_path.iterdir()) == []


async def test_a_database_without_a_log_says_so(empty: str, tmp_path: Path) -> None:
    with pytest.raises(LogBroken):
        await backup(empty, tmp_path / "events", None, silent)


async def test_who_is_forgotten_after_the_backup_of_the_keys_stays_so(
    world: str, database: str, tmp_path: Path
) -> None:
    await backup(world, tmp_path / "old", tmp_path / "old keys", silent)
    before = await keys_left(world)
    await forget_the_other(world)
    await backup(world, tmp_path / "events", None, silent)

    restored = await restore(database, tmp_path / "events", tmp_path / "old keys", silent)

    assert restored.forgotten_again == 1
    assert await keys_left(database) == before - 1


@pytest.mark.parametrize("kept", [*LOG, *KEYS], ids=lambda kept: kept.name)
async def test_every_column_of_a_table_is_kept(database: str, kept: Kept) -> None:
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch(
            "select attname::text as name from pg_attribute where attrelid = $1::text::regclass"
            " and attnum > 0 and not attisdropped order by attnum",
            kept.name,
        )
    finally:
        await connection.close()

    assert tuple(row["name"] for row in rows) == kept.columns
