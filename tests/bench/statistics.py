"""How fast statistics are, as ratios to hand-written SQL in the same run.

``python -m tests.bench.statistics`` starts a PostgreSQL with 100 000 actions and asks, in turns,
for the statement that the interface compiles and for one written by hand: grouped by two columns
with figures, by themes and years of which an action has several, and for what a filter chooses.
All go through the same pool, and each answer is held against the others first. The ratio is that
of what the program itself asks; anybody may see all of these actions, but that is to be found out.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import asyncpg
import orjson
from graphql import OperationDefinitionNode, parse
from graphql.execution.values import VariableValues, get_variable_values

from api import schema
from api.planner import Planner
from api.question import Question
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector.schema import prepare
from infra.reads import Reads
from projections.guard import Eyes
from projections.statement import Statement
from tests.generations import FIRST, PATH

ACTIONS = 100_000

QUESTIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "by status and category": (
        (
            "{actionStats(groupBy: [STATUS, CATEGORY]) {groups {status category count"
            " plannedAmount {answered sum min max}}}}"
        ),
        {},
        """
        select row_to_json(s) from (select (
            select json_agg(q) from (
                select status, category, count, (
                    select row_to_json(m) from (
                        select answered, sum::text, min::text, max::text) m
                ) as "plannedAmount"
                from (
                    select status, category, count(*), count(planned_amount) as answered,
                        sum(planned_amount), min(planned_amount), max(planned_amount)
                    from action group by status, category
                ) g
                order by status collate "C" nulls last, category collate "C" nulls last
            ) q
        ) as groups) s
        """,
    ),
    "by theme and year": (
        (
            "{actionYearStats(groupBy: [THEME, YEAR]) {groups {theme year count"
            " percent {answered average}}}}"
        ),
        {},
        """
        select row_to_json(s) from (select (
            select json_agg(q) from (
                select theme, year, count, (
                    select row_to_json(m) from (select answered, average::text) m
                ) as percent
                from (
                    select t.theme, y.year, count(*), count(y.percent) as answered,
                        round(avg(y.percent), 2) as average
                    from action_year y
                    left join action_theme t on t.action_id = y.action_id
                    group by t.theme, y.year
                ) g
                order by theme collate "C" nulls last, year nulls last
            ) q
        ) as groups) s
        """,
    ),
    "chosen by theme and status": (
        (
            "query($where: ActionWhere) {actionStats(where: $where, groupBy: [CATEGORY])"
            " {groups {category count}}}"
        ),
        {"where": {"theme": {"eq": "HOUSING"}, "status": {"eq": "DONE"}}},
        """
        select row_to_json(s) from (select (
            select json_agg(q) from (
                select category, count(*)
                from action a
                where status = $1::text and exists (
                    select from action_theme t where t.action_id = a.id and t.theme = $2::text
                )
                group by category order by category collate "C" nulls last
            ) q
        ) as groups) s
        """,
    ),
}


async def fill(dsn: str) -> None:
    """Fill the read model with actions, each of one or two themes, over four years."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": PATH})
    await connection.execute(
        f"""
        insert into action (id, version, proposed_at, updated_at, title, description, category,
            visibility, reach, status, percent, budget_answer, planned_amount)
        select 'act_' || md5(n::text), 3, now(), now(), 'Action n° ' || n,
            repeat('Ce que l’action change, et pour qui. ', 6),
            (array['KNOWLEDGE', 'SUPPORT', 'ATTRACTIVENESS', 'TRAINING'])[1 + n % 4], 'PUBLIC',
            'EVERYONE',
            (array['TO_BE_DISCUSSED', 'PLANNED', 'UNDER_WAY', 'PAUSED', 'BLOCKED', 'LATE',
                'DONE', 'ABANDONED'])[1 + n / 4 % 8],
            n % 101, 'ANSWERED', case when n % 3 = 0 then (1000 + n % 600000)::numeric end
        from generate_series(1, {ACTIONS}) n;
        insert into action_theme (action_id, theme, place)
        select 'act_' || md5(n::text), (array['MOVING', 'HOUSING', 'PRODUCING',
            'EATING', 'CONSUMING', 'ECOSYSTEMS', 'TRANSVERSAL'])[1 + (n + p) % 7], p
        from generate_series(1, {ACTIONS}) n, generate_series(0, 1) p where p = 0 or n % 3 = 0;
        insert into action_year (action_id, year, percent, renewed)
        select 'act_' || md5(n::text), 2023 + n % 4, n % 101, false
        from generate_series(1, {ACTIONS}) n;
        """  # noqa: S608 - constants of this module
    )
    await connection.execute("vacuum analyze")
    await connection.close()


def compiled(
    query: str, variables: dict[str, Any], eyes: Eyes
) -> tuple[Statement, Sequence[object]]:
    """Give the statement that the interface makes of somebody's question, and its arguments."""
    known = schema.create()._schema
    document = parse(query)
    operation = cast(OperationDefinitionNode, document.definitions[0])
    values = get_variable_values(known, operation.variable_definitions or (), variables)
    assert isinstance(values, VariableValues)
    question = Question(known, operation, {}, values)
    planner = Planner(question, eyes)
    assert known.query_type is not None
    planner.roots(known.query_type, question.fields(known.query_type))
    made = planner.compiled()
    assert made.statement is not None
    return made.statement, made.arguments(values)


async def measure(reads: Reads, rounds: int) -> None:
    """Ask each question in all ways, in turns, and print the medians."""
    print(
        f"{'':28} {'ours ms':>8} {'p95 ms':>8} {'by hand ms':>11} {'ratio':>6} {'anybody ms':>11}"
    )
    for name, (query, variables, sql) in QUESTIONS.items():
        statement, arguments = compiled(query, variables, Eyes(trusted=True))
        anybody = compiled(query, variables, Eyes())
        ways = ((statement, arguments), (Statement(sql), arguments), anybody)
        times: list[list[float]] = [[], [], []]
        for turn in range(rounds + 3):
            answers = []
            for way, taken in zip(ways, times, strict=True):
                begun = time.perf_counter()
                (answer,) = await reads.answer(*way)
                if turn >= 3:  # the first warm plans and caches
                    taken.append(1000 * (time.perf_counter() - begun))
                answers.append(orjson.loads(answer or b"null"))
            assert answers[0] == answers[1] == answers[2], f"{name}: the answers differ"
        ours, hand, anybodys = map(statistics.median, times)
        p95 = statistics.quantiles(times[0], n=20)[-1]
        print(f"{name:28} {ours:8.1f} {p95:8.1f} {hand:11.1f} {hand / ours:6.2f} {anybodys:11.1f}")


async def bench(arguments: argparse.Namespace) -> None:
    """Start everything, measure, and end it."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        async with EmbeddedPostgres(folder) as postgres:
            await migrate(postgres.dsn)
            await prepare(postgres.dsn)
            await fill(postgres.dsn)
            reads = await Reads.open(postgres.dsn, FIRST, pool_size=1)
            await measure(reads, arguments.rounds)
            await reads.close()
    finally:
        shutil.rmtree(folder)


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="how many turns count")
    asyncio.run(bench(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
