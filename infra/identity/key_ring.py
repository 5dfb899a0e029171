"""The keys of one issuer: kept, looked at again in time, and kept on while the issuer is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from infra.identity.token import PublicKey

FRESH: Final = 600.0
"""Seconds after which keys are fetched anew, while the old ones go on serving."""
STALE: Final = 86_400.0
"""Seconds for which keys serve whose issuer is away."""
PAUSE: Final = 30.0
"""Seconds between two attempts, whatever tokens come: unknown key ids are easily made up."""

log = structlog.get_logger()


class Undiscoverable(Exception):
    """An issuer's keys cannot be had; the text says why, for the operator."""


class NoKeys(Exception):
    """The issuer is away, and nothing is known of its keys that may still count."""


class KeyRing:
    """The keys of an issuer."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Sequence[PublicKey]]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``fetch`` gives the keys of now, or raises `Undiscoverable`."""
        self._fetch = fetch
        self._clock = clock
        self._keys: Sequence[PublicKey] = ()
        self._fetched = -STALE
        self._attempted = -PAUSE
        self._fetching: asyncio.Task[None] | None = None
        self.edition = 0
        """Grows when keys changed: what was verified by those before is to be verified anew."""

    async def key(self, id: str | None, algorithm: str) -> PublicKey | None:
        """Give the key of an id that is for an algorithm; without an id, the only one there is.

        Raises:
            NoKeys: none are known.
        """
        if self._aged(STALE):
            await self._refresh()
            if self._aged(STALE):
                raise NoKeys
        elif self._aged(FRESH):
            self._begin()
        found = self._find(id, algorithm)
        if found is None:
            await self._refresh()
            found = self._find(id, algorithm)
        return found

    def stands(self, edition: int) -> bool:
        """Tell whether what keys of an edition verified still counts, and look at them in time."""
        if self._aged(FRESH):
            self._begin()
        return edition == self.edition and not self._aged(STALE)

    async def close(self) -> None:
        """Give up what is being fetched."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _find(self, id: str | None, algorithm: str) -> PublicKey | None:
        fit = [
            key
            for key in self._keys
            if (id is None or key.id == id) and algorithm in key.algorithms
        ]
        return fit[0] if len(fit) == 1 or (fit and id is not None) else None

    def _aged(self, seconds: float) -> bool:
        return self._clock() - self._fetched >= seconds

    async def _refresh(self) -> None:
        self._begin()
        if self._fetching is not None:
            await asyncio.shield(self._fetching)

    def _begin(self) -> None:
        if self._fetching is None and self._clock() - self._attempted >= PAUSE:
            self._attempted = self._clock()
            self._fetching = asyncio.create_task(self._take())

    async def _take(self) -> None:
        try:
            keys = await self._fetch()
        except Undiscoverable as error:
            log.warning("issuer.away", reason=str(error))
            return
        finally:
            self._fetching = None
        if [key.jwk for key in keys] != [key.jwk for key in self._keys]:
            self._keys = keys
            self.edition += 1
        self._fetched = self._clock()
