"""What is there at once needs no clock; what is not goes on where it waits, within its time."""

import asyncio
from unittest.mock import patch

import pytest

from api.starting import within


async def at_once() -> int:
    return 7


async def test_what_is_there_at_once_is_taken_without_a_clock() -> None:
    with patch("api.starting.asyncio.timeout", side_effect=AssertionError):
        assert await within(1, at_once()) == 7


async def test_what_has_to_wait_several_times_goes_on_each_time() -> None:
    async def several() -> list[int]:
        found = []
        for number in range(3):
            await asyncio.sleep(0 if number else 0.001)
            found.append(number)
        return found

    assert await within(1, several()) == [0, 1, 2]


async def test_what_takes_longer_than_it_may_is_ended() -> None:
    ended = []

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(TimeoutError):
        await within(0.01, never())
    assert ended == [True]


async def test_what_goes_wrong_says_so_at_once_or_later() -> None:
    async def wrong(*, later: bool) -> None:
        if later:
            await asyncio.sleep(0)
        raise ValueError(later)

    for later in (False, True):
        with pytest.raises(ValueError, match=str(later)):
            await within(1, wrong(later=later))


async def test_an_error_that_is_answered_while_waiting_does_not_get_out() -> None:
    async def patient() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "cancelled"
        return "never"

    task = asyncio.create_task(within(5, patient()))
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "cancelled"
