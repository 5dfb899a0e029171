"""Follow what happens in cordée: a client of its feed in one file, for Python 3.11 and httpx.

    feed = Feed("https://cordee.example", token=token, territories=["region:28"])
    async for page in feed.pages(after=cursor):
        ...  # take in what page.events say, and store page.cursor, in one transaction

It gives what happened, page by page and in order, and then waits for what comes. When the server
does not answer, is started anew or has too much to do, it asks again after pauses that grow, for
as long as that takes. What asking again does not heal it raises: a `FeedError`.

A page is told again to whoever stopped before they had stored its cursor. Whoever stores the cursor
together with what the page says, or not at all, takes in everything once, however often they are
killed.

This file needs nothing else of cordée: copy it to where you need it.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, TypeAlias

import httpx

__all__ = [
    "CursorRefused",
    "Event",
    "Feed",
    "FeedError",
    "NoFeed",
    "NotLetIn",
    "Page",
    "QuestionRefused",
]

Event: TypeAlias = dict[str, Any]
"""A CloudEvent 1.0, as it is read from JSON: `id`, `type`, `subject`, `sequence`, `data` …"""

BATCH: Final = "application/cloudevents-batch+json"
"""The media type of an answer of the feed."""
SPACING: Final = 0.2
"""Seconds from one question to the next for whoever has caught up: what happens meanwhile comes
together, and an answer costs less of a budget than each event alone would."""
SHORTEST: Final = 0.5
"""Seconds of the first pause; each is twice as long as the one before."""
LONGEST: Final = 60.0
"""Seconds that a pause grows to, unless the server asks for a longer one."""
_AGAIN: Final = frozenset({408, 425, 429})
"""What a server answers who may do better soon, beside its own faults from 500 on."""
_OF_CURSORS: Final = frozenset({"BEYOND_THE_END", "CURSOR_REFUSED", "OTHER_FILTERS"})

_log = logging.getLogger("cordee_events")


class FeedError(Exception):
    """The feed refuses, and asking again would not help."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})" if code else message)
        self.status = status
        """The HTTP status of the answer."""
        self.code = code
        """What it is, for programs; empty where the answer does not say."""


class NotLetIn(FeedError):
    """The token or key proves nothing: it is wrong, has expired, or was revoked."""


class CursorRefused(FeedError):
    """The cursor is none from there, goes with other filters, or lies beyond the end of the log."""


class QuestionRefused(FeedError):
    """A filter, or another part of the question, makes no sense there."""


class NoFeed(FeedError):
    """There is something else than the feed at this address."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in order, and where to go on when they are taken in."""

    events: list[Event]
    """None of them, where all that was looked through is for others."""
    cursor: str
    """What `Feed.pages` takes as `after`: store it together with what the events say."""
    scanned: int
    """The position up to which nothing is missing."""


class Feed:
    """The feed of a cordée, and what of it is meant."""

    def __init__(
        self,
        url: str,
        *,
        token: str | Callable[[], str] | None = None,
        limit: int = 5_000,
        wait: int = 25,
        transport: httpx.AsyncBaseTransport | None = None,
        **filters: Iterable[str],
    ) -> None:
        """Say where it is, and what is meant.

        Args:
            url: the address of the cordée, such as https://cordee.example.
            token: what proves who asks, or what gives it: it is called for each question, and once
                more where the token is refused. Without one it is asked as anybody.
            limit: events of a page, 5 000 at most: so many are in memory at a time, and the longer
                pages are, the sooner whoever was away has caught up.
            wait: seconds for which the server may wait for something to tell, 30 at most.
            transport: by what the server is reached, where that is not the network.
            filters: ``types``, ``nouns``, ``subjects``, ``territories``, ``networks``,
                ``alliances``, ``cohorts``, ``organisations``: each list that is given must hold one
                that fits. A single text is a list of one.

        Raises:
            ValueError: the address is none.
        """
        if httpx.URL(url).scheme not in {"http", "https"}:
            raise ValueError(f"{url} is no address: write it with https://")
        self._url = url.rstrip("/") + "/events"
        self._token = token
        self._limit = limit
        self._wait = wait
        self._transport = transport
        self._asked: list[tuple[str, str | int]] = [("limit", limit), ("wait", wait)]
        for name, each in sorted(filters.items()):
            self._asked.append((name, each if isinstance(each, str) else ",".join(each)))

    async def events(self, after: str | int = 0) -> AsyncGenerator[Event, None]:
        """Give every event beyond a position, one by one, and never end.

        The ``sequence`` of an event, as a number, is the position after which to go on.

        Raises:
            FeedError: as `pages`.
        """
        async with aclosing(self.pages(after)) as pages:
            async for page in pages:
                for event in page.events:
                    yield event

    async def pages(self, after: str | int = 0) -> AsyncGenerator[Page, None]:
        """Give what happened beyond a cursor or a position, page by page, and never end.

        Raises:
            NotLetIn, CursorRefused, QuestionRefused, NoFeed: the feed is not to be had so.
            httpx.LocalProtocolError: what is asked cannot be written, such as a token of two lines.
        """
        cursor, scanned = str(after), int(after) if str(after).isdecimal() else -1
        # A server that waits says nothing meanwhile; one that is gone says nothing, either.
        timeout = httpx.Timeout(10.0, read=self._wait + 20.0)
        async with httpx.AsyncClient(timeout=timeout, transport=self._transport) as client:
            while True:
                begun = monotonic()
                page = _page(await self._answer(client, cursor))
                if page.events or page.scanned > scanned:
                    yield page
                cursor, scanned = page.cursor, page.scanned
                if len(page.events) < self._limit:
                    await asyncio.sleep(begun + SPACING - monotonic())

    async def _answer(self, client: httpx.AsyncClient, cursor: str) -> httpx.Response:
        """Ask until there is an answer."""
        failed, renewed = 0, False
        while True:
            try:
                response = await client.get(
                    self._url, params=[("after", cursor), *self._asked], headers=self._headers()
                )
            except httpx.LocalProtocolError:
                raise  # nothing was asked, and nothing would be
            except httpx.TransportError as error:
                trouble, least = f"{type(error).__name__}: {error}", 0.0
            else:
                if response.status_code == 401 and callable(self._token) and not renewed:
                    renewed = True  # it may have expired on its way
                    continue
                if response.status_code not in _AGAIN and response.status_code < 500:
                    return response
                trouble, least = f"status {response.status_code}", _retry_after(response)
            pause = max(least, min(LONGEST, SHORTEST * 2.0 ** min(failed, 10)))
            pause *= random.uniform(1.0, 1.5)  # noqa: S311 - so that not all come back at once
            _log.warning("the feed does not answer (%s): asking again in %.1f s", trouble, pause)
            await asyncio.sleep(pause)
            failed += 1

    def _headers(self) -> dict[str, str]:
        token = self._token() if callable(self._token) else self._token
        return {"accept": BATCH} | ({} if token is None else {"authorization": f"Bearer {token}"})


def _page(response: httpx.Response) -> Page:
    """Read an answer. Raises `FeedError` where it is a refusal, or something else."""
    if response.status_code != 200:
        raise _refusal(response)
    try:
        following = httpx.URL(response.links["next"]["url"])
        scanned = int(response.headers["cordee-scanned"])
        return Page(response.json(), following.params["after"], scanned)
    except (KeyError, ValueError):
        raise NoFeed(200, "", f"{response.url} is not the feed of a cordée") from None


def _refusal(response: httpx.Response) -> FeedError:
    status = response.status_code
    code, message = "", f"{response.url} answers {status}"
    with suppress(ValueError, LookupError, TypeError):  # where it is not the feed that answers
        error = response.json()["errors"][0]
        code, message = error["extensions"]["code"], error["message"]
    if status in {401, 403}:
        return NotLetIn(status, code, message)
    if status != 400 or not code:
        return NoFeed(status, code, message)
    return (CursorRefused if code in _OF_CURSORS else QuestionRefused)(status, code, message)


def _retry_after(response: httpx.Response) -> float:
    """Give the seconds that the server asks to wait; a date, which it never writes, is none."""
    said = response.headers.get("retry-after", "")
    return float(said) if said.isdecimal() else 0.0
