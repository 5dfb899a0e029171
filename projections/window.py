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
        return self._reaches(self._page.before, backward=False)

    def has_previous(self) -> str:
        """Tell whether rows precede: beyond the limit, or beyond the cursor ``after``."""
        return self._reaches(self._page.after, backward=True)

    def cursor(self, row: str, *, last: bool) -> str:
        """Write the cursor of the first or the last row."""
        token = cursor.sql(self._connection.source.table, self._connection.order, row)
        order = self._order(row, backward=last)
        return f"(select {token} from {self.rows} {row} order by {order} limit 1)"

    def _read(self, beyond: str) -> str:
        page = self._page
        order = self._connection.order
        conditions = []
        if page.after:
            conditions.append(order.beyond(self._row, page.after))
        if page.before:
            conditions.append(order.beyond(self._row, page.before, backward=True))
        rows = self._rows(conditions)
        by = self._order(self._row, backward=page.backward)
        limit = f"{page.limit}{beyond}"
        return f"select {self._row}.* from {rows} order by {by} limit {limit}"

    def _rows(self, conditions: list[str]) -> str:
        return source.rows(
            self._connection.source, self._row, self._outer, self._viewer, conditions
        )

    def _order(self, row: str, *, backward: bool) -> str:
        return self._connection.order.sql(row, backward=backward)

    def _reaches(self, place: tuple[Slot, ...], *, backward: bool) -> str:
        reasons = []
        if self._page.backward is backward:
            reasons.append(f"(select count(*) from {self._beyond}) > {self._page.limit}")
        if place:
            there = self._connection.order.reaches(self._row, place, backward=backward)
            reasons.append(f"exists (select from {self._rows([there])})")
        return " or ".join(reasons) or "false"
