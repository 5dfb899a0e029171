"""Facts: what the database says of the log and of what follows it, at one instant."""

import asyncio
from typing import Final, NamedTuple

import asyncpg

from projections.catalogue import PASTS, PROJECTIONS

FRESH: Final = 1.0
"""Seconds for which an answer is told again: whoever asks often costs the database little."""
WITHIN: Final = 2.0
"""Seconds in which the database answers, or counts as away."""

_HEAD: Final = """
select coalesce((select position from log.event order by position desc limit 1), 0) as head,
    pg_database_size(current_database()) as size
"""

# A checkpoint that moves over events of no interest is stored once a second: so much behind, and
# that many events, may be told of a generation that lacks nothing.
_GENERATIONS: Final = """
select g.projection, g.number, g.state, g.position,
    greatest($1 - g.position, 0) as behind,
    coalesce(extract(epoch from clock_timestamp() - e.recorded_at), 0)::float8 as late,
    g.error is not null as stopped,
    g.paused,
    g.owner is not null and g.lease_until > clock_timestamp() as led,
    exists (
        select from log.active a where a.projection = g.projection and a.number = g.number
    ) as active,
    (
        select count(*) from log.parked p where p.projection = g.projection and p.number = g.number
    ) as parked
from log.generation g
left join log.event e on e.position = g.position + 1 and e.position <= $1
where g.projection <> all($2)
order by g.projection, g.number
"""
_RELAYS: Final = """
select stream, position, greatest($1 - position, 0) as behind, problem is not null as stopped
from log.relay
order by stream
"""

_WEBHOOKS: Final = """
select count(*) filter (where verified and not paused) as active,
    count(*) filter (where not verified and not paused) as unverified,
    count(*) filter (where paused) as paused,
    count(*) filter (where failing_since is not null and not paused) as failing,
    greatest($1 - coalesce(min(position) filter (where verified and not paused), $1), 0) as behind,
    (select count(*) from webhook.delivery where state = 'QUEUED') as waiting
from webhook.endpoint
"""

_SEALED: Final = """
select s.position, greatest($1 - s.position, 0) as behind,
    coalesce(extract(epoch from clock_timestamp() - e.recorded_at), 0)::float8 as late
from (select coalesce(max(size), 0) as position from log.head) s
left join log.event e on e.position = s.position + 1 and e.position <= $1
"""

_OF_REFERENCE: Final = [each.name for each in (*PROJECTIONS, *PASTS) if not each.topics]
"""Projections that follow no event, so that nobody folds them."""


class GenerationFacts(NamedTuple):
    """How one generation of a projection stands."""

    projection: str
    number: int
    state: str
    position: int
    behind: int
    """Events of any kind after its position."""
    late: float
    """Seconds since the first of them was recorded, 0 where there is none."""
    stopped: bool
    """Whether an event cannot be folded."""
    paused: bool
    led: bool
    """Whether a process folds it."""
    active: bool
    """Whether a version of the program reads it."""
    parked: int
    """Streams that are set aside."""


class RelayFacts(NamedTuple):
    """How far public events have gone to one stream of a broker."""

    stream: str
    position: int
    behind: int
    """Events of any kind after that position."""
    stopped: bool
    """Whether something is in the way of the others."""


class WebhookFacts(NamedTuple):
    """How webhooks fare, all together."""

    active: int
    unverified: int
    paused: int
    failing: int
    """Those that are not paused, and whose last attempt failed."""
    behind: int
    """Events of any kind that were not looked through yet for the slowest of the active ones."""
    waiting: int
    """Deliveries that are queued."""


class SealFacts(NamedTuple):
    """How far the log is sealed."""

    position: int
    behind: int
    """Events after that position."""
    late: float
    """Seconds since the first of them was recorded, 0 where there is none."""


class Facts(NamedTuple):
    """What the database says."""

    head: int
    """The position of the last event."""
    size: int
    """Bytes of the database."""
    generations: list[GenerationFacts]
    relays: list[RelayFacts]
    seal: SealFacts
    webhooks: WebhookFacts


class Inquiry:
    """Asks a database, once for all who want to know at about the same time."""

    def __init__(self, dsn: str | None) -> None:
        """Without an address there is nobody to ask yet."""
        self._dsn = dsn
        self._asking = asyncio.Lock()
        self._asked_at = -FRESH
        self.facts: Facts | None = None
        """What it said last; None where it did not answer, or is not migrated yet."""

    async def refresh(self) -> None:
        """Ask, unless that was done just now."""
        loop = asyncio.get_running_loop()
        async with self._asking:
            if self._dsn is not None and loop.time() >= self._asked_at + FRESH:
                self.facts = await _ask(self._dsn)
                self._asked_at = loop.time()


async def _ask(dsn: str) -> Facts | None:
    try:
        connection = await asyncpg.connect(
            dsn,
            timeout=WITHIN,
            command_timeout=WITHIN,
            server_settings={"application_name": "cordee metrics", "jit": "off"},
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    try:
        log = await connection.fetchrow(_HEAD)
        assert log is not None, "an aggregate without groups is one row"
        rows = await connection.fetch(_GENERATIONS, log["head"], _OF_REFERENCE)
        relays = await connection.fetch(_RELAYS, log["head"])
        seal = await connection.fetchrow(_SEALED, log["head"])
        assert seal is not None, "there is a newest head, or none"
        webhooks = await connection.fetchrow(_WEBHOOKS, log["head"])
        assert webhooks is not None, "an aggregate without groups is one row"
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    finally:
        connection.terminate()
    return Facts(
        log["head"],
        log["size"],
        [GenerationFacts(*row) for row in rows],
        [RelayFacts(*row) for row in relays],
        SealFacts(*seal),
        WebhookFacts(*webhooks),
    )
