"""Processes are killed at random, and nothing that was acknowledged is lost or done twice."""

from random import SystemRandom

from tests.faults.crash import crash

CYCLES = 8


async def test_whatever_is_killed_what_was_acknowledged_is_there_once() -> None:
    seed = SystemRandom().getrandbits(32)
    print(f"python -m tests.faults.crash {CYCLES} {seed}")  # shown when it fails
    await crash(CYCLES, seed, print)
