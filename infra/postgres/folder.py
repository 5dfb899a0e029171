"""The folder of one embedded server: who may use it, what lies in it, what still runs in it."""

import contextlib
import errno
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

import psutil

from infra.postgres.account import PostgresAccount
from infra.postgres.failure import FolderTaken, FolderUnusable, OtherMajor, StartFailed
from infra.postgres.installation import detached, programs, version

SUPERUSER: Final = "postgres"


class PidFile(NamedTuple):
    """What a server notes about itself in `postmaster.pid`, for PostgreSQL's own tools to see."""

    pid: int
    sockets: Path | None
    ready: bool


class PostgresFolder:
    """Holds `data`, the log of this run and of the one before, and `lock`.

    The lock is the operating system's and ends with its process. So whoever gets it and finds a
    server here knows that the server's parent was killed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.data = self.path / "data"
        self.log = self.path / "postgres.log"
        self._lock: IO[str] | None = None

    def take(self) -> None:
        """Make the folder if need be and become the only one to use it.

        Raises:
            FolderTaken: another process has it.
            FolderUnusable: it cannot be made or written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+", encoding="ascii")
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise self._unusable(error) from error
            raise FolderTaken(
                f"The data folder {self.path} is in use by process {holder or 'unknown'}: "
                "stop that one, or set CORDEE_DATA_DIR to another folder."
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def release(self) -> None:
        """Leave the folder to the next one."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def prepare_data(self, account: PostgresAccount | None, *, durable: bool) -> None:
        """Make the data at the first start, and check at every other that they are ours to serve.

        Raises:
            FolderUnusable: something else lies where the data should be.
            OtherMajor: another major version of PostgreSQL made them.
            StartFailed: initdb refused.
        """
        if not self.data.exists():
            self._make_data(account, durable=durable)
        try:
            made_by = (self.data / "PG_VERSION").read_text("ascii").strip()
        except OSError as error:
            raise FolderUnusable(
                f"The folder {self.data} does not hold the data of a PostgreSQL that you may read: "
                "move it away, or set CORDEE_DATA_DIR to another folder."
            ) from error
        major, whole = version()
        if major != made_by:
            raise OtherMajor(
                f"The data in {self.data} were made by PostgreSQL {made_by}, and this cordee brings"
                f" {whole}: go on with the cordee that made them, or set CORDEE_DATA_DIR to"
                " another folder."
            )

    def _make_data(self, account: PostgresAccount | None, *, durable: bool) -> None:
        """Run initdb beside the place and move its work there: killed halfway, it leaves none."""
        draft = self.path / "data.draft"
        try:
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            if account is not None:
                account.give(draft)
        except OSError as error:
            raise self._unusable(error) from error
        command = [
            str(programs() / "initdb"),
            f"--pgdata={draft}",
            f"--username={SUPERUSER}",
            # Whoever can open the socket is the account itself: its folder lets nobody else in.
            "--auth=trust",
            "--encoding=UTF8",
            # One order of text on every machine, and letters of all scripts count as letters.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--lc-ctype={'UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ]
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, **detached(account)
        )
        if made.returncode != 0:
            why = " ".join(made.stderr.split()) or f"it ended with {made.returncode}"
            raise StartFailed(f"PostgreSQL's initdb failed in {self.path}: {why}")
        draft.rename(self.data)

    def _unusable(self, error: OSError) -> FolderUnusable:
        return FolderUnusable(
            f"The data folder {self.path} cannot be used ({error.strerror}): "
            "set CORDEE_DATA_DIR to a folder that you may write."
        )

    def open_log(self) -> IO[bytes]:
        """Begin the log of a new run, keeping the one before."""
        with contextlib.suppress(FileNotFoundError):
            self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.open("wb")

    def pid_file(self) -> PidFile | None:
        """Read what a server notes about itself; None when none runs or has begun to note it."""
        try:
            lines = (self.data / "postmaster.pid").read_text("utf-8").splitlines()
        except OSError:
            return None
        if not lines or not lines[0].isdecimal():
            return None
        return PidFile(
            int(lines[0]),
            Path(lines[4]) if len(lines) > 4 else None,
            len(lines) > 7 and lines[7].strip() == "ready",
        )

    def forget_pid_file(self) -> None:
        """Remove the pid file: only when `servers` finds none, or data would be lost.

        PostgreSQL itself refuses to start over one whose number some other process has got in the
        meantime, which is usual in a container.
        """
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def servers(self) -> Iterator[psutil.Process]:
        """Find the processes of PostgreSQL that live here: each has `data` as its own folder."""
        place = str(self.data.resolve())
        for process in psutil.process_iter(["name", "cwd"]):
            if process.info["name"] == "postgres" and process.info["cwd"] == place:
                yield process
