"""The event loop: how late it is, for whatever holds it up holds everybody up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Histogram

from infra.observing.buckets import SECONDS

EVERY: Final = 0.5
"""Seconds from one look at the clock to the next."""


@asynccontextmanager
async def timed(registry: CollectorRegistry) -> AsyncIterator[None]:
    """Look, as long as the context lasts, by how much the loop is late."""
    late = Histogram(
        "cordee_event_loop_lag_seconds",
        "By how much the event loop comes late to what is due, looked at twice a second.",
        registry=registry,
        buckets=SECONDS,
    )

    async def look() -> None:
        while True:
            due = perf_counter() + EVERY
            await asyncio.sleep(EVERY)
            late.observe(max(0.0, perf_counter() - due))

    looking = asyncio.create_task(look(), name="event loop lag")
    try:
        yield
    finally:
        looking.cancel()
