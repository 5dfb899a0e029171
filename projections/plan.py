"""Plans: what a question wants to know of the read model, before it is written as SQL.

A plan is a tree of values. Rows come from a `Source`, and each has a selection: pairs of the
key under which a value is wanted and the value. Whatever differs between two askings of the
same question (ids, cursors, limits) is a `Slot`, bound when the statement runs; a plan holds
no value of a caller's.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from projections.column import Column
from projections.condition import Condition
from projections.facet import Facet
from projections.guard import Viewer
from projections.ordering import Ordering
from projections.slot import Slot
from projections.table import Table


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
    """The rows of a table that fulfil all conditions, as far as the viewer may see them."""

    table: Table
    matches: tuple[Match, ...] = ()
    where: Condition | None = None
    around: Table | None = None
    """The table of the row around, where the matches lead from there along a relation."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A column of a table that not everybody may see who sees the row: null for the others."""

    table: Table
    column: Column


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
    order: Ordering
    selection: "Selection"


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows of several tables by their ids, in the order of the ids; null for an unknown one."""

    ids: Slot
    options: tuple[tuple[str | None, One], ...]
    """The prefix of an id, and the row; the id stands around it, in a column ``id``.

    Where all are rows of one table there is one option, which may have no prefix.
    """


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
    order: Ordering
    page: Page | None
    """None where nothing is asked that depends on it, such as of a total alone."""
    parts: tuple[tuple[str, Part], ...]


Value: TypeAlias = Column | Guarded | Constant | One | Many | Connection
Selection: TypeAlias = tuple[tuple[str, Value], ...]


class Function(Enum):
    """What is made of the values of a measure; a value that is missing takes no part."""

    ANSWERED = "count({value})"
    SUM = "sum({value})::numeric"
    MIN = "min({value})::numeric"
    MAX = "max({value})::numeric"
    AVERAGE = "round(avg({value}), 2)"


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What is made of the values of a column."""

    column: Column
    function: Function

    @property
    def name(self) -> str:
        """The column that has it in a group."""
        return f"{self.column.name}_{self.function.name.lower()}"


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure beside its denominator: how many rows were asked, and how many answered."""

    parts: tuple[tuple[str, "Figure"], ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """A facet by which rows are grouped, and the column that has its value in a group."""

    column: Column
    facet: Facet


Figure: TypeAlias = Count | Aggregate | Constant
Tally: TypeAlias = Figure | Measured
Tallies: TypeAlias = tuple[tuple[str, Column | One | Tally], ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """All rows as one group: each counts once."""

    tallies: Tallies


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups, in the order of the values by which they are grouped."""

    tallies: Tallies


@dataclass(frozen=True, slots=True)
class GroupCount:
    """How many groups there are."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the rows of a source come to, as a whole and by groups."""

    source: Source
    by: tuple[Grouping, ...]
    limit: int
    """How many groups are given at most."""
    parts: tuple[tuple[str, Whole | Groups | GroupCount | Constant], ...]


Answer: TypeAlias = One | Connection | Choice | Statistics
"""What can stand at the root of a question."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Answers that are given together, from one snapshot, by one statement."""

    answers: tuple[Answer, ...]
    viewer: Viewer
    slots: tuple[Slot, ...] = ()
    """The slots that are bound. A document can ask for so little that some stand nowhere."""
