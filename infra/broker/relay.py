"""The relay: brings public events to the broker, each once, in the order of the log.

Where it goes on, the broker says itself: the last event that it holds, which must be one of this
log. What is stored beside the log only spares looking again at what was not for the broker, and
stands in where it holds nothing any more. So a crash at any moment loses nothing, and what was
published and not noted is not published again.

Published is what the configured listener may hear, anybody as a rule, at the time of relaying: a
subject knows no rights, and whoever may read the stream reads all of it.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple

import asyncpg
import structlog

import api.schema  # noqa: F401 - with all entities, by which it is decided what may be heard
from api.consistency import PATIENCE
from api.hearing import Heard, hear_in_turn
from api.ports import Feed, FeedBroken, ReadsUnavailable, ReadTooSlow
from api.publication.catalogue import BY_EVENT
from api.publication.cloud_event import singly
from api.publication.search import Reader
from api.publication.whereabouts import whereabouts
from domain.identity import Id
from infra.broker.checkpoint import Checkpoint, TurnOver, turn
from infra.broker.connection import Connection, connected
from infra.broker.stream import Last, Stream, foreign
from infra.broker.subjects import subject
from infra.broker.trouble import BrokerAway, BrokerTrouble, Overtaken
from infra.broker.volley import Message, Volley
from infra.settings import BrokerSettings
from infra.store import GapInLog
from infra.store.availability import DISCONNECTED

log = structlog.get_logger()

TOGETHER: Final = 1_000
"""Events of the log that are read, decided and sent together."""
WITHIN: Final = 1.0
"""Seconds in which the broker answers a question, or somewhat more after it did not.

While a cluster chooses who leads the stream, questions are lost: they are asked again.
"""
SHORTEST: Final = 0.1
LONGEST: Final = 5.0
"""Seconds until what did not work is tried again, at first and at most."""

_TOPICS: Final = frozenset(event.TOPIC for event in BY_EVENT)


class _Page(NamedTuple):
    """What is to be published of a stretch of the log."""

    messages: Sequence[Message]
    scanned: int


class Relay:
    """Relays whenever it is the turn of this process, until it is stopped."""

    def __init__(self, dsn: str, settings: BrokerSettings, feed: Feed, reader: Reader) -> None:
        """It publishes what the ``reader`` hears."""
        self._dsn = dsn
        self._settings = settings
        self._feed = feed
        self._reader = reader
        self._pause = SHORTEST
        self._problem: str | None = None
        self._task = asyncio.get_running_loop().create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """End; others go on, or the next start."""
        self._task.cancel()
        await asyncio.wait((self._task,))

    async def _run(self) -> None:
        while True:
            try:
                async with turn(self._dsn, self._settings.stream) as checkpoint:
                    await self._attend(checkpoint)
            except TurnOver:
                log.warning("relay.turn_over")
            except (*DISCONNECTED, asyncpg.PostgresError) as error:
                log.info("relay.interrupted", error=type(error).__name__)
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, LONGEST)

    async def _attend(self, checkpoint: Checkpoint) -> None:
        """Relay until something is in the way, and note what it is."""
        try:
            async with connected(self._settings.urls, "cordee relay") as connection:
                await self._relay(connection, checkpoint)
        except (Overtaken, ReadsUnavailable, ReadTooSlow) as error:
            log.info("relay.interrupted", error=type(error).__name__)
        except (TurnOver, *DISCONNECTED, asyncpg.PostgresError):
            raise
        except (BrokerTrouble, FeedBroken, GapInLog) as trouble:
            problem = str(trouble)
            await checkpoint.trouble(problem)
            if problem != self._problem:
                self._problem = problem
                tell = log.warning if isinstance(trouble, BrokerAway) else log.error
                tell("relay.stopped", error=problem)
        except Exception as error:  # whatever it is, it is told, and tried again
            log.exception("relay.failed")
            kind = type(error).__name__
            await checkpoint.trouble(f"The relay failed ({kind}): its log says where.")

    async def _relay(self, connection: Connection, checkpoint: Checkpoint) -> None:
        """Relay as long as the connection is there, and the turn is this process's."""
        tasks = [
            asyncio.create_task(self._publish(connection, checkpoint)),
            asyncio.create_task(checkpoint.beat()),
        ]
        try:
            await asyncio.wait((*tasks, connection.lost), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in tasks:
            if not task.cancelled():
                task.result()
        raise BrokerAway("The connection to the broker was lost.")

    async def _publish(self, connection: Connection, checkpoint: Checkpoint) -> None:
        stream = Stream(connection.client.jetstream(timeout=WITHIN + self._pause), self._settings)
        await stream.prepare()
        position, sequence = await self._resumed(stream, checkpoint)
        volley = Volley(connection, self._settings.stream, sequence)
        await volley.open()
        async with aclosing(self._pages(position)) as pages:
            async for page in pages:
                await volley.send(page.messages)
                await checkpoint.store(page.scanned, volley.sequence)
                self._pause, self._problem = SHORTEST, None

    async def _resumed(self, stream: Stream, checkpoint: Checkpoint) -> tuple[int, int]:
        """Find where to go on: after which position of the log, at which sequence."""
        end = await stream.end()
        if end.last is not None:
            await self._recognise(end.last)
        published = 0 if end.last is None else end.last.position
        if end.sequence < checkpoint.sequence:
            log.warning("relay.rewound", sequence=end.sequence, was=checkpoint.sequence)
            return published, end.sequence  # the broker has lost some, or began anew
        return max(published, checkpoint.position), end.sequence

    async def _recognise(self, last: Last) -> None:
        """Make sure that an event is of this log."""
        stretch = await self._feed.stretch(last.position - 1, 1, _TOPICS)
        found = [each for each in stretch.events if each.position == last.position]
        if not found or str(found[0].event_id) != last.id:
            raise foreign(self._settings, last.sequence, last.subject)

    async def _pages(self, position: int) -> AsyncGenerator[_Page, None]:
        """Give what is to be published, and make the next page while one is being published."""
        reading = asyncio.create_task(self._page(position))
        try:
            while True:
                page = await reading
                reading = asyncio.create_task(self._following(page.scanned))
                yield page
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _following(self, position: int) -> _Page:
        """Wait until something follows a position, and make a page of it."""
        while await self._feed.beyond(position, PATIENCE) <= position:
            pass
        return await self._page(position)

    async def _page(self, position: int) -> _Page:
        """Make a page of what follows a position."""
        reader, name = self._reader, self._settings.stream
        stretch = await self._feed.stretch(position, TOGETHER, _TOPICS)
        heard = await hear_in_turn(stretch.events, reader)
        places = await whereabouts(heard, reader)
        return _Page(
            [
                Message(
                    subject(name, _place(each, places), BY_EVENT[type(each.recorded.event)].type),
                    str(each.recorded.event_id),
                    body,
                )
                for each, body in zip(heard, singly(heard, reader.base), strict=True)
            ],
            stretch.scanned,
        )


def _place(heard: Heard, places: Mapping[Id, str]) -> str | None:
    return None if heard.subject is None else places.get(heard.subject)
