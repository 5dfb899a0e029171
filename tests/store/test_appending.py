"""What a command comes to."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from infra.store import (
    Append,
    Appended,
    CommandReused,
    Conflict,
    Duplicate,
    EventStore,
    Retry,
    StoredCommand,
)
from tests.store import asking


async def test_a_command_gives_the_position_of_its_last_event(store: EventStore) -> None:
    stream = uuid4()

    assert await store.append(asking.append(*asking.events(stream, range(1, 4)))) == Appended(3)
    assert await store.append(asking.append(asking.event(stream, 4))) == Appended(4)


async def test_commands_of_one_batch_follow_each_other(store: EventStore) -> None:
    commands = [asking.append(*asking.events(uuid4(), range(1, 1 + n))) for n in (1, 3, 0, 2)]

    outcomes = await asking.at_once(store, commands)

    assert outcomes == [Appended(1), Appended(4), Appended(4), Appended(6)]
    assert [event.command_id for event in (await store.page(0)).events] == [
        commands[nth].command_id for nth in (0, 1, 1, 1, 3, 3)
    ]


async def test_what_is_stored_is_what_was_given(store: EventStore) -> None:
    given = asking.event(topic="cohort.opened", state=b'{"name":"\xc3\x89t\xc3\xa9"}')
    command = asking.append(given, meta=b'{"actor":"someone"}')
    await store.append(command)

    (stored,) = await store.stream(given.stream_id)

    assert (stored.stream_id, stored.version, stored.topic) == (given.stream_id, 1, given.topic)
    assert (stored.class_version, stored.state, stored.meta) == (1, given.state, command.meta)
    assert (stored.position, stored.command_id) == (1, command.command_id)
    assert stored.recorded_at.tzinfo is not None


async def test_a_repeated_command_is_told_what_it_came_to(store: EventStore) -> None:
    command = asking.append(asking.event())
    await store.append(command)
    await store.append(asking.append(asking.event()))

    assert await store.append(command) == Duplicate(1, command.stream_id, 1)
    assert await store.head() == 2


async def test_a_repetition_is_told_although_its_stream_has_moved_on(store: EventStore) -> None:
    command = asking.append(asking.event())
    await store.append(command)
    await store.append(asking.append(asking.event(command.stream_id, 2)))

    assert await store.append(command) == Duplicate(1, command.stream_id, 1)


async def test_a_command_id_serves_one_request(store: EventStore) -> None:
    command = asking.append(asking.event())
    await store.append(command)

    other = asking.append(asking.event(), command_id=command.command_id, request=b"another")

    assert await store.append(other) == CommandReused()
    assert await store.head() == 1


async def test_a_batch_answers_each_command_for_itself(store: EventStore) -> None:
    known = asking.append(asking.event())
    moved = asking.append(asking.event())
    await asking.at_once(store, [known, moved])
    contested = uuid4()

    outcomes = await asking.at_once(
        store,
        [
            asking.append(asking.event()),
            known,
            asking.append(asking.event(), command_id=known.command_id, request=b"another"),
            asking.append(asking.event(moved.stream_id, 1)),
            asking.append(asking.event(contested, 1)),
            asking.append(asking.event(contested, 1)),
            asking.append(asking.event(), asking.event()),
        ],
    )

    assert outcomes == [
        Appended(3),
        Duplicate(1, known.stream_id, 1),
        CommandReused(),
        Conflict(),
        Appended(4),
        Retry(),
        Appended(6),
    ]
    assert [event.position for event in (await store.page(0)).events] == [1, 2, 3, 4, 5, 6]


async def test_a_command_that_reads_what_another_of_its_batch_writes_tries_again(
    store: EventStore,
) -> None:
    claim = uuid4()

    outcomes = await asking.at_once(
        store,
        [
            asking.append(asking.event(claim, 1)),
            asking.append(asking.event(), guards=[(claim, 0)]),
        ],
    )

    assert outcomes == [Appended(1), Retry()]


async def test_a_command_may_read_what_a_later_one_of_its_batch_writes(store: EventStore) -> None:
    claim = uuid4()

    outcomes = await asking.at_once(
        store,
        [
            asking.append(asking.event(), guards=[(claim, 0)]),
            asking.append(asking.event(claim, 1)),
        ],
    )

    assert outcomes == [Appended(1), Appended(2)]


async def test_a_command_given_twice_at_once_is_stored_once(store: EventStore) -> None:
    command = asking.append(asking.event())

    outcomes = await asking.at_once(store, [command, command, command])

    again = Duplicate(1, command.stream_id, 1)
    assert outcomes == [Appended(1), again, again]


async def test_a_stale_command_stores_nothing_in_any_of_its_streams(store: EventStore) -> None:
    moved, other = uuid4(), uuid4()
    await store.append(asking.append(*asking.events(moved, range(1, 3))))

    stale = asking.append(asking.event(other), asking.event(moved, 2))

    assert await store.append(stale) == Conflict()
    assert await store.streams({moved: 1, other: 0}) == {
        moved: await store.stream(moved, after=1),
        other: [],
    }
    assert await store.outcome_of(stale.command_id) is None


@pytest.mark.parametrize("companions", [0, 1], ids=["alone", "in a batch"])
@pytest.mark.parametrize(
    ("there", "guarded", "holds"),
    [(0, 0, True), (0, 1, False), (2, 2, True), (2, 1, False), (2, 3, False), (2, 0, False)],
)
async def test_a_guard_holds_a_stream_at_exactly_one_version(
    store: EventStore, companions: int, there: int, guarded: int, holds: bool
) -> None:
    stream = uuid4()
    await store.append(asking.append(*asking.events(stream, range(1, 1 + there))))

    command = asking.append(asking.event(), guards=[(stream, guarded)])
    others = [asking.append(asking.event()) for _ in range(companions)]
    outcome, *_ = await asking.at_once(store, [command, *others])

    assert isinstance(outcome, Appended if holds else Conflict)


async def test_a_command_without_events_is_kept_at_the_head_it_found(store: EventStore) -> None:
    await store.append(asking.append(*asking.events(uuid4(), range(1, 3))))
    nothing_new = asking.append()

    assert await store.append(nothing_new) == Appended(2)
    assert await store.append(nothing_new) == Duplicate(2, nothing_new.stream_id, 0)


async def test_what_a_command_came_to_can_be_asked(store: EventStore) -> None:
    command = asking.append(asking.event())

    assert await store.outcome_of(command.command_id) is None

    await store.append(command)

    (event,) = await store.stream(command.stream_id)
    assert await store.outcome_of(command.command_id) == StoredCommand(
        1, command.stream_id, 1, command.request_hash, event.recorded_at
    )


async def test_versions_of_a_stream_follow_each_other_within_a_command(store: EventStore) -> None:
    stream = uuid4()

    with pytest.raises(ValueError, match=r"version 3 of stream .* cannot follow 1"):
        await store.append(asking.append(asking.event(stream, 1), asking.event(stream, 3)))


async def test_a_value_that_does_not_fit_harms_no_other_command(store: EventStore) -> None:
    stream = uuid4()
    unfit = asking.append(asking.event(topic="no\x00topic"))
    too_large = asking.append(asking.event(stream, 2**31))
    good = [asking.append(asking.event()) for _ in range(2)]

    outcomes = await asyncio.gather(
        *(store.append(command) for command in (good[0], unfit, too_large, good[1])),
        return_exceptions=True,
    )

    assert outcomes[0] == Appended(1)
    assert isinstance(outcomes[1], asyncpg.DataError)
    assert isinstance(outcomes[2], asyncpg.DataError)
    assert outcomes[3] == Appended(2)


async def test_a_cancelled_caller_leaves_the_batch_alone(store: EventStore) -> None:
    commands = [asking.append(asking.event()) for _ in range(3)]
    callers = [asyncio.create_task(store.append(command)) for command in commands]
    # Two turns of the loop: the callers have asked, and the batch is on its way.
    for _ in range(2):
        await asyncio.sleep(0)
    callers[1].cancel()

    outcomes = await asyncio.gather(*callers, return_exceptions=True)

    assert isinstance(outcomes[1], asyncio.CancelledError)
    assert [outcomes[0], outcomes[2]] == [Appended(1), Appended(3)]
    assert await store.outcome_of(commands[1].command_id) is not None


async def test_a_caller_that_is_cancelled_before_its_turn_sends_nothing(store: EventStore) -> None:
    commands = [asking.append(asking.event()) for _ in range(2)]
    callers = [asyncio.create_task(store.append(command)) for command in commands]
    await asyncio.sleep(0)
    callers[0].cancel()

    outcomes = await asyncio.gather(*callers, return_exceptions=True)

    assert outcomes[1] == Appended(1)
    assert await store.outcome_of(commands[0].command_id) is None


@pytest.mark.parametrize("table", ["log.event", "log.command"])
async def test_the_log_can_only_grow(store: EventStore, database: str, table: str) -> None:
    await store.append(asking.append(asking.event()))
    connection = await asyncpg.connect(database)
    for role in ("origin", "replica"):
        await connection.execute(f"set session_replication_role = {role}")
        for change in ("update {} set version = 2", "delete from {}", "truncate {}"):
            with pytest.raises(asyncpg.FeatureNotSupportedError, match="append-only"):
                await connection.execute(change.format(table))
    await connection.close()
    assert await store.head() == 1


async def test_the_clock_of_the_log_never_runs_backwards(store: EventStore, database: str) -> None:
    first: Append = asking.append(asking.event())
    await store.append(first)
    await asking.tamper(
        database, "update log.event set recorded_at = recorded_at + interval '1 hour'"
    )

    await store.append(asking.append(asking.event()))
    await asking.at_once(store, [asking.append(asking.event()) for _ in range(2)])

    instants = [event.recorded_at for event in (await store.page(0)).events]
    assert instants == sorted(instants)


async def test_a_closed_store_answers_what_it_was_asked_before(database: str) -> None:
    store = await EventStore.open(database)
    callers = [asyncio.create_task(store.append(asking.append(asking.event()))) for _ in range(3)]
    await asyncio.sleep(0)

    await store.close()

    assert await asyncio.gather(*callers) == [Appended(1), Appended(2), Appended(3)]
