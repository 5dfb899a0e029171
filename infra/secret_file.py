"""Files of the data folder that keep 32 secret bytes each, made at the first start."""

import base64
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from infra.settings import SettingsError

BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def open_secret(path: Path, what: str) -> bytes:
    """Give the secret of a file; ``what`` names it in what is told when it cannot be had.

    Raises:
        SettingsError: the file cannot be made or read, holds no secret, or is open to others.
    """
    try:
        if not path.exists():
            make_secret(path)
        return read_secret(path, what)
    except OSError as error:
        raise SettingsError(
            f"The file of {what}, {path}, cannot be used ({error.strerror}):"
            " set CORDEE_DATA_DIR to a folder that you may write."
        ) from error


def make_secret(path: Path) -> None:
    """Write a new secret whole or not at all; of two processes that start at once, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # link refuses to replace what came to be in the meantime.
    with draft(path) as drafted, suppress(FileExistsError):
        os.link(drafted, path)


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """Write a new secret beside a file, and clear it away unless it was taken from there."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    drafted = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        yield drafted
    finally:
        drafted.unlink(missing_ok=True)


def read_secret(path: Path, what: str) -> bytes:
    """Read the secret of a file that is there.

    Raises:
        OSError: it cannot be read.
        SettingsError: it holds no secret, or is open to other accounts.
    """
    if path.stat().st_mode & _OTHERS:
        raise SettingsError(
            f"The file of {what} is open to other accounts: run `chmod 600 {path}`."
        )
    try:
        secret = base64.b64decode(path.read_bytes().strip(), validate=True)
    except ValueError:
        secret = b""
    if len(secret) != BYTES:
        raise SettingsError(f"The file of {what}, {path}, is damaged: put it back from its backup.")
    return secret
