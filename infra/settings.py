"""What an operator may set, read once from the environment and typed from there on."""

import base64
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Self, TypeVar, cast, get_args
from urllib.parse import urlsplit

import platformdirs

T = TypeVar("T")

LogLevel = Literal["debug", "info", "warning", "error"]

_PREFIX: Final = "CORDEE_"
_KEY_BYTES: Final = 32


class SettingsError(Exception):
    """The environment holds something that no setting understands.

    Attributes:
        problems: one sentence for each wrong or unknown variable, saying what to write.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process. A variable that is empty counts as not set.

    Attributes:
        data_dir: `CORDEE_DATA_DIR`, where the embedded PostgreSQL and the master key live.
        host: `CORDEE_HOST`, the address on which to listen.
        port: `CORDEE_PORT`, 0 for any that is free.
        database_url: `DATABASE_URL`, a PostgreSQL to use; None starts the embedded one.
        master_key: `CORDEE_MASTER_KEY`, the 32 bytes that wrap each person's key; None takes
            those of the file that `infra.master_key` keeps in the data folder.
        pool_size: `CORDEE_POOL_SIZE`, connections that one process opens for reading.
        log_level: `CORDEE_LOG_LEVEL`.
    """

    data_dir: Path
    host: str
    port: int
    # A password and a key: what is printed for debugging shows neither.
    database_url: str | None = field(repr=False)
    master_key: bytes | None = field(repr=False)
    pool_size: int
    log_level: LogLevel

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read all settings.

        Raises:
            SettingsError: naming every unknown `CORDEE_*` variable and every wrong value at once.
        """
        reading = _Reading(environ)
        settings = cls(
            data_dir=reading.take("CORDEE_DATA_DIR", _folder, _default_data_dir()),
            host=reading.take("CORDEE_HOST", _host, "127.0.0.1"),
            port=reading.take("CORDEE_PORT", _whole_number(0, 65535), 8000),
            database_url=reading.take("DATABASE_URL", _postgres_url, None),
            master_key=reading.take("CORDEE_MASTER_KEY", master_key_bytes, None),
            pool_size=reading.take("CORDEE_POOL_SIZE", _whole_number(1, 500), 8),
            log_level=reading.take("CORDEE_LOG_LEVEL", _log_level, "info"),
        )
        reading.finish()
        return settings


class _Reading:
    """One pass over the environment that gathers what is wrong instead of stopping at it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: list[str] = []
        self._problems: list[str] = []

    def take(self, name: str, read: Callable[[str], T], default: T) -> T:
        self._known.append(name)
        text = self._environ.get(name, "").strip()
        if not text:
            return default
        try:
            return read(text)
        except ValueError as wrong:
            self._problems.append(f"{name} {wrong}.")
            return default

    def finish(self) -> None:
        for name in sorted(self._environ):
            if name.startswith(_PREFIX) and name not in self._known:
                near = difflib.get_close_matches(name, self._known, n=1, cutoff=0.7)
                instead = f"did you mean {near[0]}?" if near else f"there are {self._names()}."
                self._problems.append(f"{name} is not a setting: {instead}")
        if self._problems:
            raise SettingsError(*self._problems)

    def _names(self) -> str:
        *most, last = self._known
        return f"{', '.join(most)} and {last}"


# A reader's error completes a sentence that begins with the variable's name. The value stands in
# it unless it may be a secret.


def _default_data_dir() -> Path:
    return Path(platformdirs.user_data_dir("cordee", appauthor=False))


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError(
            f"is {text!r}, but there is no such home folder: write a whole path"
        ) from None


def _host(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z_.:%-]+", text):
        raise ValueError(
            f"is {text!r}: write an address or a host name alone, such as 127.0.0.1, 0.0.0.0 or ::1"
        )
    return text


def _whole_number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        # Not int() alone, which also takes 8_000 and digits of other scripts.
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"is {text!r}: write a whole number from {low} to {high}")
        return int(text)

    return read


def _postgres_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        scheme, _ = parts.scheme, parts.port  # a port that is no number is noticed when asked for
    except ValueError:
        scheme = ""
    if scheme not in ("postgres", "postgresql"):
        raise ValueError(
            "is not the address of a PostgreSQL: write postgresql://user:password@host:5432/name"
        )
    return text


def master_key_bytes(text: str) -> bytes:
    """Read a master key as it is written in the environment and in its file.

    Raises:
        ValueError: it is not 32 bytes in base64.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError(
            f"is not a key: write {_KEY_BYTES} random bytes in base64,"
            f" such as `openssl rand -base64 {_KEY_BYTES}` prints"
        )
    return key


def _log_level(text: str) -> LogLevel:
    level = text.lower()
    if level not in get_args(LogLevel):
        raise ValueError(f"is {text!r}: write {', '.join(get_args(LogLevel))}")
    return cast("LogLevel", level)
