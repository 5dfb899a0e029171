"""Commands as these tests put them to the event store."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import asyncpg

from infra.store import Append, EventStore, NewEvent, Outcome


def append(
    *events: NewEvent,
    command_id: UUID | None = None,
    request: bytes = b"request",
    meta: bytes = b"{}",
    guards: Sequence[tuple[UUID, int]] = (),
) -> Append:
    """Make a command that speaks of the aggregate of its last event."""
    last = events[-1] if events else NewEvent(uuid4(), 0, "", 1, b"")
    return Append(
        command_id=command_id or uuid4(),
        request_hash=request,
        stream_id=last.stream_id,
        version=last.version,
        meta=meta,
        events=events,
        guards=guards,
    )


def event(
    stream_id: UUID | None = None,
    version: int = 1,
    *,
    topic: str = "thing.happened",
    state: bytes = b"{}",
) -> NewEvent:
    """Make an event; in a stream of its own unless one is named."""
    return NewEvent(stream_id or uuid4(), version, topic, 1, state)


def events(stream_id: UUID, versions: range, *, topic: str = "thing.happened") -> list[NewEvent]:
    """Make one event for each version of a stream."""
    return [event(stream_id, version, topic=topic) for version in versions]


async def at_once(store: EventStore, commands: Sequence[Append]) -> list[Outcome]:
    """Append commands that arrive at the same time, which makes them one batch."""
    return await asyncio.gather(*(store.append(command) for command in commands))


async def tamper(dsn: str, statement: str, *arguments: object) -> None:
    """Change the log as only the owner of its table can, who takes the trigger away first."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("alter table log.event disable trigger append_only")
            await connection.execute(statement, *arguments)
            await connection.execute("alter table log.event enable always trigger append_only")
    finally:
        await connection.close()
