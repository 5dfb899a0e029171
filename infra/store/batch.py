"""A batch of commands on its way to the database: columns out, outcomes back."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

from asyncpg import Record

from infra.store.command import Append, Appended, CommandReused, Conflict, Duplicate, Outcome, Retry

Check: TypeAlias = tuple[UUID, int, bool]
"""A stream, the version that it must have, and whether the command writes to it."""


class Pending:
    """A command whose caller waits."""

    __slots__ = ("checks", "command", "deadline", "doubtful", "future", "origin")

    def __init__(
        self,
        command: Append,
        checks: Sequence[Check],
        future: asyncio.Future[Outcome],
        deadline: float,
        origin: object,
    ) -> None:
        self.command = command
        self.checks = checks
        self.future = future
        self.deadline = deadline
        self.origin = origin
        """What `infra.observing.watch.AppendWatch` noted of it."""
        self.doubtful = False
        """It was sent and the answer got lost: only asking again tells whether it is stored."""

    def answer(self, outcome: Outcome) -> None:
        """Tell the caller, unless it has gone."""
        if not self.future.done():
            self.future.set_result(outcome)

    def fail(self, error: Exception) -> None:
        """Tell the caller, unless it has gone."""
        if not self.future.done():
            self.future.set_exception(error)


def checks_of(command: Append) -> list[Check]:
    """List the versions that a command's streams must have for it to be appended.

    Raises:
        ValueError: the versions of one stream do not follow one another.
    """
    events = command.events
    if len(events) == 1:
        checks = [(events[0].stream_id, events[0].version - 1, True)]
    else:
        last: dict[UUID, int] = {}
        checks = []
        for event in events:
            before = last.get(event.stream_id)
            if before is None:
                checks.append((event.stream_id, event.version - 1, True))
            elif event.version != before + 1:
                raise ValueError(
                    f"version {event.version} of stream {event.stream_id} cannot follow {before}"
                )
            last[event.stream_id] = event.version
    if command.guards:
        checks.extend((stream_id, version, False) for stream_id, version in command.guards)
    return checks


def columns_of_one(pending: Pending) -> tuple[Any, ...]:
    """Give the arguments of ``log.append_one``."""
    command, events, checks = pending.command, pending.command.events, pending.checks
    return (
        command.command_id,
        command.request_hash,
        command.stream_id,
        command.version,
        command.meta,
        [event.stream_id for event in events],
        [event.version for event in events],
        [event.topic for event in events],
        [event.class_version for event in events],
        [event.state for event in events],
        [check[0] for check in checks],
        [check[1] for check in checks],
    )


def columns_of(batch: Sequence[Pending]) -> tuple[Any, ...]:
    """Give the arguments of ``log.append``, one array for each column."""
    commands = [pending.command for pending in batch]
    events = [(job, e) for job, command in enumerate(commands, 1) for e in command.events]
    checks = [(job, c) for job, pending in enumerate(batch, 1) for c in pending.checks]
    return (
        [command.command_id for command in commands],
        [command.request_hash for command in commands],
        [command.stream_id for command in commands],
        [command.version for command in commands],
        [command.meta for command in commands],
        [len(command.events) for command in commands],
        [job for job, _ in events],
        [event.stream_id for _, event in events],
        [event.version for _, event in events],
        [event.topic for _, event in events],
        [event.class_version for _, event in events],
        [event.state for _, event in events],
        [job for job, _ in checks],
        [check[0] for _, check in checks],
        [check[1] for _, check in checks],
        [check[2] for _, check in checks],
    )


def outcome_of_one(pending: Pending, row: Record) -> Outcome:
    """Read the answer of ``log.append_one``."""
    if row["outcome"] == "appended":
        return Appended(row["last_position"])
    return _refusal(pending, row)


def outcomes_of(batch: Sequence[Pending], rows: Sequence[Record]) -> list[Outcome]:
    """Read the answer of ``log.append``: the head, then a row for each command not appended."""
    head: int = rows[0]["last_position"]
    refused = {row["job"]: row for row in rows[1:]}
    outcomes: list[Outcome] = []
    for job, pending in enumerate(batch, 1):
        if job in refused:
            outcomes.append(_refusal(pending, refused[job]))
        else:
            head += len(pending.command.events)
            outcomes.append(Appended(head))
    return outcomes


def _refusal(pending: Pending, row: Record) -> Outcome:
    match row["outcome"]:
        case "duplicate":
            return _repetition(pending, row)
        case "reused":
            return CommandReused()
        case "conflict":
            return Conflict()
        case "retry":
            return Retry()
        case unknown:
            raise AssertionError(f"log.append answered {unknown!r}")


def _repetition(pending: Pending, row: Record) -> Outcome:
    """Tell a repeated command from one that repeats its own sending, whose answer got lost."""
    stored = Duplicate(row["last_position"], row["stream_id"], row["version"])
    command = pending.command
    if pending.doubtful and (command.stream_id, command.version) == (
        stored.stream_id,
        stored.version,
    ):
        return Appended(stored.position)
    return stored
