"""Leads: where what resolvers tell leads to rows, these are read by a statement, too.

A hit of a search, or a group of a statistic that resolvers answer, names a row. It gives a `Lead`;
the executor follows all those of one field together, and what is asked of the rows behind them
goes out as PostgreSQL wrote it. A schema that is not compiled loads the row, and resolves it.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from strawberry.dataloader import DataLoader

from api.answers import bound, planned, read
from api.context import Operation
from api.entity import ENTITIES, NODES
from api.node import noun_of
from api.planner import Compiled, Planner
from api.plans import Plans
from api.question import Fields, Question
from projections.column import TEXTS
from projections.guard import Eyes
from projections.lookup import Lookup
from projections.slot import Slot
from projections.table import Row


@dataclass(frozen=True, slots=True)
class Lead:
    """A row, by the value of a column that is unique."""

    table: str
    column: str
    value: str

    async def row(self, operation: Operation) -> Row | None:
        """Load the row."""
        lookup = Lookup(ENTITIES[self.table].row, (self.column,))
        return await operation.loaders.one(lookup, (self.value,))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A row as another operation reads it than the one that was led to it."""

    lead: Lead
    operation: Operation


def node(id: str) -> Lead | None:
    """Lead to anything by its id, None where nothing can bear it."""
    noun = noun_of(id)
    return Lead(NODES[noun].row.TABLE.name, "id", id) if noun in NODES else None


class Leads:
    """The leads of one operation, followed field by field."""

    def __init__(self, question: Question, operation: Operation) -> None:
        self._question = question
        self._operation = operation
        self._loaders: dict[Hashable, DataLoader[Lead, Any]] = {}

    async def follow(self, lead: Lead, details: Fields) -> Any:
        """Give the JSON of what is asked of a row, None where it may not be seen.

        Raises:
            GraphQLError: it asks for too much, or the read model has no answer.
            api.selections.NotFromRows: something of it is in no row.
        """
        key = tuple(id(each.node) for each in details)
        loader = self._loaders.get(key)
        if loader is None:

            async def load(leads: list[Lead]) -> Sequence[Any]:
                return await self._read(leads, details)

            loader = self._loaders[key] = DataLoader(load)
        return await loader.load(lead)

    async def _read(self, leads: list[Lead], details: Fields) -> Sequence[Any]:
        part = _Part(tuple(sorted({(lead.table, lead.column) for lead in leads})), details)
        compiled = planned(PARTS, self._question, self._operation, part)
        asked = bound(compiled, self._question, self._operation)
        values = [[lead.value for lead in leads], *asked]
        (text,) = await read(compiled, values, self._operation)
        found = orjson.loads(text or b"[]")
        return [None if each is None else orjson.Fragment(orjson.dumps(each)) for each in found]


class _Part:
    """What is asked of rows of some tables, by which column, at one place of a question."""

    def __init__(self, tables: tuple[tuple[str, str], ...], details: Fields) -> None:
        self.tables = tables
        self.details = details
        self._key = (tables, tuple(id(each.node) for each in details))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and self._key == other._key


def _part(question: Question, eyes: Eyes, part: _Part) -> Compiled:
    planner = Planner(question, eyes, reserved=1)
    planner.choice(Slot(1, TEXTS.sql), part.tables, part.details)
    return planner.compiled()


PARTS: Final = Plans(_part)
"""What this process reads behind leads."""
