"""Annals: the versions that the rows of one aggregate had, whoever may see them.

What they say is for the program itself: it is told to nobody who could not read it. Who may see a
value as it is may know by which event it came to be so.
"""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.identity import Id
from projections.origins import Version
from projections.past_tables import SINCE, UNTIL, past_name
from projections.statement import Statement
from projections.table import Table

Bound = tuple[Statement, Sequence[object]]
"""A statement and its arguments."""
Key = tuple[Any, ...]
"""What tells a row from the others of its aggregate."""


def position_of(table: Table, id: Id, version: int) -> Bound:
    """Ask for the position of the event with which an aggregate came to a version, null if none."""
    text = (
        f"select min({SINCE}) from {past_name(table.name)}"
        f" where {table.key[0]} = $1::text and version = $2::bigint"
    )
    return Statement(text), (id, version)


def versions(
    table: Table, id: Id, identity: Sequence[str], columns: Sequence[str], upto: int
) -> Bound:
    """Ask for the versions that the rows of an aggregate had, up to a position, in their order.

    A version is told by what identifies its row, by the positions of the events that made it and
    that ended it, and by some columns.
    """
    assert table.owner is not None, f"{table.name} belongs to an aggregate"
    key = ", ".join(f"v.{name}" for name in table.key)
    told = ", ".join(f"v.{name}" for name in (*identity, SINCE, UNTIL, *columns))
    # A row that lives long stands in several epochs; where it has ended, the last of them knows.
    once = f"select distinct on ({key}, v.{SINCE}) {told}"
    text = (
        f"{once} from {past_name(table.name)} v"
        f" where v.{table.owner[1]} = $1::text and v.{SINCE} <= $2::bigint"
        f" order by {key}, v.{SINCE}, v.{UNTIL}"
    )
    return Statement(text), (id, upto)


def read_versions(
    identity: Sequence[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Mapping[Key, Mapping[str, Sequence[Version[Any]]]]:
    """Read what was asked by `versions`: for each row the different versions of each column.

    While a row was not there, its columns were null.
    """
    size = len(identity)
    found: dict[Key, dict[str, list[Version[Any]]]] = {}
    ends: dict[Key, int] = {}
    for row in rows:
        key, (since, until, *values) = tuple(row[:size]), row[size:]
        told = found.setdefault(key, {name: [] for name in columns})
        gone = ends.get(key, since) < since
        for name, value in zip(columns, values, strict=True):
            if gone:
                _tell(told[name], ends[key], None)
            _tell(told[name], since, value)
        ends[key] = until
    return found


def _tell(versions: list[Version[Any]], since: int, value: Any) -> None:
    """Tell a version, where it is another than the one before: a row changes for many reasons."""
    if not versions or versions[-1].value != value:
        versions.append(Version(since, value))
