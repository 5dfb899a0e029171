"""One embedded PostgreSQL server: started, awaited, stopped."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

import asyncpg
import psutil
import structlog

from infra.postgres.account import PostgresAccount
from infra.postgres.failure import EmbeddedPostgresError, StartFailed
from infra.postgres.folder import SUPERUSER, PostgresFolder
from infra.postgres.installation import detached, parts, programs
from infra.postgres.options import PORT, options

DATABASE: Final = "cordee"

# The longest path of a unix socket that every system takes, its closing zero included.
_LONGEST_SOCKET_PATH: Final = 104
_SOCKET: Final = f".s.PGSQL.{PORT}"

# All in seconds.
_POLL: Final = 0.02
_WATCH: Final = 0.2
_STEADY: Final = 30.0
_PATIENCE: Final = 3.0
_FAST_STOP: Final = 30.0
_IMMEDIATE_STOP: Final = 10.0

_log = structlog.get_logger(__name__)


class EmbeddedPostgres:
    """One PostgreSQL server in a folder of its own, for as long as the context is open.

    Within the context `dsn` names the product's database, which exists, empty after the first
    start. A server that a killed process left behind in the folder is stopped before a new one
    starts.
    """

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = True,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        """Prepare a server; nothing happens yet.

        Args:
            folder: made when it is missing, its parents too.
            durable: False gives up crash safety for speed: for tests.
            on_wait: told every few seconds what PostgreSQL is at while it starts; the log is told
                when this is None.
        """
        self._folder = PostgresFolder(folder)
        self._durable = durable
        self._on_wait = on_wait or (lambda line: _log.info("postgres.waiting", doing=line))
        self._sockets = self._folder.data
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: asyncio.Task[None] | None = None

    @property
    def dsn(self) -> str:
        """The address of the product's database."""
        return self.dsn_of(DATABASE)

    def dsn_of(self, database: str) -> str:
        """Give the address of any database of this server."""
        return _dsn(self._sockets, database)

    @property
    def pid(self) -> int | None:
        """The process of the server, None when it was not started."""
        return self._process.pid if self._process else None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the server and wait until it answers, however long its recovery takes.

        Raises:
            EmbeddedPostgresError: one of its kinds, saying what to do.
        """
        self._folder.take()
        try:
            account = self._admit_account()
            self._folder.prepare_data(account, durable=self._durable)
            await self._stop_orphans()
            self._choose_sockets(account)
            self._process = process = self._launch(account)
            await self._until_ready(process)
            await self._make_database()
        except BaseException:
            await self.stop()
            raise
        self._guard = asyncio.create_task(self._start_again(account), name="postgres guard")

    async def stop(self) -> None:
        """Stop the server in order, or at once when that takes too long; then free the folder.

        A fast shutdown ends the sessions and writes a checkpoint; an immediate one leaves the rest
        to the recovery of the next start. Neither loses a committed transaction.
        """
        guard, self._guard = self._guard, None
        if guard is not None and not guard.done():
            guard.cancel()
            await asyncio.wait((guard,))
        process, self._process = self._process, None
        try:
            if process is not None:
                await _end(process.send_signal, lambda: process.poll() is not None)
        finally:
            if self._sockets != self._folder.data:
                shutil.rmtree(self._sockets, ignore_errors=True)
                self._sockets = self._folder.data
            self._folder.release()

    async def _start_again(self, account: PostgresAccount | None) -> None:
        """Start the server again whenever it ends by itself; its clients come back on their own."""
        pause = _POLL
        while True:
            process = self._process
            assert process is not None
            began = time.monotonic()
            while process.poll() is None:  # noqa: ASYNC110 (no event comes)
                await asyncio.sleep(_WATCH)
            pause = _WATCH if time.monotonic() - began > _STEADY else min(2 * pause, _STEADY)
            _log.error("postgres.died", status=process.returncode, said=self._last_words())
            await asyncio.sleep(pause)
            try:
                await self._stop_orphans()
                self._process = process = self._launch(account)
                await self._until_ready(process)
            except (EmbeddedPostgresError, OSError) as error:
                _log.error("postgres.not_started_again", error=str(error))
            else:
                _log.warning("postgres.started_again", pid=process.pid)

    def _admit_account(self) -> PostgresAccount | None:
        """Find the account that the server is to run under, and open its ways."""
        try:
            account = PostgresAccount.needed()
            if account is not None:
                for part in parts():
                    account.let_run(part)
                    account.let_through_to(part)
                account.let_through_to(self._folder.data)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"PostgreSQL does not run as root, and its own account cannot be used ({error}): "
                "start cordee as an ordinary user, or set DATABASE_URL."
            ) from error
        return account

    async def _stop_orphans(self) -> None:
        """End what a killed parent left running, then drop the pid file that it left behind."""
        noted = self._folder.pid_file()
        orphans = list(self._folder.servers())
        if orphans:
            _log.warning("postgres.orphans_found", pids=[orphan.pid for orphan in orphans])

        def tell(number: int) -> None:
            for orphan in orphans:
                # A fast shutdown is for the head process to lead: its children that hear of it on
                # their own do other things. They end by themselves when they have lost it.
                if number != signal.SIGINT or (noted and orphan.pid == noted.pid):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        orphan.send_signal(number)

        await _end(tell, lambda: not any(True for _ in self._folder.servers()))
        self._folder.forget_pid_file()

    def _choose_sockets(self, account: PostgresAccount | None) -> None:
        """Keep the socket beside the data, or in a short folder where that path is too long."""
        if len(os.fsencode(self._folder.data / _SOCKET)) < _LONGEST_SOCKET_PATH:
            return
        self._sockets = Path(tempfile.mkdtemp(prefix="cordee-"))
        if account is not None:
            account.give(self._sockets)

    def _launch(self, account: PostgresAccount | None) -> subprocess.Popen[bytes]:
        chosen = options(self._sockets, durable=self._durable)
        command = [str(programs() / "postgres"), "-D", str(self._folder.data)]
        command += [f"--{name}={value}" for name, value in chosen.items()]
        with self._folder.open_log() as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **detached(account)
            )

    async def _until_ready(self, process: subprocess.Popen[bytes]) -> None:
        began = told = time.monotonic()
        while True:
            noted = self._folder.pid_file()
            if noted is not None and noted.ready and noted.pid == process.pid:
                return
            if process.poll() is not None:
                raise StartFailed(
                    f"PostgreSQL did not start: {self._last_words()} (its log: {self._folder.log})"
                )
            now = time.monotonic()
            if now - told > _PATIENCE:
                told = now
                self._on_wait(
                    f"PostgreSQL has been starting for {now - began:.0f} s: {self._last_words()}"
                )
            await asyncio.sleep(_POLL)

    def _last_words(self) -> str:
        """Give the newest line of the log, or the newest that tells of an end."""
        log = self._folder.log.read_text("utf-8", errors="replace")
        said: list[tuple[str, str]] = re.findall(r"(FATAL|PANIC|LOG): +(.*)", log)
        fatal = [words for level, words in said if level != "LOG"]
        # Before it has read its parameters it speaks without levels.
        return (fatal or [words for _, words in said] or [" ".join(log.split())])[-1]

    async def _make_database(self) -> None:
        connection = await asyncpg.connect(self.dsn_of(SUPERUSER))
        try:
            known = "select from pg_database where datname = $1"
            if not await connection.fetch(known, DATABASE):
                await connection.execute(f"create database {DATABASE}")
        finally:
            await connection.close()


def dsn_of_running(folder: Path) -> str | None:
    """Give the address of the product's database that another process serves from `folder`.

    None when no server is ready there, or when this account may not see it.
    """
    place = PostgresFolder(folder)
    noted = place.pid_file()
    if noted is None or not noted.ready or noted.sockets is None:
        return None
    return _dsn(noted.sockets, DATABASE) if any(True for _ in place.servers()) else None


def _dsn(sockets: Path, database: str) -> str:
    # With its port, or a client would take PGPORT's.
    return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(sockets), safe='')}&port={PORT}"


async def _end(tell: Callable[[int], None], ended: Callable[[], bool]) -> None:
    """Ask for a fast shutdown, after a while for an immediate one, and at last end it."""
    for number, patience in (
        (signal.SIGINT, _FAST_STOP),
        (signal.SIGQUIT, _IMMEDIATE_STOP),
        (signal.SIGKILL, _IMMEDIATE_STOP),
    ):
        if ended():
            return
        tell(number)
        deadline = time.monotonic() + patience
        while not ended() and time.monotonic() < deadline:  # noqa: ASYNC110 (no event comes)
            await asyncio.sleep(_POLL)
