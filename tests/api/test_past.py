"""What is asked as of a moment is answered as it was answered then, whatever came before or after.

The hostile read model is written into the past, as it stands at one position, among versions that
held before and such as hold since; what is told as of that position must be what is told now.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest
from graphql import (
    ArgumentNode,
    FieldNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, Phase, assume, given, settings

from api.context import Context
from api.cost import TooCostly
from api.executor import Schema
from api.limits import TooManyAliases
from api.moments import MomentAhead
from api.ports import Caller
from infra.projector.generation import schema_of
from infra.reads import Reads
from projections.catalogue import PASTS
from projections.past_tables import epochs_name, past_name
from projections.versions import FOREVER
from tests.api.asked import Asked
from tests.api.both_ways import COMPILED, INTERPRETED, PROGRAM
from tests.api.documents import questions
from tests.api.ports import Happening, Intakes, Scripted, Still
from tests.api.worlds import CALLERS, fill
from tests.generations import PATH

THEN, SINCE, AFTER = 100, 50, 500
"""A position, and those at which its epoch begins and ends."""
TOLD = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""An instant that stands for that position."""
TOO_MUCH = {TooCostly.code, TooManyAliases.code}


class Then:
    """The moments of a log of a thousand events."""

    async def position_at(self, at: datetime) -> int:
        """Tell the position."""
        assert at == TOLD
        return THEN

    async def come_to(self, position: int) -> None:
        """Refuse what is yet to come."""
        if position > 1_000:
            raise MomentAhead("as_of.position", moment=str(position), head=1_000)

    async def recorded_at(self, position: int) -> datetime | None:  # noqa: ARG002
        """Tell when."""
        return TOLD


class Both:
    """The schemas of present and past."""

    path = f"{PATH}, {', '.join(schema_of(each.name, 1) for each in PASTS)}"

    async def look(self) -> None:
        """Learn nothing."""


class Remembering:
    """Asks about now, and about then."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._runner = asyncio.Runner()
        self._runner.run(_fill(dsn))
        self._reads = self._runner.run(Reads.open(dsn, Both(), pool_size=2))
        self.pasts = Still(1_000)

    def close(self) -> None:
        """End it."""
        self._runner.run(self._reads.close())
        self._runner.close()

    def do(self, statement: str, *arguments: object) -> None:
        """Change what is there now."""
        self._runner.run(_do(self._dsn, statement, *arguments))

    def ask(self, asked: Asked, caller: Caller = PROGRAM, by: Schema = COMPILED) -> Any:
        """Give what is told, the codes of what was refused, and the moments that were told."""
        context = Context(
            commands=Scripted(),
            reads=self._reads,
            positions=Still(),
            feed=Happening(),
            sheets=Intakes(),
            moments=Then(),
            pasts=self.pasts,
            caller=caller,
        )
        result = self._runner.run(
            by.execute(asked.text, variable_values=asked.variables, context_value=context)
        )
        codes = {str((error.extensions or {}).get("code", error)) for error in result.errors or ()}
        told = (result.extensions or {}).get("asOf")
        return orjson.loads(orjson.dumps(result.data)), codes, told


async def _do(dsn: str, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": Both.path})
    await connection.execute(statement, *arguments)
    await connection.close()


async def _fill(dsn: str) -> None:
    """Write the hostile rows, and into the past what held then, before and since."""
    await fill(dsn)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": Both.path})
    # As every fold has it: who may read what a roadmap says knows that there is one.
    await connection.execute(
        "update roadmap set known_to = read_by"
        " where known_to <> 'EVERYONE' and read_by <> 'INSIDERS'"
    )
    for each in PASTS:
        epochs = epochs_name(each.of.name)
        await connection.execute(f"truncate {epochs}")
        for kind in each.of.rows:
            name, columns = kind.TABLE.name, ", ".join(kind.TABLE.columns)
            versions = (
                (SINCE - 20, FOREVER, 1),  # as the epoch before ended
                (SINCE - 20, THEN + 5, 2),  # what held then
                (0, THEN - 40, 2),
                (THEN - 40, THEN, 2),
                (THEN + 5, FOREVER, 2),
                (THEN + 5, FOREVER, 3),
            )
            await connection.execute(f"truncate {past_name(name)}")
            for since, until, epoch in versions:
                await connection.execute(
                    f"insert into {past_name(name)} ({columns}, since, until, epoch)"  # noqa: S608
                    f" select {columns}, $1, $2, $3 from {name} on conflict do nothing",
                    since,
                    until,
                    epoch,
                )
            await connection.executemany(
                f"insert into {epochs} values ($1, $2, $3, 0, 0)",  # noqa: S608
                [(name, 0, 1), (name, SINCE, 2), (name, AFTER, 3)],
            )
    await connection.execute("analyze")
    await connection.close()


class _Dating(Visitor):
    def __init__(self, info: TypeInfo, **moment: str) -> None:
        super().__init__()
        self._info = info
        self._moment = moment
        self.dated = 0
        self.undated = 0

    def leave_field(self, node: FieldNode, *_rest: Any) -> FieldNode:
        definition, parent = self._info.get_field_def(), self._info.get_parent_type()
        if parent is None or parent.name != "Query":
            return node
        if definition is None or "asOf" not in definition.args:
            self.undated += node.name.value != "__typename"
            return node
        self.dated += 1
        fields = tuple(
            ObjectFieldNode(name=NameNode(value=name), value=StringValueNode(value=value))
            for name, value in self._moment.items()
        )
        given = ArgumentNode(name=NameNode(value="asOf"), value=ObjectValueNode(fields=fields))
        return FieldNode(
            name=node.name,
            alias=node.alias,
            arguments=(*(node.arguments or ()), given),
            directives=node.directives,
            selection_set=node.selection_set,
        )


def dated(asked: Asked, **moment: str) -> Asked | None:
    """Ask the same as of a moment; None where something of it is not of rows."""
    info = TypeInfo(COMPILED._schema)
    dating = _Dating(info, **moment)
    document = visit(parse(asked.text), TypeInfoVisitor(info, dating))
    if dating.undated or not dating.dated:
        return None
    return Asked(print_ast(document), asked.variables)


@pytest.fixture
def remembering(prepared: str) -> Iterator[Remembering]:
    asking = Remembering(prepared)
    yield asking
    asking.close()


@pytest.mark.parametrize("by", [COMPILED, INTERPRETED], ids=["by statement", "by resolvers"])
def test_a_generated_question_is_answered_as_it_was_answered_then(
    remembering: Remembering, by: Schema
) -> None:
    asked_of = 0

    @settings(
        deadline=None,
        max_examples=60 if by is COMPILED else 20,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(questions(COMPILED._schema))
    def same(asked: Asked) -> None:
        nonlocal asked_of
        then = dated(asked, position=str(THEN))
        if then is None:
            return
        caller = list(CALLERS.values())[asked_of % len(CALLERS)] if asked_of % 2 else PROGRAM
        now, codes, _ = remembering.ask(asked, caller)
        assume(not codes)
        told, refused, moments = remembering.ask(then, caller, by)
        assert not refused, refused
        assert told == now
        assert moments == (dict.fromkeys(told, str(THEN)) or None)
        asked_of += 1

    same()
    assert asked_of > 8


PUBLIC = Asked("{ actions(first: 50) { totalCount nodes { id } } }")


def test_what_was_closed_since_is_told_to_those_alone_who_may_see_it_today(
    remembering: Remembering,
) -> None:
    then = dated(PUBLIC, position=str(THEN))
    assert then is not None
    for table in ("action", "action_past"):
        remembering.do(f"update {table} set visibility = 'PUBLIC', reach = 'EVERYONE'")  # noqa: S608
    told, _, _ = remembering.ask(then, CALLERS["anybody"])
    closed = told["actions"]["nodes"][0]["id"]
    remembering.do("update action set visibility = 'RESTRICTED' where id = $1", closed)

    left, _, _ = remembering.ask(then, CALLERS["anybody"])
    assert left["actions"]["totalCount"] == told["actions"]["totalCount"] - 1
    assert {"id": closed} not in left["actions"]["nodes"]
    assert remembering.ask(then, CALLERS["anybody"], INTERPRETED) == remembering.ask(
        then, CALLERS["anybody"]
    )
    seen, _, _ = remembering.ask(then, CALLERS["an auditor"])
    assert {"id": closed} in seen["actions"]["nodes"]

    remembering.do("delete from action where id = $1", closed)
    gone, _, _ = remembering.ask(then, CALLERS["anybody"])
    assert gone == told


def test_an_instant_leads_to_its_position(remembering: Remembering) -> None:
    then = dated(PUBLIC, time=TOLD.isoformat())
    assert then is not None
    assert remembering.ask(then)[2] == {"actions": str(THEN)}


def test_a_past_that_is_not_gathered_so_far_is_waited_for_and_then_refused(
    remembering: Remembering,
) -> None:
    then = dated(PUBLIC, position="900")
    assert then is not None
    remembering.pasts.at = 800
    assert remembering.ask(then)[:2] == (None, {"PAST_NOT_GATHERED"})
    assert remembering.pasts.asked == [900]
