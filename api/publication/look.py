"""A look at what happened beyond a position: as much of it as one answer may take."""

from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from api.context import Operation
from api.hearing import Heard, hear, held_up
from api.interests import Interests
from api.ports import FeedBroken
from api.publication.catalogue import topics_of
from api.publication.search import FEWEST, LOOKING, BeyondTheEnd

MOST: Final = 2_000
"""Facts that are read for one look, at most: not all of them need be for the caller."""


@dataclass(slots=True)
class Look:
    """What somebody is told of what was published, up to where it was looked for."""

    scanned: int
    """The position up to which nothing is missing."""
    heard: list[Heard] = field(default_factory=list)
    complete: bool = False
    """Whether that is as far as the read model is."""


async def look(operation: Operation, wanted: Interests, after: int, enough: int) -> Look:
    """Look on from a position until somebody is told ``enough``, or it is as far as one look goes.

    What is told is at most what the read model shows at the position of the operation: what follows
    is there for the next one.

    Raises:
        BeyondTheEnd: the log does not reach to where it should be read on.
        FeedBroken: the fact that follows cannot be read.
    """
    found, topics = Look(after), topics_of(wanted)
    until, left = monotonic() + LOOKING, MOST
    if after > operation.position and after > (head := await operation.feed.head()):
        raise BeyondTheEnd("bookmark", after=after, head=head)
    while True:
        found.complete |= found.scanned >= operation.position
        if found.complete or len(found.heard) >= enough or not left or monotonic() >= until:
            return found
        try:
            together = min(max(enough, FEWEST), left)
            stretch = await operation.feed.stretch(found.scanned, together, topics)
        except FeedBroken:
            if found.scanned == after:
                raise
            return found
        events = [each for each in stretch.events if each.position <= operation.position]
        held = held_up(events, operation, wanted)
        if held is not None:
            events = [each for each in events if each.position < held]
        found.heard += await hear(events, operation, wanted)
        found.scanned = min(stretch.scanned, operation.position) if held is None else held - 1
        found.complete = held is not None
        left -= len(stretch.events)
