"""Positions are dense and in the order of commit, whoever appends."""

import asyncio
import sys
from uuid import UUID, uuid4

import asyncpg
import pytest

from infra.store import Appended, Conflict, EventStore, Outcome, Retry
from tests.store import asking

PROCESS = """
import asyncio, sys
from uuid import UUID
from infra.store import Appended, EventStore
from tests.store import asking

async def main(dsn, contested):
    store = await EventStore.open(dsn)
    async def caller(nth):
        for version in range(1, 41):
            own = asking.append(*asking.events(asking.event().stream_id, range(1, 1 + nth % 3)))
            assert isinstance(await store.append(own), Appended)
            await store.append(asking.append(asking.event(UUID(contested), version)))
    await asyncio.gather(*(caller(nth) for nth in range(8)))
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_make_one_dense_order(store: EventStore, database: str) -> None:
    contested = uuid4()
    seen: list[int] = []
    over = asyncio.Event()

    async def follow() -> None:
        """Read as a subscriber does: what is skipped here is lost for ever."""
        while not over.is_set() or seen[-1] < await store.head():
            after = seen[-1] if seen else 0
            page = await store.page(after, limit=50)
            seen.extend(event.position for event in page.events)
            await store.wait_beyond(page.scanned, 0.05)

    follower = asyncio.create_task(follow())
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROCESS, database, str(contested)
        )
        for _ in range(2)
    ]
    assert [await process.wait() for process in processes] == [0, 0]
    over.set()
    await follower

    assert seen == list(range(1, await store.head() + 1))
    events = await store.stream(contested)
    assert [event.version for event in events] == list(range(1, 41)), "each version has one winner"
    positions = [event.position for event in events]
    assert positions == sorted(positions)
    await _assert_commands_are_whole(store)


async def test_one_of_many_commands_on_a_version_wins(store: EventStore, database: str) -> None:
    other = await EventStore.open(database)
    stream = uuid4()

    outcomes = await asyncio.gather(
        *(
            each.append(asking.append(asking.event(stream, 1)))
            for each in (store, other)
            for _ in range(25)
        )
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes if outcome == Appended(1)) == [
        "Appended"
    ]
    assert {type(outcome) for outcome in outcomes} <= {Appended, Conflict, Retry}
    assert len(await store.stream(stream)) == 1
    await other.close()


async def test_the_order_does_not_depend_on_how_the_database_isolates(database: str) -> None:
    connection = await asyncpg.connect(database)
    name = await connection.fetchval("select current_database()")
    await connection.execute(
        f"alter database {name} set default_transaction_isolation = 'repeatable read'"
    )
    await connection.close()
    stores = [await EventStore.open(database) for _ in range(2)]

    async def caller(store: EventStore) -> list[Outcome]:
        return [await store.append(asking.append(asking.event())) for _ in range(50)]

    outcomes = await asyncio.gather(*(caller(store) for store in stores for _ in range(4)))

    assert {outcome for each in outcomes for outcome in each} == {
        Appended(position) for position in range(1, 401)
    }
    for store in stores:
        await store.close()


@pytest.mark.parametrize("size", [700, 2_500])
async def test_large_commands_and_many_commands_stay_whole(store: EventStore, size: int) -> None:
    commands = [asking.append(*asking.events(uuid4(), range(1, 1 + size)))]
    commands += [asking.append(asking.event()) for _ in range(size)]

    outcomes = await asking.at_once(store, commands)

    assert outcomes == [Appended(size + nth) for nth in range(size + 1)]
    await _assert_commands_are_whole(store)


async def _assert_commands_are_whole(store: EventStore) -> None:
    """Check that the events of each command stand side by side."""
    commands: list[UUID] = []
    after = 0
    while (page := await store.page(after)).events:
        for event in page.events:
            if not commands or commands[-1] != event.command_id:
                commands.append(event.command_id)
        after = page.scanned
    assert len(commands) == len(set(commands))
