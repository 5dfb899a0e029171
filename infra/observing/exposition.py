"""Where metrics are shown: a port of its own, which strangers do not reach."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.server import PortTaken, listen, url

GRACE: Final = 1
"""Seconds that a scrape under way has to end."""


def application(
    registry: CollectorRegistry, refresh: Callable[[], Awaitable[None]], ready: Callable[[], bool]
) -> Starlette:
    """Make what answers `/metrics`, and the two questions of health for a process without another.

    ``refresh`` is awaited before anything is told.
    """

    async def metrics(_request: Request) -> Response:
        await refresh()
        # Beside the loop: thousands of lines take long enough for a request to notice.
        told = await asyncio.to_thread(generate_latest, registry)
        return Response(told, headers={"content-type": CONTENT_TYPE_LATEST})

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def readiness(_request: Request) -> Response:
        await refresh()
        if ready():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "unavailable"}, 503)

    return Starlette(
        routes=[
            Route("/metrics", metrics),
            Route("/health/live", live),
            Route("/health/ready", readiness),
        ]
    )


@asynccontextmanager
async def shown(app: Starlette, host: str, port: int) -> AsyncIterator[str]:
    """Answer on a port as long as the context lasts, and give its address.

    Raises:
        PortTaken: with what to do.
    """
    try:
        listening = listen(host, port)
    except PortTaken as error:
        raise PortTaken(
            f"Metrics cannot be shown on port {port} of {host}: it is taken, or no address of this"
            " machine. Set CORDEE_METRICS_PORT or CORDEE_METRICS_HOST."
        ) from error
    with listening:
        server = _Server(
            uvicorn.Config(
                app,
                loop="none",
                lifespan="off",
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=GRACE,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listening]), name="metrics")
        try:
            yield url(listening)
        finally:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program, which ends this server among the last."""
        yield
