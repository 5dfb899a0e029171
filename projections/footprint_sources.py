"""Sources of footprints: the events that published what a group of footprints is put together of.

Statistics are made of whole releases, and so are their sources: a release owes itself to the event
with which it was published, whatever it is made of. No source is a footprint's, or a person's.
"""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from projections import sources
from projections.column import POSITION, Column
from projections.footprint_releases import FootprintReleaseRow
from projections.footprints import Asked, Key, names_of, statement
from projections.guard import Eyes
from projections.ordering import Ordering
from projections.statement import Statement
from projections.table import Table

Bound = tuple[Statement, Sequence[object]]
"""A statement and its arguments."""


@dataclass(frozen=True, slots=True)
class Released:
    """The releases of which a group of footprints tells."""

    asked: Asked
    group: Key

    table: ClassVar[Table] = FootprintReleaseRow.TABLE
    # An event publishes one release at most, so its position tells that from all others.
    order: ClassVar[Ordering] = Ordering((Column("position", POSITION, nullable=False),))
    named: ClassVar[bool] = False

    def page(self, position: int, eyes: Eyes, limit: int, after: Key | None) -> Bound:  # noqa: ARG002
        """Ask for some of them behind a place: the position of an event, twice.

        It is asked as of a position. The answer is the same for everybody.
        """
        binding = _Binding(self)
        origin = sources.origin_of(self.table, "t", binding.bind(position, "bigint"))
        behind = "" if after is None else f" where r.position > {binding.bind(after[0], 'bigint')}"
        limited = binding.bind(limit, "bigint")
        return binding.bound(
            f"select r.position, r.position from (select ({origin}) as position"
            f" from ({binding.releases}) t) r{behind} order by r.position limit {limited}"
        )

    def count(self, eyes: Eyes) -> Bound:  # noqa: ARG002
        """Ask how many they are."""
        binding = _Binding(self)
        return binding.bound(f"select count(*) from ({binding.releases}) t")


class _Binding:
    """The releases of a group, and what is bound to find them and beside that."""

    def __init__(self, released: Released) -> None:
        self._asked = released.asked
        where = released.asked.where
        self._further: list[object] = []
        self._before = 0 if where is None else len(where.values)
        group = zip(names_of(released.asked), released.group, strict=True)
        told = " and ".join(
            f"c.{name} is not distinct from {self.bind(value, 'text')}" for name, value in group
        )
        self.releases = f"select c.release_id as id from counted c where {told or 'true'}"

    def bind(self, value: object, sql: str) -> str:
        """Bind a value, and write its place."""
        self._further.append(value)
        return f"${self._before + len(self._further)}::{sql}"

    def bound(self, select: str) -> Bound:
        """Complete a statement, and give its arguments."""
        complete, given = statement(self._asked, select)
        return complete, [*given, *self._further]
