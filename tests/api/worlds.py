"""The same read model twice: whole, and as it were if what a caller may not see did not exist."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvloop

from api.context import Context, eyes_of
from api.executor import Schema
from api.ports import Caller
from domain.identity import external
from domain.principal import PrincipalKind
from domain.role import Role, ScopeKind
from infra.reads import Reads
from projections import guard
from projections.catalogue import PROJECTIONS
from projections.principals import PrincipalRow, RoleGrantRow
from projections.table import Row
from tests.api import hostile
from tests.api.asked import Asked
from tests.api.both_ways import COMPILED, INTERPRETED, PROGRAM
from tests.api.ports import Happening, Intakes, Scripted, Still
from tests.conftest import Databases
from tests.generations import FIRST, PATH, first_table

_AT = datetime(2026, 1, 5, tzinfo=UTC)

GRANTS: Mapping[str, tuple[tuple[Role, ScopeKind, str], ...]] = {
    "an operator": ((Role.PLATFORM_OPERATOR, ScopeKind.PLATFORM, ""),),
    "an auditor": ((Role.AUDITOR, ScopeKind.PLATFORM, ""),),
    "an auditor of a cohort": (
        (Role.AUDITOR, ScopeKind.COHORT, hostile.identity("cohort", 1)),
        (Role.AUDITOR, ScopeKind.ORGANISATION, hostile.identity("organisation", 2)),
    ),
    "an administrator": (
        (Role.TERRITORY_ADMINISTRATOR, ScopeKind.TERRITORY, hostile.identity("territory", 0)),
        (Role.TERRITORY_ADMINISTRATOR, ScopeKind.TERRITORY, hostile.identity("territory", 3)),
    ),
    "a coordinator": (
        (Role.COHORT_COORDINATOR, ScopeKind.COHORT, hostile.identity("cohort", 0)),
        (Role.COHORT_COORDINATOR, ScopeKind.TERRITORY, hostile.identity("territory", 2)),
    ),
    "a facilitator": (
        (Role.FACILITATOR, ScopeKind.COHORT, hostile.identity("cohort", 3)),
        (Role.FACILITATOR, ScopeKind.ORGANISATION, hostile.identity("organisation", 3)),
    ),
    "a leader": tuple(
        (Role.ORGANISATION_LEADER, ScopeKind.ORGANISATION, hostile.identity("organisation", n))
        for n in (0, 4, 5)
    ),
    "an alliance's coordinator": (
        (Role.ALLIANCE_COORDINATOR, ScopeKind.ALLIANCE, hostile.identity("alliance", 1)),
        (Role.ALLIANCE_COORDINATOR, ScopeKind.TERRITORY, hostile.identity("territory", 1)),
        (Role.ACTION_PILOT, ScopeKind.ACTION, hostile.identity("action", 2)),
    ),
    "nobody in particular": (),
}

CALLERS: Mapping[str, Caller] = {
    "anybody": Caller("anonymous", "en"),
    **{name: Caller(name, "en", UUID(int=0xA000 + number)) for number, name in enumerate(GRANTS)},
}


@dataclass(frozen=True)
class World:
    """A read model, and who looks at it."""

    reads: Reads
    caller: Caller


class Worlds:
    """The whole read model, and for each caller the part of it that they may see."""

    def __init__(self, databases: Databases) -> None:
        self._runner = uvloop.new_event_loop()
        self._stack = ExitStack()
        self._whole = self._stack.enter_context(databases.copy(Databases.PREPARED))
        self._do(fill(self._whole))
        self.parts: dict[str, World] = {}
        for name, caller in CALLERS.items():
            part = self._stack.enter_context(databases.copy(Databases.PREPARED))
            self._do(_copy_visible(self._whole, part, caller))
            self.parts[name] = World(self._open(part), PROGRAM)
        self._reads = self._open(self._whole)

    def close(self) -> None:
        """End them."""
        for world in self.parts.values():
            self._do(world.reads.close())
        self._do(self._reads.close())
        self._runner.close()
        self._stack.close()

    def whole(self, name: str) -> World:
        """Give the whole, as a caller looks at it."""
        return World(self._reads, CALLERS[name])

    def ask(self, world: World, asked: Asked, by: Schema = COMPILED) -> Any:
        """Ask about a world, and give data and the codes of what was refused."""
        context = Context(
            commands=Scripted(),
            reads=world.reads,
            positions=Still(),
            feed=Happening(),
            sheets=Intakes(),
            caller=world.caller,
        )
        result = self._do(
            by.execute(asked.text, variable_values=asked.variables, context_value=context)
        )
        codes = {str((error.extensions or {}).get("code", error)) for error in result.errors or ()}
        return orjson.loads(orjson.dumps(result.data)), codes

    def both(self, world: World, asked: Asked) -> tuple[Any, Any]:
        """Ask the statement and the resolvers."""
        return self.ask(world, asked), self.ask(world, asked, INTERPRETED)

    def _open(self, dsn: str) -> Reads:
        reads: Reads = self._do(Reads.open(dsn, FIRST, pool_size=1))
        return reads

    def _do(self, awaitable: Any) -> Any:
        return self._runner.run_until_complete(awaitable)


def _kinds() -> list[type[Row]]:
    return [kind for projection in PROJECTIONS for kind in projection.rows]


async def fill(dsn: str) -> None:
    await hostile.fill(dsn)
    connection = await asyncpg.connect(dsn)
    for name, held in GRANTS.items():
        principal = CALLERS[name].principal
        assert principal is not None
        id = external("principal", principal)
        known = PrincipalRow(
            id=id,
            version=1,
            opened_at=_AT,
            updated_at=_AT,
            kind=PrincipalKind.PERSON,
            name=name,
            label=None,
            closed=False,
        )
        grants = [
            RoleGrantRow(
                principal_id=id,
                role=role,
                scope_kind=kind,
                scope_key=place.partition("_")[2] or place,
                place=place,
                suspended=False,
                granted_at=_AT,
            )
            for role, kind, place in held
        ]
        await first_table(PrincipalRow).upsert(connection, [known])
        await first_table(RoleGrantRow).upsert(connection, grants)
    await connection.close()


async def _copy_visible(whole: str, part: str, caller: Caller) -> None:
    """Write what a caller may see where nothing else was ever written."""
    settings = {"search_path": PATH, "timezone": "UTC"}
    eyes = eyes_of(caller)
    viewer = eyes.viewer(1)
    there = await asyncpg.connect(whole, server_settings=settings)
    here = await asyncpg.connect(part, server_settings=settings)
    for kind in _kinds():
        table = kind.TABLE
        values = ", ".join(
            f"{guard.value(table, name, 't', viewer)} as {name}" for name in table.columns
        )
        seen = " and ".join(guard.seen(table, "t", viewer)) or "true"
        text = f"select json_agg(r) from (select {values} from {table.name} t where {seen}) r"  # noqa: S608
        found = await there.fetchval(guard.complete(text, viewer).text, *eyes.arguments)
        await here.execute(f"truncate {table.name}")
        for name in table.shown:
            await here.execute(f"alter table {table.name} alter column {name} drop not null")
        names = ", ".join(table.columns)
        await here.execute(
            f"insert into {table.name} ({names})"  # noqa: S608
            f" select {names} from json_populate_recordset(null::{table.name}, $1)",
            found or "[]",
        )
    await there.close()
    await here.close()
