"""Connections that are used in turns: no more than so many, none of them dead, none forgotten."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import asyncpg
import pytest

from infra.connections import Connection, Connections


@pytest.fixture
async def two(empty: str) -> AsyncIterator[Connections[Connection]]:
    """Connections of which there are two at most, and half a second of patience."""

    async def connect() -> Connection:
        connection: Connection = await asyncpg.connect(empty)
        return connection

    connections = Connections(connect, 2, patience=0.5)
    yield connections
    await connections.close()


async def test_one_that_was_given_back_is_taken_again(two: Connections[Connection]) -> None:
    first = await two.take()
    two.give_back(first)
    again = await two.take()
    two.give_back(again)
    assert again is first


async def test_who_waits_has_the_one_that_is_given_back(two: Connections[Connection]) -> None:
    first, second = await two.take(), await two.take()
    waiting = asyncio.create_task(two.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    two.give_back(first)
    assert await waiting is first
    two.give_back(first)
    two.give_back(second)


async def test_whoever_comes_late_takes_nothing_from_who_waited(
    two: Connections[Connection],
) -> None:
    first, second = await two.take(), await two.take()
    waiting = asyncio.create_task(two.take())
    await asyncio.sleep(0)
    two.give_back(first)  # it is the waiting one's, who has not heard of it yet
    assert two.take_free() is None
    assert await waiting is first
    two.give_back(first)
    two.give_back(second)
    assert two.take_free() is second
    two.give_back(second)


async def test_a_turn_that_nobody_wants_any_more_goes_to_the_next(
    two: Connections[Connection],
) -> None:
    first, second = await two.take(), await two.take()
    gone, waiting = (asyncio.create_task(two.take()) for _ in range(2))
    await asyncio.sleep(0)
    two.give_back(first)
    gone.cancel()
    assert await waiting is first
    two.give_back(first)
    two.give_back(second)
    assert two.state().used == 0


async def test_nobody_waits_for_ever_and_who_gave_up_takes_nothing_along(
    two: Connections[Connection],
) -> None:
    first, second = await two.take(), await two.take()
    with pytest.raises(TimeoutError):
        await two.take()
    two.give_back(first)
    two.give_back(second)
    both = {await two.take(), await two.take()}
    assert both == {first, second}
    for each in both:
        two.give_back(each)


async def test_a_dead_one_is_replaced(two: Connections[Connection]) -> None:
    first = await two.take()
    first.terminate()
    two.give_back(first)
    second = await two.take()
    assert await second.fetchval("select 1") == 1
    two.give_back(second)
    second.terminate()
    third = await two.take()
    assert third is not second
    two.give_back(third)


async def test_one_that_cannot_be_opened_leaves_room_for_the_next() -> None:
    numbers = count()

    async def refuse() -> Any:
        raise OSError(next(numbers))

    connections: Connections[Connection] = Connections(refuse, 1, patience=0.5)
    for number in range(3):
        with pytest.raises(OSError, match=str(number)):
            await connections.take()


async def test_a_statement_that_was_broken_off_disturbs_nobody_after_it(
    two: Connections[Connection],
) -> None:
    first = await two.take()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await first.fetchval("select pg_sleep(20)")
    two.give_back(first)
    again = await two.take()
    assert again is first
    assert await again.fetchval("select 2") == 2
    two.give_back(again)


async def test_closing_waits_for_those_in_use_and_refuses_everybody_after(
    two: Connections[Any],
) -> None:
    held = await two.take()
    closing = asyncio.create_task(two.close())
    await asyncio.sleep(0)
    assert not closing.done()
    assert await held.fetchval("select 3") == 3
    two.give_back(held)
    await closing
    assert held.is_closed()
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await two.take()
