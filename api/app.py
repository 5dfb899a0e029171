"""The application: the interface at /graphql, health, and a page that says where to look."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from api import schema
from api.http import Interface
from api.ports import Commands, Feed, Positions, Reads, ReadsUnavailable, ReadTooSlow
from api.welcome import page
from projections.statement import Statement

_ALIVE = Statement("select to_json(1)")


def nobody(_request: HTTPConnection) -> str:
    """Name a caller who did not say who they are."""
    return "anonymous"


def create(
    *,
    commands: Commands,
    reads: Reads,
    positions: Positions,
    feed: Feed,
    actor: Callable[[HTTPConnection], str] = nobody,
) -> Starlette:
    """Make the application on these ports; ``actor`` tells who is calling."""
    interface = Interface(
        schema.create(),
        commands=commands,
        reads=reads,
        positions=positions,
        feed=feed,
        actor=actor,
    )

    async def ready(_request: Request) -> Response:
        try:
            await reads.answer(_ALIVE, ())
        except (ReadsUnavailable, ReadTooSlow):
            return JSONResponse({"status": "unavailable"}, 503)
        at = str(positions.position())
        if hindrances := positions.hindrances():
            told = [
                {"readModel": each.read_model, "code": each.code, "reason": each.reason}
                for each in hindrances
            ]
            body = {"status": "unavailable", "position": at, "hindrances": told}
            return JSONResponse(body, 503)
        return JSONResponse({"status": "ready", "position": at})

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def welcome(request: Request) -> Response:
        return HTMLResponse(page(str(request.base_url).rstrip("/")))

    return Starlette(
        routes=[
            Route("/graphql", interface),
            WebSocketRoute("/graphql", interface),
            Route("/health/ready", ready),
            Route("/health/live", live),
            Route("/", welcome),
        ]
    )
