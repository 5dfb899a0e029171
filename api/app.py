"""The application: the interface at /graphql, health, and a page that says where to look."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from api import schema
from api.admission import Admission
from api.answer_cache import AnswerCache
from api.calendars import Calendars
from api.compression import Compression
from api.direct import Direct
from api.explorer import Explorer
from api.faults import broken
from api.http import Interface
from api.identity import Strangers
from api.limits import USUAL, Limits
from api.meter import NO_METER, Meter
from api.personas import Personas, pages_of
from api.ports import (
    Bookmarks,
    Budgets,
    Commands,
    Dossiers,
    Feed,
    Histories,
    Identities,
    Moments,
    Outlet,
    Positions,
    Press,
    Proofs,
    Reads,
    ReadsUnavailable,
    ReadTooSlow,
    Sheets,
)
from api.publication import shelf
from api.publication.cursor import OF_THIS_PROCESS, Cursors
from api.publication.feed import PublicFeed
from api.report import serving
from api.report.serving import ReportPages, Reports
from api.security import SecurityHeaders
from api.trail import Trails
from api.trusted import NONE, Trusted
from api.webhooks.port import Webhooks
from api.welcome import POLICY, Explored, page
from projections.statement import Statement

PATH: Final = "/graphql"
"""Where the interface is."""

_ALIVE = Statement("select to_json(1)")


_ASKED_FROM_ELSEWHERE: Final = (
    "accept",
    "accept-language",
    "apollo-require-preflight",
    "authorization",
    "content-type",
    "graphql-preflight",
    "if-none-match",
    "last-event-id",
    "min-position",
    "traceparent",
    "tracestate",
    "x-request-id",
    "x-requested-with",
)
"""Headers that a page of another site may send, once its site is one that may ask."""
_TOLD_ELSEWHERE: Final = (
    "cordee-scanned",
    "etag",
    "link",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
    "x-request-id",
)


def create(
    *,
    commands: Commands,
    reads: Reads,
    positions: Positions,
    feed: Feed,
    sheets: Sheets,
    dossiers: Dossiers | None = None,
    proofs: Proofs | None = None,
    histories: Histories | None = None,
    moments: Moments | None = None,
    pasts: Positions | None = None,
    bookmarks: Bookmarks | None = None,
    webhooks: Webhooks | None = None,
    press: Press | None = None,
    identities: Identities | None = None,
    budgets: Budgets | None = None,
    origins: Sequence[str] = (),
    personas: Personas | None = None,
    outlet: Outlet | None = None,
    parting: asyncio.Event | None = None,
    meter: Meter = NO_METER,
    watches: Sequence[Middleware] = (),
    trusted: Trusted = NONE,
    explorer: Path | None = None,
    compression: bool = True,
    answer_bytes: int = 0,
    cursor_key: bytes | None = None,
    limits: Limits = USUAL,
) -> Starlette:
    """Make the application on these ports.

    Without ``dossiers`` nobody is given one, without ``proofs`` nothing is proved, without
    ``press`` no report is printed (its ``state`` has the ``reports`` to be had), without
    ``bookmarks`` nobody has any, without ``webhooks`` nobody is told anything by them, without
    ``identities`` everybody is a stranger, without ``budgets`` nothing is counted. ``origins`` are
    the sites whose pages may ask, beside our own. ``personas`` are those of a demo, for whom
    anybody may have a token. ``meter`` counts operations; ``watches`` see all requests.
    ``parting`` is set once the server is told to end. Where there is an ``outlet`` of public
    events, health tells how far they have gone; it keeps nobody from being served.
    ``trusted`` documents are sent by their ids. ``explorer`` is the folder of its built pages,
    which need documents that nobody knows before. Answers are compressed, unless something before
    us does it. ``answer_bytes`` is how much memory answers take that may be given again; with 0
    each is asked for. Under the ``cursor_key`` readers of the feed are told how far they are;
    without one what they are told counts for this application alone. Operations keep to ``limits``.

    Raises:
        BrokenManifest: the schema does not allow a trusted document.
    """
    parting = parting or asyncio.Event()
    cursors = Cursors(cursor_key) if cursor_key else OF_THIS_PROCESS
    admission = Admission(identities or Strangers(), budgets)
    made = schema.create(limits=limits)
    trusted.keep(made.documents)
    explored = None
    if explorer is not None and not trusted.only:
        explored = Explorer(explorer, personas=personas is not None)
        about = Explored.THERE
    else:
        about = Explored.NOT_OFFERED if trusted.only else Explored.NOT_BUILT
    interface = Interface(
        made,
        commands=commands,
        reads=reads,
        positions=positions,
        feed=feed,
        sheets=sheets,
        dossiers=dossiers,
        proofs=proofs,
        histories=histories,
        moments=moments,
        pasts=pasts,
        bookmarks=bookmarks,
        webhooks=webhooks,
        admission=admission,
        parting=parting,
        origins=origins,
        meter=meter,
        trusted=trusted,
        page=None if explored is None else explored.page,
        answers=AnswerCache(positions, answer_bytes) if answer_bytes else None,
        cursors=cursors,
    )

    reports = None if press is None else Reports(made, interface.context_for, press)
    published = PublicFeed(feed, reads, positions, admission, cursors, parting)

    async def ready(_request: Request) -> Response:
        if parting.is_set():
            return JSONResponse({"status": "stopping"}, 503)
        try:
            await reads.answer(_ALIVE, ())
            relayed = None if outlet is None else await outlet.relayed()
        except (ReadsUnavailable, ReadTooSlow):
            return JSONResponse({"status": "unavailable"}, 503)
        body: dict[str, Any] = {"position": str(positions.position())}
        if relayed is not None:
            body["broker"] = {"position": str(relayed.position), "stopped": relayed.stopped}
        hindrances = positions.hindrances()
        told = [
            {"readModel": each.read_model, "code": each.code, "reason": each.reason}
            for each in hindrances
        ]
        if told:
            body["hindrances"] = told
        if all(each.everywhere for each in hindrances):
            return JSONResponse({"status": "ready"} | body)
        return JSONResponse({"status": "unavailable"} | body, 503)

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def welcome(request: Request) -> Response:
        origin = str(request.base_url).rstrip("/")
        return HTMLResponse(page(origin, about), headers=POLICY)

    application = Starlette(
        routes=[
            Route(PATH, interface),
            WebSocketRoute(PATH, interface),
            Route("/health/ready", ready),
            Route("/health/live", live),
            Route("/", welcome),
            Route("/calendar/{name}.ics", Calendars(reads, admission).serve),
            Route("/events", published.serve),
            *((Route(serving.PATH, ReportPages(reports, admission).serve),) if reports else ()),
            *shelf.routes(),
            *(pages_of(personas) if personas is not None else ()),
            *((explored.route(),) if explored is not None else ()),
        ],
        exception_handlers={Exception: broken},
        middleware=[
            Middleware(Trails),
            *watches,
            Middleware(SecurityHeaders),
            Middleware(
                Direct,
                path=PATH,
                interface=Compression(interface) if compression else interface,
            ),
            Middleware(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=("GET", "POST"),
                allow_headers=_ASKED_FROM_ELSEWHERE,
                expose_headers=_TOLD_ELSEWHERE,
            ),
            *((Middleware(Compression),) if compression else ()),
        ],
    )
    application.state.reports = reports
    return application
