"""Uploads: requests that bring a file along, in the parts that other GraphQL servers take.

This is the multipart request specification of Jayden Seric: a part ``operations`` with the request
as JSON, in which the file is null, a part ``map`` that says for which variable each file stands,
then the file. One file comes with a request; it is kept in memory while it is small, in a temporary
file otherwise, and it is gone when the request is answered.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any, ClassVar, Final

import orjson
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from api import request
from api.limits import MOST_BYTES, MOST_FILE_BYTES
from api.ports import Caller
from api.prices import FILE
from api.purse import Purse
from api.request import Asked, Malformed
from api.trusted import NONE, Trusted
from domain.refusal import Refusal

MULTIPART: Final = "multipart/form-data"

PREFLIGHT: Final = ("apollo-require-preflight", "graphql-preflight", "x-requested-with")
"""Headers of which one is wanted.

A page of another origin can send this content type without asking first, cookies and all; a header
of its own makes the browser ask.
"""

AT_ONCE: Final = 8
"""Files that are received at the same time: what they take of the disk is bounded."""
PATIENCE: Final = 60
"""Seconds in which a file has to come."""

_MOST_RECEIVED: Final = MOST_FILE_BYTES + MOST_BYTES
_LONGEST_NAME: Final = 200


class UploadRefused(Refusal):
    """This file is not received."""

    FRENCH = "Ce fichier n’est pas reçu."
    STATUS: ClassVar[int] = 400
    """With which status of HTTP it is told: there is no answer of GraphQL yet."""


class PreflightMissing(UploadRefused):
    """A request in parts needs a header that a mere form cannot send: GraphQL-Preflight: 1."""

    FRENCH = (
        "Une requête en plusieurs parties veut un en-tête qu’un simple formulaire ne peut envoyer :"
        " GraphQL-Preflight: 1."
    )


class StrangersFile(UploadRefused):
    """Files are received from those who say who they are. Sign in, then send it again."""

    FRENCH = "Seuls les fichiers de qui s’identifie sont reçus. Identifiez-vous, puis renvoyez-le."
    STATUS = 403


class FileTooLarge(UploadRefused):
    """The file is larger than {limit} MB, which is the most that is accepted. Split it."""

    FRENCH = "Le fichier dépasse {limit} Mo, la limite acceptée. Scindez-le."
    STATUS = 413


class FileTooSlow(UploadRefused):
    """The file did not arrive within {limit} seconds. Send it again."""

    FRENCH = "Le fichier n’est pas arrivé en {limit} secondes. Renvoyez-le."
    STATUS = 408


class TooManyUploads(UploadRefused):
    """{limit} files are being received already. Send it again in a moment."""

    FRENCH = "{limit} fichiers sont déjà en cours de réception. Renvoyez-le dans un instant."
    STATUS = 503


@dataclass(frozen=True, slots=True, eq=False)
class Upload:
    """A file that came with a request."""

    name: str
    """As its sender calls it."""
    content: IO[bytes]


def upload(value: object) -> Upload:
    """Read a variable that a file stands for.

    Raises:
        ValueError: no file does.
    """
    if not isinstance(value, Upload):
        raise ValueError(f"a file comes as a part of a {MULTIPART} request")  # noqa: TRY004
    return value


def in_parts(http: Request) -> bool:
    """Tell whether a request says that it comes in parts."""
    return http.headers.get("content-type", "").partition(";")[0].strip().lower() == MULTIPART


class Uploads:
    """The uploads of one interface, so many at once."""

    def __init__(self, trusted: Trusted = NONE) -> None:
        self._trusted = trusted
        self._under_way = 0

    @asynccontextmanager
    async def received(self, http: Request, caller: Caller, purse: Purse) -> AsyncIterator[Asked]:
        """Receive a request with its file, which is there until the context ends.

        A file takes room and patience, and nobody who is unknown may do anything with one.

        Raises:
            Malformed: it is no request in parts.
            UploadRefused, DocumentRefused: it is not received.
            RateLimited: it costs more than is left of a budget.
        """
        if not any(http.headers.get(name) for name in PREFLIGHT):
            raise PreflightMissing
        if caller.principal is None and not caller.trusted:
            raise StrangersFile
        if self._under_way >= AT_ONCE:
            raise TooManyUploads(limit=AT_ONCE)
        purse.spend(FILE)
        self._under_way += 1
        try:
            form = await _form(http)
            try:
                yield _asked(form, self._trusted)
            finally:
                await form.close()
        finally:
            self._under_way -= 1


async def _form(http: Request) -> FormData:
    """Receive all parts; what was received of a file is removed where the rest is refused."""
    if int(http.headers.get("content-length", 0)) > _MOST_RECEIVED:
        raise _too_large()
    parser = MultiPartParser(
        http.headers, _bounded(http), max_files=1, max_fields=2, max_part_size=MOST_BYTES
    )
    try:
        async with asyncio.timeout(PATIENCE):
            return await parser.parse()
    except MultiPartException as wrong:
        raise Malformed(f"This is no {MULTIPART}: {wrong.message}") from None
    except TimeoutError:
        raise FileTooSlow(limit=PATIENCE) from None


async def _bounded(http: Request) -> AsyncGenerator[bytes, None]:
    received = 0
    async for chunk in http.stream():
        received += len(chunk)
        if received > _MOST_RECEIVED:
            raise _too_large()
        yield chunk


def _asked(form: FormData, trusted: Trusted) -> Asked:
    asked = request.read(_json(form, "operations"), trusted)
    files = {name: part for name, part in form.multi_items() if isinstance(part, UploadFile)}
    if len(files) != 1:
        raise Malformed(f"One file comes with a {MULTIPART} request; without any, send JSON.")
    ((name, file),) = files.items()
    if (file.size or 0) > MOST_FILE_BYTES:
        raise _too_large()
    places = _json(form, "map")
    if not isinstance(places, dict) or list(places) != [name]:
        raise Malformed(f'`map` says for which variables the part stands: {{"{name}": […]}}.')
    if not isinstance(places[name], list) or not places[name]:
        raise Malformed(f"`map` has a list of variables for the part `{name}`.")
    for path in places[name]:
        _put(asked.variables, path, Upload(_name(file), file.file))
    return asked


def _json(form: FormData, name: str) -> Any:
    given = form.get(name)
    if not isinstance(given, str):
        raise Malformed(f"The part `{name}` is missing, or is a file.")
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError as wrong:
        raise Malformed(f"The part `{name}` is not JSON: {wrong}.") from None


def _put(variables: dict[str, Any] | None, path: object, file: Upload) -> None:
    """Put a file where its path leads, such as ``variables.input.file``: there must be null."""
    root, *steps = path.split(".") if isinstance(path, str) else ("",)
    above: Any = variables
    for step in steps[:-1]:
        above = above.get(step) if isinstance(above, dict) else None
    if root != "variables" or not steps or not isinstance(above, dict):
        raise _leads_nowhere(path)
    if steps[-1] not in above or above[steps[-1]] is not None:
        raise _leads_nowhere(path)
    above[steps[-1]] = file


def _leads_nowhere(path: object) -> Malformed:
    shown = str(path)[:100]
    return Malformed(f"`map` leads to {shown!r}, where no variable is null for a file.")


def _name(file: UploadFile) -> str:
    return PurePath(file.filename or "").name[:_LONGEST_NAME]


def _too_large() -> FileTooLarge:
    return FileTooLarge(limit=MOST_FILE_BYTES // 1_000_000)
