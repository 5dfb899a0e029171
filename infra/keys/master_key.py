"""The master key: given by the environment, printed by a program, or kept in a file.

Whoever loses this key loses every name, e-mail and telephone number in the log: it belongs in the
backup, apart from the database's own.
"""

import os
import shlex
import subprocess
from typing import Final

from infra.secret_file import draft, open_secret
from infra.settings import Settings, SettingsError, master_key_bytes

FILE_NAME: Final = "master.key"
PREVIOUS: Final = "master.key.previous"
_PATIENCE: Final = 10.0
"""Seconds that the program which prints the key may take."""

_WHAT: Final = "the master key"


def open_master_key(settings: Settings) -> bytes:
    """Give the 32 bytes that wrap each person's key, making the file at the first start.

    Raises:
        SettingsError: the file cannot be made or read, is no key, or is open to other accounts.
    """
    if settings.master_key is not None:
        return settings.master_key
    if settings.master_key_command is not None:
        return _printed(settings.master_key_command)
    return open_secret(settings.data_dir / FILE_NAME, _WHAT)


def previous_master_key(settings: Settings) -> bytes | None:
    """Give the key that the one of `open_master_key` replaces, where one is being replaced.

    Raises:
        SettingsError: its file cannot be read, is no key, or is open to other accounts.
    """
    if settings.master_key_previous is not None:
        return settings.master_key_previous
    path = settings.data_dir / PREVIOUS
    return open_secret(path, _WHAT) if _of_file(settings) and path.exists() else None


def source(settings: Settings) -> str:
    """Say where the master key comes from."""
    if settings.master_key is not None:
        return "CORDEE_MASTER_KEY"
    if settings.master_key_command is not None:
        return "CORDEE_MASTER_KEY_COMMAND"
    return str(settings.data_dir / FILE_NAME)


def lacks_file(settings: Settings) -> bool:
    """Tell whether the key comes from a file that is not there yet, or no longer."""
    return _of_file(settings) and not (settings.data_dir / FILE_NAME).exists()


def replace_file(settings: Settings) -> None:
    """Put a new key into the file, and keep the one before beside it until it is done with.

    Raises:
        SettingsError: the key is in no file, or another replacement has not come to its end.
    """
    path, previous = settings.data_dir / FILE_NAME, settings.data_dir / PREVIOUS
    if not _of_file(settings):
        raise SettingsError(
            f"The master key is that of {source(settings)}: set a new one there, and the present"
            " one as CORDEE_MASTER_KEY_PREVIOUS."
        )
    if lacks_file(settings):
        raise SettingsError(f"There is no key in {path} yet: the first start makes one.")
    try:
        os.link(path, previous)
    except FileExistsError:
        raise SettingsError(
            f"There is a previous key in {previous} already:"
            " finish with `cordee master-key rotate` first."
        ) from None
    with draft(path) as drafted:
        drafted.replace(path)


def drop_previous_file(settings: Settings) -> None:
    """Remove the file of a key that nothing is wrapped by any more."""
    if _of_file(settings):
        (settings.data_dir / PREVIOUS).unlink(missing_ok=True)


def _of_file(settings: Settings) -> bool:
    return settings.master_key is None and settings.master_key_command is None


def _printed(command: str) -> bytes:
    """Run a program and read the key that it prints; nothing of what it says is repeated."""
    try:
        done = subprocess.run(
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=True,
        )
        return master_key_bytes(done.stdout.decode("ascii", errors="replace").strip())
    except OSError as error:
        problem = f"cannot be run ({error.strerror})"
    except subprocess.TimeoutExpired:
        problem = f"printed no key within {_PATIENCE:.0f} s"
    except subprocess.CalledProcessError as failed:
        problem = f"ended with the status {failed.returncode}"
    except ValueError:
        problem = "printed something else than 32 bytes in base64"
    # Not in the handlers: what was raised there has the output on it.
    raise SettingsError(f"The program of CORDEE_MASTER_KEY_COMMAND {problem}.")
