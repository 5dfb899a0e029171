"""How fast questions are answered, as ratios to what PostGraphile 5 does in the same run.

``python -m tests.bench.peer`` starts a PostgreSQL and, as `tests.bench.reads` does, the interface
in a process of its own; beside it PostGraphile, which npm installs into a folder that goes again,
over the same tables. Each is one process with as many connections to the database, and neither
keeps answers. Sixteen connections ask in turns, first one then the other, so that what the machine
does besides weighs on both alike; the time that either process has had of processors says it even
where others take turns. Before, both have to give the same answer to each question.

Where there is no Node that it runs on, or npm cannot install it, that is told and nothing is
measured.
"""

import argparse
import asyncio
import multiprocessing
import os
import re
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
import orjson
import uvloop

from infra.explorer.node import Node
from infra.migrate import migrate
from infra.postgres import EmbeddedPostgres
from infra.projector.schema import prepare
from tests.bench.load import load, post
from tests.bench.questions import ASKED, Asked, fill
from tests.bench.reads import CONNECTIONS, fresh, same, serve
from tests.bench.turns import Found
from tests.clients.node import NotHere, found
from tests.generations import PATH, SCHEMAS

PEER: Final = "postgraphile@5.1.5"
WANTED: Final = 2.0
"""How many times as fast the interface is meant to be."""
PATIENCE: Final = 180
"""Seconds after which an installation, or a start, counts as stuck."""

_INSTALL: Final = (
    *("install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"),
    *("--fetch-retries=1", "--fetch-timeout=20000", PEER),
)

_RELATIONS: Final = """
comment on table mobilisation is
    E'@foreignKey (organisation_id) references organisation (id)';
comment on table mobilisation_session is
    E'@foreignKey (mobilisation_id) references mobilisation (id)';
"""
"""What it has to be told, for the read tables have no foreign keys; both columns are indexed."""

_SERVER: Final = """
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [connectionString, schema, connections] = process.argv.slice(2);
const pool = { min: +connections, max: +connections };
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  disablePlugins: ["NodePlugin"],
  schema: { defaultBehavior: "+list" },
  grafast: { explain: false },
  grafserv: { graphiql: false, watch: false, websockets: false },
  pgServices: [
    makePgService({
      connectionString,
      schemas: [schema],
      pubsub: false,
      poolConfig: { ...pool, options: "-c jit=off -c plan_cache_mode=force_generic_plan" },
    }),
  ],
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
"""
"""PostGraphile as in production, without editor, watching and sockets; it ends with its starter."""

_QUERIES: Final = (
    """query List($n: Int) {
      organisations: allOrganisations(first: $n, orderBy: NAME_KEY_ASC) {
        nodes { id: rowId version name kind siren rna registeredAt dissolved } } }""",
    """query Nested($n: Int) {
      organisations: allOrganisations(first: $n, orderBy: NAME_KEY_ASC) {
        nodes { id: rowId name kind
          mobilisations: mobilisationsByOrganisationIdList(orderBy: [STARTED_AT_ASC, ROW_ID_ASC]) {
            id: rowId name kind rhythm
            sessions: mobilisationSessionsByMobilisationIdList(orderBy: HELD_ON_ASC) {
              heldOn attendance } } } } }""",
    """query One($id: String!) {
      organisation: organisationByRowId(rowId: $id) {
        id: rowId version name kind siren rna registeredAt dissolved } }""",
)
"""The questions of `tests.bench.questions`, in the same order, in the words of its schema."""

PAIRS: Final = tuple(
    (asked, replace(asked, query=query)) for asked, query in zip(ASKED, _QUERIES, strict=True)
)
"""Each question as we are asked it, and as the peer is."""


@dataclass(frozen=True, slots=True)
class Served:
    """Where something is served, and by which process."""

    port: int
    process: int

    def spent(self) -> float:
        """Give the seconds that the process has had of processors."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def install(folder: Path) -> Node:
    """Install the peer into a folder, and give the Node that it runs in.

    Raises:
        NotHere: there is no such Node, or npm could not; the message says why.
    """
    here = found()
    node = Node(here.program, here.npm)
    (folder / "package.json").write_text('{"private": true}')
    (folder / "server.mjs").write_text(_SERVER)
    try:
        installed = node.run(*node.npm, *_INSTALL, folder=folder, patience=PATIENCE)
    except subprocess.TimeoutExpired:
        raise NotHere(f"npm had not installed it after {PATIENCE} seconds") from None
    if installed.returncode:
        code = re.search(r"^npm error code (\S+)", installed.stderr, re.MULTILINE)
        raise NotHere(f"npm could not install it ({code[1] if code else installed.stderr.strip()})")
    return node


@asynccontextmanager
async def peer(node: Node, folder: Path, dsn: str) -> AsyncIterator[Served]:
    """Run the peer over the tables of organisations.

    Raises:
        RuntimeError: it does not start; what it said stands above.
    """
    process = await asyncio.create_subprocess_exec(
        *(node.program, "server.mjs", dsn, SCHEMAS["organisation"], str(CONNECTIONS)),
        cwd=folder,
        env=os.environ | {"NODE_ENV": "production", "GRAPHILE_ENV": "production"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        told = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        if not told:
            raise RuntimeError(f"{PEER} ended before it answered")
        yield Served(int(told), process.pid)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def interface(dsn: str) -> AsyncIterator[Served]:
    """Run the interface that keeps no answers, in a process of its own."""
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(dsn, *listening))
    server.start()
    try:
        assert server.pid is not None
        yield Served(listening[0].getsockname()[1], server.pid)
    finally:
        server.kill()
        server.join()
        for each in listening:
            each.close()


def _answer(port: int, asked: Asked) -> dict[str, Any]:
    """Ask once; gives what is answered, with instants as such, for they are written differently."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", _body(asked), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - loopback
        answer = orjson.loads(response.read())
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    for row in data["organisations"]["nodes"] if "organisations" in data else data.values():
        if "registeredAt" in row:
            row["registeredAt"] = datetime.fromisoformat(row["registeredAt"])
    return data


def _body(asked: Asked) -> bytes:
    return orjson.dumps({"query": asked.query, "variables": asked.variables(7)})


def _again(asked: Asked) -> Callable[[], Iterator[bytes]]:
    return same(post("/graphql", _body(asked)))


def _unlike(asked: Asked) -> Callable[[], Iterator[bytes]]:
    return fresh("/graphql", asked)


def _right(body: bytes) -> bool:
    return body.startswith(b'{"data":{')


async def compare(
    name: str, arguments: argparse.Namespace, ways: dict[Served, Callable[[], Iterator[bytes]]]
) -> None:
    """Ask ours and the peer in turns, and print the medians and what ours is to the peer's."""
    results = {served: Found() for served in ways}
    for turn in range(arguments.rounds + 1):
        for served, requests in ways.items():
            before = served.spent()
            answered = await load(
                served.port,
                requests,
                clients=CONNECTIONS,
                seconds=arguments.seconds,
                right=_right,
            )
            assert not answered.failures, answered.failures[0]
            if turn:  # the first warms plans and caches
                results[served].loads.append(answered)
                spent = 1e6 * (served.spent() - before)
                results[served].processor.append(spent / len(answered.latencies))
    ours, theirs = results.values()
    rates = f"{ours.rate:9.0f}{theirs.rate:13.0f}{ours.rate / theirs.rate:7.2f}"
    costs = f"{ours.cost:9.1f}{theirs.cost:13.1f}{theirs.cost / ours.cost:7.2f}"
    print(f"{name:24}{rates} |{costs}", flush=True)


async def bench(arguments: argparse.Namespace, node: Node, folder: Path) -> None:
    """Start everything, see that both answer alike, measure, and end it."""
    async with EmbeddedPostgres(folder / "postgres") as postgres:
        await migrate(postgres.dsn)
        await prepare(postgres.dsn)
        await fill(postgres.dsn)
        connection = await asyncpg.connect(postgres.dsn, server_settings={"search_path": PATH})
        await connection.execute(_RELATIONS)
        await connection.close()
        async with interface(postgres.dsn) as us, peer(node, folder, postgres.dsn) as them:
            for ours, theirs in PAIRS:
                answer = await asyncio.to_thread(_answer, us.port, ours)
                assert answer == await asyncio.to_thread(_answer, them.port, theirs), ours.name
            print("Answers per second and ratios | microseconds of the process and ratios")
            print(f"At least {WANTED:g} times the answers of {PEER} are wanted")
            for title, written in ("asked again", _again), ("no two alike", _unlike):
                print(f"\n{title:24}{'ours':>9}{'PostGraphile':>13}  ratio")
                for ours, theirs in PAIRS:
                    await compare(ours.name, arguments, {us: written(ours), them: written(theirs)})


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments, install the peer where that can be, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each turn takes")
    parser.add_argument("--rounds", type=int, default=5, help="how many turns count")
    arguments = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        node = install(folder)
        uvloop.run(bench(arguments, node, folder))
    except NotHere as why:
        print(f"{PEER} was not run, so nothing was compared: {why}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
