"""Many commands of a batch may rest on the same stream, such as the roles of one caller."""

from uuid import uuid4

from infra.store import Appended, Conflict, EventStore, Retry
from tests.store import asking


async def test_commands_that_only_read_a_stream_do_not_hold_each_other_up(
    store: EventStore,
) -> None:
    roles = uuid4()
    await store.append(asking.append(asking.event(roles)))
    outcomes = await asking.at_once(
        store, [asking.append(asking.event(), guards=[(roles, 1)]) for _ in range(20)]
    )
    assert all(isinstance(outcome, Appended) for outcome in outcomes)
    assert await store.head() == 21


async def test_of_those_who_read_a_stream_only_who_read_an_old_state_is_refused(
    store: EventStore,
) -> None:
    roles = uuid4()
    for version in (1, 2):
        await store.append(asking.append(asking.event(roles, version)))
    read = [2, 1, 2, 1, 2]
    outcomes = await asking.at_once(
        store, [asking.append(asking.event(), guards=[(roles, version)]) for version in read]
    )
    assert [isinstance(outcome, Conflict) for outcome in outcomes] == [one == 1 for one in read]


async def test_who_reads_a_stream_after_it_was_written_in_the_batch_decides_anew(
    store: EventStore,
) -> None:
    roles = uuid4()
    await store.append(asking.append(asking.event(roles)))
    await store.append(asking.append(asking.event()))
    rest = [asking.append(asking.event(), guards=[(roles, 1)]) for _ in range(4)]
    revocation = asking.append(asking.event(roles, 2))
    outcomes = await asking.at_once(store, [*rest[:2], revocation, *rest[2:]])
    assert all(isinstance(outcome, Appended) for outcome in outcomes[:3])
    assert all(isinstance(outcome, Conflict | Retry) for outcome in outcomes[3:])


async def test_a_stream_that_was_not_there_is_read_by_many_until_it_is(store: EventStore) -> None:
    roles = uuid4()
    rest = [asking.append(asking.event(), guards=[(roles, 0)]) for _ in range(4)]
    opening = asking.append(asking.event(roles))
    outcomes = await asking.at_once(store, [*rest[:2], opening, *rest[2:]])
    assert all(isinstance(outcome, Appended) for outcome in outcomes[:3])
    assert all(isinstance(outcome, Conflict | Retry) for outcome in outcomes[3:])
