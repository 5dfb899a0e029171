"""Commands on their way to the log: decided on the newest state, stored once."""

import asyncio
import hmac
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import UUID, uuid4

import msgspec

from api.ports import Caller, Done
from domain.command import Command
from domain.identity import Id, external
from domain.refusal import (
    CommandReused,
    Contended,
    NotFound,
    NotStored,
    Refusal,
    Unavailable,
    WrongKindOfId,
)
from infra import store as log
from infra.decision import decide
from infra.mapper import EventMapper
from infra.observing.watch import SILENCE, CommandWatch, Deciding
from infra.rehearsal import Rehearsal
from infra.repository import Repository
from infra.store.availability import DISCONNECTED
from infra.unit_of_work import Moved, UnitOfWork, made_id

ATTEMPTS: Final = 20
"""How often a command is decided anew when others were faster."""


class CommandBus:
    """Executes commands: loads, decides, appends, and decides anew after a conflict."""

    def __init__(
        self,
        store: log.EventStore,
        mapper: EventMapper,
        *,
        secret: bytes,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        watch: CommandWatch = SILENCE,
    ) -> None:
        """``secret`` keys the hashes by which a repeated command is recognised."""
        self._watch = watch
        self._store = store
        self._mapper = mapper
        self._repository = Repository(store, mapper)
        self._secret = secret
        self._clock = clock

    async def execute(self, command: Command, caller: Caller) -> Done:
        """Execute a command and tell what came of it.

        Raises:
            Refusal: it was not accepted, and nothing was stored; or, `Unavailable`, it is not
                known whether it was.
        """
        with self._watch.command(type(command).__name__) as watched:
            done = await self._execute(command, caller, watched)
            watched.done(duplicate=done.duplicate)
        return done

    async def _execute(self, command: Command, caller: Caller, watched: Deciding) -> Done:
        given = command.command_id
        command_id = given or uuid4()
        request_hash = self._hash(command, caller)
        try:
            for attempt in range(ATTEMPTS):
                done = await self._attempt(command, caller, command_id, request_hash, watched)
                if done is not None:
                    return done
                watched.again()
                await asyncio.sleep(random.uniform(0, 0.002 * attempt))  # noqa: S311
            raise Contended
        except log.StoreUnavailable as unavailable:
            if unavailable.stored is False:
                raise NotStored from unavailable
            raise Unavailable(command_id=command_id) from unavailable
        except DISCONNECTED as lost:  # while a person's key was asked for, before the append
            raise NotStored from lost
        except Refusal as refusal:
            if given is not None:
                done = await self._done_before(command, given, request_hash)
                if done is not None:
                    return done
            raise _placed(refusal, command) from None

    async def rehearse(self, commands: Sequence[Command], caller: Caller) -> dict[int, Refusal]:
        """Tell which of these commands, one after the other, would be refused; nothing is done."""
        return await self.rehearse_each([(command, caller) for command in commands])

    async def rehearse_each(self, given: Sequence[tuple[Command, Caller]]) -> dict[int, Refusal]:
        """Tell the same of commands that several give."""
        rehearsal = Rehearsal(self._store, self._mapper, self._clock, self._hash)
        refused = await rehearsal.refused(given)
        return {index: _placed(refusal, given[index][0]) for index, refusal in refused.items()}

    def forget(self, stream: UUID) -> None:
        """Drop an aggregate from memory that may hold what a forgotten person was called."""
        self._repository.forget(stream)

    async def close(self) -> None:
        """Finish what is under way."""
        await self._repository.close()

    async def _attempt(
        self,
        command: Command,
        caller: Caller,
        command_id: UUID,
        request_hash: bytes,
        watched: Deciding,
    ) -> Done | None:
        """Decide once and append; None where the state had moved."""
        async with AsyncExitStack() as turns:
            seed = self._seed(command, command_id)
            work = UnitOfWork(self._repository, turns, seed, self._clock())
            try:
                subject, metadata = await decide(command, caller, work)
            except Refusal:
                if await self._repository.caught_up(work.versions()):
                    work.give_back_unchanged()
                    raise
                work.let_go()
                return None
            except Moved:
                work.let_go()
                return None
            events = work.events()
            encoded = await self._mapper.encode(events)
            if watched.correlation is not None:
                trace = watched.correlation
                metadata = msgspec.structs.replace(metadata, correlation_id=trace)
            outcome = await self._store.append(
                log.Append(
                    command_id=command_id,
                    request_hash=request_hash,
                    stream_id=subject.id,
                    version=subject.version,
                    meta=msgspec.json.encode(metadata),
                    events=[
                        log.NewEvent(event.originator_id, event.originator_version, *stored)
                        for event, stored in zip(events, encoded, strict=True)
                    ],
                    guards=work.guards(),
                )
            )
            noun = subject.TOPIC
            match outcome:
                case log.Appended():
                    work.give_back()
                    return Done(
                        noun=noun,
                        id=external(noun, subject.id),
                        version=subject.version,
                        position=outcome.position,
                        created=_created(command, seed, recorded=bool(events)),
                        duplicate=False,
                    )
                case log.Duplicate():
                    return await self._repeated(command, noun, command_id, outcome)
                case log.CommandReused():
                    raise CommandReused("command_id")
                case log.Conflict() | log.Retry():
                    work.let_go()
                    return None

    async def _done_before(
        self, command: Command, command_id: UUID, request_hash: bytes
    ) -> Done | None:
        """Tell what came of a command that was done before, when it would be refused by now."""
        stored = await self._store.outcome_of(command_id)
        if stored is None:
            return None
        if not hmac.compare_digest(stored.request_hash, request_hash):
            raise CommandReused("command_id")
        noun = await self._noun_of(stored.stream_id)
        duplicate = log.Duplicate(stored.position, stored.stream_id, stored.version)
        return await self._repeated(command, noun, command_id, duplicate)

    async def _repeated(
        self, command: Command, noun: str, command_id: UUID, outcome: log.Duplicate
    ) -> Done:
        """Tell once more what came of a command; it made something if it recorded anything."""
        last = await self._store.stream(
            outcome.stream_id, after=outcome.version - 1, upto=outcome.version
        )
        recorded = any(event.command_id == command_id for event in last)
        return Done(
            noun=noun,
            id=external(noun, outcome.stream_id),
            version=outcome.version,
            position=outcome.position,
            created=_created(command, self._seed(command, command_id), recorded=recorded),
            duplicate=True,
        )

    async def _noun_of(self, stream: UUID) -> str:
        (first,) = await self._store.stream(stream, limit=1)
        return first.topic.partition(".")[0]

    def id_for(self, said: str) -> UUID:
        """Give the id of a command that follows from what it says, and from nothing guessed."""
        return UUID(bytes=hmac.digest(self._secret, b"said" + said.encode(), "sha256")[:16])

    def _seed(self, command: Command, command_id: UUID) -> UUID:
        """From what the ids follow of what a command makes.

        Others may come to know a command's id, and callers choose it; an id that is a right to
        do something follows from what nobody knows as well.
        """
        if not command.SECRET:
            return command_id
        return UUID(bytes=hmac.digest(self._secret, b"seed" + command_id.bytes, "sha256")[:16])

    def _hash(self, command: Command, caller: Caller) -> bytes:
        """Hash what is asked, keyed, so that the hash gives no personal text away.

        It is one thing to ask as somebody and another to ask as somebody else: what became of a
        command is told to those only who gave it.
        """
        asked: list[Any] = [type(command).__name__, replace(command, command_id=None)]  # type: ignore[type-var]
        if not caller.trusted:
            asked.append(caller.principal)
        return hmac.digest(self._secret, msgspec.json.encode(asked), "sha256")


def _created(command: Command, seed: UUID, *, recorded: bool) -> Id | None:
    noun, made = command.CREATES, command.created(made_id(seed, 1), recorded=recorded)
    return None if noun is None or made is None else external(noun, made)


def _placed(refusal: Refusal, command: Command) -> Refusal:
    """Say which field named what was not found, where the refusal does not."""
    if refusal.path is None and isinstance(refusal, NotFound | WrongKindOfId):
        named = refusal.facts["id"]
        places = (f.name for f in fields(cast(Any, command)) if getattr(command, f.name) == named)
        refusal.path = next(places, None)
    return refusal
