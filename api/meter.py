"""The meter: what the interface tells those who run it of what it does."""

from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol


class Watched(Protocol):
    """An operation while it is executed."""

    def failed(self) -> None:
        """Say that its answer has errors."""


class Meter(Protocol):
    """Counts and times what the interface does, for those who run it.

    What it is told is of few kinds, and nothing of it comes from callers.
    """

    def operation(self, kind: str) -> AbstractContextManager[Watched]:
        """Watch a `query` or a `mutation` for as long as it is executed."""

    def planned(self, *, kept: bool) -> None:
        """Count a plan that was among the kept ones, or had to be made."""

    def executed(self, *, compiled: bool) -> None:
        """Count an operation that needs no resolver, or one that does."""

    def cached(self, *, hit: bool) -> None:
        """Count an answer that was kept and still holds, or had to be asked for."""

    def follower(self, transport: str) -> AbstractContextManager[None]:
        """Count a subscriber over `websocket` or `sse` for as long as there is one."""


class _Unwatched:
    """Counts nothing, and costs as much."""

    def __enter__(self) -> "_Unwatched":
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def failed(self) -> None:
        """Tell nobody."""


class NoMeter:
    """Counts nothing: for a program that nobody watches."""

    def __init__(self) -> None:
        self._unwatched = _Unwatched()

    def operation(self, kind: str) -> _Unwatched:  # noqa: ARG002
        """Watch nothing."""
        return self._unwatched

    def planned(self, *, kept: bool) -> None:
        """Count nothing."""

    def executed(self, *, compiled: bool) -> None:
        """Count nothing."""

    def cached(self, *, hit: bool) -> None:
        """Count nothing."""

    def follower(self, transport: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Count nobody."""
        return nullcontext()


NO_METER: Final[Meter] = NoMeter()
"""What the interface is given where nobody counts."""
