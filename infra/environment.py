"""The environment: how a process reads what it was told in variables, and says what is wrong."""

import difflib
import re
import shlex
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import SplitResult, urlsplit

T = TypeVar("T")
D = TypeVar("D")

_PREFIX: Final = "CORDEE_"


class Reading:
    """One pass over the environment that gathers what is wrong instead of stopping at it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: list[str] = []
        self._problems: list[str] = []

    def take(self, name: str, read: Callable[[str], T], default: D) -> T | D:
        """Read a variable, or give the default of one that is not set."""
        self._known.append(name)
        text = self._environ.get(name, "").strip()
        if not text:
            return default
        try:
            return read(text)
        except ValueError as wrong:
            self._problems.append(f"{name} {wrong}.")
            return default

    def problems(self) -> tuple[str, ...]:
        """Say what is wrong, once all variables that there are were taken."""
        unknown = []
        for name in sorted(self._environ):
            if name.startswith(_PREFIX) and name not in self._known:
                near = difflib.get_close_matches(name, self._known, n=1, cutoff=0.7)
                instead = f"did you mean {near[0]}?" if near else f"there are {self._names()}."
                unknown.append(f"{name} is not a setting: {instead}")
        return *self._problems, *unknown

    def _names(self) -> str:
        *most, last = self._known
        return f"{', '.join(most)} and {last}"


# A reader's error completes a sentence that begins with the variable's name. The value stands in
# it unless it may be a secret.


def path(text: str) -> Path:
    """Read the path of a file or folder."""
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError(
            f"is {text!r}, but there is no such home folder: write a whole path"
        ) from None


def host(text: str) -> str:
    """Read where to listen."""
    if not re.fullmatch(r"[0-9A-Za-z_.:%-]+", text):
        raise ValueError(
            f"is {text!r}: write an address or a host name alone, such as 127.0.0.1, 0.0.0.0 or ::1"
        )
    return text


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Read a whole number in bounds, both included."""

    def read(text: str) -> int:
        # Not int() alone, which also takes 8_000 and digits of other scripts.
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"is {text!r}: write a whole number from {low} to {high}")
        return int(text)

    return read


def list_of(read: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Read several of something, with commas between them."""

    def read_all(text: str) -> tuple[T, ...]:
        return tuple(read(part.strip()) for part in text.split(",") if part.strip())

    return read_all


def origin(text: str) -> str:
    """Read where pages come from (RFC 6454)."""
    parts = url_parts(text)
    if parts is None or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(
            f"holds {text!r}: write where pages come from, such as https://app.example, without"
            " a path; several with commas"
        )
    return f"{parts.scheme}://{parts.netloc}".lower()


def url_parts(text: str) -> SplitResult | None:
    """Split an address of the web; None for what is none."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # one that is no number is noticed when asked for
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def switch(text: str) -> bool:
    """Read whether something is on."""
    if text.lower() not in {"on", "off"}:
        raise ValueError(f"is {text!r}: write on or off")
    return text.lower() == "on"


def network(text: str) -> str:
    """Read an address or a network."""
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError(
            f"holds {text!r}: write addresses or networks, such as 10.0.0.5 or 10.0.0.0/24;"
            " several with commas"
        ) from None


def network_or_host(text: str) -> str:
    """Read an address, a network, or the name of a host."""
    try:
        return str(ip_network(text))
    except ValueError:
        if re.fullmatch(r"[0-9A-Za-z-]{1,63}(\.[0-9A-Za-z-]{1,63})*", text):
            return text.lower()
    raise ValueError(
        f"holds {text!r}: write networks or names of hosts, such as 10.0.0.0/24 or hooks.internal;"
        " several with commas"
    )


def postgres_url(text: str) -> str:
    """Read the address of a PostgreSQL."""
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


def nats_url(text: str) -> str:
    """Read the address of a NATS server."""
    try:
        parts = urlsplit(text)
        scheme, _ = parts.scheme, parts.port  # a port that is no number is noticed when asked for
    except ValueError:
        scheme = ""
    if scheme not in {"nats", "tls"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError(
            "holds what is not the address of a NATS server: write nats://user:password@host:4222,"
            " or tls:// in its place; several with commas"
        )
    return text.rstrip("/")


def stream_name(text: str) -> str:
    """Read a name of a stream, which is the first word of its subjects, too."""
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,32}", text):
        raise ValueError(f"is {text!r}: write up to 32 letters, digits, - and _, such as cordee")
    return text


def web_address(text: str) -> str:
    """Read under which address something is known; it ends with a slash."""
    parts = url_parts(text)
    if parts is None or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"is {text!r}: write an address of the web, such as https://app.example")
    return f"{text.rstrip('/')}/"


def program(text: str) -> str:
    """Read a command line."""
    try:
        shlex.split(text)
    except ValueError:
        raise ValueError("is no command line: a quotation mark in it is not closed") from None
    return text
