"""Parked streams: what a generation sets aside, so that one bad event does not stop all others."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from domain.person import Person
from infra.projector.connection import Connection
from infra.projector.generation import Generation
from infra.projector.refusals import (
    NeverSetAside,
    NoSuchGeneration,
    NoSuchStream,
    NotFailing,
    NotParked,
    NotTakenBack,
)
from infra.store import StoredEvent
from projections.past import Past

_PARKED: Final = """
select stream_id, position, released, error
from log.parked where projection = $1 and number = $2 order by stream_id
"""

_EVENTS: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
where stream_id = $1 and position between $2 and $3 and topic = any($4)
order by version
"""

_FORGET: Final = "delete from log.parked where projection = $1 and number = $2 and stream_id = $3"

_KEEP: Final = """
update log.parked set released = false, error = $4
where projection = $1 and number = $2 and stream_id = $3
"""

_FAILING: Final = """
select e.stream_id
from log.generation g join log.event e on e.position = g.failing_position
where g.projection = $1 and g.number = $2
"""

_ERROR: Final = "select error from log.generation where projection = $1 and number = $2 for update"

_FOLLOWED: Final = """
select topic from log.event where stream_id = $1 and topic = any($2) order by version desc limit 1
"""

# Whoever folds it loses the lease, and learns what is parked when it is taken again: what was not
# folded by then is set aside, and nothing else.
_LET_GO: Final = """
update log.generation
set fence = fence + 1, owner = null, lease_until = '-infinity',
    error = case state when 'FAILED' then error end,
    failing_position = case state when 'FAILED' then failing_position end
where projection = $1 and number = $2
returning position
"""

_PARK: Final = """
insert into log.parked as p (projection, number, stream_id, position, error)
values ($1, $2, $3, $4, $5)
on conflict (projection, number, stream_id) do update set released = false
returning p.stream_id, p.position, p.released, p.error
"""

_RELEASE: Final = """
update log.parked set released = true, error = null
where projection = $1 and number = $2 and stream_id = $3
returning true
"""


class Parked(NamedTuple):
    """A stream that is set aside."""

    stream_id: UUID
    position: int
    """Its events from here on are set aside."""
    released: bool
    """Whether whoever folds the generation is to take it back in."""
    error: str | None
    """Why it was parked, or why it could not be taken in again."""


async def parked(connection: Connection, generation: Generation) -> list[Parked]:
    """Give the streams that a generation sets aside."""
    rows = await connection.fetch(_PARKED, generation.name, generation.number)
    return [Parked(*row) for row in rows]


async def events_of(
    connection: Connection, generation: Generation, aside: Parked, upto: int
) -> Sequence[StoredEvent]:
    """Give the events that were set aside of a stream, those that its projection follows."""
    topics = list(generation.projection.topics)
    rows = await connection.fetch(_EVENTS, aside.stream_id, aside.position, upto, topics)
    return [StoredEvent(*row) for row in rows]


async def forget(connection: Connection, generation: Generation, aside: Parked) -> None:
    """Note that a stream is no longer set aside, in the transaction that took it in."""
    await connection.execute(_FORGET, generation.name, generation.number, aside.stream_id)


async def keep(connection: Connection, generation: Generation, aside: Parked, error: str) -> None:
    """Note that a stream stays aside, since it could not be taken in."""
    await connection.execute(_KEEP, generation.name, generation.number, aside.stream_id, error)


async def park(
    connection: Connection, generation: Generation, stream_id: UUID | None = None
) -> Parked:
    """Set a stream aside, with all that comes of it: without one, that which has stopped the fold.

    What was folded of it stays. One that is parked already stays parked from where it was.

    Raises:
        NotFailing: no event has stopped the generation.
        NoSuchStream: the projection follows nothing of the stream.
        NeverSetAside: it says that a person was forgotten.
        NoSuchGeneration: the generation was dropped meanwhile.
    """
    key = (generation.name, generation.number)
    async with connection.transaction():
        if stream_id is None:
            stream_id = await connection.fetchval(_FAILING, *key)
            if stream_id is None:
                raise NotFailing(generation)
        topics = list(generation.projection.topics)
        topic = await connection.fetchval(_FOLLOWED, stream_id, topics)
        if topic is None:
            raise NoSuchStream(generation, str(stream_id))
        if topic == Person.Forgotten.TOPIC:
            raise NeverSetAside
        error = await connection.fetchval(_ERROR, *key)
        position = await connection.fetchval(_LET_GO, *key)
        if position is None:
            raise NoSuchGeneration(*key, ())
        (row,) = await connection.fetch(_PARK, *key, stream_id, position + 1, error)
    return Parked(*row)


async def release(connection: Connection, generation: Generation, stream_id: UUID) -> None:
    """Let whoever folds a generation take a stream in again, from where it was set aside.

    Raises:
        NotParked: it is not set aside.
        NotTakenBack: it is the past that sets it aside, which is made anew instead.
    """
    if isinstance(generation.projection, Past):
        raise NotTakenBack(generation)
    key = (generation.name, generation.number)
    async with connection.transaction():
        # In the order in which whoever folds it locks them: the generation, then the stream.
        await connection.execute(_LET_GO, *key)
        if not await connection.fetchval(_RELEASE, *key, stream_id):
            streams = [each.stream_id for each in await parked(connection, generation)]
            raise NotParked(generation, streams)
