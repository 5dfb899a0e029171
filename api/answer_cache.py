"""The answer cache: rows that a statement gave, kept for as long as it would give them again.

An answer is right until one of the tables moves that its statement reads. How they have moved is
looked up before the statement is run: what is kept can be newer than it is taken for, never older.
Whoever was told a position was told it before that look, and is never given less than it shows.
Who is asking is a value of the statement, and the tables of their rights are tables that it reads.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from api.meter import Meter
from api.newest import Newest
from api.ports import Positions, Reads
from projections.statement import Statement

Row: TypeAlias = Sequence[bytes | None]
"""What a statement gives: a JSON text for each root field."""

MOST: Final = 100_000
"""Answers that are kept, however short they are."""
WAITED: Final = 2
"""Readings by others for which somebody waits, before they read themselves."""
SWEPT: Final = 2.0
"""Seconds after which what holds no longer is out of memory, whether anybody asks or not."""
_OVERHEAD: Final = 600
"""Bytes that an answer takes beside its text."""
_ITEM: Final = 100
"""Bytes that a value takes of those that were bound, beside its text."""


_Moved: TypeAlias = tuple[tuple[int, int], ...]
"""What `api.ports.Positions.moved` tells of the tables of a statement."""


@dataclass(frozen=True, slots=True)
class _Kept:
    row: Row
    tables: tuple[str, ...]
    moved: _Moved


_Key: TypeAlias = tuple[str, tuple[object, ...]]
"""A statement, and what is bound to it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement with what is bound to it, and the tables that it reads."""

    key: _Key
    tables: tuple[str, ...]


class AnswerCache:
    """The answers of one process."""

    def __init__(self, positions: Positions, most_bytes: int) -> None:
        """Keep as much as takes ``most_bytes``; with 0, nothing."""
        self._positions = positions
        self._kept: Newest[_Key, _Kept] = Newest(MOST, most_bytes)
        self._off = most_bytes == 0
        self._begun: dict[tuple[_Key, _Moved], asyncio.Future[None]] = {}
        """What is being read by somebody, and done when they are."""
        self._sweeping = False

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        return self._kept.weight

    async def row(
        self,
        statement: Statement,
        tables: tuple[str, ...],
        arguments: Sequence[object],
        reads: Reads,
        meter: Meter,
    ) -> Row:
        """Give what a statement on some tables gives with these values, out of memory if it can.

        Raises:
            api.ports.ReadsUnavailable, api.ports.ReadTooSlow: the read model has no answer.
        """
        if self._off:
            return await reads.answer(statement, arguments)
        key = statement.text, _hashable(arguments)
        moved = self._positions.moved(tables)
        row = self._known(key, moved)
        waited = 0
        # What many ask for at once is read once; while they wait, it may move.
        while row is None and waited < WAITED and (begun := self._begun.get((key, moved))):
            await asyncio.wait({begun})
            waited += 1
            moved = self._positions.moved(tables)
            row = self._known(key, moved)
        meter.cached(hit=row is not None)
        if row is None:
            row = await self._read(statement, tables, arguments, reads, (key, moved))
        return row

    def reading(
        self, statement: Statement, tables: tuple[str, ...], arguments: Sequence[object]
    ) -> Reading:
        """Name what was read, to ask for it again by `again`."""
        return Reading((statement.text, _hashable(arguments)), tables)

    def again(self, reading: Reading) -> Row | None:
        """Give what was read before, None where it is not kept or does not hold any more."""
        return self._known(reading.key, self._positions.moved(reading.tables))

    def _known(self, key: _Key, moved: _Moved) -> Row | None:
        kept = self._kept.get(key)
        return kept.row if kept is not None and kept.moved == moved else None

    async def _read(
        self,
        statement: Statement,
        tables: tuple[str, ...],
        arguments: Sequence[object],
        reads: Reads,
        at: tuple[_Key, _Moved],
    ) -> Row:
        key, moved = at
        done = self._begun[at] = asyncio.get_running_loop().create_future()
        try:
            row = tuple(await reads.answer(statement, arguments))
            self._kept.keep(key, _Kept(row, tables, moved), _weight(key, row))
            self._await_sweep()
        finally:
            done.set_result(None)
            if self._begun.get(at) is done:
                del self._begun[at]
        return row

    def sweep(self) -> None:
        """Forget what does not hold any more: it may be what somebody wants forgotten."""
        now: dict[tuple[str, ...], tuple[tuple[int, int], ...]] = {}
        for key, kept in list(self._kept.items()):
            if kept.tables not in now:
                now[kept.tables] = self._positions.moved(kept.tables)
            if now[kept.tables] != kept.moved:
                self._kept.drop(key)

    def _await_sweep(self) -> None:
        if not self._sweeping and len(self._kept):
            self._sweeping = True
            asyncio.get_running_loop().call_later(SWEPT, self._swept)

    def _swept(self) -> None:
        self._sweeping = False
        self.sweep()
        self._await_sweep()


def _hashable(arguments: Sequence[object]) -> tuple[object, ...]:
    return tuple([tuple(each) if isinstance(each, list) else each for each in arguments])


def _weight(key: _Key, row: Row) -> int:
    text, arguments = key
    values = [
        each
        for argument in arguments
        for each in (argument if isinstance(argument, tuple) else (argument,))
    ]
    told = sum(len(each) for each in (*row, *values) if isinstance(each, bytes | str))
    return _OVERHEAD + len(text) + told + _ITEM * len(values)
