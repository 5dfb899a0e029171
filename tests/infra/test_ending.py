"""Told once, a process ends in order; told twice, at once."""

import asyncio
import signal
import subprocess
import sys
import time

import pytest

from infra.ending import AT_ONCE, heed


async def test_the_first_signal_begins_the_end_and_breaks_nothing_off() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        heed(begun.set)
        await asyncio.sleep(60)

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    signal.raise_signal(signal.SIGTERM)
    async with asyncio.timeout(1):
        await begun.wait()
    assert not working.done()
    working.cancel()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whatever_holds_it_up_a_process_that_is_told_twice_is_gone(number: signal.Signals) -> None:
    stubborn = """
import asyncio
from infra.ending import heed

async def work():
    heed(lambda: print("first", flush=True))
    print("heeds", flush=True)
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            print("second", flush=True)

asyncio.run(work())
"""
    process = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        for said in ("heeds", "first", "second"):
            assert process.stdout.readline().strip() == said
            told = time.monotonic()
            if said != "second":
                process.send_signal(number)
        assert process.wait(10) == 128 + number
        assert time.monotonic() - told < 2 * AT_ONCE
