"""Plans: what a question wants to know of the read model, before it is written as SQL.

A plan is a tree of values. Rows come from a `Source`, and each has a selection: pairs of the
key under which a value is wanted and the value. Whatever differs between two askings of the
same question (ids, cursors, limits) is a `Slot`, bound when the statement runs; a plan holds
no value of a caller's.
"""

from dataclasses import dataclass
from typing import TypeAlias

from projections.column import Column
from projections.table import Table


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that is bound when the statement runs."""

    number: int
    """1 for the first; its place among the arguments."""
    sql: str
    """Its type in SQL."""


@dataclass(frozen=True, slots=True)
class Outer:
    """A column of the row around."""

    column: str


@dataclass(frozen=True, slots=True)
class Match:
    """A condition: a column has a value."""

    column: str
    value: Slot | Outer


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of a table that fulfil all conditions."""

    table: Table
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A text that is known beforehand, such as the name of a type; None is null."""

    text: str | None


@dataclass(frozen=True, slots=True)
class One:
    """A row as an object, or null where there is none."""

    source: Source
    selection: "Selection"


@dataclass(frozen=True, slots=True)
class Many:
    """All rows of a source as a list, in order."""

    source: Source
    order: tuple[Column, ...]
    selection: "Selection"


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows of several tables by their ids, in the order of the ids; null for an unknown one."""

    ids: Slot
    options: tuple[tuple[str, One], ...]
    """The prefix of an id, and the row; the id stands around it, in a column ``id``."""


@dataclass(frozen=True, slots=True)
class Page:
    """A window on the rows of a source: so many from one end, or next to a cursor."""

    limit: Slot
    backward: bool
    """Whether the window is at the end: its rows are the last ones, still in order."""
    after: tuple[Slot, ...] = ()
    """A value for each column of the order; only what lies behind them is wanted."""
    before: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Nodes:
    """The rows of a page as a list."""

    selection: "Selection"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The cursor of an edge."""


@dataclass(frozen=True, slots=True)
class Node:
    """The row of an edge."""

    selection: "Selection"


@dataclass(frozen=True, slots=True)
class Edges:
    """The rows of a page, each beside its cursor."""

    parts: tuple[tuple[str, "EdgePart"], ...]


@dataclass(frozen=True, slots=True)
class HasNext:
    """Whether rows follow the page."""


@dataclass(frozen=True, slots=True)
class HasPrevious:
    """Whether rows precede the page."""


@dataclass(frozen=True, slots=True)
class FirstCursor:
    """The cursor of the first row of the page, null where it is empty."""


@dataclass(frozen=True, slots=True)
class LastCursor:
    """The cursor of the last row of the page, null where it is empty."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where the page lies."""

    parts: tuple[tuple[str, "PagePart"], ...]


@dataclass(frozen=True, slots=True)
class Total:
    """The number of rows of the source, whatever the page."""


EdgePart: TypeAlias = Cursor | Node | Constant
PagePart: TypeAlias = HasNext | HasPrevious | FirstCursor | LastCursor | Constant
Part: TypeAlias = Nodes | Edges | PageInfo | Total | Constant


@dataclass(frozen=True, slots=True)
class Connection:
    """A page of the rows of a source, with what was asked about it."""

    source: Source
    order: tuple[Column, ...]
    page: Page | None
    """None where nothing is asked that depends on it, such as of a total alone."""
    parts: tuple[tuple[str, Part], ...]


Value: TypeAlias = Column | Constant | One | Many | Connection
Selection: TypeAlias = tuple[tuple[str, Value], ...]


Answer: TypeAlias = One | Connection | Choice
"""What can stand at the root of a question."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Answers that are given together, from one snapshot, by one statement."""

    answers: tuple[Answer, ...]
