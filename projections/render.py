"""Plans as SQL: one statement that gives one JSON text for each value of the plan.

The form is `row_to_json` over correlated scalar subqueries: for pages of some hundred rows it
beats joins and `json_build_object`, and it keeps the order of keys. Limits and cursors stand
in an inner subquery, or whatever is nested would be computed for rows that are then thrown
away. Each value of a plan is a column of its own: an object around them would make PostgreSQL
read the JSON again that it has just written.
"""

# Tables, columns and keys are names of ours or of the schema's; every value is bound.
# ruff: noqa: S608

from collections import Counter
from collections.abc import Sequence
from itertools import count

from projections import cursor, grouping, guard, source
from projections.column import Column
from projections.guard import Viewer
from projections.plan import (
    Aggregate,
    Answer,
    Choice,
    Connection,
    Constant,
    Count,
    Cursor,
    EdgePart,
    Edges,
    FirstCursor,
    Function,
    GroupCount,
    Groups,
    Guarded,
    HasNext,
    HasPrevious,
    LastCursor,
    Many,
    Measured,
    Node,
    Nodes,
    One,
    PageInfo,
    PagePart,
    Part,
    Plan,
    Selection,
    Statistics,
    Tallies,
    Tally,
    Total,
    Value,
    Whole,
)
from projections.statement import Statement
from projections.window import Window

LONGEST_NAME = 63
"""Bytes of a name in PostgreSQL; the rest is cut off without a word."""
MOST_COLUMNS = 1_600
"""Columns that a row can have."""

Pairs = Sequence[tuple[str, str]]
"""Keys of an object and the expressions of their values."""


def render(plan: Plan) -> Statement:
    """Write a plan as SQL."""
    return _Rendering(plan.viewer).statement(plan)


class _Rendering:
    """One plan on its way to SQL; it gives out the aliases."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._asked: dict[tuple[str, str], str] = {}
        """What was asked of a row once, for several of its columns, and where the answer stands."""
        self._numbers = count(1)

    def statement(self, plan: Plan) -> Statement:
        columns = ", ".join(f"({self._answer(answer)})" for answer in plan.answers)
        # PostgreSQL takes no value whose type it cannot see.
        idle = [f"{slot} is null" for slot in plan.slots if str(slot) not in columns]
        told = f" where {' or '.join(idle)} or true" if idle else ""
        return guard.complete(f"select {columns}{told}", self._viewer)

    def _alias(self) -> str:
        return f"t{next(self._numbers)}"

    def _answer(self, answer: Answer) -> str:
        match answer:
            case One():
                return self._one(answer, "")
            case Connection():
                return self._connection(answer, "")
            case Choice():
                return self._choice(answer)
            case Statistics():
                return self._statistics(answer)

    def _value(self, value: Value, outer: str) -> str:
        match value:
            case Column():
                name = f"{outer}.{value.name}"
                return f"{name}::text" if value.kind.quoted else name
            case Guarded(table, column):
                allowed = guard.shown(table, column.name, outer, self._viewer)
                name = self._value(column, outer)
                asked = allowed and self._asked.get((outer, allowed), allowed)
                return f"case when {asked} then {name} end" if asked else name
            case Constant():
                return _literal(value)
            case One():
                return f"({self._one(value, outer)})"
            case Many():
                return f"({self._many(value, outer)})"
            case Connection():
                return f"({self._connection(value, outer)})"

    def _pairs(self, selection: Selection, row: str) -> Pairs:
        return [(key, self._value(value, row)) for key, value in selection]

    def _ask_once(self, selection: Selection, row: str) -> str:
        """Join the answers to what would be asked of a row for several columns."""
        asked = Counter(
            guard.shown(value.table, value.column.name, row, self._viewer)
            for _, value in selection
            if isinstance(value, Guarded)
        )
        joins = ""
        for allowed, columns in asked.items():
            if allowed is not None and columns > 1:
                once = self._alias()
                self._asked[row, allowed] = f"{once}.may"
                # Without an offset PostgreSQL would write it out again for each column.
                joins += f" cross join lateral (select {allowed} as may offset 0) {once}"
        return joins

    def _one(self, one: One, outer: str) -> str:
        row = self._alias()
        joins = self._ask_once(one.selection, row)
        tail = f" from {source.rows(one.source, row, outer, self._viewer, joins=joins)}"
        return self._object(self._pairs(one.selection, row), tail)

    def _many(self, many: Many, outer: str) -> str:
        row = self._alias()
        joins = self._ask_once(many.selection, row)
        rows = source.rows(many.source, row, outer, self._viewer, joins=joins)
        tail = f" from {rows} order by {many.order.sql(row)}"
        return self._list(self._pairs(many.selection, row), tail)

    def _choice(self, choice: Choice) -> str:
        ids = self._alias()
        branches = "".join(
            f" when '{prefix}' then ({self._one(option, ids)})" for prefix, option in choice.options
        )
        chosen = f"case split_part({ids}.id, '_', 1){branches} end" if branches else "null::json"
        if choice.options and choice.options[0][0] is None:
            chosen = f"({self._one(choice.options[0][1], ids)})"
        return (
            f"select coalesce(json_agg({chosen} order by {ids}.place), '[]') "
            f"from unnest(${choice.ids.number}::text[]) with ordinality {ids}(id, place)"
        )

    def _connection(self, connection: Connection, outer: str) -> str:
        window = None
        if connection.page is not None:
            shared = self._alias() if _several(connection.parts) else None
            row, viewer = self._alias(), self._viewer
            window = Window(connection, connection.page, outer, row, shared=shared, viewer=viewer)
        pairs = [
            (key, self._part(part, connection, window, outer)) for key, part in connection.parts
        ]
        return self._object(pairs, "", "" if window is None else window.prefix)

    def _part(self, part: Part, connection: Connection, window: Window | None, outer: str) -> str:
        match part:
            case Total():
                counted = source.rows(
                    connection.source, self._alias(), outer, self._viewer, counted=True
                )
                return f"(select count(*) from {counted})"
            case Constant():
                return _literal(part)
        assert window is not None, "what shows rows has a page"
        row = self._alias()
        order = f" order by {connection.order.sql(row)}"
        tail = f" from {window.rows} {row}{order}"
        match part:
            case Nodes():
                joins = self._ask_once(part.selection, row)
                tail = f" from {window.rows} {row}{joins}{order}"
                return f"({self._list(self._pairs(part.selection, row), tail)})"
            case Edges():
                pairs = [(key, self._edge(item, connection, row)) for key, item in part.parts]
                return f"({self._list(pairs, tail)})"
            case PageInfo():
                pairs = [(key, self._about(item, window)) for key, item in part.parts]
                return f"({self._object(pairs, '')})"

    def _edge(self, item: EdgePart, connection: Connection, row: str) -> str:
        match item:
            case Cursor():
                return cursor.sql(connection.source.table, connection.order, row)
            case Node():
                return f"({self._object(self._pairs(item.selection, row), '')})"
            case Constant():
                return _literal(item)

    def _about(self, item: PagePart, window: Window) -> str:
        match item:
            case HasNext():
                return window.has_next()
            case HasPrevious():
                return window.has_previous()
            case FirstCursor():
                return window.cursor(self._alias(), last=False)
            case LastCursor():
                return window.cursor(self._alias(), last=True)
            case Constant():
                return _literal(item)

    def _statistics(self, statistics: Statistics) -> str:
        # Written once, it is also run once: PostgreSQL keeps what is looked at more than once.
        grouped = self._alias()
        prefix = ""
        if any(isinstance(part, Groups | GroupCount) for _, part in statistics.parts):
            groups = grouping.groups(statistics, self._alias(), self._viewer)
            prefix = f"with {grouped} as ({groups}) "
        pairs = [(key, self._told(part, statistics, grouped)) for key, part in statistics.parts]
        return self._object(pairs, "", prefix)

    def _told(
        self, part: Whole | Groups | GroupCount | Constant, statistics: Statistics, grouped: str
    ) -> str:
        row = self._alias()
        match part:
            case Whole():
                whole = grouping.whole(statistics.source, part.tallies, self._alias(), self._viewer)
                return (
                    f"({self._object(self._tallied(part.tallies, row), f' from ({whole}) {row}')})"
                )
            case Groups():
                tail = f" from ({grouping.first(statistics, grouped)}) {row}"
                tail += grouping.order(statistics.by, row)
                return f"({self._list(self._tallied(part.tallies, row), tail)})"
            case GroupCount():
                return f"(select count(*) from {grouped})"
            case Constant():
                return _literal(part)

    def _tallied(self, tallies: Tallies, row: str) -> Pairs:
        return [
            (
                key,
                self._value(tally, row)
                if isinstance(tally, Column | One)
                else self._tally(tally, row),
            )
            for key, tally in tallies
        ]

    def _tally(self, tally: Tally, row: str) -> str:
        match tally:
            case Count():
                return f"{row}.{grouping.ROWS}"
            case Aggregate(function=Function.ANSWERED):
                return f"{row}.{tally.name}"
            case Aggregate():
                return f"{row}.{tally.name}::text"
            case Measured():
                pairs = [(key, self._tally(figure, row)) for key, figure in tally.parts]
                return f"({self._object(pairs, '')})"
            case Constant():
                return _literal(tally)

    def _object(self, pairs: Pairs, tail: str, prefix: str = "") -> str:
        """Write an object; a key that is too long for a name makes it a list of pairs first."""
        row = self._alias()
        if _fit(pairs):
            return f"select row_to_json({row}) from ({prefix}select {_named(pairs)}{tail}) {row}"
        return f"select {row}.o from ({prefix}select {self._paired(pairs)} as o{tail}) {row}"

    def _list(self, pairs: Pairs, tail: str) -> str:
        row = self._alias()
        if _fit(pairs):
            inner = f"select {_named(pairs)}{tail}"
            return f"select coalesce(json_agg({row}), '[]') from ({inner}) {row}"
        inner = f"select {self._paired(pairs)} as o{tail}"
        return f"select coalesce(json_agg({row}.o), '[]') from ({inner}) {row}"

    def _paired(self, pairs: Pairs) -> str:
        row = self._alias()
        values = ", ".join(f"('{key}', to_json({expression}))" for key, expression in pairs)
        return f"(select json_object_agg({row}.k, {row}.v) from (values {values}) {row}(k, v))"


def _literal(constant: Constant) -> str:
    # Only names of the schema come here: they have no quotes.
    return "null::text" if constant.text is None else f"'{constant.text}'::text"


def _several(parts: Sequence[tuple[str, Part]]) -> bool:
    """Tell whether the rows of a page are looked at more than once."""
    lists = sum(isinstance(part, Nodes | Edges) for _, part in parts)
    return lists > 1 or any(isinstance(part, PageInfo) for _, part in parts)


def _fit(pairs: Pairs) -> bool:
    return len(pairs) <= MOST_COLUMNS and all(len(key) <= LONGEST_NAME for key, _ in pairs)


def _named(pairs: Pairs) -> str:
    return ", ".join(f'{expression} as "{key}"' for key, expression in pairs)
