"""How fast a log is kept, as ratios to pg_dump and pg_restore of the same tables in the same run.

``python -m tests.bench.keeping`` starts a PostgreSQL of its own, with fsync on, fills a log with
so many events of organisations, and measures in turns:

- ``cordee backup`` beside ``pg_dump --format=custom --schema=log``: both read it all and compress;
- ``cordee restore``, which reads everything twice to prove it, beside ``pg_restore``;
- ``cordee events export`` and ``import``, and ``cordee check``, without the read models.

The target: a check of 1 000 000 events in about a minute.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec
import uvloop
from stdnum import luhn

from domain.aggregate import AggregateEvent
from domain.claim import Claim
from domain.organisation import MobilisationKind, Organisation, OrganisationKind, Rhythm
from domain.record import Metadata
from infra.keeping.backup import backup
from infra.keeping.exchange.exporting import export_events
from infra.keeping.exchange.importing import import_events
from infra.keeping.inspection.check import check
from infra.keeping.inspection.finding import Finding, Findings
from infra.keeping.kept import LOG, Connection
from infra.keeping.restore import restore
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres, programs
from tests.history import news

KEYRING = Keyring(bytes(range(32)))
START = datetime(2025, 1, 1, 8, tzinfo=UTC)
META = msgspec.json.encode(Metadata(actor="coordinator", command="RegisterOrganisation"))
EACH = 12
"""Events of one organisation, with those of its claim."""


def organisation(number: int) -> list[AggregateEvent]:
    """Let one organisation be registered and do something; every tenth names somebody."""
    digits = f"{number:08}"
    siren = digits + luhn.calc_check_digit(digits)
    claim = Claim.open("siren", siren, now=START)
    one = Organisation.register(
        uuid4(), now=START, name=f"Coopérative {number}", kind=OrganisationKind.COMPANY, siren=siren
    )
    claim.take(one.id)
    one.rename(f"Coopérative des {number} chemins", "elle a changé de nom")
    for network in ("CEC", "Mouvement Impact France", "Réseau Alliances", "AASQA"):
        one.join_network(network)
    name = f"Camille {number}" if number % 10 == 0 else None
    one.designate_contact(uuid4(), function="dirigeante", name=name, email=None)
    fresco = uuid4()
    one.start_mobilisation(
        fresco, name="Fresque", kind=next(iter(MobilisationKind)), rhythm=next(iter(Rhythm))
    )
    for day in (2, 3):
        one.hold_mobilisation_session(fresco, date(2024, 12, day), 12)
    events = news(claim, one)
    assert len(events) == EACH
    return events


async def fill(dsn: str, count: int) -> None:
    """Write a log of about so many events in bulk, each command with the events that it has."""
    connection: Connection = await asyncpg.connect(dsn)
    await connection.execute(
        "insert into keys.master_key (fingerprint) values ($1)", KEYRING.current
    )
    position = 0
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        mapper = EventMapper(PersonKeys(pool, KEYRING))
        for start in range(1, count // EACH + 1, 500):
            numbers = range(start, min(start + 500, count // EACH + 1))
            events = [event for number in numbers for event in organisation(number)]
            encoded = await mapper.encode(events)
            rows, commands = [], {}
            command = UUID(int=0)
            for event, stored in zip(events, encoded, strict=True):
                position += 1
                if not (isinstance(event, Claim.Taken | Organisation.Registered)):
                    command = uuid4()  # the claim is opened, taken and used by one command
                at = START + timedelta(milliseconds=position)
                where = (event.originator_id, event.originator_version)
                rows.append((position, *where, *stored, META, command, at))
                commands[command] = (command, bytes(32), *where, position, at)
            await _copy(connection, "event", rows)
            await _copy(connection, "command", list(commands.values()))
    await connection.execute("vacuum analyze log.event")
    await connection.execute("vacuum analyze log.command")
    await connection.close()


async def _copy(connection: Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    columns = next(kept.columns for kept in LOG if kept.name == f"log.{table}")
    # The order of the columns of a stored event is that of `Encoded`.
    await connection.copy_records_to_table(table, schema_name="log", columns=columns, records=rows)


async def program(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL."""
    process = await asyncio.create_subprocess_exec(programs() / name, *arguments)
    if await process.wait():
        raise RuntimeError(name)


class Bench:
    """One log, and what is measured on it."""

    def __init__(self, server: EmbeddedPostgres, folder: Path, connection: Connection) -> None:
        self._server = server
        self._folder = folder
        self._connection = connection
        self._databases = 0
        self.dsn = server.dsn_of("kept")
        self.took: dict[str, list[float]] = defaultdict(list)

    async def time(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do something, and note how long it took."""
        start = time.perf_counter()
        await work()
        self.took[name].append(time.perf_counter() - start)

    async def fresh(self, *, migrated: bool = True) -> str:
        """Make another database."""
        self._databases += 1
        name = f"copy_{self._databases}"
        await self._connection.execute(f"create database {name}")
        dsn = self._server.dsn_of(name)
        if migrated:
            await migrate(dsn)
        return dsn

    async def round(self) -> None:
        """Measure everything once."""
        dump, events, keys = (self._folder / name for name in ("dump", "events", "keys"))
        lines = self._folder / "lines"
        dumped = ("--format=custom", "--schema=log", f"--file={dump}", self.dsn)
        await self.time("pg_dump", lambda: program("pg_dump", *dumped))
        await self.time("backup", lambda: backup(self.dsn, events, keys, _silent, force=True))
        bare, target, other = await self.fresh(migrated=False), *[await self.fresh() for _ in "12"]
        await self._schemas(bare)
        restored = (f"--dbname={bare}", "--schema=log", "--no-owner", str(dump))
        await self.time("pg_restore", lambda: program("pg_restore", *restored))
        await self.time("restore", lambda: restore(target, events, keys, _silent))
        with lines.open("wb") as file:
            await self.time("export", lambda: export_events(self.dsn, file.write, _silent))
        with lines.open("rb") as file:
            await self.time("import", lambda: import_events(other, "lines", file, _silent))
        await self.time("check", self.check)
        for number in range(self._databases - 2, self._databases + 1):
            await self._connection.execute(f"drop database copy_{number}")

    async def check(self) -> None:
        """Check the log; it is whole."""
        async with asyncpg.create_pool(self.dsn, min_size=1, max_size=2) as pool:
            mapper = EventMapper(PersonKeys(pool, KEYRING))
            await check(self.dsn, mapper, Findings(_refuse), _silent)

    async def _schemas(self, dsn: str) -> None:
        """Make what the dump of one schema leaves out."""
        connection: Connection = await asyncpg.connect(dsn)
        await connection.execute("create schema log")
        await connection.close()

    def report(self, events: int, size: int) -> None:
        """Print a line for each, the ratio first."""
        limits = {"backup": "pg_dump", "restore": "pg_restore"}
        for name, took in self.took.items():
            seconds = statistics.median(took)
            limit = limits.get(name)
            ratio = ""
            if limit is not None:
                ratio = f"{statistics.median(self.took[limit]) / seconds:5.2f} x {limit}, "
            print(
                f"{name:10}: {ratio}{seconds:6.2f} s, {size / seconds / 1e6:6.1f} MB/s of tables,"
                f" {events / seconds:8.0f} events/s"
            )
        for name in ("dump", "events", "keys", "lines"):
            print(f"{name:10}: {(self._folder / name).stat().st_size / 1e6:8.1f} MB")


async def measure(count: int, rounds: int) -> None:
    """Fill a log, and measure in turns."""
    with tempfile.TemporaryDirectory(prefix="cordee-bench-") as place:
        folder = Path(place)
        async with EmbeddedPostgres(folder / "data") as server:
            connection: Connection = await asyncpg.connect(server.dsn_of("postgres"))
            await connection.execute("create database kept")
            bench = Bench(server, folder, connection)
            await migrate(bench.dsn)
            start = time.perf_counter()
            await fill(bench.dsn, count)
            size = await _size(bench.dsn)
            print(f"{count // EACH * EACH} events, {size / 1e6:.0f} MB of tables without indexes,")
            print(f"made in {time.perf_counter() - start:.0f} s; medians of {rounds} rounds")
            for _ in range(rounds):
                await bench.round()
            bench.report(count // EACH * EACH, size)
            await connection.close()


async def _size(dsn: str) -> int:
    connection: Connection = await asyncpg.connect(dsn)
    size: int = await connection.fetchval(
        "select pg_table_size('log.event') + pg_table_size('log.command')"
    )
    await connection.close()
    return size


def _silent(_done: int, _of: int) -> None:
    pass


def _refuse(finding: Finding) -> None:
    raise AssertionError(str(finding))


def main(arguments: list[str]) -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    uvloop.run(measure(options.events, options.rounds))


if __name__ == "__main__":
    main(sys.argv[1:])
