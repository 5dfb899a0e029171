"""What a statement is said to depend on is at least what PostgreSQL reads for it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import asyncpg

from api.answers import PLANS
from api.executor import Chosen
from domain.identity import Id
from projections.circle import CIRCLES
from projections.dependence import tables
from projections.guard import Eyes
from projections.statement import Statement
from projections.table import TABLES
from tests.api import everything
from tests.api.asked import Asked
from tests.api.both_ways import COMPILED
from tests.generations import PATH

ANYBODY, SOMEBODY, PROGRAM = Eyes(), Eyes(Id("prn_1")), Eyes(trusted=True)


def compiled(asked: Asked, eyes: Eyes) -> tuple[Statement, tuple[str, ...] | None]:
    chosen = COMPILED.choose(asked.text, None, asked.variables)
    assert isinstance(chosen, Chosen), chosen
    found = PLANS.plan(chosen.question, eyes).compiled
    assert found.statement is not None
    return found.statement, found.tables


def relations(plan: Any) -> Iterator[str]:
    """Give the tables of a plan of PostgreSQL's."""
    match plan:
        case dict():
            if "Relation Name" in plan:
                yield plan["Relation Name"]
            for part in plan.values():
                yield from relations(part)
        case list():
            for part in plan:
                yield from relations(part)


async def test_no_table_is_read_that_is_not_named(prepared: str) -> None:
    connection = await asyncpg.connect(prepared, server_settings={"search_path": PATH})
    try:
        assert len(await _read(connection)) >= 40
    finally:
        await connection.close()


async def _read(connection: Any) -> set[str]:
    read = set[str]()
    for eyes in (ANYBODY, SOMEBODY, PROGRAM):
        for name, asked in (*everything.nodes(), *everything.lists()):
            statement, named = compiled(asked, eyes)
            explain = f"explain (generic_plan, format json) {statement.text}"
            slots = {int(number) for number in re.findall(r"\$([0-9]+)", statement.text)}
            plan = await connection.fetchval(explain, *[None] * len(slots))
            found = set(relations(json.loads(plan)))
            assert named is not None, name
            assert found <= set(named), name
            assert set(named) <= TABLES.keys()
            read |= found
    return read


def test_rights_are_read_from_tables_too() -> None:
    for circle in CIRCLES:
        statement = Statement(f"select places_of_{circle.name}('prn_1')")
        assert "role_grant" in (tables(statement) or ())
    _, of_anybody = compiled(Asked("{roadmaps {nodes {title}}}", {}), ANYBODY)
    _, of_somebody = compiled(Asked("{roadmaps {nodes {title}}}", {}), SOMEBODY)
    assert "role_grant" not in (of_anybody or ())
    assert "role_grant" in (of_somebody or ())


def test_what_looks_at_the_clock_or_elsewhere_depends_on_more_than_tables() -> None:
    for text in (
        "select now()",
        "select * from session where starts_on > current_date",
        "select max(position) from log.event",
        "select name from organisation_before o where o.epoch = $1",
        "select o.name from organisation o join epoch e on e.number = $1",
    ):
        assert tables(Statement(text)) is None
    assert tables(Statement("select name from organisation")) == ("organisation",)
