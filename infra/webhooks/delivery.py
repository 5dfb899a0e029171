"""Deliveries: what is told to an endpoint, and in which order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.webhooks.port import WebhookDeliveryState
from infra.webhooks.queue import ToDo, put

_COLUMNS: Final = "id, event, type, stream, position, state, tries"

_OPEN: Final = f"select {_COLUMNS} from webhook.delivery where id = any($1)"  # noqa: S608

_TURNS: Final = f"""
select d.* from unnest($2::uuid[]) s (stream)
cross join lateral (
    select {_COLUMNS} from webhook.delivery d
    where d.endpoint = $1 and d.stream = s.stream and d.state = 'QUEUED'
    order by d.id limit $3
) d
"""  # noqa: S608  (names of ours)

_CHALLENGE: Final = """
insert into webhook.delivery (endpoint, event, type)
values ($1, gen_random_uuid(), $2) returning id
"""

_WAITING: Final = """
select distinct s.endpoint, s.stream from unnest($1::uuid[], $2::uuid[]) s (endpoint, stream)
where exists (
    select from webhook.delivery d
    where d.endpoint = s.endpoint and d.stream = s.stream and d.state = 'QUEUED'
)
"""

_STREAMS: Final = """
select distinct stream from webhook.delivery
where endpoint = $1 and state = 'QUEUED' and stream is not null
"""

TURN: Final = 20
"""Deliveries of one stream that are attempted in one turn."""

CHALLENGE: Final = "fr.cordee.webhook.challenge.v1"
"""The type of the event that a receiver must answer with what it holds."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that is about to be attempted."""

    id: int
    event: UUID
    type: str
    stream: UUID | None
    """To what it happened; None is the challenge."""
    position: int | None
    state: WebhookDeliveryState
    tries: int
    """Attempts since it was queued, or since its endpoint was resumed."""

    @property
    def queued(self) -> bool:
        """Whether it has yet to succeed."""
        return self.state is WebhookDeliveryState.QUEUED


async def opened(connection: Any, ids: Collection[int]) -> dict[int, Delivery]:
    """Give deliveries by their ids; some may be gone."""
    rows = await connection.fetch(_OPEN, list(ids)) if ids else ()
    return {row["id"]: _delivery(row) for row in rows}


async def turns(
    connection: Any, endpoint: UUID, streams: Collection[UUID]
) -> dict[UUID, list[Delivery]]:
    """Give what waits of some streams of an endpoint, in order, as much as goes in one turn."""
    found: dict[UUID, list[Delivery]] = {stream: [] for stream in streams}
    rows = await connection.fetch(_TURNS, endpoint, list(streams), TURN) if streams else ()
    for row in rows:
        found[row["stream"]].append(_delivery(row))
    return found


async def challenge(connection: Any, endpoint: UUID) -> None:
    """Queue the challenge of an endpoint, in a transaction."""
    id = await connection.fetchval(_CHALLENGE, endpoint, CHALLENGE)
    await put(connection, [ToDo(endpoint, delivery=id)])


async def queue_next(connection: Any, streams: Sequence[tuple[UUID, UUID]]) -> None:
    """Queue turns of streams of endpoints of which something waits.

    It takes a transaction that holds these endpoints. A turn that is queued already, or under way,
    stays where it is.
    """
    if streams:
        rows = await connection.fetch(_WAITING, *map(list, zip(*streams, strict=True)))
        await put(connection, [ToDo(endpoint, stream) for endpoint, stream in rows])


async def queue_all(connection: Any, endpoint: UUID) -> None:
    """Queue turns of all streams of which something waits, in a transaction that holds them."""
    rows = await connection.fetch(_STREAMS, endpoint)
    await put(connection, [ToDo(endpoint, stream) for (stream,) in rows])


def _delivery(row: Any) -> Delivery:
    id, event, type, stream, position, state, tries = row
    return Delivery(id, event, type, stream, position, WebhookDeliveryState[state], tries)
