"""Watches: what the parts of the program tell of themselves, and whom, when nobody listens.

Each part takes the watch that it needs and does not know what becomes of it. What is told has few
kinds and comes from the program alone: no id, no path, no text of a caller.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

from domain.record import Recorded

if TYPE_CHECKING:
    from api.webhooks.port import WebhookError
    from infra.store.batch import Pending
    from infra.store.command import Outcome


class Deciding(Protocol):
    """A command while it is decided and stored."""

    correlation: UUID | None
    """The trace to which its facts belong, where that is recorded."""

    def again(self) -> None:
        """Say that it is decided anew, because others were faster."""

    def done(self, *, duplicate: bool) -> None:
        """Say that it is in the log, or was before."""


class CommandWatch(Protocol):
    """Is told of commands."""

    def command(self, name: str) -> AbstractContextManager[Deciding]:
        """Watch a command, by the name of its class, until there is an outcome or a refusal."""


class AppendWatch(Protocol):
    """Is told of the batches of an appender."""

    def origin(self) -> object:
        """Note whence and when a command comes, to be found in its batch as `Pending.origin`."""

    def sent(self, batch: "Sequence[Pending]", outcomes: "Sequence[Outcome]", began: float) -> None:
        """Take in a batch that was answered, sent at ``began`` of `time.perf_counter`."""

    def failed(self, batch: "Sequence[Pending]", began: float) -> None:
        """Take in a batch to which there is no answer; its commands may be sent again."""


class FoldWatch(Protocol):
    """Is told of projections, each with the number of its generation."""

    def folded(
        self, projection: str, number: int, batch: Sequence[Recorded[Any]], began: float
    ) -> None:
        """Take in a batch that is written, begun at ``began`` of `time.perf_counter`."""

    def interrupted(self, projection: str, number: int) -> None:
        """Take in that the work broke off and is tried again."""

    def stopped(self, projection: str, number: int) -> None:
        """Take in that an event has stopped it."""


class WebhookWatch(Protocol):
    """Is told of deliveries to partners."""

    def attempted(self, error: "WebhookError | None", took: float) -> None:
        """Take in an attempt: why it failed, None where it succeeded, and its seconds."""


class Silence:
    """Takes everything in and tells nobody; costs as much."""

    correlation: UUID | None = None

    def __enter__(self) -> "Silence":
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def command(self, name: str) -> "Silence":  # noqa: ARG002
        """Watch nothing."""
        return self

    def again(self) -> None:
        """Tell nobody."""

    def done(self, *, duplicate: bool) -> None:
        """Tell nobody."""

    def origin(self) -> None:
        """Note nothing."""

    def sent(self, batch: object, outcomes: object, began: float) -> None:
        """Tell nobody."""

    def failed(self, batch: object, began: float) -> None:
        """Tell nobody."""

    def folded(self, projection: str, number: int, batch: object, began: float) -> None:
        """Tell nobody."""

    def interrupted(self, projection: str, number: int) -> None:
        """Tell nobody."""

    def stopped(self, projection: str, number: int) -> None:
        """Tell nobody."""

    def attempted(self, error: object, took: float) -> None:
        """Tell nobody."""


SILENCE: Final = Silence()
"""What a part is given that nobody watches."""
