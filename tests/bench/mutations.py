"""How many mutations a second go through the whole of it, over HTTP.

``python -m tests.bench.mutations`` starts a PostgreSQL with fsync on and, in a process of its
own, everything that serves: the interface, the command bus, the event store and the projections.
Thirty-two connections each send one mutation after the other, as somebody who may: know who it is,
count, parse, decide, append, respond.
Asked for the position alone it is done when the log has it; asked for the entity, too, it waits
until the read model has caught up and reads from it.

The target: 1 500 a second on two cores with the load generator beside it. ``--profile`` writes
where the serving process spends its time.
"""

import argparse
import cProfile
import json
import multiprocessing
import pstats
import shutil
import signal
import socket
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import uvicorn
import uvloop

from api.ports import Caller
from domain.granting import GrantRole
from domain.principal import OpenPrincipal
from domain.role import Role, ScopeKind
from infra.garbage import settle
from infra.identity.built_in import NAME
from infra.identity.demo import Demo
from infra.postgres import EmbeddedPostgres
from infra.settings import Settings
from infra.system import system
from tests.bench.load import Load, load, post

CLIENTS = 32
SOMEBODY = "somebody"
OURSELVES = Caller(actor="bench", language="en", trusted=True)
BOUNDLESS = {
    f"CORDEE_{quota}": "999999999/minute"
    for quota in ("CALLER_REQUESTS", "CALLER_COST", "ADDRESS_REQUESTS", "ADDRESS_COST")
}
"""Budgets that are counted, and last."""

SELECTIONS = {
    "position": "position",
    "position and entity": "position version organisation { id version name kind }",
}
QUERY = (
    "mutation Register($input: RegisterOrganisationInput!) {{ registerOrganisation(input: $input) "
    "{{ __typename ... on RegisterOrganisationSuccess {{ {selection} }} "
    "... on Refusal {{ code message path }} }} }}"
)


def serve(dsn: str, folder: str, listening: socket.socket, profile: bool) -> None:
    """Serve, in this process, until SIGTERM."""

    async def main() -> None:
        environment = {"CORDEE_DATA_DIR": folder, "DATABASE_URL": dsn} | BOUNDLESS
        settings = Settings.from_environment(environment)
        async with system(settings, dsn, demo=Demo.open(Path(folder))) as running:
            opening = OpenPrincipal(issuer=NAME, subject=SOMEBODY)
            somebody = (await running.commands.execute(opening, OURSELVES)).id
            granting = GrantRole(
                principal=somebody, role=Role.PLATFORM_OPERATOR, scope_kind=ScopeKind.PLATFORM
            )
            await running.commands.execute(granting, OURSELVES)
            app = running.app
            settle()
            config = uvicorn.Config(
                app, http="httptools", lifespan="off", access_log=False, log_config=None
            )
            await uvicorn.Server(config).serve(sockets=[listening])

    if not profile:
        uvloop.run(main())
        return
    profiler = cProfile.Profile()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    profiler.enable()
    try:
        uvloop.run(main())
    except KeyboardInterrupt:
        pass
    finally:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(50)


def _requests(selection: str, numbers: Iterator[int], token: str) -> Iterator[bytes]:
    query = QUERY.format(selection=selection)
    for number in numbers:
        given = {
            "name": f"Organisation n° {number}",
            "kind": "ASSOCIATION",
            "territory": "region:28",
        }
        body = json.dumps({"query": query, "variables": {"input": given}})
        yield post("/graphql", body.encode(), token)


async def measure(port: int, token: str, seconds: float, rounds: int) -> None:
    """Send mutations of each selection in turns, and print the medians."""
    numbers = count(1)
    loads: dict[str, list[Load]] = {name: [] for name in SELECTIONS}
    for turn in range(rounds + 1):
        for name, selection in SELECTIONS.items():
            found = await load(
                port,
                lambda selection=selection: _requests(selection, numbers, token),  # type: ignore[misc]
                clients=CLIENTS,
                seconds=seconds,
                right=lambda body: b'"RegisterOrganisationSuccess"' in body,
            )
            assert not found.failures, found.failures[0]
            if turn:  # the first warms plans and caches
                loads[name].append(found)
    print(f"{'':24} {'per second':>10} {'p50 ms':>7} {'p99 ms':>7}")
    for name, turns in loads.items():
        middle = sorted(turns, key=lambda load: load.rate)[rounds // 2]
        rate = statistics.median(load.rate for load in turns)
        p50, p99 = middle.quantile(0.5), middle.quantile(0.99)
        print(f"{name:24} {rate:10.0f} {p50:7.2f} {p99:7.2f}")


async def bench(arguments: argparse.Namespace) -> None:
    """Start everything, measure, and end it."""
    folder = Path(tempfile.mkdtemp(prefix="cordee-bench-"))
    try:
        async with EmbeddedPostgres(folder / "postgres") as postgres:
            with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
                server = multiprocessing.get_context("spawn").Process(
                    target=serve,
                    args=(postgres.dsn, str(folder), listening, arguments.profile),
                )
                server.start()
                try:
                    port = listening.getsockname()[1]
                    token = Demo.open(folder).token_of(SOMEBODY)
                    await measure(port, token, arguments.seconds, arguments.rounds)
                finally:
                    server.terminate()
                    server.join(20)
                    server.kill()
    finally:
        shutil.rmtree(folder)


def main(argv: Sequence[str] | None = None) -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each turn takes")
    parser.add_argument("--rounds", type=int, default=3, help="how many turns count")
    parser.add_argument("--profile", action="store_true", help="profile the serving process")
    uvloop.run(bench(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
