"""The embedded PostgreSQL: starts, keeps what it was given, and says why it cannot."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

import infra.postgres.server
from infra.postgres import (
    EmbeddedPostgres,
    FolderTaken,
    FolderUnusable,
    OtherMajor,
    StartFailed,
    dsn_of_running,
)

PARENT = """
import asyncio, sys, time
from pathlib import Path
from infra.postgres import EmbeddedPostgres

postgres = EmbeddedPostgres(Path(sys.argv[1]))
asyncio.run(postgres.start())
print(postgres.pid, flush=True)
time.sleep(600)
"""


@asynccontextmanager
async def connected(postgres: EmbeddedPostgres) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres.dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def remember(postgres: EmbeddedPostgres, word: str) -> None:
    async with connected(postgres) as connection:
        await connection.execute("create table if not exists said (word text)")
        await connection.execute("insert into said values ($1)", word)


async def remembered(postgres: EmbeddedPostgres) -> list[str]:
    async with connected(postgres) as connection:
        return [row["word"] for row in await connection.fetch("select word from said")]


def log(folder: Path) -> str:
    return (folder / "postgres.log").read_text()


async def test_the_first_start_gives_an_empty_database(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as postgres, connected(postgres) as connection:
        assert await connection.fetchval("select current_database()") == "cordee"
        assert await connection.fetchval("select count(*) from pg_stat_user_tables") == 0


async def test_it_is_set_for_this_product(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as postgres, connected(postgres) as connection:
        rows = await connection.fetch("select name, setting from pg_settings")
    shown = {row["name"]: row["setting"] for row in rows}

    assert shown["fsync"] == shown["full_page_writes"] == shown["synchronous_commit"] == "on"
    assert shown["listen_addresses"] == ""
    assert shown["shared_preload_libraries"] == "pg_stat_statements"
    assert shown["jit"] == "off"
    assert shown["log_parameter_max_length"] == "0"
    assert int(shown["shared_buffers"]) * 8192 >= 32 << 20


async def test_text_sorts_and_folds_alike_on_every_machine(folder: Path) -> None:
    async with EmbeddedPostgres(folder, durable=False) as postgres, connected(postgres) as it:
        words = await it.fetch("select w from unnest(array['é', 'z', 'Z', 'a']) w order by w")
        assert [row["w"] for row in words] == ["Z", "a", "z", "é"]
        assert await it.fetchval("select upper('été')") == "ÉTÉ"
        assert await it.fetchval("select to_tsvector('simple', 'l’eau')::text") == "'eau':2 'l':1"


async def test_a_second_start_finds_what_was_stored(folder: Path) -> None:
    async with EmbeddedPostgres(folder, durable=False) as postgres:
        await remember(postgres, "sursaut")
    async with EmbeddedPostgres(folder, durable=False) as postgres:
        assert await remembered(postgres) == ["sursaut"]

    assert "database system was shut down at" in log(folder)
    assert "database system is shut down" in (folder / "postgres.log.1").read_text()


async def test_an_object_can_be_started_again(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder, durable=False)
    for _ in range(2):
        await postgres.start()
        assert postgres.pid is not None
        await postgres.stop()
        assert postgres.pid is None


async def test_stopping_does_not_wait_for_an_open_transaction(folder: Path) -> None:
    async with EmbeddedPostgres(folder, durable=False) as postgres:
        await remember(postgres, "committed")
        connection = await asyncpg.connect(postgres.dsn)
        await connection.execute("begin; insert into said values ('not committed')")
        async with asyncio.timeout(10):
            await postgres.stop()
        connection.terminate()
    async with EmbeddedPostgres(folder, durable=False) as postgres:
        assert await remembered(postgres) == ["committed"]


async def test_a_server_that_does_not_listen_is_ended_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.postgres.server, "_FAST_STOP", 0.1)
    monkeypatch.setattr(infra.postgres.server, "_IMMEDIATE_STOP", 0.1)
    postgres = EmbeddedPostgres(folder, durable=False)
    await postgres.start()
    server = psutil.Process(postgres.pid)
    server.suspend()

    await postgres.stop()

    assert not server.is_running()


async def test_a_killed_server_recovers_at_the_next_start(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    await postgres.start()
    await remember(postgres, "committed before the crash")
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGKILL)
    await postgres.stop()

    async with EmbeddedPostgres(folder) as postgres:
        assert await remembered(postgres) == ["committed before the crash"]
    assert "database system was interrupted" in log(folder)


async def test_a_server_whose_parent_was_killed_is_taken_over(folder: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    orphan = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    assert orphan.is_running()

    async with EmbeddedPostgres(folder) as postgres:
        # Whoever inherited it may not yet have asked how it ended.
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
        await remember(postgres, "taken over")
    assert "database system was shut down at" in log(folder)


async def test_a_pid_file_left_behind_is_no_obstacle(folder: Path) -> None:
    async with EmbeddedPostgres(folder, durable=False) as postgres:
        left = (folder / "data" / "postmaster.pid").read_text().splitlines()
        # Its number now belongs to a process of the same account that is no server of this folder.
        with subprocess.Popen(
            ["sleep", "60"], user=psutil.Process(postgres.pid).uids().real
        ) as other:
            await postgres.stop()
            (folder / "data" / "postmaster.pid").write_text("\n".join([str(other.pid), *left[1:]]))
            await postgres.start()
            assert other.poll() is None
            other.kill()


async def test_a_first_start_that_was_cut_short_begins_again(folder: Path) -> None:
    (folder / "data.draft" / "base").mkdir(parents=True)

    async with EmbeddedPostgres(folder, durable=False) as postgres, connected(postgres):
        assert not (folder / "data.draft").exists()


async def test_a_cancelled_start_leaves_the_folder_free(folder: Path) -> None:
    start = asyncio.create_task(EmbeddedPostgres(folder, durable=False).start())
    await asyncio.sleep(0)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start

    async with EmbeddedPostgres(folder, durable=False) as postgres, connected(postgres):
        pass


async def test_a_second_cordee_on_one_folder_is_told_who_has_it(folder: Path) -> None:
    async with EmbeddedPostgres(folder, durable=False) as first:
        with pytest.raises(FolderTaken) as refused:
            await EmbeddedPostgres(folder, durable=False).start()
        assert str(refused.value) == (
            f"The data folder {folder} is in use by process {os.getpid()}: "
            "stop that one, or set CORDEE_DATA_DIR to another folder."
        )
        async with connected(first):
            pass


async def test_a_folder_below_a_file_is_refused(folder: Path) -> None:
    folder.write_text("not a folder")

    with pytest.raises(FolderUnusable, match=r"cannot be used \(Not a directory\)"):
        await EmbeddedPostgres(folder / "postgres").start()


async def test_a_folder_that_cannot_be_written_is_refused(
    folder: Path, ordinary: AbstractContextManager[None]
) -> None:
    folder.mkdir()
    folder.parent.chmod(0o755)
    folder.chmod(0o555)

    with ordinary, pytest.raises(FolderUnusable, match="set CORDEE_DATA_DIR to a folder that you"):
        await EmbeddedPostgres(folder).start()


async def test_data_of_another_major_version_are_refused(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(OtherMajor, match=r"were made by PostgreSQL 9, and this cordee brings 18\."):
        await EmbeddedPostgres(folder).start()


async def test_a_folder_of_something_else_is_refused_and_left_alone(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "diary.txt").write_text("mine")

    with pytest.raises(FolderUnusable, match="does not hold the data of a PostgreSQL"):
        await EmbeddedPostgres(folder).start()
    assert (folder / "data" / "diary.txt").read_text() == "mine"


async def test_damaged_data_are_refused_with_postgresqls_own_reason(folder: Path) -> None:
    async with EmbeddedPostgres(folder, durable=False):
        pass
    (folder / "data" / "global" / "pg_control").unlink()

    with pytest.raises(StartFailed, match=r"did not start: .*pg_control.* \(its log: "):
        await EmbeddedPostgres(folder).start()


async def test_a_path_too_long_for_a_socket_is_none_for_the_data(folder: Path) -> None:
    deep = folder / ("l" * 100) / "postgres"

    async with EmbeddedPostgres(deep, durable=False) as postgres:
        await remember(postgres, "far down")
        assert dsn_of_running(deep) == postgres.dsn
        sockets = Path((deep / "data" / "postmaster.pid").read_text().splitlines()[4])
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not sockets.exists()


async def test_nobody_else_can_come_in(folder: Path) -> None:
    async with EmbeddedPostgres(folder, durable=False):
        assert folder.stat().st_mode & 0o007 == 0
        assert (folder / "data").stat().st_mode & 0o777 == 0o700
        assert (folder / "data" / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700


async def test_ctrl_c_does_not_reach_the_server_by_itself(folder: Path) -> None:
    async with EmbeddedPostgres(folder, durable=False) as postgres:
        assert postgres.pid is not None
        assert os.getsid(postgres.pid) == postgres.pid


async def test_variables_of_another_postgresql_do_not_lead_astray(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "PGHOST": "/nowhere"}.items():
        monkeypatch.setenv(name, value)

    async with EmbeddedPostgres(folder, durable=False) as postgres:
        await remember(postgres, "found")


async def test_a_long_start_says_what_it_is_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.postgres.server, "_PATIENCE", 0)
    said: list[str] = []

    async with EmbeddedPostgres(folder, durable=False, on_wait=said.append):
        pass

    assert said
    assert all(line.startswith("PostgreSQL has been starting for ") for line in said)


async def test_another_process_finds_the_running_server_only(folder: Path) -> None:
    assert dsn_of_running(folder) is None
    async with EmbeddedPostgres(folder, durable=False) as postgres:
        assert dsn_of_running(folder) == postgres.dsn
    assert dsn_of_running(folder) is None
