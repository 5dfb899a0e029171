"""The program in processes of its own, which can be killed, paused, woken and started again."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from infra.settings import Settings

ROOT: Final = Path(__file__).parents[2]
MASTER_KEY: Final = bytes(range(32))
PATIENCE: Final = 60.0
"""Seconds after which a program that is not ready counts as stuck."""


class Program:
    """One process of the program on a database, and those that take its place."""

    def __init__(
        self,
        arguments: Sequence[str],
        dsn: str | None,
        folder: Path,
        *,
        tree: Path = ROOT,
        module: str = "infra.main",
        **settings: str,
    ) -> None:
        """Nothing runs yet.

        Args:
            arguments: what it is to do.
            dsn: its database; without one, the embedded one in the folder.
            folder: where it may write.
            tree: the source that it runs.
            module: what of it is the program.
            settings: variables of its environment.
        """
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, "-m", module, *arguments]
        self._tree = tree
        self._log = folder / f"{self.port}.log"
        self._env = _environment() | {
            **_known(folder),
            "CORDEE_PORT": str(self.port),
            "CORDEE_POOL_SIZE": "3",
            **({} if dsn is None else {"DATABASE_URL": dsn}),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._from = 0

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def status(self) -> int | None:
        """How its process ended; None as long as it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start a process; what it says is added to what those before it said."""
        with self._log.open("ab") as log:
            self._from = log.tell()
            self._process = subprocess.Popen(
                self._command, cwd=self._tree, env=self._env, stdout=log, stderr=log
            )

    def said(self) -> str:
        """Give what the process said that was started last."""
        return self._log.read_bytes()[self._from :].decode(errors="replace")

    async def ready(self) -> None:
        """Wait until it says that it is."""
        deadline = time.monotonic() + PATIENCE
        while "cordée is ready" not in self.said():
            assert self.runs, f"it ended: {self.said()}"
            assert time.monotonic() < deadline, f"it never was ready: {self.said()}"
            await asyncio.sleep(0.02)

    def kill(self) -> None:
        """End it without a word (SIGKILL)."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """Let it stand still, with all its connections open (SIGSTOP)."""
        self.signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        """Send its process a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def stop(self) -> float:
        """Tell it to end (SIGTERM), and give the seconds that it took."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        return await self.ended() - began

    async def ended(self) -> float:
        """Wait until it has ended, and tell when that was noticed."""
        deadline = time.monotonic() + PATIENCE
        while self.runs:
            assert time.monotonic() < deadline, f"it does not end: {self.said()}"
            await asyncio.sleep(0.01)
        return time.monotonic()


@asynccontextmanager
async def together(*programs: Program) -> AsyncIterator[None]:
    """Start programs at once, wait until all are ready, and end those that run at the end."""
    try:
        for program in programs:
            program.start()
        for program in programs:
            await program.ready()
        yield
    finally:
        for program in programs:
            if program.runs:
                program.wake()
                await program.stop()


def settings_of(folder: Path) -> Settings:
    """Give the settings that programs in a folder have, but for their port and their database."""
    return Settings.from_environment(_known(folder))


def _known(folder: Path) -> dict[str, str]:
    return {
        "CORDEE_DATA_DIR": str(folder / "data"),
        "CORDEE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
    }


def _environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CORDEE_") and name != "DATABASE_URL"
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number: int = taken.getsockname()[1]
        return number
