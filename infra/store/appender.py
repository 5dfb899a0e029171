"""Group commit: one connection per process, and whatever arrives meanwhile is the next batch."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from infra.observing.watch import SILENCE, AppendWatch
from infra.store import sql
from infra.store.availability import DISCONNECTED, TRANSIENT, UNREACHABLE, StoreUnavailable
from infra.store.batch import (
    Pending,
    checks_of,
    columns_of,
    columns_of_one,
    outcome_of_one,
    outcomes_of,
)
from infra.store.command import Append, Appended, Outcome

_BATCH_COMMANDS: Final = 512
_BATCH_EVENTS: Final = 2_000
"""A batch takes no further command beyond this, so that one large import does not hold up all."""

_CONNECT_WITHIN: Final = 3.0
_CLOSE_WITHIN: Final = 3.0
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0


class Appender:
    """Sends commands to the log in batches and gives each caller its own outcome.

    A command whose answer got lost is sent again under its id, and the log itself tells whether
    the first sending had been stored: the question and the second sending are one transaction
    under the appenders' lock, so there is no moment between them.
    """

    def __init__(
        self,
        dsn: str,
        committed: Callable[[int], None],
        *,
        budget: float,
        answer_within: float,
        watch: AppendWatch = SILENCE,
    ) -> None:
        self._dsn = dsn
        self._watch = watch
        self._committed = committed
        self._budget = budget
        self._answer_within = answer_within
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Pending] = deque()
        self._in_flight: Sequence[Pending] = ()
        self._arrived = asyncio.Event()
        self._closing = False
        self._pause = _FIRST_PAUSE
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._append: PreparedStatement[asyncpg.Record]
        self._append_one: PreparedStatement[asyncpg.Record]
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and begin to serve.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database cannot be used.
        """
        await self._connect()
        self._task = self._loop.create_task(self._run(), name="event store appender")

    async def close(self) -> None:
        """Answer what was asked until now, then close the connection."""
        self._closing = True
        self._arrived.set()
        if self._task is not None:
            await self._task
        if self._connection is not None:
            with contextlib.suppress(*UNREACHABLE):
                await self._connection.close(timeout=_CLOSE_WITHIN)

    @property
    def waiting(self) -> int:
        """How many commands wait for a batch."""
        return len(self._waiting)

    async def append(self, command: Append) -> Outcome:
        """Put a command into the next batch and wait for its outcome.

        A caller that is cancelled while its command is under way does not take it back: it may
        be stored, and the other commands of the batch are not touched.

        Raises:
            StoreUnavailable: the database stayed away for longer than the budget.
            ValueError: the versions of a stream do not follow one another.
            asyncpg.DataError: a value does not fit its column.
        """
        if self._closing or self._task is None or self._task.done():
            raise StoreUnavailable("the event store is closed", stored=False)
        pending = Pending(
            command,
            checks_of(command),
            self._loop.create_future(),
            self._loop.time() + self._budget,
            self._watch.origin(),
        )
        self._waiting.append(pending)
        self._arrived.set()
        return await pending.future

    async def _run(self) -> None:
        try:
            while self._waiting or not self._closing:
                if self._waiting:
                    self._in_flight = batch = self._take()
                    if batch:
                        await self._send(batch)
                else:
                    self._arrived.clear()
                    await self._arrived.wait()
        finally:
            # Reached with commands left only when the loop is torn down, or by a mistake of ours:
            # nobody may wait for ever.
            for pending in self._in_flight:
                pending.doubtful = True
            for pending in (*self._in_flight, *self._waiting):
                pending.fail(_unavailable("the event store was stopped", pending))

    def _take(self) -> list[Pending]:
        batch: list[Pending] = []
        ids = set()
        events = 0
        for _ in range(min(len(self._waiting), _BATCH_COMMANDS)):
            pending = self._waiting.popleft()
            if pending.future.done():
                continue
            if pending.command.command_id in ids:
                # Once its twin is stored, the log can tell it what became of it.
                self._waiting.append(pending)
                continue
            ids.add(pending.command.command_id)
            batch.append(pending)
            events += len(pending.command.events)
            if events >= _BATCH_EVENTS:
                break
        return batch

    async def _send(self, batch: Sequence[Pending]) -> None:
        try:
            if self._connection is None:
                await self._connect()
        except UNREACHABLE as error:
            self._give_back(batch, error)
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            return
        began = perf_counter()
        try:
            outcomes = await self._ask(batch)
        except DISCONNECTED as error:
            self._watch.failed(batch, began)
            for pending in batch:
                pending.doubtful = True
            self._disconnect()
            self._give_back(batch, error)
        except asyncpg.PostgresError as error:
            self._watch.failed(batch, began)
            await self._send_singly(batch, error)
        else:
            self._watch.sent(batch, outcomes, began)
            self._answer(batch, outcomes)

    async def _ask(self, batch: Sequence[Pending]) -> Sequence[Outcome]:
        if len(batch) == 1:
            row = await self._append_one.fetchrow(*columns_of_one(batch[0]))
            assert row is not None, "log.append_one always gives one row"
            return (outcome_of_one(batch[0], row),)
        return outcomes_of(batch, await self._append.fetch(*columns_of(batch)))

    def _answer(self, batch: Sequence[Pending], outcomes: Sequence[Outcome]) -> None:
        newest = 0
        for pending, outcome in zip(batch, outcomes, strict=True):
            pending.answer(outcome)
            if type(outcome) is Appended:
                newest = outcome.position
        self._committed(newest)

    async def _send_singly(self, batch: Sequence[Pending], error: Exception) -> None:
        """Find the command that the transaction was rolled back for; the others go on."""
        if len(batch) > 1:
            for sent, pending in enumerate(batch, 1):
                await self._send((pending,))
                if self._connection is None:
                    self._give_back(batch[sent:], error)
                    break
        elif isinstance(error, TRANSIENT):
            batch[0].fail(_unavailable(f"the database refused: {error}", batch[0], error))
        else:
            batch[0].fail(error)

    def _give_back(self, batch: Sequence[Pending], error: Exception) -> None:
        """Put a batch in front again, and tell those whose time is over how things stand."""
        now = self._loop.time()
        away = f"the database did not answer for {self._budget:g} s: {error}"
        in_time: deque[Pending] = deque()
        for pending in (*batch, *self._waiting):
            if now < pending.deadline:
                in_time.append(pending)
            else:
                pending.fail(_unavailable(away, pending, error))
        self._waiting = in_time

    async def _connect(self) -> None:
        connection = await asyncpg.connect(
            self._dsn,
            timeout=_CONNECT_WITHIN,
            command_timeout=self._answer_within,
            server_settings={
                "application_name": "cordee append",
                # log.append checks after it has locked: a snapshot from before would be stale.
                "default_transaction_isolation": "read committed",
            },
        )
        try:
            self._append = await connection.prepare(sql.APPEND)
            self._append_one = await connection.prepare(sql.APPEND_ONE)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        self._pause = _FIRST_PAUSE

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _unavailable(
    message: str, pending: Pending, cause: Exception | None = None
) -> StoreUnavailable:
    error = StoreUnavailable(message, stored=None if pending.doubtful else False)
    error.__cause__ = cause
    return error
