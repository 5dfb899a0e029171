"""How many action sheets a second a spreadsheet brings in, through the real commands.

``python -m tests.bench.importing`` starts a PostgreSQL with fsync on, writes an xlsx of 10 000
sheets in cordée's own layout, and takes it in for a coordinator of the alliance: read, decided
with their rights, appended. Then it takes the same file in once more, which must change nothing.

The target: 2 000 sheets a second.
"""

import argparse
import cProfile
import pstats
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from api.ports import Caller
from domain.granting import GrantRole
from domain.identity import Id, internal
from domain.principal import OpenPrincipal
from domain.role import Role, ScopeKind
from infra import garbage
from infra.command_bus import CommandBus
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.sheets.importing import take_in
from infra.store import EventStore
from tests.infra.sheets import IMPORTER, alliance, nothing, own, xlsx

KEY = bytes(32)


def sheet(number: int) -> dict[str, Any]:
    """One of many sheets, filled in as far as those of a survey are."""
    return {
        "code": f"{number % 7}_{number}",
        "title": f"Former les entreprises du territoire aux métiers de demain, volet {number}",
        "axis": f"Axe {number % 7}",
        "description": "Sensibiliser, accompagner et former, avec les branches concernées. " * 4,
        "category": "offre de formation",
        "themes": "mieux produire ; mieux se loger",
        "audiences": "entreprises",
        "role:PILOT": "Région Normandie",
        "starts_on": "01/01/2026",
        "ends_on": "31/12/2026",
        "planned": 52_000 + number,
        "planned_basis": "HT",
        "status": "en cours",
    }


async def coordinator(bus: CommandBus, plan: Id) -> Caller:
    """Somebody who coordinates an alliance."""
    opening = OpenPrincipal(issuer="https://bench.example", subject="coordinator")
    principal = (await bus.execute(opening, IMPORTER)).id
    role = Role.ALLIANCE_COORDINATOR
    granting = GrantRole(principal=principal, role=role, scope_kind=ScopeKind.ALLIANCE, scope=plan)
    await bus.execute(granting, IMPORTER)
    return Caller("coordinator", "en", internal("principal", principal))


async def measure(sheets: int, profile: bool) -> None:
    """Take a file in twice, and print how long that took."""
    with tempfile.TemporaryDirectory(prefix="cordee-bench-") as folder:
        path = xlsx(Path(folder), own(*(sheet(number) for number in range(sheets))))
        async with EmbeddedPostgres(Path(folder) / "postgres") as postgres:
            await migrate(postgres.dsn)
            store = await EventStore.open(postgres.dsn)
            async with asyncpg.create_pool(postgres.dsn, min_size=1, max_size=2) as pool:
                mapper = EventMapper(PersonKeys(pool, Keyring(KEY)))
                bus = CommandBus(store, mapper, secret=KEY)
                plan = await alliance(bus)
                caller = await coordinator(bus, plan)
                profiler = cProfile.Profile()
                for turn in ("first", "again"):
                    if profile and turn == "first":
                        profiler.enable()
                    started, head = time.perf_counter(), await store.head()
                    tally = await take_in(path, plan, bus, store, caller, progress=nothing)
                    passed = time.perf_counter() - started
                    profiler.disable()
                    print(
                        f"{turn:6} {sheets / passed:8.0f} sheets/s {passed:6.2f} s"
                        f" {await store.head() - head:8} events  {tally}"
                    )
                if profile:
                    pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
                await bus.close()
            await store.close()


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=10_000)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args(argv)
    garbage.settle()
    uvloop.run(measure(arguments.sheets, arguments.profile))


if __name__ == "__main__":
    main()
