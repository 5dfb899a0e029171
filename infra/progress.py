"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_EVERY: Final = 2.0
"""Seconds between two plain lines."""

Told = Callable[[int, int], None]
"""Is told how much is done, of how much."""


@contextmanager
def progress(console: Console, title: str, unit: str) -> Iterator[Told]:
    """Show how far some work has come, with its rate and the time left."""
    if not console.is_terminal:
        yield _lines(console, title, unit)
        return
    rate = TextColumn(f"{{task.fields[rate]:.0f}} {unit}/s")
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=None, rate=0.0)
        started = time.monotonic()

        def tell(done: int, total: int) -> None:
            passed = max(time.monotonic() - started, 1e-6)
            bar.update(task, completed=done, total=total, rate=done / passed)

        yield tell


def _lines(console: Console, title: str, unit: str) -> Told:
    started = told = time.monotonic()
    ended = False

    def tell(done: int, total: int) -> None:
        nonlocal told, ended
        now = time.monotonic()
        # What follows a log comes to its end, goes on as that does, and ends again.
        if now - told < _EVERY and (done < total or ended):
            return
        told, ended = now, done >= total
        rate = done / max(now - started, 1e-6)
        left = f", {(total - done) / rate:.0f} s left" if 0 < done < total else ""
        console.print(f"{title}: {done}/{total} {unit}, {rate:.0f} {unit}/s{left}", soft_wrap=True)

    return tell
