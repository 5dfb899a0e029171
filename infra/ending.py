"""The end of a process: told once it ends in order, told twice at once."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Final

AT_ONCE: Final = 2.0
"""Seconds after a second signal in which the process is gone, whatever still holds it up.

Nothing is lost by that: whoever starts next finds the log whole, leases that ended with their
sessions, and an embedded PostgreSQL that it stops first.
"""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def heed(in_order: Callable[[], object]) -> None:
    """Let the next SIGINT or SIGTERM begin the end, and one after it cancel the task that calls.

    Whoever calls last is heeded, until the first signal.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"

    def told() -> None:
        for number in _SIGNALS:
            loop.add_signal_handler(number, told_again, number)
        in_order()

    def told_again(number: int) -> None:
        loop.call_later(AT_ONCE, os._exit, 128 + number)
        task.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, told)
