"""How fast questions are answered, as ratios to hand-written SQL in the same run.

``python -m tests.bench.reads`` starts a PostgreSQL and, in a process of its own, the interface,
and beside it in the same process bare Starlette routes that send the JSON of a statement written
by hand for the same question. Sixteen connections ask in turns, first one then the other, so
that what the machine does besides weighs on both alike. Three questions: 50 rows of 8 fields;
50 rows nested twice; one row by its id.
"""

import argparse
import json
import multiprocessing
import shutil
import socket
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn
import uvloop
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import api.app
from api.ports import Hindrance
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector.schema import prepare
from infra.reads import Reads
from projections.statement import Statement
from tests.bench.load import Load, load, post

CONNECTIONS = 16
ORGANISATIONS = 2_000
ONE = f"org_{7:032x}"

QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "50 rows of 8 fields": (
        {
            "query": "query List($n: Int) { organisations(first: $n) { nodes { id version name "
            "kind siren rna registeredAt dissolved } } }",
            "variables": {"n": 50},
        },
        """
        select coalesce(json_agg(q), '[]') from (
            select id, version, name, kind, siren, rna, registered_at as "registeredAt", dissolved
            from organisation order by name_key, id limit 50
        ) q
        """,
    ),
    "50 rows, nested twice": (
        {
            "query": "query Nested($n: Int) { organisations(first: $n) { nodes { id name kind "
            "mobilisations { id name kind rhythm sessions { heldOn attendance } } } } }",
            "variables": {"n": 50},
        },
        """
        select coalesce(json_agg(q), '[]') from (
            select o.id, o.name, o.kind, (
                select coalesce(json_agg(r), '[]') from (
                    select m.id, m.name, m.kind, m.rhythm, (
                        select coalesce(json_agg(s), '[]') from (
                            select s.held_on as "heldOn", s.attendance
                            from mobilisation_session s
                            where s.mobilisation_id = m.id order by s.held_on
                        ) s
                    ) as sessions
                    from mobilisation m where m.organisation_id = o.id order by m.started_at, m.id
                ) r
            ) as mobilisations
            from (select * from organisation order by name_key, id limit 50) o
            order by o.name_key, o.id
        ) q
        """,
    ),
    "one by its id": (
        {
            "query": "query One($id: ID!) { organisation(id: $id) { id version name kind siren "
            "rna registeredAt dissolved } }",
            "variables": {"id": ONE},
        },
        f"""
        select row_to_json(q) from (
            select id, version, name, kind, siren, rna, registered_at as "registeredAt", dissolved
            from organisation where id = '{ONE}'
        ) q
        """,  # noqa: S608 - a constant of this module
    ),
}


class Still:
    """Positions of a read model in which nothing happens."""

    def position(self) -> int:
        """Nothing was ever recorded."""
        return 0

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ARG002, ASYNC109
        """Nothing will be."""
        return position == 0

    def hindrances(self) -> list[Hindrance]:
        """Nothing is in the way."""
        return []


async def fill(dsn: str) -> None:
    """Fill the read model: every organisation with six mobilisations of six sittings."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "read"})
    await connection.execute(
        f"""
        insert into organisation
        select 'org_' || lpad(to_hex(n), 32, '0'), 3, now(), now(), 'Organisation n° ' || n,
            'organisation n° ' || lpad(n::text, 5, '0'), 'ASSOCIATION', null, null, 'region:28',
            null, false
        from generate_series(1, {ORGANISATIONS}) n;
        insert into mobilisation
        select 'mob_' || lpad(to_hex(n * 6 + m), 32, '0'), 'org_' || lpad(to_hex(n), 32, '0'),
            'Mobilisation ' || m, 'SCREENING', 'WEEKLY', now()
        from generate_series(1, {ORGANISATIONS}) n, generate_series(0, 5) m;
        insert into mobilisation_session (mobilisation_id, held_on, organisation_id, attendance)
        select m.id, date '2026-01-01' + s, m.organisation_id, s
        from mobilisation m, generate_series(1, 6) s;
        analyze;
        """  # noqa: S608 - constants of this module
    )
    await connection.close()


def serve(dsn: str, listening: socket.socket) -> None:
    """Serve the interface and the hand-written routes, in this process, until it is ended."""

    async def main() -> None:
        reads = await Reads.open(dsn, pool_size=CONNECTIONS)
        unused: Any = None
        app = api.app.create(
            commands=unused, reads=reads, positions=Still(), feed=unused, sheets=unused
        )
        for number, (_, sql) in enumerate(QUESTIONS.values()):
            app.router.routes.append(
                Route(f"/hand/{number}", _by_hand(reads, sql), methods=["POST"])
            )
        config = uvicorn.Config(
            app, http="httptools", lifespan="off", access_log=False, log_config=None
        )
        await uvicorn.Server(config).serve(sockets=[listening])

    uvloop.run(main())


def _by_hand(reads: Reads, sql: str) -> Any:
    statement = Statement(sql)

    async def answer(request: Request) -> Response:
        await request.body()
        (row,) = await reads.answer(statement, ())
        return Response(b'{"data":' + (row or b"null") + b"}", media_type="application/json")

    return answer


async def measure(port: int, seconds: float, rounds: int) -> None:
    """Ask each question both ways, in turns, and print the medians."""
    print(f"{'':24} {'GraphQL/s':>10} {'by hand/s':>10} {'ratio':>6} {'p50 ms':>7} {'p99 ms':>7}")
    for number, (name, (question, _)) in enumerate(QUESTIONS.items()):
        body = json.dumps(question).encode()
        asked: dict[str, list[Load]] = {"/graphql": [], f"/hand/{number}": []}
        for turn in range(rounds + 1):
            for path, loads in asked.items():
                found = await _ask(port, post(path, body), seconds)
                if turn:  # the first warms plans and caches
                    loads.append(found)
        ours, hand = (statistics.median(load.rate for load in loads) for loads in asked.values())
        middle = sorted(asked["/graphql"], key=lambda load: load.rate)[rounds // 2]
        p50, p99 = middle.quantile(0.5), middle.quantile(0.99)
        print(f"{name:24} {ours:10.0f} {hand:10.0f} {ours / hand:6.2f} {p50:7.2f} {p99:7.2f}")


async def _ask(port: int, request: bytes, seconds: float) -> Load:
    def requests() -> Iterator[bytes]:
        while True:
            yield request

    found = await load(
        port,
        requests,
        clients=CONNECTIONS,
        seconds=seconds,
        right=lambda body: body.startswith((b'{"data":{', b'{"data":[')),
    )
    assert not found.failures, found.failures[0]
    return found


async def bench(arguments: argparse.Namespace) -> None:
    """Start everything, measure, and end it."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        async with EmbeddedPostgres(folder) as postgres:
            await migrate(postgres.dsn)
            await prepare(postgres.dsn)
            await fill(postgres.dsn)
            with socket.create_server(("127.0.0.1", 0)) as listening:
                server = multiprocessing.get_context("spawn").Process(
                    target=serve, args=(postgres.dsn, listening)
                )
                server.start()
                try:
                    port = listening.getsockname()[1]
                    await measure(port, arguments.seconds, arguments.rounds)
                finally:
                    server.kill()
                    server.join()
    finally:
        shutil.rmtree(folder)


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each turn takes")
    parser.add_argument("--rounds", type=int, default=5, help="how many turns count")
    uvloop.run(bench(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
