"""Recipients: to whom something may be sent at the moment, over which line and by which secrets."""

import ssl
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

from api.webhooks.notices import Notice
from infra.webhooks.endpoint import Endpoint, sendable
from infra.webhooks.line import Line
from infra.webhooks.reach import Reach
from infra.webhooks.secret import SecretBox, SecretLost
from infra.webhooks.standing import pause


@dataclass(frozen=True, slots=True)
class Recipient:
    """An endpoint to which something may be sent."""

    endpoint: Endpoint
    secrets: Sequence[str]
    """What signs it, the newest first."""
    line: Line


class Recipients:
    """Looks the recipients up, and remembers them for a moment."""

    def __init__(
        self,
        pool: Any,
        *,
        box: SecretBox,
        reach: Reach,
        trusted: ssl.SSLContext,
        longest: float,
        fresh: float,
    ) -> None:
        """``trusted`` says whose certificates count; a request takes ``longest`` seconds at most.

        They are not looked up again for ``fresh`` seconds.
        """
        self._pool = pool
        self._box = box
        self._reach = reach
        self._trusted = trusted
        self._longest = longest
        self._fresh = fresh
        self._lines: dict[UUID, Line] = {}
        self._known: dict[UUID, Recipient] = {}
        self._until = 0.0

    async def known(self, busy: Collection[UUID] = ()) -> Mapping[UUID, Recipient]:
        """Give the recipients by their ids; lines of others are closed that are not ``busy``."""
        if monotonic() >= self._until:
            self._known = await self._look_up()
            self._until = monotonic() + self._fresh
            for id in self._lines.keys() - self._known.keys() - set(busy):
                await self._lines.pop(id).close()
        return self._known

    async def close(self) -> None:
        """Close all lines."""
        for line in self._lines.values():
            await line.close()

    async def _look_up(self) -> dict[UUID, Recipient]:
        found, now = dict[UUID, Recipient](), datetime.now(UTC)
        async with self._pool.acquire() as connection:
            for endpoint in await sendable(connection):
                try:
                    secrets = endpoint.secrets(self._box, now)
                except SecretLost:
                    await pause(connection, endpoint.id, Notice.SECRET_LOST)
                else:
                    found[endpoint.id] = Recipient(endpoint, secrets, self._line(endpoint))
        return found

    def _line(self, endpoint: Endpoint) -> Line:
        if endpoint.id not in self._lines:
            self._lines[endpoint.id] = Line(endpoint.url, self._reach, self._trusted, self._longest)
        return self._lines[endpoint.id]
