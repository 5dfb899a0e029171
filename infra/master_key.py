"""The file that keeps the master key when the environment gives none.

Whoever loses this key loses every name, e-mail and telephone number in the log: it belongs in the
backup, apart from the database's own.
"""

import base64
import contextlib
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Final

from infra.settings import Settings, SettingsError, master_key_bytes

FILE_NAME: Final = "master.key"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def open_master_key(settings: Settings) -> bytes:
    """Give the 32 bytes that wrap each person's key, making the file at the first start.

    Raises:
        SettingsError: the file cannot be made or read, is no key, or is open to other accounts.
    """
    if settings.master_key is not None:
        return settings.master_key
    path = settings.data_dir / FILE_NAME
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as error:
        raise SettingsError(
            f"The master key's file {path} cannot be used ({error.strerror}):"
            " set CORDEE_DATA_DIR to a folder that you may write, or set CORDEE_MASTER_KEY."
        ) from error


def _make(path: Path) -> None:
    """Write a new key whole or not at all; of two processes that start at once, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp gives mode 0600, and link refuses to replace a key that came to be in the meantime.
    handle, draft = tempfile.mkstemp(prefix=f".{FILE_NAME}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()


def _read(path: Path) -> bytes:
    if path.stat().st_mode & _OTHERS:
        raise SettingsError(
            f"The master key's file {path} is open to other accounts: run `chmod 600 {path}`."
        )
    try:
        return master_key_bytes(path.read_text("ascii", errors="replace").strip())
    except ValueError as wrong:
        raise SettingsError(
            f"The master key's file {path} {wrong}, or put back the file from its backup."
        ) from wrong
