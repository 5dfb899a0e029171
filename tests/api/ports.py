"""Ports for tests that need no log: commands with scripted answers, positions that stand still."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from typing import Any

from api.ports import Caller, Done, Hindrance, Identity, Intake, Stretch, TakenIn
from domain.aggregate import AggregateEvent
from domain.command import Command
from domain.record import Recorded
from domain.refusal import Refusal


class Scripted:
    """Commands that are answered as the test says, and remembered."""

    def __init__(self) -> None:
        self.answers: list[Done | Exception] = []
        self.given: list[tuple[Command, Caller]] = []

    async def execute(self, command: Command, caller: Caller) -> Done:
        """Give the next answer."""
        self.given.append((command, caller))
        answer = self.answers.pop(0)
        if isinstance(answer, Refusal | Exception):
            raise answer
        return answer


class Intakes:
    """An intake of spreadsheets that reads each to its end, and answers as the test says."""

    def __init__(self) -> None:
        self.answers: list[TakenIn | Exception] = []
        self.given: list[tuple[Intake, Caller]] = []
        self.read: list[bytes] = []

    async def take_in(self, intake: Intake, caller: Caller) -> TakenIn:
        """Give the next answer."""
        self.given.append((intake, caller))
        self.read.append(intake.content.read())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Always:
    """Everybody is the same, whatever they send: for a program that is its own only caller."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def identify(self, authorization: str | None, address: str) -> Identity:  # noqa: ARG002
        """Give the one identity."""
        return self._identity

    async def stands(self, identity: Identity) -> bool:
        """Nothing revokes it."""
        return identity == self._identity


class Known:
    """Callers who are whoever the test says: the program itself, unless it says otherwise."""

    def __init__(self) -> None:
        self.everybody = Identity(actor="tests", trusted=True)

    async def identify(self, authorization: str | None, address: str) -> Identity:  # noqa: ARG002
        """Tell who it is."""
        return self.everybody

    async def stands(self, identity: Identity) -> bool:
        """Tell whether that is still so."""
        return identity is self.everybody


class Still:
    """A read model that is at a position and stays there until it is moved, all of it at once."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.asked: list[int] = []
        self.hindered: list[Hindrance] = []
        self.stopped: dict[str, int] = {}
        """Tables that stay where they are, whatever the others do."""

    def position(self) -> int:
        """Tell where it is."""
        return self.at

    async def reached(
        self,
        position: int,
        timeout: float,  # noqa: ARG002, ASYNC109
        tables: Collection[str] | None = None,  # noqa: ARG002
    ) -> bool:
        """Tell at once whether it is that far."""
        self.asked.append(position)
        return self.at >= position

    def shown(self, tables: Collection[str]) -> int:
        """Tell where it is, or where one of some tables has stopped."""
        return min((self.stopped.get(table, self.at) for table in tables), default=self.at)

    def moved(self, tables: Sequence[str]) -> tuple[tuple[int, int], ...]:
        """Tell that all moved where it is."""
        return ((1, self.at),) * len(tables)

    def hindrances(self) -> Sequence[Hindrance]:
        """Tell what the test says."""
        return self.hindered


class Happening:
    """A feed of events that a test gives, then silence."""

    def __init__(
        self, recorded: Sequence[Recorded[AggregateEvent]] = (), *, together: int = 100
    ) -> None:
        """``together`` is how many come together, at most."""
        self.recorded: list[Any] = list(recorded)
        self.together = together
        self.grown = asyncio.Event()
        self.at = 0
        """The head, for whoever asks for it."""

    async def head(self) -> int:
        """Tell where the test says that the log ends."""
        return self.at

    async def since(self, after: int) -> AsyncIterator[Sequence[Recorded[AggregateEvent]]]:
        """Give what lies beyond a position, then wait for more."""
        given = 0
        while True:
            while given < len(self.recorded):
                batch = self.recorded[given : given + self.together]
                given += len(batch)
                if beyond := [each for each in batch if each.position > after]:
                    yield beyond
            self.grown.clear()
            await self.grown.wait()

    async def stretch(self, after: int, limit: int, types: Collection[str]) -> Stretch:
        """Give what lies beyond a position, as much as there is."""
        beyond = [
            each
            for each in self.recorded
            if each.position > after and type(each.event).TOPIC in types
        ]
        last = max((each.position for each in self.recorded), default=0)
        scanned = beyond[limit - 1].position if len(beyond) >= limit else max(after, last)
        return Stretch(beyond[:limit], scanned)

    async def beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        """Wait until something follows a position."""
        self.grown.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while all(each.position <= position for each in self.recorded):
                    await self.grown.wait()
                    self.grown.clear()
        return max((each.position for each in self.recorded), default=0)
