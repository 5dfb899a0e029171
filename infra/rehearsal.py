"""A rehearsal: commands decided one after the other, with nothing appended."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from uuid import UUID, uuid4

from api.ports import Caller
from domain.aggregate import Aggregate
from domain.command import Command
from domain.refusal import CommandReused, Refusal
from infra.decision import decide
from infra.mapper import EventMapper
from infra.repository import Repository
from infra.store import EventStore
from infra.unit_of_work import UnitOfWork


class _Stage(Repository):
    """Keeps in memory what the commands of a rehearsal did, and never forgets it."""

    def keep(self, aggregate: Aggregate, before: int) -> None:  # noqa: ARG002
        """Keep what was decided; a snapshot of it would be of what never happened."""
        aggregate.collect_events()
        self._kept[aggregate.id] = aggregate


class Rehearsal:
    """Decides commands as `infra.command_bus` would, each on top of those before it."""

    def __init__(
        self,
        store: EventStore,
        mapper: EventMapper,
        clock: Callable[[], datetime],
        request_hash: Callable[[Command, Caller], bytes],
    ) -> None:
        self._store = store
        self._stage = _Stage(store, mapper)
        self._clock = clock
        self._request_hash = request_hash

    async def refused(self, given: Sequence[tuple[Command, Caller]]) -> dict[int, Refusal]:
        """Give the refusals by index, of commands with those who give them.

        A command whose id the log knows already counts as done: its effects are read from there.
        """
        found: dict[int, Refusal] = {}
        for index, (command, caller) in enumerate(given):
            refusal = await self._refusal(command, caller)
            if refusal is not None:
                found[index] = refusal
        return found

    async def _refusal(self, command: Command, caller: Caller) -> Refusal | None:
        command_id = command.command_id or uuid4()
        stored = await self._store.outcome_of(command_id)
        if stored is None:
            return await self._decide(command, command_id, caller)
        if stored.request_hash != self._request_hash(command, caller):
            return CommandReused("command_id")
        return None

    async def _decide(self, command: Command, command_id: UUID, caller: Caller) -> Refusal | None:
        async with AsyncExitStack() as turns:
            work = UnitOfWork(self._stage, turns, command_id, self._clock())
            try:
                await decide(command, caller, work)
            except Refusal as refusal:
                work.give_back_unchanged()
                return refusal
            work.give_back()
            return None
