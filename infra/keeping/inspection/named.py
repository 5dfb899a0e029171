"""Named streams: whether what events name is there, and is what it is named as."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domain.aggregate import AggregateEvent
from domain.record import Recorded
from infra.keeping.inspection.finding import Findings, Rule
from infra.keeping.inspection.recent import Recent
from infra.keeping.inspection.references import ANY, references
from infra.keeping.kept import Connection

_NOUNS: Final = """
select s.stream_id, split_part(e.topic, '.', 1)
from unnest($1::uuid[]) s (stream_id)
join lateral (
    select topic from log.event where stream_id = s.stream_id order by version limit 1
) e on true
"""


class Named:
    """The streams that events name, as they go by."""

    def __init__(self, connection: Connection, findings: Findings) -> None:
        self._connection = connection
        self._findings = findings
        self._nouns = Recent[str]()

    async def check(self, recorded: Sequence[Recorded[AggregateEvent]]) -> None:
        """Look for the streams that some events name."""
        named: dict[tuple[UUID, str], int] = {}
        for each in recorded:
            for stream, noun in references(each.event):
                named.setdefault((stream, noun), each.position)
            if each.metadata.on_behalf_of is not None:
                named.setdefault((each.metadata.on_behalf_of, "organisation"), each.position)
        asked = {stream for stream, _ in named if stream not in self._nouns}
        rows = await self._connection.fetch(_NOUNS, list(asked)) if asked else []
        new: dict[UUID, str] = dict(tuple(row) for row in rows)
        for (stream, noun), position in named.items():
            found = new.get(stream) or self._nouns.get(stream)
            if found is None:
                problem = f"it names {noun or 'stream'} {stream}, of which the log has nothing"
                self._findings.add(Rule.REFERENCES, problem, position)
            elif noun not in (ANY, found):
                problem = f"it names {stream} as {noun}, which is {found}"
                self._findings.add(Rule.REFERENCES, problem, position)
        self._nouns.add(new)
