"""Garbage: how often a process looks for objects that only keep each other alive.

Rows, events and commands come in thousands, and hardly any of them is part of a circle. With
Python's own thresholds the search for circles took a fifth of the time of a large import, and
once went over everything there was for a quarter of a second, in which nobody was answered.
"""

import gc
from typing import Final

_THRESHOLDS: Final = (10_000, 10, 10)
"""New objects after which the youngest are gone through, and how often before older ones are."""


def settle() -> None:
    """Leave out what has been loaded so far, for it stays to the end, and look more rarely."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
