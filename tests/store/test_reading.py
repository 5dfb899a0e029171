"""Reading by stream and by position, and what a damaged log is told from."""

from typing import Any
from uuid import uuid4

import pytest

from domain.organisation import Organisation, OrganisationKind
from infra.mapper import UnreadableEvent
from infra.store import EventStore, GapInLog, GapInStream
from infra.store.reader import STRETCH
from tests import history
from tests.store import asking


async def test_a_stream_is_read_by_version_either_way(store: EventStore) -> None:
    stream = uuid4()
    await store.append(asking.append(*asking.events(stream, range(1, 6))))

    async def versions(**window: Any) -> list[int]:
        return [event.version for event in await store.stream(stream, **window)]

    assert await versions() == [1, 2, 3, 4, 5]
    assert await versions(after=2, upto=4) == [3, 4]
    assert await versions(descending=True, limit=1) == [5]
    assert await versions(descending=True, limit=2, upto=4) == [4, 3]
    assert await store.stream(uuid4()) == []


async def test_many_streams_are_read_at_once_each_after_its_own_version(store: EventStore) -> None:
    first, second, absent = uuid4(), uuid4(), uuid4()
    await store.append(asking.append(*asking.events(first, range(1, 4))))
    await store.append(asking.append(*asking.events(second, range(1, 3))))

    streams = await store.streams({first: 1, second: 0, absent: 0})

    assert {stream: [event.version for event in events] for stream, events in streams.items()} == {
        first: [2, 3],
        second: [1, 2],
        absent: [],
    }


async def test_pages_follow_each_other_to_the_head(store: EventStore) -> None:
    await store.append(asking.append(*asking.events(uuid4(), range(1, 8))))

    pages = [await store.page(after, limit=3) for after in (0, 3, 6, 7)]

    assert [[event.position for event in page.events] for page in pages] == [
        [1, 2, 3],
        [4, 5, 6],
        [7],
        [],
    ]
    assert [page.scanned for page in pages] == [3, 6, 7, 7]


async def test_a_filtered_page_says_how_far_it_has_scanned(store: EventStore) -> None:
    stream = uuid4()
    await store.append(asking.append(*asking.events(stream, range(1, 4), topic="rare")))
    await store.append(asking.append(*asking.events(stream, range(4, 11), topic="frequent")))

    cut = await store.page(0, limit=2, topics=["rare"])
    assert ([event.position for event in cut.events], cut.scanned) == ([1, 2], 2)

    rest = await store.page(cut.scanned, limit=2, topics=["rare"])
    assert ([event.position for event in rest.events], rest.scanned) == ([3], 10)

    short = await store.page(3, topics=["rare"], upto=8)
    assert (short.events, short.scanned) == ([], 8)

    both = await store.page(1, limit=3, topics={"rare", "frequent"})
    assert ([event.position for event in both.events], both.scanned) == ([2, 3, 4], 4)

    none = await store.page(10, topics=["rare"])
    assert (none.events, none.scanned) == ([], 10)

    nothing = await store.page(0, topics=[])
    assert (nothing.events, nothing.scanned) == ([], 10)


async def test_a_filtered_page_looks_at_a_bounded_stretch_of_the_log(store: EventStore) -> None:
    for _ in range(2):
        stream = uuid4()
        await store.append(asking.append(*asking.events(stream, range(1, 1 + STRETCH // 2))))
    await store.append(asking.append(asking.event(topic="rare")))

    first = await store.page(0, topics=["rare"])
    second = await store.page(first.scanned, topics=["rare"])

    assert (first.events, first.scanned) == ([], STRETCH)
    assert [event.position for event in second.events] == [STRETCH + 1]


async def test_a_gap_in_the_log_is_named(store: EventStore, database: str) -> None:
    for _ in range(5):
        await store.append(asking.append(asking.event()))
    await asking.tamper(database, "delete from log.event where position in (3, 4)")

    assert (await store.page(0, limit=2)).scanned == 2
    with pytest.raises(GapInLog, match="no event at position 3: 5 came instead") as caught:
        await store.page(0)
    assert (caught.value.expected, caught.value.found) == (3, 5)
    with pytest.raises(GapInLog, match="position 4"):
        await store.page(3)


async def test_a_gap_in_a_stream_is_named(store: EventStore, database: str) -> None:
    stream = uuid4()
    await store.append(asking.append(*asking.events(stream, range(1, 6))))
    await asking.tamper(database, "delete from log.event where version = 3")

    for descending in (False, True):
        with pytest.raises(GapInStream, match=f"{stream} has no event at version 3"):
            await store.stream(stream, descending=descending)
    with pytest.raises(GapInStream, match="version 3"):
        await store.streams({stream: 1})
    with pytest.raises(GapInStream, match="version 3"):
        await store.stream(stream, after=2)


@pytest.mark.parametrize(
    "damage",
    [
        "update log.event set state = substring(state for length(state) - 5) where position = 2",
        "update log.event set state = '\\xc3'::bytea || state where position = 2",
        "update log.event set topic = 'nobody.knows' where position = 2",
        "update log.event set meta = '{' where position = 2",
    ],
    ids=["cut short", "garbled", "of an unknown kind", "without its metadata"],
)
async def test_a_damaged_event_is_named(database: str, damage: str) -> None:
    organisation = Organisation.register(
        uuid4(), now=history.AT, name="Territoire apprenant", kind=OrganisationKind.ASSOCIATION
    )
    organisation.record(Organisation.Renamed, name="Territoires apprenants")
    organisation.record(Organisation.NetworkJoined, network="AASQA")
    async with history.opened(database) as log:
        await history.given(log.store, log.mapper, *history.news(organisation))
        await asking.tamper(database, damage)

        page = await log.store.page(0)
        with pytest.raises(UnreadableEvent, match="the event at position 2") as caught:
            await log.mapper.decode(page.events)

    assert caught.value.position == 2


async def test_a_snapshot_is_for_the_code_that_made_it(store: EventStore) -> None:
    stream = uuid4()
    await store.put_snapshot(stream, 3, b"old code", b"state at 3")

    snapshot = await store.snapshot(stream, b"old code")

    assert snapshot is not None
    assert (snapshot.version, snapshot.state) == (3, b"state at 3")
    assert await store.snapshot(stream, b"new code") is None
    assert await store.snapshot(uuid4(), b"old code") is None


async def test_an_older_snapshot_does_not_replace_a_newer_one(store: EventStore) -> None:
    stream = uuid4()
    await store.put_snapshot(stream, 5, b"code", b"state at 5")
    await store.put_snapshot(stream, 3, b"code", b"state at 3")

    snapshot = await store.snapshot(stream, b"code")

    assert snapshot is not None
    assert snapshot.version == 5


async def test_new_code_replaces_the_snapshot_of_old_code(store: EventStore) -> None:
    stream = uuid4()
    await store.put_snapshot(stream, 5, b"old code", b"state at 5")
    await store.put_snapshot(stream, 4, b"new code", b"state at 4")

    assert await store.snapshot(stream, b"old code") is None
    assert await store.snapshot(stream, b"new code") is not None
