"""Streams, one after the other: read, brought up, folded, and followed to what they name.

The whole log goes by once, in the order of its streams, in bounded memory. What needs a look at
other streams is gathered for each slice and asked for in one go.
"""

from collections.abc import Sequence
from typing import Final

from domain.aggregate import AggregateEvent
from domain.record import Recorded
from infra.keeping.inspection.boxes import Boxes
from infra.keeping.inspection.finding import Findings, Rule
from infra.keeping.inspection.folding import Fold
from infra.keeping.inspection.holding import Holding
from infra.keeping.inspection.named import Named
from infra.keeping.kept import Connection
from infra.keys.keyring import WrongMasterKey
from infra.mapper import EventMapper, UnreadableEvent
from infra.progress import Told
from infra.store import StoredEvent

_SLICE: Final = 5_000
"""Events that are looked at in one go."""

_ALL: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
order by stream_id, version
"""


class Streams:
    """One look at all streams, in a snapshot of the log."""

    def __init__(self, connection: Connection, mapper: EventMapper, findings: Findings) -> None:
        self._connection = connection
        self._mapper = mapper
        self._findings = findings
        self._fold = Fold(findings)
        self._boxes = Boxes(connection, findings)
        self._named = Named(connection, findings)
        self._holding = Holding(connection, mapper, findings, self._fold.key_of)

    async def check(self, total: int, tell: Told) -> None:
        """Look at every event, and say how many of ``total`` are done."""
        done = 0
        cursor = await self._connection.cursor(_ALL)
        while rows := await cursor.fetch(_SLICE):
            stored = [StoredEvent(*row) for row in rows]
            self._check_versions(stored)
            recorded = await self._decoded(stored)
            await self._boxes.check(stored, recorded)
            await self._named.check(recorded)
            await self._holding.check(self._fold.take(recorded))
            done += len(rows)
            tell(done, max(done, total))
        await self._holding.check(self._fold.end())
        await self._holding.end()

    def _check_versions(self, stored: Sequence[StoredEvent]) -> None:
        for event in stored:
            expected = self._fold.expected(event)
            if event.version != expected:
                problem = f"stream {event.stream_id} goes on at version {event.version} in place of"
                self._findings.add(Rule.VERSIONS, f"{problem} {expected}", event.position)

    async def _decoded(self, stored: Sequence[StoredEvent]) -> list[Recorded[AggregateEvent]]:
        try:
            return await self._mapper.decode(stored)
        except (UnreadableEvent, WrongMasterKey):
            recorded = []
            for event in stored:
                try:
                    recorded += await self._mapper.decode([event])
                except UnreadableEvent as unreadable:
                    self._findings.add(Rule.EVENTS, str(unreadable), event.position)
                    self._fold.spoil(event.stream_id)
                except WrongMasterKey as wrong:
                    self._findings.add(Rule.KEYS, str(wrong), event.position)
                    self._fold.spoil(event.stream_id)
            return recorded
