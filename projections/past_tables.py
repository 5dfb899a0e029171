"""The tables of the past, as they follow from those of a read model: columns, keys and indexes.

Each index of the rows is there for their versions, too: begun by the epoch, or with the epoch
second where it serves to find rows by a value. All tell since when and until when a version holds,
so that what is counted need not be looked up.
"""

# What is written into statements are names of tables and columns of ours.

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from projections.projection import Projection
from projections.table import Table

SINCE: Final = "since"
UNTIL: Final = "until"
EPOCH: Final = "epoch"

_TABLE: Final = re.compile(r"^create table (\w+) \(\n(.*?)\n\);", re.MULTILINE | re.DOTALL)
_INDEX: Final = re.compile(
    r"^create (?:unique )?index (?P<name>\w+)\s+on (?P<table>\w+)(?P<using> using \w+)?\s*"
    r"\((?P<columns>.*?)\)(?P<rest>(?:\s+include \([^)]*\))?(?:\s+where [^;]*)?);",
    re.MULTILINE | re.DOTALL,
)
_KEY_OF_TABLE: Final = re.compile(r",?\n\s*primary key \([^)]*\)(?: include \([^)]*\))?")

_EPOCHS: Final = f"""
create table {{name}} (
    relation text not null,
    {SINCE} bigint not null,
    number integer not null,
    changes bigint not null,
    live bigint not null,
    primary key (relation, {SINCE})
);
""".strip()


def past_name(table: str) -> str:
    """Give the name of the table with the versions of another's rows."""
    return f"{table}_past"


def epochs_name(projection: str) -> str:
    """Give the name of the table with the epochs of a projection's tables."""
    return f"{projection}_epoch"


def written(projection: Projection) -> str:
    """Write the tables and indexes of the versions of a projection's rows."""
    tables = {kind.TABLE.name: kind.TABLE for kind in projection.rows}
    found = {name: body for name, body in _TABLE.findall(projection.ddl) if name in tables}
    assert found.keys() == tables.keys(), f"{projection.name} declares other tables than its rows"
    statements = [_EPOCHS.format(name=epochs_name(projection.name))]
    statements += [
        _index(index, tables[index["table"]])
        for index in _INDEX.finditer(projection.ddl)
        if index["table"] in tables
    ]
    for name, body in found.items():
        table = tables[name]
        plain = _KEY_OF_TABLE.sub("", body).replace(" primary key,", " not null,")
        plain = re.sub(r" primary key$", " not null", plain, flags=re.MULTILINE)
        key = ", ".join((*table.key, EPOCH, SINCE))
        statements.append(
            # What every question looks at stands first: it is found without what is before it.
            f"create table {past_name(name)} (\n    {SINCE} bigint not null,\n"
            f"    {UNTIL} bigint not null,\n    {EPOCH} integer not null,\n{plain},\n"
            f"    primary key ({key}) include ({UNTIL})\n);"
        )
        past, told = past_name(name), f"({EPOCH}, {table.key[0]}) include ({SINCE}, {UNTIL})"
        statements.append(f"create index {past}_by_epoch on {past} {told};")
    statements.sort(key=lambda statement: not statement.startswith("create table"))
    at_first = Counter(row.TABLE.name for row in projection.reference)
    begun = ",\n".join(f"    ('{name}', 0, 1, 0, {at_first[name]})" for name in tables)
    statements.append(
        f"insert into {epochs_name(projection.name)} (relation, {SINCE}, number, changes, live)"
        f" values\n{begun};"
    )
    return "\n".join(statements)


def _index(index: re.Match[str], table: Table) -> str:
    """Write the index of the versions that serves what another serves of the rows."""
    columns = index["columns"]
    first, _, others = columns.partition(",")
    if index["using"]:
        placed = columns
    elif first in {table.key[0], *table.found_by, *_owner(table)}:
        placed = ", ".join(filter(None, (first, EPOCH, others.strip())))
    else:
        placed = f"{EPOCH}, {columns}"
    rest = index["rest"]
    if "include (" in rest:
        rest = rest.replace("include (", f"include ({SINCE}, {UNTIL}, ")
    elif not index["using"]:
        rest = f" include ({SINCE}, {UNTIL}){rest}"
    name = past_name(table.name)
    return f"create index {index['name']}_past on {name}{index['using'] or ''} ({placed}){rest};"


def _owner(table: Table) -> Sequence[str]:
    return () if table.owner is None else (table.owner[1],)
