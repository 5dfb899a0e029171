"""The shelf: the documents of the catalogue, and the client that partners take with them.

``python -m api.publication`` writes those anew that are in the repository.
"""

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.publication import asyncapi
from api.publication.catalogue import BY_TYPE
from api.publication.cloud_event import schema_of
from api.publication.page import POLICY, page
from api.publication.schemas import document

PATH: Final = "/events/catalogue"
"""Where the page is, and below it the rest."""
CLIENT: Final = "/events/kit/cordee_events.py"
"""Where the client is."""
WRITTEN: Final = Path(__file__).with_name("asyncapi.json")
"""The catalogue as it was agreed upon."""

_CACHED: Final = "public, max-age=3600"


def routes() -> list[Route]:
    """Give the ways to what is on the shelf, which is for everybody."""
    return [
        Route(PATH, _page),
        Route(f"{PATH}/asyncapi.json", _asyncapi),
        Route(f"{PATH}/{{type}}.json", _schema),
        Route(CLIENT, _client),
    ]


@cache
def catalogue() -> bytes:
    """Write the catalogue as an AsyncAPI document."""
    return orjson.dumps(asyncapi.document(), option=orjson.OPT_INDENT_2) + b"\n"


@cache
def _written_page() -> bytes:
    return page().encode()


@cache
def _written_client() -> bytes:
    # As it was written: to import it would need what a server need not have.
    return Path(__file__).with_name("kit").joinpath("cordee_events.py").read_bytes()


async def _page(request: Request) -> Response:
    headers = {"content-type": "text/html; charset=utf-8", **POLICY}
    return _answer(request, _written_page(), headers)


async def _asyncapi(request: Request) -> Response:
    return _answer(request, catalogue(), {"content-type": "application/json"})


async def _client(request: Request) -> Response:
    return _answer(request, _written_client(), {"content-type": "text/x-python; charset=utf-8"})


async def _schema(request: Request) -> Response:
    public = BY_TYPE.get(request.path_params["type"])
    if public is None:
        missing = "There is no such event. The catalogue is at /events/catalogue."
        error = {"message": missing, "extensions": {"code": "NOT_FOUND"}}
        return JSONResponse({"errors": [error]}, 404)
    body = orjson.dumps(document(public, schema_of(public, str(request.base_url))))
    return _answer(request, body, {"content-type": "application/schema+json"})


def _answer(request: Request, body: bytes, headers: dict[str, str]) -> Response:
    tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    headers |= {"etag": tag, "cache-control": _CACHED, "vary": "accept-encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers)
