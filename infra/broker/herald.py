"""The herald: tells the other processes over the broker how far the log is, and hears them.

It takes the place of NOTIFY where there is a broker, so that PostgreSQL has nothing to do for those
who wait, however many there are. What happened each process reads from the log itself, which alone
can tell who may hear it. A message may be lost, as a NOTIFY may: the log is looked at every second
anyhow. One that others made up is told from ours by a signature under a secret of the database.
"""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from typing import Final

import nats.errors
import structlog
from nats.aio.msg import Msg

from infra.broker.connection import Connection, connected
from infra.broker.trouble import BrokerTrouble

log = structlog.get_logger()

SHORTEST: Final = 0.1
LONGEST: Final = 5.0
"""Seconds until a lost connection is opened again, at first and at most."""

_SIGNATURE: Final = 16


class Herald:
    """Tells and hears on one subject, while there is a connection."""

    def __init__(self, urls: Sequence[str], subject: str, key: bytes) -> None:
        """``key`` is a secret of the database, which all its processes know."""
        self._urls = urls
        self._subject = subject
        self._key = key
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def attend(self, hear: Callable[[int], None]) -> None:
        """Begin; ``hear`` is told each position that a process tells."""
        self._task = asyncio.get_running_loop().create_task(self._run(hear), name="herald")

    async def stop(self) -> None:
        """Tell and hear nothing any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def tell(self, head: int) -> bool:
        """Tell the others how far the log is; False where the broker cannot be told."""
        if self._connection is None:
            return False
        try:
            await self._connection.client.publish(self._subject, self._written(head))
        except (OSError, nats.errors.Error):
            return False
        return True

    async def _run(self, hear: Callable[[int], None]) -> None:
        async def take(message: Msg) -> None:
            head = self._read(message.data)
            if head is not None:
                hear(head)

        pause = SHORTEST
        while True:
            try:
                async with connected(self._urls, "cordee herald") as connection:
                    await connection.client.subscribe(self._subject, cb=take)
                    await connection.client.flush()
                    self._connection, pause = connection, SHORTEST
                    await connection.lost
            except BrokerTrouble as trouble:
                log.debug("herald.interrupted", error=str(trouble))
            finally:
                self._connection = None
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST)

    def _written(self, head: int) -> bytes:
        digits = b"%d" % head
        return digits + b" " + self._signature(digits)

    def _read(self, said: bytes) -> int | None:
        digits, _, signature = said.partition(b" ")
        if not hmac.compare_digest(signature, self._signature(digits)):
            return None
        return int(digits)

    def _signature(self, digits: bytes) -> bytes:
        signed = hmac.digest(self._key, b"cordee head " + digits, "sha256")
        return signed[:_SIGNATURE].hex().encode()
