"""The explorer: GraphiQL, as it was built, for those who come by with a browser.

Everything comes from here. Its policy lets it load our own files and ask us, and nothing else: it
evaluates no text and needs no inline script. Its editor (Monaco) writes styles while it runs, which
is why those are let be; a style can load nothing but our own images and fonts.
"""

import mimetypes
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from api.compression import GZIP, chosen
from api.security import STRICT

POLICY: Final = (
    f"{STRICT}; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline';"
    " font-src 'self' data:; img-src 'self' data:; connect-src 'self'"
)
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For how long a file may be kept whose name changes with what is in it."""

_PLACE: Final = '<div id="explorer"'
_PACKED: Final = ".gz"


class Explorer:
    """The page of a folder, and the files that it loads.

    Raises FileNotFoundError where there is no page.
    """

    def __init__(self, folder: Path, *, personas: bool) -> None:
        """``personas`` says whether there is a page on which to be somebody."""
        page = (folder / "index.html").read_text("utf-8")
        if personas:
            page = page.replace(_PLACE, f'{_PLACE} data-personas="./personas"')
        self._page = page
        self._files = {path.name: path for path in (folder / "explorer").iterdir()}

    def page(self) -> Response:
        """Give the page, which names the files that are the newest."""
        headers = {
            "content-security-policy": POLICY,
            "cache-control": "no-cache",
            "vary": "accept, accept-encoding",
        }
        return HTMLResponse(self._page, headers=headers)

    def route(self) -> Route:
        """Say where the files are served."""
        return Route("/explorer/{name}", self._serve)

    async def _serve(self, request: Request) -> Response:
        """Serve a file, compressed where that was done when it was built."""
        name = request.path_params["name"]
        path = self._files.get(name)
        if path is None or path.suffix == _PACKED:
            return PlainTextResponse("There is no such file.", 404)
        headers = {"cache-control": FOR_EVER, "vary": "accept-encoding"}
        packed = self._files.get(name + _PACKED)
        accepted = request.headers.get("accept-encoding", "")
        if packed is not None and chosen(accepted, (GZIP,)) is not None:
            headers["content-encoding"] = GZIP
            path = packed
        return FileResponse(path, headers=headers, media_type=_type_of(name))


def _type_of(name: str) -> str:
    """Give the type of a file, whatever the machine's own table says of it."""
    if name.endswith(".js"):
        return "text/javascript"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
