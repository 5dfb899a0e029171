"""Fan-out: whoever follows, however and from wherever, is told everything once and in order."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import aclosing
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import fan_out
from api.fan_out import FanOut, Line
from api.frame import Frame, Telling
from api.ports import FeedBroken, Stretch
from tests.api.test_events import registered

PATIENCE = 5.0
MEANT = frozenset({"organisation.registered"})


class Log:
    """A log in memory, whose readers take as many turns as the test says."""

    def __init__(self, pauses: Sequence[int] = (0,)) -> None:
        self.recorded: list[Any] = []
        self.read: list[int] = []
        self.followers = 0
        self._pauses = pauses
        self._grown = asyncio.Event()

    def append(self, count: int) -> None:
        begins = len(self.recorded) + 1
        self.recorded += [registered(position) for position in range(begins, begins + count)]
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    async def head(self) -> int:
        await self._pause()
        return len(self.recorded)

    async def since(self, after: int) -> AsyncIterator[Any]:
        self.followers += 1
        try:
            while True:
                await self._pause()
                if facts := self.recorded[after:]:
                    yield facts
                    after += len(facts)
                else:
                    await self._grown.wait()
        finally:
            self.followers -= 1

    async def stretch(self, after: int, limit: int, types: Collection[str]) -> Stretch:  # noqa: ARG002
        self.read.append(after)
        facts = self.recorded[after : after + limit]
        await self._pause()
        return Stretch(facts, facts[-1].position if facts else after)

    async def beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        raise NotImplementedError

    async def _pause(self) -> None:
        pauses = self._pauses[len(self.recorded) % len(self._pauses)]
        for _ in range(pauses):
            await asyncio.sleep(0)


async def written(facts: Sequence[Any]) -> list[Frame]:
    """Tell every third fact to nobody, and all others to everybody."""
    return [Frame.told(b"{}", fact.position, fact.position) for fact in facts if fact.position % 3]


def line_on(log: Log) -> Line:
    return Line(log, MEANT, written)


class Reader:
    """Somebody who follows a line, and takes what they are told when the test lets them."""

    def __init__(self, line: Line, after: int, takes: Sequence[bool] = (False,)) -> None:
        """``takes`` says in turns whether what they are handed is taken."""
        self.after = after
        self.seen = list[int]()
        self._takes = cycle(takes)
        self._told = line.told(after, self._handed)
        self._room = asyncio.Semaphore(0)
        self._task = asyncio.create_task(self._read())

    def take(self, count: int) -> None:
        """Take so much more."""
        for _ in range(count):
            self._room.release()

    async def leave(self) -> None:
        """Go away."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        async with aclosing(self._told) as told:
            while True:
                await self._room.acquire()
                telling = await anext(told)
                assert telling.frames
                self._see(telling)

    def _handed(self, telling: Telling) -> bool:
        if not next(self._takes):
            return False
        self._see(telling)
        return True

    def _see(self, telling: Telling) -> None:
        self.seen += [frame.position or 0 for frame in telling.frames]

    async def caught_up(self, head: int) -> None:
        """See that everything was told that lies beyond where they began."""
        expected = [position for position in range(self.after + 1, head + 1) if position % 3]
        self.take(head + 1)
        async with asyncio.timeout(PATIENCE):
            while len(self.seen) < len(expected):
                await asyncio.sleep(0)
        assert self.seen == expected


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 9)),
        st.tuples(st.just("join"), st.integers(0, 40)),
        st.tuples(st.just("take"), st.integers(0, 5)),
        st.tuples(st.just("leave"), st.integers(0, 5)),
        st.tuples(st.just("turns"), st.integers(1, 20)),
        st.tuples(st.just("age"), st.just(0)),
    ),
    max_size=40,
)


@given(
    STEPS,
    st.lists(st.integers(0, 6), min_size=1, max_size=4),
    st.integers(1, 20),
    st.booleans(),
    st.lists(st.booleans(), min_size=1, max_size=3),
)
def test_nothing_is_lost_or_told_twice_whenever_somebody_joins_leaves_or_dawdles(
    steps: list[tuple[str, int]],
    pauses: list[int],
    most: int,
    lively: bool,
    takes: list[bool],
) -> None:
    async def story() -> None:
        log = Log(pauses)
        line, readers = line_on(log), list[Reader]()
        eager = Reader(line, 0, takes)
        eager.take(1_000 * lively)
        for step, number in steps:
            if step == "append":
                log.append(number)
            elif step == "join":
                readers.append(Reader(line, min(number, len(log.recorded)), takes))
            elif step == "age":
                patch.setattr(fan_out, "FRESH", -1.0)
            elif step == "turns":
                patch.setattr(fan_out, "FRESH", 60.0)
                for _ in range(number):
                    await asyncio.sleep(0)
            elif readers:
                reader = readers[number % len(readers)]
                if step == "take":
                    reader.take(number)
                else:
                    readers.remove(reader)
                    await reader.leave()
                    head = reader.seen[-1] if reader.seen else reader.after
                    assert reader.seen == [
                        each for each in range(reader.after + 1, head + 1) if each % 3
                    ]
        patch.setattr(fan_out, "FRESH", 60.0)
        log.append(1)
        for reader in (*readers, eager):
            await reader.caught_up(len(log.recorded))
            await reader.leave()
        line.close()
        async with asyncio.timeout(PATIENCE):
            while log.followers:
                await asyncio.sleep(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fan_out, "MOST", most)
        patch.setattr(fan_out, "PAGE", most)
        patch.setattr(fan_out, "TOGETHER", 2)
        asyncio.run(story())


async def test_those_who_are_at_the_end_are_told_by_one_execution() -> None:
    log, told = Log(), list[int]()

    async def noting(facts: Sequence[Any]) -> list[Frame]:
        told.extend(fact.position for fact in facts)
        return await written(facts)

    line = Line(log, MEANT, noting)
    log.append(2)
    readers = [Reader(line, 0) for _ in range(20)]
    for reader in readers:
        await reader.caught_up(2)
    log.append(5)
    for reader in readers:
        await reader.caught_up(7)
        await reader.leave()
    assert told == [1, 2, 3, 4, 5, 6, 7]
    line.close()


async def test_who_can_take_more_at_once_sleeps_on_until_they_cannot() -> None:
    log, handed, room = Log(), list[int | None](), True

    def take(telling: Telling) -> bool:
        if room:
            handed.extend(frame.position for frame in telling.frames)
        return room

    line = line_on(log)
    told = line.told(0, take)
    waiting = asyncio.ensure_future(anext(told))
    await asyncio.sleep(0.01)
    for count in (1, 2, 1):
        log.append(count)
        await asyncio.sleep(0.01)
    assert handed == [1, 2, 4]
    assert not waiting.done()
    room = False
    log.append(1)
    assert [frame.position for frame in (await waiting).frames] == [5]
    assert handed == [1, 2, 4]
    line.close()


async def test_who_has_left_is_handed_nothing_any_more() -> None:
    log, handed = Log(), list[Telling]()
    line = line_on(log)

    def take(telling: Telling) -> bool:
        handed.append(telling)
        return True

    waiting = asyncio.ensure_future(anext(line.told(0, take)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    log.append(1)
    await asyncio.sleep(0.01)
    assert handed == []
    line.close()


async def test_who_waits_for_what_comes_later_is_told_that_alone() -> None:
    log = Log()
    line = line_on(log)
    early = Reader(line, 5, (True,))
    early.take(10)
    for count in (2, 2, 4):
        await asyncio.sleep(0.01)
        log.append(count)
    await early.caught_up(8)
    await early.leave()
    line.close()


async def test_what_is_told_together_is_written_once() -> None:
    log = Log()
    line = line_on(log)
    log.append(1)
    first, second = line.told(0), line.told(0)
    one, other = await asyncio.gather(anext(first), anext(second))
    assert one is other
    assert one.events() is other.events()
    waiting = [asyncio.ensure_future(anext(told)) for told in (first, second)]
    await asyncio.sleep(0.01)
    log.append(1)
    one, other = await asyncio.gather(*waiting)
    assert one is other
    line.close()


async def test_who_comes_amid_what_was_told_together_is_told_the_rest_of_it() -> None:
    log = Log()
    line = line_on(log)
    eager = Reader(line, 0)
    eager.take(10)
    await asyncio.sleep(0.01)
    log.append(5)
    await eager.caught_up(5)
    log.read.clear()
    late = Reader(line, 4)
    await late.caught_up(5)
    assert log.read == []
    for reader in (eager, late):
        await reader.leave()
    line.close()


async def test_who_takes_nothing_slows_nobody_and_takes_no_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fan_out, "MOST", 10)
    log = Log()
    line = line_on(log)
    slow, quick = Reader(line, 0), Reader(line, 0)
    for _ in range(100):
        log.append(3)
        await quick.caught_up(len(log.recorded))
    assert slow.seen == []
    assert sum(len(telling.frames) for telling in line._told) <= 12
    await slow.caught_up(300)
    for reader in (slow, quick):
        await reader.leave()
    line.close()


async def test_what_was_decided_a_while_ago_is_decided_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log()
    line = line_on(log)
    told = line.told(0)
    waiting = asyncio.ensure_future(anext(told))
    await asyncio.sleep(0.01)
    late = Reader(line, 0)
    log.append(1)
    await waiting
    monkeypatch.setattr(fan_out, "FRESH", -1.0)
    log.read.clear()
    await late.caught_up(1)
    assert log.read == [0]
    await late.leave()
    await told.aclose()
    line.close()


async def test_a_line_that_breaks_tells_all_what_came_before_and_why() -> None:
    class Damaged(Log):
        async def since(self, after: int) -> AsyncIterator[Any]:
            yield [registered(after + 1)]
            raise FeedBroken(after + 2)

    line = line_on(Damaged())
    for told in [line.told(0) for _ in range(3)]:
        assert [frame.position for frame in (await anext(told)).frames] == [1]
        with pytest.raises(FeedBroken):
            await anext(told)
    assert line.broken


async def test_who_comes_to_a_broken_line_is_given_another() -> None:
    class Once:
        broken = False
        closed = 0

        def close(self) -> None:
            self.closed += 1

    shared = FanOut(Log())
    with shared.joined("key", Once) as first:
        with shared.joined("key", Once) as same:
            assert same is first
        first.broken = True
        with shared.joined("key", Once) as second:
            assert second is not first
        assert second.closed == 1
        assert first.closed == 0
    assert first.closed == 1
    assert len(shared) == 0
