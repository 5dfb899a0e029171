"""Buckets: between which bounds durations and sizes are counted."""

from typing import Final

SECONDS: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
"""From half a millisecond, the least that an answer takes, to the longest that a request has."""

SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
"""Commands or events of a batch."""
