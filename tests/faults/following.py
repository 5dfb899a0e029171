"""Partners who follow what happens while servers are killed: they come back, and miss nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

import httpx

from api.publication.kit import cordee_events
from api.publication.kit.cordee_events import Feed
from tests.faults.listening import EVENTS, PATIENCE

SOON: Final = 30.0
"""Seconds in which all have come to the end of the log, once nothing is killed any more."""


@dataclass
class Follower:
    """Somebody who follows, and what they were told."""

    by: str
    seen: list[int]
    """The position after which they began, and those of all events since, as they were told."""


@dataclass
class Followers:
    """Partners with the kit, and others with server-sent events, on one server."""

    url: str
    key: str
    begin: int
    """The position after which they begin; all that follows is for them."""
    told: list[Follower] = field(default_factory=list)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Let them follow for as long as this lasts; none of them gives up before its end."""
        ways: dict[str, Callable[[list[int]], Coroutine[Any, Any, None]]] = {
            "the kit": self._by_kit,
            "events": self._by_events,
        }
        self.told = [Follower(by, [self.begin]) for by in ways]
        logging.getLogger("cordee_events").setLevel(logging.ERROR)
        # Whoever is killed is started again at once.
        shortest = patch.object(cordee_events, "SHORTEST", 0.05)
        longest = patch.object(cordee_events, "LONGEST", 0.5)
        with shortest, longest:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(ways[each.by](each.seen)) for each in self.told]
                yield
                for task in tasks:
                    task.cancel()

    async def check(self, head: int) -> None:
        """Wait until they are at the end of the log, and see that they were told all of it, once.

        Raises:
            AssertionError: something was told twice, not at all, or in another order.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(SOON):
                while any(each.seen[-1] < head for each in self.told):
                    await asyncio.sleep(0.02)
        for each in self.told:
            missed = sorted({*range(self.begin, head + 1)} - {*each.seen})
            assert not missed, f"{each.by} missed {missed[:10]}"
            assert each.seen == sorted({*each.seen}), f"{each.by} told twice, or out of order"

    async def _by_kit(self, seen: list[int]) -> None:
        feed = Feed(self.url, token=self.key, limit=7)
        async with aclosing(feed.pages(after=self.begin)) as pages:
            async for page in pages:
                seen += [int(event["sequence"]) for event in page.events]

    async def _by_events(self, seen: list[int]) -> None:
        headers = {"accept": "text/event-stream", "authorization": f"Bearer {self.key}"}
        asked = {"query": EVENTS, "variables": {"after": str(self.begin)}}
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            while True:
                headers["last-event-id"] = str(seen[-1])
                with suppress(httpx.TransportError):
                    streamed = client.stream(
                        "POST", f"{self.url}/graphql", json=asked, headers=headers
                    )
                    async with streamed as answer:
                        await _take(answer, seen)
                await asyncio.sleep(0.05)


async def _take(answer: httpx.Response, seen: list[int]) -> None:
    """Take the ids of the events that come whole, until they break off."""
    id = None
    async for line in answer.aiter_lines():
        if line.startswith("id: "):
            id = int(line[4:])
        elif not line and id is not None:
            seen.append(id)
            id = None
