"""Bookmarks: up to where callers have read what happens, kept beside the log."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from api.bookmarks import MOST, OwnerForgotten, TooManyBookmarks
from api.ports import Bookmark, ReadsUnavailable
from infra.reads import LONGEST
from infra.store.availability import DISCONNECTED

if TYPE_CHECKING:
    import asyncpg
    from asyncpg import Record

_ALL: Final = """
select name, position, moved_at from log.bookmark where principal = $1 order by name collate "C"
"""
_ONE: Final = "select name, position, moved_at from log.bookmark where principal = $1 and name = $2"
_MOVE: Final = "select outcome, position, moved_at from log.move_bookmark($1, $2, $3, $4, $5)"
_REMOVE: Final = "delete from log.bookmark where principal = $1 and name = $2"

T = TypeVar("T")


class Bookmarks:
    """Answers `api.ports.Bookmarks` from the database: each by one statement, which is atomic."""

    def __init__(self, pool: "asyncpg.Pool[Record]") -> None:
        self._pool = pool

    async def all_of(self, owner: UUID) -> Sequence[Bookmark]:
        """Give the bookmarks of somebody, by name."""
        return [Bookmark(**row) for row in await _answered(self._pool.fetch(_ALL, owner))]

    async def find(self, owner: UUID, name: str) -> Bookmark | None:
        """Give a bookmark, None where it was never put anywhere."""
        row = await _answered(self._pool.fetchrow(_ONE, owner, name))
        return None if row is None else Bookmark(**row)

    async def move(self, owner: UUID, name: str, position: int, *, back: bool) -> Bookmark:
        """Put a bookmark to a position, unless it is beyond that already and not to go ``back``.

        Raises:
            TooManyBookmarks: its owner has as many already.
            OwnerForgotten: its owner was forgotten.
            ReadsUnavailable: the database does not answer. It may have been moved all the same.
        """
        moving = self._pool.fetchrow(_MOVE, owner, name, position, back, MOST)
        found: Any = await _answered(moving)
        match found["outcome"]:
            case "TOO_MANY":
                raise TooManyBookmarks("bookmark", limit=MOST)
            case "FORGOTTEN":
                raise OwnerForgotten("bookmark")
        return Bookmark(name=name, position=found["position"], moved_at=found["moved_at"])

    async def remove(self, owner: UUID, name: str) -> None:
        """Take a bookmark away, if it is there."""
        await _answered(self._pool.execute(_REMOVE, owner, name))


async def _answered(asked: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(LONGEST):
            return await asked
    except DISCONNECTED as error:
        raise ReadsUnavailable from error
