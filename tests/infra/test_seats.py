"""Seats under everything that can happen at once: never more than offered, and nobody's secret."""

import asyncio
import base64
import multiprocessing
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from api.ports import Caller, Done
from domain.challenge import OpenChallenge, ParticipantAudience
from domain.hosting import HoldWorkshop, ScheduleWorkshop
from domain.identity import Id, external, internal
from domain.person import ForgetPerson
from domain.refusal import NotFound
from domain.registration import AlreadyRegistered, SeatStanding
from domain.seating import RegisterForWorkshop, ReleaseRegistration
from domain.workshop import Workshop
from infra.command_bus import CommandBus
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.settings import Settings
from infra.store import EventStore
from infra.system import system
from infra.unit_of_work import made_id
from tests.domain.challenges import a_batch
from tests.infra.conftest import MASTER_KEY

HOST = Caller(actor="host", language="en", trusted=True)
SOMEBODY = Caller(actor="anonymous", language="en")
SEATS = 15


@asynccontextmanager
async def another(dsn: str, mapper: EventMapper) -> AsyncIterator[CommandBus]:
    """A bus with a memory of its own, as another process has one, or this one after a restart."""
    store = await EventStore.open(dsn)
    bus = CommandBus(store, mapper, secret=MASTER_KEY)
    yield bus
    await bus.close()
    await store.close()


async def a_workshop(bus: CommandBus) -> Id:
    """A workshop of tomorrow."""
    day = (datetime.now(UTC) + timedelta(days=1)).date()
    opened = OpenChallenge(
        name="2 tonnes",
        territory="epci:200023414",
        starts_on=date(2025, 1, 1),
        ends_on=date(2100, 12, 31),
    )
    challenge = (await bus.execute(opened, HOST)).id
    scheduled = ScheduleWorkshop(
        challenge=challenge,
        starts=f"{day}T14:00",
        ends=f"{day}T17:00",
        place="Pavillon des transitions",
        seats=SEATS,
        audience=ParticipantAudience.CITIZENS,
    )
    return (await bus.execute(scheduled, HOST)).id


def registering(workshop: Id, number: int) -> RegisterForWorkshop:
    """Somebody registers, with an id that makes it safe to repeat."""
    sent_along: dict[str, Any] = {"command_id": uuid4()}
    return RegisterForWorkshop(
        workshop=workshop, name=f"Person {number}", email=f"p{number}@exemple.fr", **sent_along
    )


async def told(store: EventStore, mapper: EventMapper, workshop: Id) -> Workshop:
    """The workshop as the log has it."""
    folded: Any = None
    for recorded in await mapper.decode(await store.stream(internal("workshop", workshop))):
        folded = recorded.event.mutate(folded)
    assert isinstance(folded, Workshop)
    return folded


def in_order(workshop: Workshop) -> list[UUID]:
    """Those who did not give up, in the order in which they came."""
    return [id for id, one in workshop.registrations.items() if one.stands]


async def test_two_hundred_people_at_two_doors_who_all_knock_twice_get_fifteen_seats(
    bus: CommandBus, store: EventStore, mapper: EventMapper, database: str
) -> None:
    workshop = await a_workshop(bus)
    commands = [registering(workshop, number) for number in range(200)]
    async with another(database, mapper) as other:
        doors = (bus, other)
        knocking = [door.execute(one, SOMEBODY) for one in commands for door in doors]
        Random(1).shuffle(knocking)  # noqa: S311
        answers: list[Done] = await asyncio.gather(*knocking)

    found = await told(store, mapper, workshop)
    assert len(found.registrations) == 200
    assert {one.email.text for one in found.registrations.values()} == {
        command.email for command in commands
    }
    assert (found.taken, found.waiting) == (SEATS, 200 - SEATS)
    standing = [one.standing for one in found.registrations.values()]
    assert standing == [SeatStanding.SEATED] * SEATS + [SeatStanding.WAITING] * (200 - SEATS)
    assert sum(answer.duplicate for answer in answers) == 200
    assert len({answer.created for answer in answers}) == 200


async def test_whoever_comes_and_goes_at_the_same_time_leaves_no_seat_empty_and_takes_none_twice(
    bus: CommandBus, store: EventStore, mapper: EventMapper, database: str
) -> None:
    workshop = await a_workshop(bus)
    first = [await bus.execute(registering(workshop, n), SOMEBODY) for n in range(SEATS + 5)]
    leaving = [
        ReleaseRegistration(workshop=workshop, registration=one.created)
        for one in first[:10]
        if one.created is not None
    ]
    async with another(database, mapper) as other:
        await asyncio.gather(
            *(bus.execute(one, SOMEBODY) for one in leaving),
            *(other.execute(one, SOMEBODY) for one in leaving),
            *(other.execute(registering(workshop, n), SOMEBODY) for n in range(50, 60)),
        )

    found = await told(store, mapper, workshop)
    standing = [found.registrations[one].standing for one in in_order(found)]
    assert standing == [SeatStanding.SEATED] * SEATS + [SeatStanding.WAITING] * 5
    assert sum(not one.stands for one in found.registrations.values()) == 10


async def test_one_person_who_registers_at_two_doors_at_once_has_one_seat(
    bus: CommandBus, store: EventStore, mapper: EventMapper, database: str
) -> None:
    workshop = await a_workshop(bus)
    async with another(database, mapper) as other:
        answers = await asyncio.gather(
            *(door.execute(registering(workshop, 1), SOMEBODY) for door in (bus, other) * 4),
            return_exceptions=True,
        )

    assert sum(isinstance(answer, Done) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyRegistered) for answer in answers) == 7
    assert (await told(store, mapper, workshop)).taken == 1


async def test_after_a_restart_the_next_one_comes_after_those_who_were_there(
    bus: CommandBus, store: EventStore, mapper: EventMapper, database: str
) -> None:
    workshop = await a_workshop(bus)
    commands = [registering(workshop, number) for number in range(SEATS)]
    before = [await bus.execute(one, SOMEBODY) for one in commands]
    async with another(database, mapper) as restarted:
        again = [await restarted.execute(one, SOMEBODY) for one in commands]
        await restarted.execute(registering(workshop, 99), SOMEBODY)

    assert [one.created for one in again] == [one.created for one in before]
    found = await told(store, mapper, workshop)
    assert (found.taken, found.waiting) == (SEATS, 1)


async def test_when_a_process_is_killed_nobody_who_was_answered_is_lost_and_nobody_is_there_twice(
    bus: CommandBus, store: EventStore, mapper: EventMapper, database: str
) -> None:
    workshop = await a_workshop(bus)
    ours, theirs = (
        [registering(workshop, n) for n in range(first, first + 60)] for first in (0, 60)
    )
    spawning = multiprocessing.get_context("spawn")
    listening, telling = spawning.Pipe(duplex=False)
    process = spawning.Process(target=knock, args=(database, theirs, telling))
    process.start()
    telling.close()
    told_them = [await asyncio.to_thread(listening.recv)]
    here = asyncio.gather(*(bus.execute(one, SOMEBODY) for one in ours))
    told_them += [await asyncio.to_thread(listening.recv) for _ in range(10)]
    process.kill()
    with suppress(EOFError):
        while True:
            told_them.append(await asyncio.to_thread(listening.recv))
    process.join()
    assert (process.exitcode, len(told_them) < len(theirs)) == (-signal.SIGKILL, True)
    await here

    async with another(database, mapper) as restarted:
        again = [await restarted.execute(one, SOMEBODY) for one in theirs]
    assert {
        (one.command_id, answer.created) for one, answer in zip(theirs, again, strict=True)
    } >= {*told_them}
    found = await told(store, mapper, workshop)
    assert len({one.email.text for one in found.registrations.values()}) == 120
    standing = [one.standing for one in found.registrations.values()]
    assert standing == [SeatStanding.SEATED] * SEATS + [SeatStanding.WAITING] * (120 - SEATS)


def knock(dsn: str, commands: Sequence[RegisterForWorkshop], telling: Connection) -> None:
    """Register people from a process of its own, and tell of each who was answered."""

    async def one(bus: CommandBus, command: RegisterForWorkshop) -> None:
        done = await bus.execute(command, SOMEBODY)
        telling.send((command.command_id, done.created))

    async def main() -> None:
        async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
            mapper = EventMapper(PersonKeys(pool, Keyring(MASTER_KEY)))
            async with another(dsn, mapper) as bus:
                await one(bus, commands[0])
                await asyncio.gather(*(one(bus, command) for command in commands[1:]))

    asyncio.run(main())


async def test_who_knows_the_id_of_a_command_does_not_know_that_of_the_registration(
    bus: CommandBus,
) -> None:
    workshop = await a_workshop(bus)
    command = registering(workshop, 1)
    done = await bus.execute(command, SOMEBODY)
    assert command.command_id is not None
    for guess in (command.command_id, *(made_id(command.command_id, n) for n in range(3))):
        assert done.created != external("registration", guess)
        release = ReleaseRegistration(
            workshop=workshop, registration=external("registration", guess)
        )
        with pytest.raises(NotFound):
            await bus.execute(release, SOMEBODY)


async def test_who_was_forgotten_keeps_the_seat_and_may_come_again_as_somebody_new(
    bus: CommandBus, store: EventStore, mapper: EventMapper
) -> None:
    workshop = await a_workshop(bus)
    first = await bus.execute(registering(workshop, 1), SOMEBODY)
    assert first.created is not None
    await bus.execute(ForgetPerson(person=first.created), HOST)
    mapper.keys.forgotten(internal("registration", first.created))  # as the feed makes it known
    await bus.execute(registering(workshop, 1), SOMEBODY)

    found = await told(store, mapper, workshop)
    assert [one.email.text for one in found.registrations.values()] == [None, "p1@exemple.fr"]
    assert found.taken == 2


async def test_nothing_that_is_stored_leads_from_a_footprint_to_a_registration_or_an_order(
    bus: CommandBus,
    store: EventStore,
    mapper: EventMapper,
    *,
    database: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    workshop = await a_workshop(bus)
    people = [await bus.execute(registering(workshop, n), SOMEBODY) for n in range(SEATS)]
    next_week = datetime.now(UTC) + timedelta(days=7)
    later = CommandBus(store, mapper, secret=MASTER_KEY, clock=lambda: next_week)
    await later.execute(HoldWorkshop(workshop=workshop, came=30), HOST)
    for order in (1, -1):
        batch = a_batch(workshop, 12)
        await later.execute(replace(batch, footprints=batch.footprints[::order]), HOST)

    await shown(database, tmp_path)
    rows = await everything(database)
    of_footprints = [row for name, row in rows if "footprint" in name or "footprint" in row]
    assert len(of_footprints) > 4
    for one in people:
        assert one.created is not None
        id = internal("registration", one.created)
        assert id.hex not in caplog.text.replace("-", "")
        assert any(id.hex in row for _, row in rows)
        assert not any(id.hex in row or str(id) in row for row in of_footprints)
    stored = [row.partition('"footprints":')[2] for name, row in rows if name == "log.event"]
    first, second = (row.partition("]")[0] for row in stored if row)
    assert first == second, "whatever the order that was given, the same is stored"
    assert [value for value in ("20.0", "18.9") if value in caplog.text] == [], "as in the batch"
    telling = {name for name, row in rows if "exemple.fr" in row or "Person 1" in row}
    told = {"read_workshops_1.registration", "read_workshops_past_1.registration_past"}
    assert telling == told, "everywhere else it is sealed"


async def shown(dsn: str, folder: Path) -> None:
    """Let every read model come to what the log says."""
    environment = {
        "CORDEE_DATA_DIR": str(folder),
        "DATABASE_URL": dsn,
        "CORDEE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
    }
    async with system(Settings.from_environment(environment), dsn) as running:
        assert await running.positions.reached(await running.store.head(), 20)


async def everything(dsn: str) -> list[tuple[str, str]]:
    """Every row of every table in words, with the name of the table."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(
            "select schemaname || '.' || tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        )
        found = {name: await connection.fetch(f"select * from {name}") for (name,) in tables}  # noqa: S608
        return [
            (name, " ".join(map(_in_words, row.values())))
            for name, rows in found.items()
            for row in rows
        ]
    finally:
        await connection.close()


def _in_words(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
