"""The application: the interface at /graphql, health, and a page that says where to look."""

from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from api import schema
from api.admission import Admission
from api.calendars import Calendars
from api.http import Interface
from api.identity import Strangers
from api.personas import Personas, pages_of
from api.ports import (
    Budgets,
    Commands,
    Dossiers,
    Feed,
    Identities,
    Positions,
    Reads,
    ReadsUnavailable,
    ReadTooSlow,
    Sheets,
)
from api.security import SecurityHeaders
from api.welcome import POLICY, page
from projections.statement import Statement

_ALIVE = Statement("select to_json(1)")


_ASKED_FROM_ELSEWHERE: Final = (
    "accept",
    "accept-language",
    "apollo-require-preflight",
    "authorization",
    "content-type",
    "graphql-preflight",
    "last-event-id",
    "min-position",
    "x-requested-with",
)
"""Headers that a page of another site may send, once its site is one that may ask."""
_TOLD_ELSEWHERE: Final = ("ratelimit", "ratelimit-policy", "retry-after", "www-authenticate")


def create(
    *,
    commands: Commands,
    reads: Reads,
    positions: Positions,
    feed: Feed,
    sheets: Sheets,
    dossiers: Dossiers | None = None,
    identities: Identities | None = None,
    budgets: Budgets | None = None,
    origins: Sequence[str] = (),
    personas: Personas | None = None,
) -> Starlette:
    """Make the application on these ports.

    Without ``dossiers`` nobody is given one, without ``identities`` everybody is a stranger,
    without ``budgets`` nothing is counted. ``origins`` are the sites whose pages may ask, beside
    our own. ``personas`` are those of a demo, for whom anybody may have a token.
    """
    admission = Admission(identities or Strangers(), budgets)
    interface = Interface(
        schema.create(),
        commands=commands,
        reads=reads,
        positions=positions,
        feed=feed,
        sheets=sheets,
        dossiers=dossiers,
        admission=admission,
        origins=origins,
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
        origin = str(request.base_url).rstrip("/")
        return HTMLResponse(page(origin), headers=POLICY)

    return Starlette(
        routes=[
            Route("/graphql", interface),
            WebSocketRoute("/graphql", interface),
            Route("/health/ready", ready),
            Route("/health/live", live),
            Route("/", welcome),
            Route("/calendar/{name}.ics", Calendars(reads, admission).serve),
            *(pages_of(personas) if personas is not None else ()),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=("GET", "POST"),
                allow_headers=_ASKED_FROM_ELSEWHERE,
                expose_headers=_TOLD_ELSEWHERE,
            ),
        ],
    )
