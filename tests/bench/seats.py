"""How long a thousand people wait who want the fifteen seats of one workshop at the same time.

``make bench`` or ``python -m tests.bench.seats`` starts a PostgreSQL of its own, with fsync on.
All thousand registrations are sent at once: by one process, then by two that know nothing of each
other, so that only the store's version check keeps them from giving a seat twice.

The target: all are answered in under 5 seconds, fifteen have a seat, the others wait in order.
"""

import argparse
import asyncio
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from api.ports import Caller
from domain.challenge import OpenChallenge, ParticipantAudience
from domain.hosting import ScheduleWorkshop
from domain.identity import Id, internal
from domain.seating import RegisterForWorkshop
from domain.workshop import Workshop
from infra.command_bus import CommandBus
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.store import EventStore

PEOPLE = 1_000
SEATS = 15
LIMIT = 5.0
SECRET = bytes(range(32))
HOST = Caller(actor="bench", language="en", trusted=True)
SOMEBODY = Caller(actor="anonymous", language="en")


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[tuple[CommandBus, EventStore, EventMapper]]:
    """Open what a serving process has of the write side."""
    store = await EventStore.open(dsn)
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        mapper = EventMapper(PersonKeys(pool, Keyring(SECRET)))
        bus = CommandBus(store, mapper, secret=SECRET)
        yield bus, store, mapper
        await bus.close()
    await store.close()


async def workshop(bus: CommandBus) -> Id:
    """Announce a workshop of tomorrow."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    challenge = await bus.execute(
        OpenChallenge(
            name="2 tonnes",
            territory="epci:200023414",
            starts_on=date(2025, 1, 1),
            ends_on=date(2100, 12, 31),
        ),
        HOST,
    )
    made = await bus.execute(
        ScheduleWorkshop(
            challenge=challenge.id,
            starts=f"{tomorrow}T14:00",
            ends=f"{tomorrow}T17:00",
            place="Pavillon des transitions",
            seats=SEATS,
            audience=ParticipantAudience.CITIZENS,
        ),
        HOST,
    )
    return made.id


async def register(bus: CommandBus, where: Id, first: int, count: int) -> list[float]:
    """Let so many people register at the same time; give how long each waited for the answer."""

    async def one(number: int) -> float:
        email = f"person-{number}@example.org"
        command = RegisterForWorkshop(workshop=where, name=f"Person {number}", email=email)
        start = time.perf_counter()
        await bus.execute(command, SOMEBODY)
        return time.perf_counter() - start

    return await asyncio.gather(*(one(number) for number in range(first, first + count)))


async def check(store: EventStore, mapper: EventMapper, where: Id, people: int) -> None:
    """Hold what the log says against the law of seats."""
    folded: Any = None
    for recorded in await mapper.decode(await store.stream(internal("workshop", where))):
        folded = recorded.event.mutate(folded)
    assert isinstance(folded, Workshop)
    came = list(folded.registrations.values())
    assert len({one.email.text for one in came}) == len(came) == people, "nobody lost or twice"
    assert (folded.taken, folded.waiting) == (SEATS, people - SEATS)
    assert all(one.standing == "SEATED" for one in came[:SEATS]), "first come, first served"


def _crowd(dsn: str, where: Id, first: int, count: int, ready: Barrier) -> None:
    """Be one of two processes."""

    async def main() -> None:
        async with opened(dsn) as (bus, _store, _mapper):
            ready.wait()
            await register(bus, where, first, count)
            ready.wait()

    uvloop.run(main())


def _from_two_processes(dsn: str, where: Id) -> float:
    half = PEOPLE // 2
    spawning = multiprocessing.get_context("spawn")
    ready = spawning.Barrier(3)
    crowds = [
        spawning.Process(target=_crowd, args=(dsn, where, first, half, ready))
        for first in (0, half)
    ]
    for crowd in crowds:
        crowd.start()
    ready.wait(timeout=60)
    start = time.perf_counter()
    ready.wait(timeout=120)
    took = time.perf_counter() - start
    for crowd in crowds:
        crowd.join()
    return took


async def main(rounds: int) -> bool:
    """Measure both ways of coming, and tell whether the slowest round was fast enough."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    slowest = 0.0
    try:
        async with EmbeddedPostgres(folder / "data") as server:
            await migrate(server.dsn)
            for _ in range(rounds):
                async with opened(server.dsn) as (bus, store, mapper):
                    where = await workshop(bus)
                    start = time.perf_counter()
                    waited = await register(bus, where, 0, PEOPLE)
                    one = time.perf_counter() - start
                    await check(store, mapper, where, PEOPLE)
                    where = await workshop(bus)
                    two = await asyncio.to_thread(_from_two_processes, server.dsn, where)
                    await check(store, mapper, where, PEOPLE)
                print(
                    f"{PEOPLE} registrations for {SEATS} seats: {one:.2f} s by one process"
                    f" (the median waited {sorted(waited)[PEOPLE // 2]:.2f} s), {two:.2f} s by two"
                )
                slowest = max(slowest, one, two)
    finally:
        shutil.rmtree(folder)
    return slowest < LIMIT


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    if not uvloop.run(main(parser.parse_args().rounds)):
        sys.exit(f"slower than the target of {LIMIT} s")
