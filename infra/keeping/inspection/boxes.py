"""Personal texts, and whether the keys of their people are as they must be."""

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domain.aggregate import AggregateEvent
from domain.person import Person
from domain.record import Recorded
from infra.keeping.inspection.finding import Findings, Rule
from infra.keeping.inspection.recent import Recent
from infra.keeping.kept import Connection
from infra.store import StoredEvent

_KEYS: Final = "select subject, wrapped_key is null from keys.person_key where subject = any($1)"

_BOX: Final = re.compile(rb'\{"subject":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})","box":"')
"""A personal text as `infra.mapper.Envelope` stores it, where there was one."""


class Boxes:
    """The personal texts of a log, as they go by."""

    def __init__(self, connection: Connection, findings: Findings) -> None:
        self._connection = connection
        self._findings = findings
        self._keyed = Recent[bool]()

    async def check(
        self, stored: Sequence[StoredEvent], recorded: Sequence[Recorded[AggregateEvent]]
    ) -> None:
        """Find personal texts without a key, and keys of people who were forgotten."""
        boxed = {
            UUID(subject.decode()): event.position
            for event in stored
            for subject in _BOX.findall(event.state)
        }
        forgotten = {
            each.event.subject: each.position
            for each in recorded
            if isinstance(each.event, Person.Forgotten)
        }
        asked = [subject for subject in boxed if subject not in self._keyed]
        rows = await self._connection.fetch(_KEYS, [*asked, *forgotten])
        found: dict[UUID, bool] = dict(tuple(row) for row in rows)
        for subject in asked:
            if subject not in found:
                problem = f"the key of {subject} is missing, who was never forgotten"
                self._findings.add(Rule.KEYS, problem, boxed[subject])
        for subject, position in forgotten.items():
            if found.get(subject) is False:
                problem = f"{subject} was forgotten, and there is a key yet"
                self._findings.add(Rule.KEYS, problem, position)
        self._keyed.add(dict.fromkeys(asked, True))
