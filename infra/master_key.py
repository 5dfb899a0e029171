"""The file that keeps the master key when the environment gives none.

Whoever loses this key loses every name, e-mail and telephone number in the log: it belongs in the
backup, apart from the database's own.
"""

import base64
import contextlib
import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Final

import asyncpg

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


async def master_key_of(settings: Settings, dsn: str) -> bytes:
    """Give the master key of a migrated database; the first start makes them known to each other.

    Raises:
        SettingsError: the database belongs to another key, or the key cannot be had.
    """
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "cordee key"})
    try:
        known = await connection.fetchval("select fingerprint from log.master_key")
        path = settings.data_dir / FILE_NAME
        if known is not None and settings.master_key is None and not path.exists():
            raise SettingsError(
                f"The master key of this database is not in {path}: put the file back,"
                " or set CORDEE_MASTER_KEY to the key."
            )
        key = open_master_key(settings)
        fingerprint = hmac.digest(key, b"cordee master key", "sha256")
        if known is None:
            await connection.execute(
                "insert into log.master_key (fingerprint) values ($1) on conflict do nothing",
                fingerprint,
            )
            known = await connection.fetchval("select fingerprint from log.master_key")
    finally:
        await connection.close()
    if not hmac.compare_digest(known, fingerprint):
        where = "CORDEE_MASTER_KEY" if settings.master_key is not None else str(path)
        raise SettingsError(
            f"This database was written under another master key than that of {where}:"
            " give it the key with which it was made."
        )
    return key


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
