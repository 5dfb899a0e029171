"""Pages of a history: facts are looked through from a place on until there are enough.

What the columns of the log cannot tell is found out stretch by stretch. Only a bounded part of a
history is looked through for one page; where that ends early, the page says from where to go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.context import Operation
from api.hearing import Heard, hear
from api.history.asked import EVERYTHING, Wanted
from api.history.telling import Telling
from domain.aggregate import AggregateEvent
from domain.record import Recorded
from projections.table import Row

STRETCH: Final = 200
"""Facts that are looked at together where not all of them are meant."""
MOST: Final = 2_000
"""Facts that are looked through for one page."""


@dataclass(frozen=True, slots=True)
class Range:
    """A part of a history: the versions beyond ``after``, up to ``upto``."""

    after: int
    upto: int

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return self.after >= self.upto

    def beyond(self, version: int, *, newest_first: bool) -> "Range":
        """Give what comes after a version in one of both orders."""
        if newest_first:
            return Range(self.after, min(self.upto, version - 1))
        return Range(max(self.after, version), self.upto)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a history, in the order in which it was looked through."""

    heard: Sequence[Heard]
    scanned: int | None
    """The version with which the look ended early; None where nothing is left to look at."""


@dataclass(frozen=True, slots=True)
class History:
    """The history of one thing, for one caller."""

    noun: str
    subject: Row
    stream: UUID
    wanted: Wanted
    operation: Operation

    async def find(self, among: Range, limit: int, *, newest_first: bool) -> Found:
        """Look a part of it through for so many facts that are meant.

        Raises:
            FeedBroken: one of them cannot be read.
            ReadsUnavailable, ReadTooSlow: there is no answer.
            api.past.PastNotGathered: what changed cannot be told so far.
        """
        left, heard, looked = among, list[Heard](), 0
        together = limit if self.wanted == EVERYTHING else STRETCH
        while not left.is_empty:
            if looked >= MOST:
                return Found(heard, left.upto + 1 if newest_first else left.after)
            facts = await self._facts(left, together, newest_first=newest_first)
            looked += len(facts)
            for each in await self._meant(facts, newest_first=newest_first):
                heard.append(each)
                if len(heard) == limit:
                    return Found(heard, _version(each.recorded))
            last = _version(facts[-1]) if facts else left.upto
            left, together = left.beyond(last, newest_first=newest_first), STRETCH
        return Found(heard, None)

    def telling(self, heard: Sequence[Heard]) -> Telling:
        """Tell of some of its facts."""
        return Telling(self.noun, self.subject, self.operation, heard)

    async def _facts(
        self, among: Range, limit: int, *, newest_first: bool
    ) -> Sequence[Recorded[AggregateEvent]]:
        histories = self.operation.histories
        assert histories is not None, "whoever reads a log can tell its histories"
        return await histories.facts(
            self.stream,
            after=among.after,
            upto=among.upto,
            limit=limit,
            newest_first=newest_first,
        )

    async def _meant(
        self, facts: Sequence[Recorded[AggregateEvent]], *, newest_first: bool
    ) -> Sequence[Heard]:
        """Give those of some facts that the caller is told, and means."""
        possible = sorted(
            (each for each in facts if self.wanted.may_mean(each)), key=lambda each: each.position
        )
        heard = await hear(possible, self.operation)
        if self.wanted.actors is not None:  # who did it must not be found out by asking for them
            heard = [each for each in heard if each.named]
        telling = self.telling(heard)
        if heard and self.wanted.roles is not None:
            acting = await telling.acting()
            heard = [e for e in heard if self.wanted.means_role(acting.get(e.recorded.position))]
        if heard and self.wanted.by_change:
            changes = await telling.changes()
            heard = [e for e in heard if self.wanted.means_change(changes[e.recorded.position])]
        return heard[::-1] if newest_first else heard


def _version(recorded: Recorded[AggregateEvent]) -> int:
    return recorded.event.originator_version
