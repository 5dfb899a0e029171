"""The entry of sheets in a plan: many commands that are carried out as one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, TypeVar
from uuid import UUID

from domain.action import Action
from domain.aggregate import Aggregate
from domain.alliance import Alliance
from domain.claim import Claim
from domain.command import Command, Envelope, Rule, Work
from domain.identity import Id, external, internal
from domain.organisation import Organisation
from domain.refusal import NotFound, Refusal
from domain.role import Role
from infra.sheets.difference import Known, Organisations, differences, proposal
from infra.sheets.layout import ROLES
from infra.sheets.sheet import Sheet, Target

A = TypeVar("A", bound=Aggregate)


class ActionElsewhere(Refusal):
    """{action} is in the plan of somebody else. Leave the id empty to enter a new action here."""

    FRENCH = (
        "{action} est dans le plan de quelqu’un d’autre. "
        "Laissez l’identifiant vide pour proposer une nouvelle action ici."
    )


Told = tuple[Sheet, str, Refusal]
"""A sheet, the column by its key, and what was told of it."""


class SheetsRefused(Refusal):
    """{count} things in these sheets cannot be accepted."""

    FRENCH = "{count} éléments de ces feuilles ne peuvent être acceptés."

    def __init__(self, refused: Sequence[Told]) -> None:
        super().__init__(count=len(refused))
        self.refused = refused


@dataclass(slots=True)
class Tally:
    """How many actions a file would change, or changed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def add(self, other: "Tally") -> None:
        """Count those of another one, too."""
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged

    def nothing_done(self, sheets: int) -> None:
        """Count what was decided as it is: all of it had been done before."""
        self.new, self.changed, self.unchanged = 0, 0, sheets


class NothingNew(Refusal):
    """The plan says all of this already."""

    FRENCH = "Le plan dit déjà tout cela."


@dataclass(init=False)
class Run:
    """One carrying out of a file: lets no bunch of it go to the log before all were decided.

    It has no fields, for it is no part of what is asked: a command that comes again under its id
    is recognised in another run.
    """

    def __init__(
        self, bunches: int, absent: frozenset[UUID], decided: Callable[[], None] | None = None
    ) -> None:
        """``absent`` are the streams that were not there when it began.

        They are not asked for again; where one has come into being since, the append is refused
        like any that was decided on an old state. ``decided`` is told that nothing was refused.
        """
        self.absent = absent
        self._waited_for = bunches
        self._decided = decided
        self._opened = asyncio.Event()
        self._leaving = asyncio.Lock()
        self._refused: list[Told] = []

    async def passed(self, refused: Sequence[Told]) -> None:
        """Wait for the other bunches; raise what all of them were told, where that is anything."""
        if not self._opened.is_set():
            self._refused += refused
            self._waited_for -= 1
            if not self._waited_for:
                if self._decided is not None and not self._refused:
                    self._decided()
                self._opened.set()
            await self._opened.wait()
            async with self._leaving:  # what follows takes a while: others get their turn between
                await asyncio.sleep(0)
        if self._refused:
            raise SheetsRefused(self._refused)


@dataclass(frozen=True, kw_only=True)
class EnterSheets(Envelope, Command):
    """Let the actions of an alliance be what sheets say, all of them or none.

    Each sheet is carried out by the commands that a person would send: this one only gathers
    them, so that they reach the log in one append.
    """

    REFUSES: ClassVar[tuple[type[Refusal], ...]] = ()
    CREATES: ClassVar[str | None] = None
    RULE: ClassVar[Rule] = Rule(by=frozenset({Role.ALLIANCE_COORDINATOR}))
    SUBJECT: ClassVar[type[Aggregate]] = Alliance

    alliance: Id
    sheets: tuple[Sheet, ...]
    run: Run
    tally: Tally = field(default_factory=Tally, compare=False)
    """What came of the last decision."""

    async def ground(self, work: Work) -> Alliance | None:
        """The alliance; it is only looked at, for no bunch waits for another."""
        return await work.look(Alliance, internal("alliance", self.alliance))

    async def decide(self, work: Work) -> Alliance:
        """Enter every sheet; raise what they were told, where that is anything.

        Raises `NothingNew` where the plan says all of it already: then nothing is to be kept.
        """
        # Commands wait for the first aggregate that they ask for. Each bunch begins with one of
        # its own: they wait for each other in the run, and would not get there one by one.
        await work.claim("sheets", self.sheets[0].target.key.hex)
        alliance = await work.get(Alliance, self.alliance)
        refused: list[Told] = []
        tally = Tally()
        for sheet in self.sheets:
            refused += await self._enter(sheet, alliance, work, tally)
            await asyncio.sleep(0)  # others on the loop get their turn
        await self.run.passed(refused)
        if refused:
            raise SheetsRefused(refused)
        self.tally.new, self.tally.changed = tally.new, tally.changed
        self.tally.unchanged = tally.unchanged
        if not (tally.new or tally.changed):
            raise NothingNew
        return alliance

    async def _enter(
        self, sheet: Sheet, alliance: Alliance, work: Work, tally: Tally
    ) -> list[Told]:
        try:
            action, new = await self._action(sheet, alliance, work)
        except Refusal as refusal:
            return [(sheet, _column(refusal, "title"), refusal)]
        before = action.version
        refused = []
        organisations = await _organisations(sheet, action, work)
        for column, command in differences(sheet, action, organisations):
            try:
                await command.decide(work)
            except Refusal as refusal:
                refused.append((sheet, _column(refusal, column), refusal))
        if new:
            tally.new += 1
        elif action.version > before:
            tally.changed += 1
        else:
            tally.unchanged += 1
        return refused

    async def _action(self, sheet: Sheet, alliance: Alliance, work: Work) -> tuple[Action, bool]:
        """The action of a sheet, which is proposed where there is none yet."""
        found = await self._found(sheet.target, alliance, work)
        if found is not None:
            action = await work.get(Action, external("action", found))
            if action.owner.alliance != alliance.id:
                raise ActionElsewhere("id", action=external("action", found))
            return action, False
        whole = None
        if sheet.whole is not None:
            whole = await self._found(sheet.whole, alliance, work) or sheet.whole.key
        key = sheet.target.key
        proposed = await proposal(sheet, self.alliance, whole).decide(
            _Entry(work, key, self.run.absent)
        )
        return proposed, True

    async def _found(self, target: Target, alliance: Alliance, work: Work) -> UUID | None:
        if target.action is not None:
            return target.action
        if target.code is not None:
            key = code_key(alliance.id, target.code)
            absent = Claim.id_of(*key) in self.run.absent
            if not absent and (claim := await work.claim(*key)).holder:
                return claim.holder
        return None if target.key in self.run.absent else target.key


class _Entry:
    """The work of one proposal: its action's id is the key of the row."""

    def __init__(self, work: Work, key: UUID, absent: frozenset[UUID]) -> None:
        self.now: datetime = work.now
        self._work = work
        self._key = key
        self._absent = absent

    async def get(self, kind: type[A], id: Id) -> A:
        return await self._work.get(kind, id)

    async def load(self, kind: type[A], uuid: UUID) -> A:
        return await self._work.load(kind, uuid)

    async def find(self, kind: type[A], uuid: UUID) -> A | None:
        return await self._work.find(kind, uuid)

    async def look(self, kind: type[A], uuid: UUID) -> A | None:
        return await self._work.look(kind, uuid)

    async def naming(self, person: UUID) -> Aggregate | None:
        return await self._work.naming(person)

    async def claim(self, *key: str) -> Claim:
        if Claim.id_of(*key) in self._absent:
            return self._work.add(Claim.open(*key, now=self.now))
        return await self._work.claim(*key)

    def hide(self, unless: Callable[[Aggregate], Awaitable[bool]]) -> None:
        self._work.hide(unless)

    def add(self, aggregate: A) -> A:
        return self._work.add(aggregate)

    def new_id(self) -> UUID:
        return self._key


def code_key(alliance: UUID, code: str) -> tuple[str, str, str]:
    """The key of the claim on a code in the plan of an alliance."""
    return ("action-code", alliance.hex, code)


async def _organisations(sheet: Sheet, action: Action, work: Work) -> Organisations:
    """Who the organisations are that a sheet or an action names, mergers followed."""
    named: set[UUID | None] = {party.organisation for party in action.assignments.values()}
    named.update(line.funder for line in action.budget_lines.values())
    named.update(line.funder for line in sheet.says["lines"])
    for key in ROLES:
        named.update(party.organisation for party in sheet.says.get(key, ()))
    found: dict[UUID, Known] = {}
    for id in named - {None}:
        assert id is not None
        with suppress(NotFound):  # the command that names it will be told
            organisation = await work.load(Organisation, id)
            while organisation.survivor is not None:
                organisation = await work.load(Organisation, organisation.survivor)
            found[id] = Known(organisation.id, organisation.name)
    return found


def _column(refusal: Refusal, column: str) -> str:
    """The column that a refusal is about: that of the field which it names, if there is one."""
    field_named = (refusal.path or "").partition(".")[0]
    return field_named if column == "title" and field_named else column
