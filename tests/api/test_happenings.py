"""Happenings: whoever waits for a thing hears when something happens to it, and of nothing else."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from api import happenings
from api.happenings import Happenings
from api.ports import FeedBroken
from tests.api.ports import Happening
from tests.api.test_events import registered

ONE, TWO = UUID(int=1), UUID(int=2)


class Damaged(Happening):
    """A feed whose second event cannot be read."""

    async def since(self, after: int) -> AsyncIterator[Any]:
        """Give one, and then break."""
        yield [registered(1)]
        raise FeedBroken(after + 2)


async def happens(feed: Happening, thing: UUID, position: int) -> None:
    fact = registered(thing.int)
    fact.position = position
    feed.recorded.append(fact)
    feed.grown.set()
    await asyncio.sleep(0.01)


async def test_who_waits_for_a_thing_is_told_where_something_happened_to_it() -> None:
    feed = Happening()
    followed = Happenings(feed, 0)
    one, two = (asyncio.ensure_future(followed.next(thing, 0)) for thing in (ONE, TWO))
    await happens(feed, TWO, 1)
    assert two.result() == 1
    assert not one.done()
    await happens(feed, ONE, 2)
    assert one.result() == 2
    followed.close()


async def test_who_comes_later_is_told_at_once_of_what_they_have_not_seen() -> None:
    feed = Happening()
    followed = Happenings(feed, 0)
    await happens(feed, ONE, 1)
    await happens(feed, ONE, 2)
    assert await followed.next(ONE, 0) == 2
    waiting = asyncio.ensure_future(followed.next(ONE, 2))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    waiting.cancel()
    followed.close()


async def test_who_is_too_far_back_is_told_that_something_may_have_happened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(happenings, "MOST", 1)
    feed = Happening()
    followed = Happenings(feed, 0)
    await happens(feed, ONE, 1)
    await happens(feed, TWO, 2)
    assert await followed.next(ONE, 0) == 1
    assert await followed.next(TWO, 0) == 1
    assert await followed.next(TWO, 1) == 2
    followed.close()


async def test_a_log_that_breaks_is_told_to_all_who_wait() -> None:
    followed = Happenings(Damaged(), 0)
    waiting = [asyncio.ensure_future(followed.next(TWO, 0)) for _ in range(3)]
    for each in waiting:
        with pytest.raises(FeedBroken):
            await each
    assert followed.broken
    assert await followed.next(ONE, 0) == 1
