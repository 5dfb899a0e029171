"""What it costs to be watched, as ratios to an interface that nobody watches, in the same run.

``python -m tests.bench.watching`` sends one request again and again, in turns, by the interface
without ids of requests; as it is when no metrics and no traces are asked for; with metrics; with
metrics and a trace of every request. The read model is a constant and there is no network: what is
measured is the processor's time for the way of a request through the interface, and in earnest the
database and the server take several times as much.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson
import uvloop
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from starlette.types import ASGIApp, Message

import api.app
from api.trail import Trails
from infra.budgets import Budgets
from infra.observing.observatory import UNOBSERVED, Observatory, watched
from infra.observing.tracing import Tracing
from infra.settings import Settings
from projections.statement import Statement
from tests.api.ports import Still

REQUESTS: Final = 400
"""Requests of one turn: some hundredths of a second."""
BODY: Final = orjson.dumps(
    {
        "query": "query One($id: ID!) { organisation(id: $id) { id name } }",
        "variables": {"id": f"org_{7:032x}"},
    }
)
UNBOUNDED: Final = {"CORDEE_ADDRESS_REQUESTS": "off", "CORDEE_ADDRESS_COST": "off"}
WAYS: Final = ("no ids", "unwatched", "metrics", "metrics and traces")


class Constant:
    """A read model that has one answer."""

    async def answer(
        self,
        statement: Statement,  # noqa: ARG002
        arguments: Sequence[object],  # noqa: ARG002
    ) -> Sequence[bytes | None]:
        """Give it."""
        return (b'{"id":"org_7","name":"Organisation"}',)

    async def rows(self, statement: Statement, arguments: Sequence[object]) -> Any:
        """Nobody asks for rows."""
        raise NotImplementedError


class Nowhere(SpanExporter):
    """Sends spans nowhere: what a collector costs is its own."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:  # noqa: ARG002
        """Drop them."""
        return SpanExportResult.SUCCESS


def app_of(settings: Settings, observatory: Observatory) -> Any:
    """Make the interface as it is watched from an observatory."""
    unused: Any = None
    return api.app.create(
        commands=unused,
        reads=observatory.timed(Constant()),
        positions=Still(),
        feed=unused,
        sheets=unused,
        budgets=Budgets(settings),
        meter=observatory.interface,
        watches=observatory.middleware,
    )


async def ask(app: ASGIApp) -> int:
    """Send the request, as a server would, and give the status of the answer."""
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "headers": [
            (b"host", b"bench"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(BODY)).encode()),
        ],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, receive, send)
    return status


async def measure(rounds: int) -> None:
    """Ask all ways in turns, and print what came of it."""
    settings = Settings.from_environment({**UNBOUNDED, "CORDEE_DATA_DIR": str(Path.cwd())})
    tracing = Tracing(Nowhere(), "bench")
    async with (
        watched(settings, None, print) as counted,
        watched(settings, tracing, print) as traced,
    ):
        apps = [app_of(settings, each) for each in (UNOBSERVED, UNOBSERVED, counted, traced)]
        apps[0].user_middleware = [each for each in apps[0].user_middleware if each.cls != Trails]
        times: list[list[float]] = [[] for _ in apps]
        for turn in range(rounds + 1):
            for app, found in zip(apps, times, strict=True):
                # In a task of its own, as a request is: none inherits the span of another.
                took = await asyncio.create_task(_turn(app))
                if turn:  # the first warms plans and caches
                    found.append(took)
    tracing.close()
    _print([statistics.median(found) for found in times])


async def _turn(app: ASGIApp) -> float:
    """Give the microseconds of the processor that a request takes."""
    began = time.process_time()
    for _ in range(REQUESTS):
        assert await ask(app) == 200
    return (time.process_time() - began) / REQUESTS * 1e6


def _print(medians: Sequence[float]) -> None:
    _, unwatched, *_ = medians
    print(f"{'':22}{'µs':>8}{'more':>8}{'ratio':>8}")
    for name, took in zip(WAYS, medians, strict=True):
        print(f"{name:22}{took:8.1f}{took - unwatched:8.1f}{took / unwatched:8.2f}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    uvloop.run(measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
