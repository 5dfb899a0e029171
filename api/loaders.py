"""Loaders: what resolvers ask for one by one, asked of the read model together.

They live as long as one operation, so that an answer is never older than its question.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar, cast

from strawberry.dataloader import DataLoader

from api.ports import Reads
from projections import lookup
from projections.column import columns
from projections.guard import Eyes
from projections.lookup import Key, Lookup, Place, Window
from projections.table import Row

T = TypeVar("T")
Ask = Callable[[Sequence[Key]], lookup.Bound]


class Loaders:
    """Gathers the lookups of one operation, and finds what its caller may see."""

    def __init__(self, reads: Reads, eyes: Eyes) -> None:
        self._reads = reads
        self._eyes = eyes
        self._loaders: dict[Hashable, DataLoader[Key, Any]] = {}

    async def rows(self, wanted: Lookup, key: Key, window: Window | None = None) -> list[Row]:
        """Give the rows of a key; with a window, one beyond it where there is one."""

        async def load(keys: list[Key]) -> list[list[Row]]:
            names = tuple(columns(wanted.row))
            found: list[list[Row]] = [[] for _ in keys]
            for place, *values in await self._ask(lookup.rows(wanted, keys, self._eyes, window)):
                found[place].append(wanted.row(**dict(zip(names, values, strict=True))))
            return found

        return cast(list[Row], await self._load(("rows", wanted, window), key, load))

    async def one(self, wanted: Lookup, key: Key) -> Row | None:
        """Give the row of a key, if there is one."""
        found = await self.rows(wanted, key)
        return found[0] if found else None

    async def count(self, wanted: Lookup, key: Key) -> int:
        """Count the rows of a key."""

        async def load(keys: list[Key]) -> list[int]:
            return _placed(await self._ask(lookup.counts(wanted, keys, self._eyes)), len(keys))

        return cast(int, await self._load(("count", wanted), key, load))

    async def reaches(self, wanted: Lookup, key: Key, place: Place, *, backward: bool) -> bool:
        """Tell whether a key has rows at a place or after it; ``backward``: or before it."""

        async def load(keys: list[Key]) -> list[bool]:
            asked = lookup.reaches(wanted, keys, self._eyes, place, backward=backward)
            return _placed(await self._ask(asked), len(keys))

        return cast(bool, await self._load(("reaches", wanted, place, backward), key, load))

    async def _ask(self, bound: lookup.Bound) -> Sequence[Sequence[Any]]:
        return await self._reads.rows(*bound)

    async def _load(self, kind: Hashable, key: Key, load: Callable[[list[Key]], Any]) -> Any:
        loader = self._loaders.get(kind)
        if loader is None:
            loader = self._loaders[kind] = DataLoader(load_fn=load)
        return await loader.load(key)


def _placed(rows: Sequence[Sequence[Any]], size: int) -> list[Any]:
    found: list[Any] = [None] * size
    for place, value in rows:
        found[place] = value
    return found
