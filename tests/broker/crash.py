"""Crashes: relays and servers of a broker are killed at random moments while a log grows.

`python -m tests.broker.crash 50` does it fifty times on a cluster of three, and prints the seed
with which it is done again; a second argument is that seed.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random, SystemRandom
from typing import Final

import uvloop

from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector.schema import prepare
from tests.broker.servers import Server, clustered, ready
from tests.broker.stage import Stage, relay_of, staged
from tests.faults.program import Program
from tests.scratch import scratch

CALM: Final = (0.05, 1.5)
"""Seconds between two crashes, at least and at most."""
RELAYS: Final = 2
READY: Final = 0.7
"""How often a server is there again before the next crash: two that are away are no cluster."""

Kill = Callable[[], Awaitable[None]]
Tell = Callable[[str], object]


async def crash(cycles: int, seed: int, tell: Tell) -> None:
    """Kill relays and servers at random, start them again, and hold the stream against the log.

    Raises:
        AssertionError: an event is not in the stream, is there twice, or out of order.
    """
    random = Random(seed)  # noqa: S311 - to be repeatable
    with scratch("cordee-broker-") as folder:
        async with (
            EmbeddedPostgres(folder / "postgres") as postgres,
            clustered(folder) as servers,
        ):
            await migrate(postgres.dsn)
            await prepare(postgres.dsn)
            async with staged(postgres.dsn, *servers) as stage:
                relays = [relay_of(stage, folder) for _ in range(RELAYS)]
                for relay in relays:
                    relay.start()
                enough = asyncio.Event()
                recording = asyncio.create_task(_record(stage, enough))
                try:
                    await _kill(cycles, _victims(relays, servers, random), random, tell)
                    enough.set()
                    head = await recording
                    for server in servers:
                        await ready(server)
                    await stage.relayed(head)
                    told = await stage.told()
                finally:
                    for relay in relays:
                        if relay.runs:
                            relay.kill()
    assert told == list(range(1, head + 1)), _wrong(told, head)
    tell(f"{head} events: each is in the stream once, in the order of the log.")


async def _record(stage: Stage, enough: asyncio.Event) -> int:
    """Let something happen all the time, now much, now little, and give the last position."""
    while not enough.is_set():
        head = await stage.record(200)
        await asyncio.sleep(0.1)
    return head


def _victims(
    relays: Sequence[Program], servers: Sequence[Server], random: Random
) -> Mapping[str, Kill]:
    return {
        **{f"relay {number}": _killing(relay) for number, relay in enumerate(relays, 1)},
        **{server.name: _killing_server(server, random) for server in servers},
    }


async def _kill(cycles: int, victims: Mapping[str, Kill], random: Random, tell: Tell) -> None:
    """Kill one of them, so many times, and say how far this has come."""
    began = time.monotonic()
    for cycle in range(1, cycles + 1):
        await asyncio.sleep(random.uniform(*CALM))
        chosen = random.choice(sorted(victims))
        await victims[chosen]()
        took = time.monotonic() - began
        left = took / cycle * (cycles - cycle)
        tell(f"{cycle}/{cycles} {chosen}, {took:.0f} s, {left:.0f} s left")


def _killing(relay: Program) -> Kill:
    async def kill() -> None:
        relay.kill()
        relay.start()

    return kill


def _killing_server(server: Server, random: Random) -> Kill:
    async def kill() -> None:
        server.kill()
        server.start()
        if random.random() < READY:
            await ready(server)

    return kill


def _wrong(told: Sequence[int], head: int) -> str:
    missing = sorted(set(range(1, head + 1)) - set(told))
    twice = [position for position, times in Counter(told).items() if times > 1]
    return f"missing {missing[:10]}, twice {twice[:10]}, of {head} there are {len(told)}"


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    chosen_seed = int(sys.argv[2]) if len(sys.argv) > 2 else SystemRandom().getrandbits(32)
    print(f"python -m tests.broker.crash {many} {chosen_seed}", flush=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(crash(many, chosen_seed, lambda line: print(line, flush=True)))
