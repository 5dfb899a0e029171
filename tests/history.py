"""Histories: what happened, put into a log for whoever tests what follows from it."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import msgspec

from domain.aggregate import Aggregate, AggregateEvent
from domain.record import Metadata, Recorded
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.store import Append, Appended, EventStore, NewEvent

MASTER_KEY = bytes(range(32))
METADATA = Metadata(actor="tests", command="Given")
AT = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Log:
    """An open log with all that it takes to write and read it."""

    dsn: str
    store: EventStore
    mapper: EventMapper
    keys: PersonKeys


@asynccontextmanager
async def opened(dsn: str, **options: Any) -> AsyncIterator[Log]:
    """Open the log of a database, and close it afterwards."""
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        keys = PersonKeys(pool, Keyring(MASTER_KEY))
        store = await EventStore.open(dsn, pool_size=4, **options)
        try:
            yield Log(dsn, store, EventMapper(keys), keys)
        finally:
            await store.close()


async def given(store: EventStore, mapper: EventMapper, *events: AggregateEvent) -> int:
    """Append events in this order, in one command, and give the position of the last."""
    encoded = await mapper.encode(events)
    last = events[-1]
    outcome = await store.append(
        Append(
            command_id=uuid4(),
            request_hash=b"",
            stream_id=last.originator_id,
            version=last.originator_version,
            meta=msgspec.json.encode(METADATA),
            events=[
                NewEvent(event.originator_id, event.originator_version, *stored)
                for event, stored in zip(events, encoded, strict=True)
            ],
        )
    )
    assert isinstance(outcome, Appended), outcome
    return outcome.position


def news(*aggregates: Aggregate) -> list[AggregateEvent]:
    """Collect what aggregates have decided since it was last collected."""
    collected = [event for aggregate in aggregates for event in aggregate.collect_events()]
    return cast(list[AggregateEvent], collected)


def recorded(events: Sequence[AggregateEvent], after: int = 0) -> Iterator[Recorded[Any]]:
    """Give events as they would stand in the log, for a fold without a database."""
    for position, event in enumerate(events, after + 1):
        yield Recorded(event, position, AT, UUID(int=position), METADATA)
