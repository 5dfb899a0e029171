"""The feed: public events over plain HTTP, page after page, for whoever has nothing but curl.

``GET /events?after=0`` gives a batch of CloudEvents, and in `Link` the address of what follows. It
always does: who is at the end waits there (``wait``) or asks again later. An answer also goes on
where nothing was for the caller, and says in `Cordee-Scanned` up to where nothing is missing.
"""

import asyncio
from dataclasses import dataclass
from hashlib import blake2b
from time import monotonic
from typing import Final

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response

from api.admission import (
    NOT_LET_IN,
    SHORTLY,
    Admission,
    address_of,
    credentials_of,
    told,
    turned_away,
)
from api.context import eyes_of
from api.faults import fault, refused
from api.hearing import HELD_UP
from api.language import preferred
from api.ports import Feed, FeedBroken, Identity, Positions, Reads, ReadsUnavailable, ReadTooSlow
from api.prices import FEED, PUBLIC_EVENT
from api.publication.asked import Asked
from api.publication.cloud_event import BATCH, joined
from api.publication.cursor import Cursors
from api.publication.disturbance import undisturbed
from api.publication.search import Page, Reader, Search
from domain.refusal import Language, Refusal

SCANNED: Final = "cordee-scanned"
"""The header that says up to which position nothing is missing."""

_VARY: Final = "accept-encoding, accept-language, authorization"
_AWAY: Final = (ReadsUnavailable, ReadTooSlow)


@dataclass(frozen=True, slots=True)
class PublicFeed:
    """Serves public events to those who may see to what they happened."""

    feed: Feed
    reads: Reads
    positions: Positions
    admission: Admission
    cursors: Cursors
    parting: asyncio.Event
    """Set once the server is told to end: nobody is kept waiting."""

    async def serve(self, request: Request) -> Response:
        """Answer a request for events; what the caller has already is not sent again."""
        language = preferred(request.headers.get("accept-language", ""))
        address = address_of(request)
        try:
            identity = await self.admission.identify(credentials_of(request), address)
            purse = self.admission.admit(identity, address)
            asked = Asked.read(request.query_params, self.cursors)
            purse.spend(FEED + PUBLIC_EVENT * asked.limit)
            answer = await self._answer(request, asked, identity)
        except NOT_LET_IN as refusal:
            return turned_away(refusal, language)
        except Refusal as refusal:
            return _wrong(refused(refusal, language), 400)
        except (*_AWAY, FeedBroken) as error:
            return _failed(error, language)
        answer.headers.update(told(purse.left()))
        return answer

    async def _answer(self, request: Request, asked: Asked, identity: Identity) -> Response:
        held = request.headers.get("if-none-match", "")
        page, ends = Page(asked.after), monotonic() + asked.wait
        eyes = eyes_of(identity.caller("en"))
        reader = Reader(eyes, self.positions, self.reads, str(request.base_url))
        search = Search(self.feed, asked, reader)
        while True:
            await search.go_on(page)
            body = joined(page.batches)
            tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
            news = page.count and tag not in held
            left = ends - monotonic()
            if news or not page.ended or left <= 0 or self.parting.is_set():
                break
            await undisturbed(
                self._more(page, left), self.parting, identity, self.admission.identities
            )
        following = f"{request.url.path}?{asked.following(page.scanned, self.cursors)}"
        headers = {
            "etag": tag,
            "cache-control": "private, no-cache",
            "link": f'<{following}>; rel="next"',
            SCANNED: str(page.scanned),
            "vary": _VARY,
        }
        if tag in held:
            return Response(status_code=304, headers=headers)
        return Response(body, headers={**headers, "content-type": BATCH})

    async def _more(self, page: Page, left: float) -> None:
        """Wait until there may be more for a page."""
        if page.held:
            await asyncio.sleep(min(HELD_UP, left))
        else:
            await self.feed.beyond(page.scanned, left)


def _failed(error: Exception, language: Language) -> Response:
    status = 500 if isinstance(error, FeedBroken) else 503
    headers = {} if status == 500 else {"retry-after": str(SHORTLY)}
    return _wrong(fault(error, language, []), status, headers)


def _wrong(error: GraphQLError, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(
        orjson.dumps({"errors": [error.formatted]}),
        status,
        {"cache-control": "no-store", "vary": _VARY, **(headers or {})},
        media_type="application/json",
    )
