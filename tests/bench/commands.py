"""What it costs a command that its caller's roles are looked at: ratios in one run.

``python -m tests.bench.commands`` starts a PostgreSQL with fsync on and sends the same commands to
a command bus in this process, in turns, as the program itself (no rule applies) and as an
administrator, whose roles are looked at and guarded. Python's collector of cycles is off: one run
of it takes longer than a hundred batches, and it comes when it likes.
"""

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import asyncpg
import uvloop

from api.ports import Caller
from domain.command import Command
from domain.granting import GrantRole
from domain.organisation import OrganisationKind, RegisterOrganisation, RenameOrganisation
from domain.principal import OpenPrincipal, Principal
from domain.role import Role, ScopeKind
from infra.command_bus import CommandBus
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.store import EventStore

SECRET = bytes(32)
PROGRAM = Caller(actor="command line", language="en", trusted=True)
COMMANDS, TURNS = 4_000, 5


async def main() -> None:
    """Measure registering and renaming, at 32 and 128 callers."""
    gc.disable()
    with tempfile.TemporaryDirectory(prefix="cordee-bench-") as folder:
        Path(folder).chmod(0o755)
        async with EmbeddedPostgres(Path(folder) / "postgres") as postgres:
            await migrate(postgres.dsn)
            await _measure(postgres.dsn)


async def _measure(dsn: str) -> None:
    store = await EventStore.open(dsn)
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        mapper = EventMapper(PersonKeys(pool, Keyring(SECRET)))
        bus = CommandBus(store, mapper, secret=SECRET)
        administrator = await _administrator(bus)
        numbers = count()

        def register() -> RegisterOrganisation:
            kind = OrganisationKind.COMPANY
            return RegisterOrganisation(
                name=f"n° {next(numbers)}", kind=kind, territory="region:28"
            )

        there = [(await bus.execute(register(), PROGRAM)).id for _ in range(1_000)]

        def rename() -> RenameOrganisation:
            number = next(numbers)
            return RenameOrganisation(organisation=there[number % 1_000], name=f"n° {number}")

        for callers in (32, 128):
            for made in (register, rename):
                await _compare(bus, administrator, callers, made)
        await bus.close()
    await store.close()


async def _administrator(bus: CommandBus) -> Caller:
    opened = await bus.execute(OpenPrincipal(issuer="bench", subject="1"), PROGRAM)
    grant = GrantRole(
        principal=opened.id,
        role=Role.TERRITORY_ADMINISTRATOR,
        scope_kind=ScopeKind.TERRITORY,
        scope="region:28",
    )
    await bus.execute(grant, PROGRAM)
    return Caller(actor=opened.id, language="en", principal=Principal.id_of("bench", "1"))


async def _compare(
    bus: CommandBus, administrator: Caller, callers: int, made: Callable[[], Command]
) -> None:
    rates: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(TURNS):
        for caller in (PROGRAM, administrator):
            rates[caller.trusted].append(await _rate(bus, caller, callers, made))
    program, other = statistics.median(rates[True]), statistics.median(rates[False])
    print(
        f"{made.__name__:8} {callers:3} callers: {program:6.0f}/s without rules,"
        f" {other:6.0f}/s with them, {other / program:.2f}"
    )


async def _rate(
    bus: CommandBus, caller: Caller, callers: int, made: Callable[[], Command]
) -> float:
    commands = iter([made() for _ in range(COMMANDS)])

    async def send() -> None:
        for command in commands:
            await bus.execute(command, caller)

    started = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(callers)))
    return COMMANDS / (time.perf_counter() - started)


if __name__ == "__main__":
    uvloop.run(main())
