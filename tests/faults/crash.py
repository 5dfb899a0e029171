"""Crashes: whatever runs is killed at random moments while clients write and partners follow.

`python -m tests.faults.crash 200` does it two hundred times, and prints the seed with which it is
done again; a second argument is that seed.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

import asyncpg
import psutil
import uvloop

from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.settings import Settings
from infra.store import EventStore
from infra.system import system
from tests.faults.equality import Dump, differences, dump, folded_afresh
from tests.faults.following import Followers
from tests.faults.program import Program, settings_of, together
from tests.faults.writer import Writers, operators_key
from tests.scratch import scratch

CLIENTS: Final = 6
CALM: Final = (0.05, 0.6)
"""Seconds between two crashes, at least and at most."""
TOGETHER: Final = 0.2
"""How often two are killed at once."""
READY: Final = 0.5
"""How often a process is ready again before the next crash, rather than starting."""
RECOVERY: Final = 30.0
"""Seconds in which PostgreSQL answers again, and read models are at the end of the log."""
EXPECTED: Final = ("POST /graphql", "UNAVAILABLE", "NOT_STORED", "CANNOT_BE_CHECKED")
"""What may become of a command: its connection is lost, or the database is."""

Kill = Callable[[], Awaitable[None]]
Tell = Callable[[str], object]


async def crash(cycles: int, seed: int, tell: Tell) -> None:
    """Kill processes at random, start them again, and hold what is left against what was told.

    Raises:
        AssertionError: something acknowledged is lost, something is there that should not be, a
            read model is not what a fresh fold of the log comes to, or somebody who followed has
            missed something, or was told it twice.
    """
    random = Random(seed)  # noqa: S311 - to be repeatable
    with scratch("cordee-crash-") as folder:
        settings = settings_of(folder)
        async with EmbeddedPostgres(folder / "postgres") as postgres:
            await migrate(postgres.dsn)
            key = await operators_key(settings, postgres.dsn)
            programs = _programs(postgres.dsn, folder)
            async with together(*programs.values()):
                writers = Writers([programs["server"].url], key, random, pause=0.02)
                victims = {name: _killing(each, random) for name, each in programs.items()}
                victims["postgres"] = _killing_postgres(postgres, random)
                enough = asyncio.Event()
                followers = Followers(writers.urls[0], key, await _head(postgres.dsn))
                async with followers.following():
                    async with asyncio.TaskGroup() as group:
                        group.create_task(writers.write(CLIENTS, enough))
                        await _kill(cycles, victims, random, tell)
                        for program in programs.values():
                            await program.ready()
                        enough.set()
                    await followers.check(await _head(postgres.dsn))
            await writers.check(postgres.dsn)
            events = await _dense(postgres.dsn)
            shown = await _caught_up(settings, postgres.dsn)
            fresh = await folded_afresh(settings, postgres.dsn)
    assert not (found := differences(shown, fresh)), found[:10]
    odd = [each for each in writers.failures if not any(known in each for known in EXPECTED)]
    assert not odd, odd[:10]
    acknowledged = len(writers.done)
    assert acknowledged > cycles, "next to nothing was written"
    tell(
        f"{len(writers.commands)} commands, {acknowledged} acknowledged, {events} events,"
        f" {len(writers.failures)} without an answer: nothing is missing, and all is there once."
    )


def _programs(dsn: str, folder: Path) -> dict[str, Program]:
    return {
        "server": Program(["serve", "--no-workers"], dsn, folder),
        "worker": Program(["work"], dsn, folder),
        "second worker": Program(["work"], dsn, folder),
    }


async def _kill(cycles: int, victims: Mapping[str, Kill], random: Random, tell: Tell) -> None:
    """Kill one or two of them, so many times, and say how far this has come."""
    began = time.monotonic()
    for cycle in range(1, cycles + 1):
        await asyncio.sleep(random.uniform(*CALM))
        chosen = random.sample(sorted(victims), 2 if random.random() < TOGETHER else 1)
        await asyncio.gather(*(victims[name]() for name in chosen))
        took = time.monotonic() - began
        left = took / cycle * (cycles - cycle)
        tell(f"{cycle}/{cycles} {' and '.join(chosen)}, {took:.0f} s, {left:.0f} s left")


def _killing(program: Program, random: Random) -> Kill:
    async def kill() -> None:
        program.kill()
        program.start()
        if random.random() < READY:
            await program.ready()

    return kill


def _killing_postgres(postgres: EmbeddedPostgres, random: Random) -> Kill:
    """Kill the server or one of its sessions, which ends all of them; it is started again."""

    async def kill() -> None:
        assert postgres.pid is not None
        head = psutil.Process(postgres.pid)
        with suppress(psutil.NoSuchProcess):  # a session may end meanwhile
            sessions = [each for each in head.children() if _is_ours(each)]
            random.choice([head, *sessions]).send_signal(signal.SIGKILL)
        await asyncio.sleep(0.1)
        deadline = time.monotonic() + RECOVERY
        while not await _answers(postgres.dsn):
            assert time.monotonic() < deadline, "PostgreSQL does not come back"
            await asyncio.sleep(0.05)

    return kill


def _is_ours(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return " cordee " in " ".join(process.cmdline())
    return False


async def _answers(dsn: str) -> bool:
    try:
        await (await asyncpg.connect(dsn, timeout=2)).close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return True


async def _head(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    head: int = await connection.fetchval("select max(position) from log.event")
    await connection.close()
    return head


async def _dense(dsn: str) -> int:
    """Make sure that positions are without a gap, and give the last one."""
    store = await EventStore.open(dsn)
    try:
        position = 0
        while (page := await store.page(position, limit=5_000)).events:  # it asserts contiguity
            position = page.scanned
        head = await store.head()
    finally:
        await store.close()
    assert position == head, f"the log ends at {head}, and is read up to {position}"
    return head


async def _caught_up(settings: Settings, dsn: str) -> Dump:
    """Let the read models come to the end of the log, and give their rows."""
    async with system(settings, dsn) as running:
        assert await running.positions.reached(await running.store.head(), RECOVERY)
        assert not running.positions.hindrances()
    return await dump(dsn)


def main() -> None:
    """Crash as often as the command line says."""
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SystemRandom().getrandbits(32)
    print(f"seed {seed}", flush=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(crash(cycles, seed, lambda line: print(line, flush=True)))


if __name__ == "__main__":
    main()
