"""What rights cost: the same questions by callers to whom rules apply, and by the program itself.

``python -m tests.bench.access`` fills a read model in which everybody may see everything, so that
all get the same answers, and asks in turns: the program, anybody, and the coordinator of some
cohorts. A line tells how long an answer takes the program, and how much longer it takes the
others; below it the same where all roadmaps are drafts of these cohorts.

It is asked as a caller does, over HTTP and a connection that stays open, of the interface in a
process of its own, where who is calling costs all the same. With ``--bare`` the schema is asked
without HTTP, in this process.
"""

# The statements are constants of this module.
# ruff: noqa: S608

import argparse
import asyncio
import json
import multiprocessing
import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

import asyncpg
import uvicorn
import uvloop

import api.app
from api import schema
from api.context import Context
from api.ports import Identity
from domain.identity import external
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector.schema import prepare
from infra.reads import Reads
from tests.api.ports import Happening, Intakes, Scripted, Still
from tests.bench.load import post
from tests.generations import FIRST, PATH

CALLERS: Final = {
    "program": Identity(actor="bench", trusted=True),
    "anybody": Identity(),
    "coordinator": Identity(actor="coordinator", principal=UUID(int=1)),
}
Ask: TypeAlias = Callable[[str, str], Awaitable[float]]
"""Has a caller ask a question, and tells how many milliseconds the answer took."""

MAP: Final = f"map_{42:032x}"
ACT: Final = f"act_{7:032x}"

QUESTIONS: Final = {
    "a roadmap by its id": f'{{roadmap(id: "{MAP}") {{id title horizon status draftedAt'
    " turningPoint generativeQuestion newCourse}}",
    "an action by its id": f'{{action(id: "{ACT}") {{id title code status percent startsOn}}}}',
    "50 roadmaps": "{roadmaps(first: 50) {nodes {id title horizon status generativeQuestion"
    " newCourse draftedAt version}}}",
    "50 actions": "{actions(first: 50) {nodes {id title code status percent startsOn endsOn"
    " version}}}",
    "50 roadmaps, nested twice": "{roadmaps(first: 50) {nodes {id title levers {id title"
    " objectives {id wording target dueYear}}}}}",
    "50 actions, nested": "{actions(first: 50) {nodes {id title themes {theme} assignments"
    " {nodes {role organisation {name}}}}}}",
    "a page with its total": "{roadmaps(first: 20) {totalCount nodes {id}}}",
    "a statistic by status": "{actionStats(groupBy: [STATUS]) {total {count} groups {status"
    " count}}}",
    "a statistic by organisation": "{actionStats(groupBy: [ORGANISATION]) {groupCount groups"
    " {count}}}",
    "a filter through a relation": "{actions(where: {theme: {eq: WATER}}, first: 50) {totalCount"
    " nodes {id title}}}",
    "a search": '{search(text: "ensemble", first: 20) {totalCount nodes {kind part near}}}',
}

FILL: Final = f"""
insert into organisation
select 'org_' || lpad(to_hex(n), 32, '0'), 1, now(), now(), 'Organisation ' || n, 'o' || n,
    'ASSOCIATION', null, null, null, null, false from generate_series(1, 2000) n;
insert into alliance (id, version, entered_at, updated_at, name, name_key, kind, status,
    territory_key)
select 'ali_' || n, 1, now(), now(), 'Alliance ' || n, 'a' || n, 'REGIONAL_COP', 'OPEN',
    'region:28' from generate_series(1, 20) n;
insert into roadmap (id, version, drafted_at, updated_at, organisation_id, cohort_id, title,
    horizon, status, generative_question, new_course, submissions, known_to, read_by)
select 'map_' || lpad(to_hex(n), 32, '0'), 1, now() + n * interval '1 s', now(),
    'org_' || lpad(to_hex(n), 32, '0'), 'coh_' || n % 40, 'Cap ' || n, 2030, 'SUBMITTED',
    'Comment aller ensemble ' || n, repeat('Un commun ', 20), 1, 'EVERYONE', 'EVERYONE'
from generate_series(1, 2000) n;
insert into lever select 'lev_' || n, 'map_' || lpad(to_hex((n - 1) / 3 + 1), 32, '0'), n % 3,
    'Levier ' || n, null, now(), now() from generate_series(1, 6000) n;
insert into objective (id, roadmap_id, lever_id, position, wording, target, due_year, added_at,
    updated_at)
select 'obj_' || n, 'map_' || lpad(to_hex((n - 1) / 6 + 1), 32, '0'), 'lev_' || (n - 1) / 2 + 1,
    n % 2, 'Objectif ' || n, n, 2030, now(), now() from generate_series(1, 12000) n;
insert into action (id, version, proposed_at, updated_at, alliance_id, code, title, visibility,
    reach, status, percent, budget_answer)
select 'act_' || lpad(to_hex(n), 32, '0'), 1, now() + n * interval '1 s', now(),
    'ali_' || n % 20 + 1, 'A' || n, 'Action ' || n, 'PUBLIC', 'EVERYONE',
    (array['PLANNED', 'UNDER_WAY', 'FINISHED'])[n % 3 + 1], n % 100, 'NOT_ASKED'
from generate_series(1, 10000) n;
insert into action_theme select 'act_' || lpad(to_hex(n), 32, '0'), t, 1
from generate_series(1, 10000) n, unnest(array['WATER', 'ENERGY']) t where (n + length(t)) % 3 > 0;
insert into assignment (id, action_id, place, role, organisation_id, named_at)
select 'asg_' || n, 'act_' || lpad(to_hex((n - 1) / 2 + 1), 32, '0'), n % 2, 'PARTNER',
    'org_' || lpad(to_hex(n % 2000 + 1), 32, '0'), now() from generate_series(1, 20000) n;
insert into passage (about_id, part, entity_id, kind, text, name_key, territory_keys,
    inherited_keys, reach)
select id, 'GENERATIVE_QUESTION', id, 'ROADMAP', generative_question, null, '{{}}', '{{}}', read_by
from roadmap;
insert into role_grant
select '{external("principal", UUID(int=1))}', 'COHORT_COORDINATOR', 'COHORT', n, 'coh_' || n,
    false, now() from generate_series(1, 3) n;
"""

DRAFTS: Final = """
update roadmap set known_to = 'INSIDERS', read_by = 'INSIDERS';
delete from roadmap where cohort_id not in ('coh_1', 'coh_2', 'coh_3');
update passage set reach = 'INSIDERS';
"""


class Named:
    """Callers are who they say they are."""

    async def identify(self, authorization: str | None, address: str) -> Identity:  # noqa: ARG002
        """Believe them."""
        assert authorization is not None
        return CALLERS[authorization.removeprefix("Bearer ")]

    async def stands(self, identity: Identity) -> bool:
        """Nothing revokes it."""
        return identity in CALLERS.values()


def serve(dsn: str, listening: socket.socket) -> None:
    """Serve the interface, in this process, until it is ended."""

    async def main() -> None:
        app = api.app.create(
            commands=Scripted(),
            reads=await Reads.open(dsn, FIRST, pool_size=1),
            positions=Still(),
            feed=Happening(),
            sheets=Intakes(),
            identities=Named(),
        )
        config = uvicorn.Config(
            app, http="httptools", lifespan="off", access_log=False, log_config=None
        )
        await uvicorn.Server(config).serve(sockets=[listening])

    uvloop.run(main())


@asynccontextmanager
async def over_http(dsn: str) -> AsyncIterator[Ask]:
    """Ask over HTTP, on one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(dsn, listening))
        server.start()
        try:
            reader, writer = await asyncio.open_connection(*listening.getsockname())

            async def ask(caller: str, text: str) -> float:
                request = post("/graphql", json.dumps({"query": text}).encode(), caller)
                began = time.perf_counter()
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                body = await reader.readexactly(int(length))
                took = 1000 * (time.perf_counter() - began)
                assert body.startswith(b'{"data":{'), body
                return took

            yield ask
            writer.close()
        finally:
            server.kill()
            server.join()


@asynccontextmanager
async def bare(dsn: str) -> AsyncIterator[Ask]:
    """Ask the schema."""
    by = schema.create()
    reads = await Reads.open(dsn, FIRST, pool_size=1)

    async def ask(caller: str, text: str) -> float:
        context = Context(
            commands=Scripted(),
            reads=reads,
            positions=Still(),
            feed=Happening(),
            sheets=Intakes(),
            caller=CALLERS[caller].caller("en"),
        )
        began = time.perf_counter()
        result = await by.execute(text, context_value=context)
        took = 1000 * (time.perf_counter() - began)
        assert not result.errors, result.errors
        return took

    yield ask
    await reads.close()


async def compare(ask: Ask, callers: Sequence[str], rounds: int) -> None:
    """Ask each question in turns, and print the medians."""
    others = "".join(f"{name:>13}" for name in callers[1:])
    print(f"{'':30}{callers[0] + ' ms':>12}{others}")
    for name, text in QUESTIONS.items():
        took: dict[str, list[float]] = {caller: [] for caller in callers}
        for turn in range(rounds + 20):
            for caller in callers:
                found = await ask(caller, text)
                if turn >= 20:  # the first ones make plans
                    took[caller].append(found)
        first, *rest = (statistics.median(took[caller]) for caller in callers)
        print(f"{name:30}{first:12.2f}" + "".join(f"{each / first:13.2f}" for each in rest))


async def execute(dsn: str, text: str) -> None:
    """Run statements on the read model, and let the planner know what is there."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": PATH})
    await connection.execute(text)
    await connection.execute("vacuum analyze")
    await connection.close()


async def bench(rounds: int, *, http: bool) -> None:
    """Start a PostgreSQL, fill it, measure, and end it."""
    asking = over_http if http else bare
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        async with EmbeddedPostgres(folder) as postgres:
            await migrate(postgres.dsn)
            await prepare(postgres.dsn)
            await execute(postgres.dsn, FILL)
            async with asking(postgres.dsn) as ask:
                await compare(ask, ("program", "anybody", "coordinator"), rounds)
            await execute(postgres.dsn, DRAFTS)
            async with asking(postgres.dsn) as ask:
                print("\nof drafts in cohorts of the coordinator's")
                await compare(ask, ("program", "coordinator"), rounds)
    finally:
        shutil.rmtree(folder)


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="how many turns count")
    parser.add_argument("--bare", action="store_true", help="ask the schema, without HTTP")
    arguments = parser.parse_args(argv)
    uvloop.run(bench(arguments.rounds, http=not arguments.bare))


if __name__ == "__main__":
    main()
