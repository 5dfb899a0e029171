"""Windows as SQL: so many rows from one end of an order, between two cursors."""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from typing import Final

from projections import cursor, source
from projections.guard import Viewer
from projections.plan import Connection, Page
from projections.slot import Slot


class Window:
    """The rows of a page.

    Where several parts of a connection look at them, they are read once, with one row beyond to
    see whether the list goes on: ``shared`` is then the name under which they are known.
    """

    def __init__(
        self,
        connection: Connection,
        page: Page,
        outer: str,
        row: str,
        *,
        shared: str | None,
        viewer: Viewer,
    ) -> None:
        self._connection = connection
        self._page = page
        self._outer = outer
        self._row = row
        self._viewer = viewer
        self._beyond: Final = f"{shared}_beyond"
        self.prefix = ""
        """What must stand before the select that looks at the rows."""
        self.rows = f"({self._read('')})"
        """The rows, as they stand after ``from``."""
        if shared is not None:
            self.rows = f"{shared}_page"
            order = self._order(self._beyond, backward=page.backward)
            self.prefix = (
                f"with {self._beyond} as materialized ({self._read(' + 1')}), "
                f"{self.rows} as materialized (select * from {self._beyond} "
                f"order by {order} limit {page.limit}) "
            )

    def has_next(self) -> str:
        """Tell whether rows follow: beyond the limit, or beyond the cursor ``before``."""
        return self._reaches(not self._page.backward, self._page.before, ">=")

    def has_previous(self) -> str:
        """Tell whether rows precede: beyond the limit, or beyond the cursor ``after``."""
        return self._reaches(self._page.backward, self._page.after, "<=")

    def cursor(self, row: str, *, last: bool) -> str:
        """Write the cursor of the first or the last row."""
        token = cursor.sql(self._connection.source.table, self._connection.order, row)
        order = self._order(row, backward=last)
        return f"(select {token} from {self.rows} {row} order by {order} limit 1)"

    def _read(self, beyond: str) -> str:
        page = self._page
        conditions = [*self._compared(page.after, ">"), *self._compared(page.before, "<")]
        rows = self._rows(conditions)
        order = self._order(self._row, backward=page.backward)
        limit = f"{page.limit}{beyond}"
        return f"select {self._row}.* from {rows} order by {order} limit {limit}"

    def _rows(self, conditions: list[str]) -> str:
        return source.rows(
            self._connection.source, self._row, self._outer, self._viewer, conditions
        )

    def _order(self, row: str, *, backward: bool) -> str:
        return source.order(self._connection.order, row, descending=backward)

    def _reaches(self, limited: bool, place: tuple[Slot, ...], operator: str) -> str:
        reasons = []
        if limited:
            reasons.append(f"(select count(*) from {self._beyond}) > {self._page.limit}")
        if place:
            there = self._compared(place, operator)
            reasons.append(f"exists (select from {self._rows(there)})")
        return " or ".join(reasons) or "false"

    def _compared(self, place: tuple[Slot, ...], operator: str) -> list[str]:
        if not place:
            return []
        columns = self._connection.order
        # An index on the order can answer a comparison of rows; null has no place in one.
        assert not any(column.nullable for column in columns)
        names = ", ".join(f"{self._row}.{column.name}" for column in columns)
        return [f"({names}) {operator} ({', '.join(map(str, place))})"]
