"""The tables of the past: versions of rows, which are added, ended once, and never changed.

Of what a version says nothing is changed any more, except that what people are called is cleared.
"""

# What is written into statements are names of ours and numbers of epochs.
# ruff: noqa: S608

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from domain.identity import Id
from infra.projector.connection import Connection
from infra.projector.tables import forget, sorted_out
from projections.past import SMALLEST, Past
from projections.past_tables import EPOCH, SINCE, UNTIL, epochs_name, past_name
from projections.rows import Key, Need, Rows
from projections.table import Row
from projections.versions import FOREVER, Ended, Open, Versions

_ENCODER: Final = msgspec.json.Encoder()

FULL: Final = 20_000
"""Versions that have ended with which a working set is full."""


def enough(live: int) -> int:
    """Tell after how many changes an epoch ends, where so many versions hold.

    With as many as there are, a count at the end of an epoch took 4.1 to 4.5 times as long as one
    of the present; with two thirds of them it took 3.2 times, and a quarter more is kept.
    """
    return max(live * 2 // 3, SMALLEST)


@dataclass(slots=True)
class Epoch:
    """The newest epoch of a table."""

    number: int
    changes: int
    """Versions that were made since it began."""
    live: int
    """Versions that hold."""

    @property
    def is_over(self) -> bool:
        """Whether so much has changed in it that what is asked of it would take longer."""
        return self.changes >= enough(self.live)

    def took(self, made: int, ended: int) -> None:
        """Count versions that were made, and such that held and do no more."""
        self.changes += made
        self.live += made - ended


class Whole(Versions):
    """Versions of all rows there are, on their way into empty tables."""

    def __init__(self) -> None:
        super().__init__(complete=True)
        self.begun = False
        """Whether something is in the tables."""
        self.epochs: dict[str, Epoch] = {}
        self.written: dict[str, int] = {}
        """How many versions stand in each table."""


class PastTable:
    """The statements of the versions of one table's rows."""

    def __init__(self, kind: type[Row], schema: str) -> None:
        table = kind.TABLE
        self.kind = kind
        self.relation = table.name
        self.name = past_name(table.name)
        self.columns = (*table.columns, SINCE, UNTIL, EPOCH)
        self._schema = schema
        columns = ", ".join(table.columns)
        held = f"from {schema}.{self.name} where {EPOCH} = $2 and {UNTIL} = {FOREVER}"
        self._rows = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
        self._find = (
            f"select json_agg(found), array_agg({SINCE}) from"
            f" (select {columns}, {SINCE} {held} and {{column}} = any($1)) as found"
        )
        matches = " and ".join(f"t.{column} = gone.{column}" for column in table.key)
        self._gone = (
            f"json_populate_recordset(null::{schema}.{self.name}, $1) as gone"
            f" where {matches} and t.{EPOCH} = $2 and t.{UNTIL} = {FOREVER}"
        )
        self._end = f"update {schema}.{self.name} as t set {UNTIL} = gone.{UNTIL} from {self._gone}"
        named = ", ".join(f"t.{column}" for column in table.columns)
        self._stored = (
            f"select json_agg(found), array_agg({SINCE}) from"
            f" (select {named}, t.{SINCE} from {schema}.{self.name} t, {self._gone}) as found"
        )
        self._go_on = (
            f"insert into {schema}.{self.name} ({columns}, {SINCE}, {UNTIL}, {EPOCH})"
            f" select {columns}, {SINCE}, {FOREVER}, $2 + 1"
            f" from {schema}.{self.name} where {EPOCH} = $2 and {UNTIL} = $1"
        )

    async def find(
        self, connection: Connection, column: str, values: Collection[Any], epoch: int
    ) -> list[tuple[Row, int]]:
        """Give the rows that hold and have one of these values, and since when they do."""
        statement = self._find.format(column=column)
        return self._decoded(await connection.fetchrow(statement, list(values), epoch))

    async def stored(
        self, connection: Connection, keys: Iterable[Key], epoch: int
    ) -> Mapping[Key, Open]:
        """Give the versions that hold of rows with these keys."""
        gone = self._encoded((key, FOREVER) for key in keys)
        found = self._decoded(await connection.fetchrow(self._stored, gone, epoch))
        values, key_of = self.kind.TABLE.values_of, self.kind.TABLE.key_of
        return {key_of(row): Open(key_of(row), values(row), since) for row, since in found}

    async def end(self, connection: Connection, ended: Iterable[Ended], epoch: int) -> None:
        """Note until when versions held that are stored."""
        gone = self._encoded((each.key, each.until) for each in ended)
        await connection.execute(self._end, gone, epoch)

    async def add(
        self, connection: Connection, ended: Iterable[Ended], open: Iterable[Open], epoch: int
    ) -> int:
        """Add versions, those that have ended and those that hold; tell how many."""
        records = [(*each.values, each.since, each.until, epoch) for each in ended]
        records += [(*each.values, each.since, FOREVER, epoch) for each in open]
        if records:
            await connection.copy_records_to_table(
                self.name, schema_name=self._schema, columns=self.columns, records=records
            )
        return len(records)

    async def go_on(self, connection: Connection, epoch: int) -> None:
        """Copy all that holds into the epoch that follows."""
        await connection.execute(self._go_on, FOREVER, epoch)

    def _encoded(self, ends: Iterable[tuple[Key, int]]) -> str:
        key = self.kind.TABLE.key
        gone = [dict(zip((*key, UNTIL), (*each, until), strict=True)) for each, until in ends]
        return _ENCODER.encode(gone).decode()

    def _decoded(self, found: Any) -> list[tuple[Row, int]]:
        rows, since = found
        return [] if rows is None else list(zip(self._rows.decode(rows), since, strict=True))


class PastHolding:
    """The tables of the past of a read model."""

    def __init__(self, past: Past, schema: str) -> None:
        self._past = past
        self._schema = schema
        self._tables = {kind: PastTable(kind, schema) for kind in past.of.rows}
        epochs = f"{schema}.{epochs_name(past.of.name)}"
        self._newest = (
            f"select distinct on (relation) relation, number, changes, live from {epochs}"
            f" order by relation, {SINCE} desc"
        )
        self._count = (
            f"update {epochs} set changes = $3, live = $4 where (relation, number) = ($1, $2)"
        )
        self._begin = (
            f"insert into {epochs} (relation, {SINCE}, number, changes, live)"
            " values ($1, $2, $3, $4, $5)"
        )
        self._clear = f"truncate {epochs}"

    def rows(self, *, complete: bool) -> Rows:
        """Make a working set."""
        if not complete:
            return Versions(complete=False)
        rows = Whole()
        for row in self._past.of.reference:
            rows.put(row)
        rows.settle(0)
        return rows

    async def begin(self, connection: Connection) -> None:
        """Leave in the tables what there is before any event, whoever began to fill them."""
        rows = cast(Whole, self.rows(complete=True))
        async with connection.transaction():
            await self.pour(connection, rows, 0)

    async def load(self, connection: Connection, rows: Rows, needs: Iterable[Need]) -> None:
        """Bring what is needed into a working set, with one query for each table and column."""
        versions = cast(Versions, rows)
        wanted = list(sorted_out(rows.lacking(needs)))
        epochs = await self._epochs(connection) if wanted else {}
        for kind, column, named in wanted:
            table = self._tables[kind]
            found = await table.find(
                connection, column, {need.value for need in named}, epochs[table.relation].number
            )
            versions.load_open(named, found)

    def changed(self, rows: Rows) -> Collection[str]:
        """Name the tables that hold other versions."""
        versions = cast(Versions, rows)
        return {table.name for kind, table in self._tables.items() if versions.moved(kind)}

    async def write(
        self,
        connection: Connection,
        rows: Rows,
        position: int,
        *,
        many: bool = False,  # noqa: ARG002
    ) -> None:
        """Add the versions that were made up to a position, and end those that they replaced."""
        versions = cast(Versions, rows)
        moved = [table for kind, table in self._tables.items() if versions.moved(kind)]
        epochs = await self._epochs(connection) if moved else {}
        for table in moved:
            epoch = epochs[table.relation]
            await self._write(connection, table, versions, epoch)
            if epoch.is_over:
                await table.go_on(connection, epoch.number)
                await self._open(connection, table, epoch, position)
            else:
                await connection.execute(
                    self._count, table.relation, epoch.number, epoch.changes, epoch.live
                )

    async def _write(
        self, connection: Connection, table: PastTable, versions: Versions, epoch: Epoch
    ) -> None:
        if unknown := versions.unknown(table.kind):
            found = await table.stored(connection, unknown, epoch.number)
            versions.known(table.kind, found)
        if closed := versions.closed(table.kind):
            await table.end(connection, closed, epoch.number)
        ended = versions.ended(table.kind)
        opened = list(versions.opened(table.kind))
        made = await table.add(connection, ended, opened, epoch.number)
        epoch.took(made, len(closed) + len(ended))

    async def forget(self, connection: Connection, people: Collection[Id]) -> None:
        """Clear what people are called in every version."""
        await forget(connection, self._schema, self._past.personal, people)

    def is_full(self, rows: Rows) -> bool:
        """Tell whether many versions have ended, or an epoch has."""
        whole = cast(Whole, rows)
        return whole.weight >= FULL or any(
            whole.pending(kind) >= enough(whole.count(kind)) for kind in self._tables
        )

    async def drain(self, connection: Connection, rows: Rows, position: int) -> None:
        """Write the versions that have ended, and begin epochs where it is time."""
        whole = cast(Whole, rows)
        if not whole.begun:
            await self._truncate(connection, whole)
        for kind, table in self._tables.items():
            epoch = whole.epochs[table.relation]
            ended = whole.give_away(kind)
            made = await table.add(connection, ended, (), epoch.number)
            whole.written[table.name] += made
            epoch.changes += made
            epoch.live = whole.count(kind)
            if epoch.is_over:
                held = await table.add(connection, (), whole.open(kind), epoch.number)
                whole.written[table.name] += held
                await self._open(connection, table, epoch, position)

    async def pour(self, connection: Connection, rows: Rows, position: int) -> Mapping[str, int]:
        """Write all versions that have not been written before."""
        await self.drain(connection, rows, position)
        whole = cast(Whole, rows)
        for kind, table in self._tables.items():
            epoch = whole.epochs[table.relation]
            held = await table.add(connection, (), whole.open(kind), epoch.number)
            whole.written[table.name] += held
            await connection.execute(self._count, table.relation, epoch.number, epoch.changes, held)
        return whole.written

    async def _truncate(self, connection: Connection, whole: Whole) -> None:
        names = ", ".join(f"{self._schema}.{table.name}" for table in self._tables.values())
        await connection.execute(f"truncate {names}")
        await connection.execute(self._clear)
        for table in self._tables.values():
            whole.epochs[table.relation] = Epoch(1, 0, 0)
            whole.written[table.name] = 0
            await connection.execute(self._begin, table.relation, 0, 1, 0, 0)
        whole.begun = True

    async def _open(
        self, connection: Connection, table: PastTable, epoch: Epoch, position: int
    ) -> None:
        """Begin the epoch that follows one."""
        epoch.number, epoch.changes = epoch.number + 1, 0
        await connection.execute(
            self._begin, table.relation, position, epoch.number, epoch.changes, epoch.live
        )

    async def _epochs(self, connection: Connection) -> dict[str, Epoch]:
        found: Sequence[Any] = await connection.fetch(self._newest)
        return {each["relation"]: Epoch(*tuple(each)[1:]) for each in found}
