"""PostgreSQL restarted, connections cut in silence, a leader paused, two first starts at once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import asyncpg
import pytest

from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.settings import Settings
from infra.system import system
from tests.faults.client import Client
from tests.faults.equality import differences, dump, folded_afresh
from tests.faults.leading import LEASE
from tests.faults.listening import positions_by_socket
from tests.faults.program import Program, together
from tests.faults.writer import Writers, operators_key
from tests.store.wire import Wire

SOON = 5.0
"""Seconds in which what one process wrote is seen by another that lost its connections."""
_OWNER = "select owner from log.generation where projection = 'organisations'"
_HOLD_UP = "lock table read_organisations_1.organisation in exclusive mode"
_HELD_UP = """
select count(*) > 0 from pg_locks
where not granted and relation = 'read_organisations_1.organisation'::regclass
"""
COUNT = "{ organisations { totalCount } }"


@pytest.fixture
async def durable(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL of the test's own, which loses nothing that it has committed."""
    async with EmbeddedPostgres(folder / "postgres") as postgres:
        await migrate(postgres.dsn)
        yield postgres


async def test_a_restart_of_the_database_under_load_costs_no_command(
    durable: EmbeddedPostgres, settings: Settings, folder: Path
) -> None:
    key = await operators_key(settings, durable.dsn)
    server = Program(["serve"], durable.dsn, folder)
    async with together(server):
        writers = Writers([server.url], key, Random(2))  # noqa: S311
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(writers.write(4, enough))
            for _ in range(2):
                await asyncio.sleep(0.5)
                before = durable.pid
                await _restart(durable)
                assert durable.pid != before
            await asyncio.sleep(0.5)
            enough.set()
    assert [failure for failure in writers.failures if "CANNOT_BE_CHECKED" not in failure] == []
    await writers.check(durable.dsn)


async def _restart(postgres: EmbeddedPostgres) -> None:
    """End the server in order (a fast shutdown), and wait until it was started again."""
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGINT)
    await asyncio.sleep(0.5)
    async with asyncio.timeout(30):
        while True:
            try:
                await (await asyncpg.connect(postgres.dsn, timeout=2)).close()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(0.05)
            else:
                return


async def test_a_listening_connection_that_is_cut_in_silence_is_noticed_and_replaced(
    prepared: str, key: str, folder: Path
) -> None:
    async with Wire(prepared) as wire:
        writing = Program(["serve"], prepared, folder)
        listening = Program(["serve", "--no-workers"], wire.dsn, folder)
        async with together(writing, listening), Client(writing.url, key) as writer:
            first = int(await _register(writer))
            following = positions_by_socket(listening.url, key, after=first, enough=1)
            seen = asyncio.create_task(following)
            await asyncio.sleep(0.5)
            wire.connection("watch").hold()  # the network drops all, and says nothing
            position = int(await _register(writer))
            async with asyncio.timeout(SOON):
                assert (await seen)[0] == [position]
            await wire.until_connections("watch", 2)


async def test_a_leader_that_was_paused_never_writes_after_its_successor(
    prepared: str, key: str, settings: Settings, folder: Path
) -> None:
    server = Program(["serve", "--no-workers"], prepared, folder)
    leaders = [Program([], prepared, folder, module="tests.faults.leading") for _ in range(2)]
    async with together(server, *leaders):
        writers = Writers([server.url], key, Random(4))  # noqa: S311
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(writers.write(4, enough))
            for _ in range(4):
                paused = await _leader(prepared, leaders)
                (other,) = (leader for leader in leaders if leader is not paused)
                paused.pause()
                async with asyncio.timeout(LEASE + SOON):
                    while await _leader(prepared, leaders) is not other:
                        await asyncio.sleep(0.05)
                await asyncio.sleep(0.2)
                paused.wake()
                await asyncio.sleep(0.2)
            enough.set()
        assert "projection.lease_lost" in leaders[0].said() + leaders[1].said()
    await writers.check(prepared)
    async with system(settings, prepared) as running:
        assert await running.positions.reached(await running.store.head(), SOON)
    shown = await dump(prepared)
    assert differences(shown, await folded_afresh(settings, prepared)) == []


async def test_a_leader_that_was_paused_while_it_wrote_holds_nobody_up(
    prepared: str, key: str, folder: Path
) -> None:
    server = Program(["serve", "--no-workers"], prepared, folder)
    leaders = [Program([], prepared, folder, module="tests.faults.leading") for _ in range(2)]
    async with together(server, *leaders), Client(server.url, key) as client:
        paused = await _leader(prepared, leaders)
        connection = await asyncpg.connect(prepared)
        async with connection.transaction():
            await connection.execute(_HOLD_UP)
            position = await _register(client)
            async with asyncio.timeout(SOON):
                while not await connection.fetchval(_HELD_UP):
                    await asyncio.sleep(0.02)
            paused.pause()  # its session goes on to the end of the statement, and no further
        await connection.close()
        async with asyncio.timeout(2 * LEASE + SOON):
            while (await client.ask(COUNT, at=position)).json().get("data") is None:
                await asyncio.sleep(0.05)
        assert await _leader(prepared, leaders) is not paused


async def _leader(dsn: str, leaders: list[Program]) -> Program:
    """Give the process that folds organisations, once one does."""
    connection = await asyncpg.connect(dsn)
    try:
        while True:
            owner = await connection.fetchval(_OWNER) or ""
            for leader in leaders:
                if f":{leader.pid}:" in owner:
                    return leader
            await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def test_two_that_start_at_once_on_an_empty_database_share_it(
    empty: str, settings: Settings, folder: Path
) -> None:
    first, second = (Program(["serve"], empty, folder) for _ in range(2))
    async with together(first, second):
        key = await operators_key(settings, empty)
        async with Client(first.url, key) as one, Client(second.url, key) as other:
            async with asyncio.timeout(SOON):
                while (await one.ask(COUNT)).status != 200:  # until the key is known
                    await asyncio.sleep(0.1)
            await _register(one)
            position = await _register(other)
            for client in (one, other):
                answer = await client.ask(COUNT, at=position)
                assert answer.json()["data"]["organisations"]["totalCount"] == 2


async def _register(client: Client) -> str:
    mutation = """
    mutation {
      registerOrganisation(input: { name: "Atmo", kind: ASSOCIATION }) {
        ... on RegisterOrganisationSuccess { position }
      }
    }
    """
    position: str = (await client.ask(mutation)).json()["data"]["registerOrganisation"]["position"]
    return position
