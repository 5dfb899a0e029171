"""Histories: what happened to one thing, read from its stream."""

from collections.abc import Collection, Sequence
from uuid import UUID

import structlog

from api.ports import FeedBroken, ReadsUnavailable
from domain.aggregate import AggregateEvent
from domain.record import Recorded
from infra.mapper import EventMapper, UnreadableEvent
from infra.store import EventStore, StoreUnavailable

log = structlog.get_logger()


class Histories:
    """Answers `api.ports.Histories` from the log."""

    def __init__(self, store: EventStore, mapper: EventMapper) -> None:
        self._store = store
        self._mapper = mapper

    async def facts(
        self, stream: UUID, *, after: int, upto: int, limit: int, newest_first: bool
    ) -> Sequence[Recorded[AggregateEvent]]:
        """Give the facts of a stream with ``after < version <= upto``, ``limit`` at most.

        Raises:
            infra.store.GapInStream: the log lacks one of them.
            FeedBroken: one of them is damaged, or from newer code.
            ReadsUnavailable: the log does not answer.
        """
        try:
            stored = await self._store.stream(
                stream, after=after, upto=upto, limit=limit, descending=newest_first
            )
            return await self._mapper.decode(stored)
        except StoreUnavailable as error:
            raise ReadsUnavailable from error
        except UnreadableEvent as error:
            raise _broken(error) from error

    async def facts_at(self, positions: Collection[int]) -> Sequence[Recorded[AggregateEvent]]:
        """Give the facts at some positions of the log, whatever they are about, in order.

        Raises:
            FeedBroken: one of them is damaged, or from newer code.
            ReadsUnavailable: the log does not answer.
        """
        try:
            return await self._mapper.decode(await self._store.at(positions))
        except StoreUnavailable as error:
            raise ReadsUnavailable from error
        except UnreadableEvent as error:
            raise _broken(error) from error


def _broken(unreadable: UnreadableEvent) -> FeedBroken:
    """Note a fact that cannot be read, for those who can mend it, and tell where it stands."""
    log.error("history.broken", position=unreadable.position, error=str(unreadable))
    return FeedBroken(unreadable.position)
