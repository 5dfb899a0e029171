"""A page of a history: its facts, what lies around it, and the places where it begins and ends."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from api.history.entries import HistoryEntry, entry
from api.history.facts import Found, History, Range
from api.publication.cursor import Cursors
from domain.refusal import Refusal

COUNTED: Final = 10_000
"""Facts that are counted at most."""
CURSORS: Final = Cursors(b"history")
"""Under a key that is no secret: they find what was mangled, and give no right on anything."""


class TooLongToCount(Refusal):
    """This history is too long to be counted: more than {limit} facts. Leave totalCount out."""

    FRENCH = (
        "Cet historique est trop long pour être compté : plus de {limit} faits. Retirez totalCount."
    )


@dataclass(slots=True, eq=False)
class Page:
    """A page of a history, looked for once, when something of it is asked for."""

    history: History
    whole: Range
    newest_first: bool
    limit: int
    backward: bool
    after: int | None
    before: int | None
    _found: "asyncio.Future[Entries] | None" = field(default=None)

    async def entries(self) -> "Entries":
        """Give what is on it."""
        if self._found is None:
            self._found = asyncio.ensure_future(self._look())
        return await self._found

    async def count(self) -> int:
        """Count the facts that are meant. Raises TooLongToCount."""
        if self.whole.upto > COUNTED:
            raise TooLongToCount(limit=COUNTED)
        left, count = self.whole, 0
        while True:
            found = await self.history.find(left, COUNTED, newest_first=False)
            count += len(found.heard)
            if found.scanned is None:
                return count
            left = left.beyond(found.scanned, newest_first=False)

    async def has_next(self) -> bool:
        """Tell whether anything follows; what was not looked through may."""
        if not self.backward:
            return (await self.entries()).goes_on
        return self.before is not None and await self._is_any(self.before, forward=True)

    async def has_previous(self) -> bool:
        """Tell whether anything precedes; what was not looked through may."""
        if self.backward:
            return (await self.entries()).goes_on
        return self.after is not None and await self._is_any(self.after, forward=False)

    def cursor(self, version: int) -> str:
        """Give the cursor of a place."""
        return CURSORS.write(version, self._asked)

    @property
    def among(self) -> Range:
        """The part of the history that lies between both places, where they were given."""
        among = self.whole
        if self.after is not None:
            among = among.beyond(self.after, newest_first=self.newest_first)
        if self.before is not None:
            among = among.beyond(self.before, newest_first=not self.newest_first)
        return among

    async def _look(self) -> "Entries":
        found = await self._find(self.among, self.limit + 1)
        kept = found.heard[: self.limit]
        goes_on = len(found.heard) > len(kept) or found.scanned is not None
        telling = self.history.telling(kept)
        told = [entry(each, telling) for each in kept]
        first, last = (told[0].version, told[-1].version) if told else (None, None)
        if found.scanned is not None and len(found.heard) == len(kept):
            last = found.scanned
        if self.backward:
            return Entries(told[::-1], goes_on, last, first)
        return Entries(told, goes_on, first, last)

    async def _find(self, among: Range, limit: int) -> Found:
        return await self.history.find(
            among, limit, newest_first=self.newest_first is not self.backward
        )

    async def _is_any(self, place: int, *, forward: bool) -> bool:
        """Tell whether anything lies at a place, or beyond it in one of both directions."""
        newest_first = self.newest_first is forward
        around = place + 1 if newest_first else place - 1
        there = self.whole.beyond(around, newest_first=newest_first)
        found = await self.history.find(there, 1, newest_first=newest_first)
        return bool(found.heard) or found.scanned is not None

    @property
    def _asked(self) -> tuple[str, str]:
        return self.history.stream.hex, str(self.newest_first)


@dataclass(frozen=True, slots=True)
class Entries:
    """What is on a page, and the places where it begins and ends."""

    told: list[HistoryEntry]
    goes_on: bool
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where a page lies, as `api.connection.PageInfo` asks for it."""

    page: Page
    places: list[int]

    async def rows(self) -> list[int]:
        """Give the places where it begins and ends."""
        return self.places

    async def has_next(self) -> bool:
        """Tell whether anything follows."""
        return await self.page.has_next()

    async def has_previous(self) -> bool:
        """Tell whether anything precedes."""
        return await self.page.has_previous()

    def cursor(self, version: int) -> str:
        """Give the cursor of a place."""
        return self.page.cursor(version)
