"""Windows on long lists: `first` and `after`, `last` and `before`."""

from collections.abc import Mapping
from typing import Any, Final

from strawberry import UNSET

from domain.refusal import Refusal
from projections import cursor
from projections.lookup import Window
from projections.ordering import Ordering
from projections.table import Table

USUAL: Final = 20
LONGEST: Final = 100


class PageOutOfBounds(Refusal):
    """{size} is out of bounds: a page has 0 to {limit} items."""

    FRENCH = "{size} est hors limites : une page compte de 0 à {limit} éléments."


class BothEnds(Refusal):
    """A page is either the first or the last items: give first or last, not both."""

    FRENCH = "Une page prend les premiers ou les derniers éléments : first ou last, pas les deux."


class CursorMalformed(Refusal):
    """This cursor is damaged, or belongs to another list. Start without a cursor."""

    FRENCH = "Ce curseur est abîmé, ou vient d’une autre liste. Recommencez sans curseur."


def window(arguments: Mapping[str, Any], table: Table, order: Ordering) -> Window:
    """Read the arguments of a connection.

    Raises:
        PageOutOfBounds, BothEnds, CursorMalformed: they make no sense.
    """
    first, last = _given(arguments, "first"), _given(arguments, "last")
    if first is not None and last is not None:
        raise BothEnds("last")
    backward = last is not None
    size = last if backward else first
    if size is None:
        size = USUAL
    if not 0 <= size <= LONGEST:
        raise PageOutOfBounds("last" if backward else "first", size=size, limit=LONGEST)
    return Window(
        limit=size,
        backward=backward,
        after=_place(arguments, "after", table, order),
        before=_place(arguments, "before", table, order),
    )


def _given(arguments: Mapping[str, Any], name: str) -> Any:
    value = arguments.get(name)
    return None if value is UNSET else value


def _place(
    arguments: Mapping[str, Any], name: str, table: Table, order: Ordering
) -> tuple[Any, ...] | None:
    token = _given(arguments, name)
    if token is None:
        return None
    try:
        return tuple(cursor.read(table, order, token))
    except cursor.CursorMalformed:
        raise CursorMalformed(name) from None
