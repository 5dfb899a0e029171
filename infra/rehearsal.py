"""A rehearsal: commands decided one after the other, with nothing appended."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from uuid import UUID, uuid4

from domain.aggregate import Aggregate
from domain.command import Command
from domain.refusal import Refusal
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


async def rehearse(
    store: EventStore,
    mapper: EventMapper,
    commands: Sequence[Command],
    clock: Callable[[], datetime],
) -> dict[int, Refusal]:
    """Decide each command on top of those before it, and give the refusals by index.

    A command whose id the log knows already counts as done: its effects are read from there.
    """
    stage = _Stage(store, mapper)
    refused: dict[int, Refusal] = {}
    for index, command in enumerate(commands):
        command_id = command.command_id or uuid4()
        if await store.outcome_of(command_id) is None:
            refusal = await _decide(stage, command, command_id, clock())
            if refusal is not None:
                refused[index] = refusal
    return refused


async def _decide(
    stage: Repository, command: Command, command_id: UUID, now: datetime
) -> Refusal | None:
    async with AsyncExitStack() as turns:
        work = UnitOfWork(stage, turns, command_id, now)
        try:
            await command.decide(work)
        except Refusal as refusal:
            work.give_back_unchanged()
            return refusal
        work.give_back()
        return None
