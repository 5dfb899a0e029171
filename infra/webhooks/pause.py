"""Pauses: how long a delivery that failed waits until it is tried again."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""After the first attempt and each that follows: three days in all (Standard Webhooks)."""
JITTER: Final = 0.2
"""Up to what share a pause is longer, so that what failed together does not come again together."""


def pause_after(
    tries: int, asked: timedelta | None = None, pauses: Sequence[timedelta] = PAUSES
) -> timedelta | None:
    """Give the pause after so many attempts, the first included; None is to give up.

    ``asked`` is for how long the receiver wants to be left alone: it is, but not longer than the
    longest pause.
    """
    if tries > len(pauses):
        return None
    planned = pauses[tries - 1] * (1 + random.uniform(0, JITTER))  # noqa: S311  (no secret)
    return max(planned, min(asked or timedelta(), PAUSES[-1]))
