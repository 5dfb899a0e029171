"""Reports over HTTP, with the rights of whoever asks.

``/reports/roadmap/map_…`` is a page, or a PDF for those who accept that before a page;
``/reports/roadmap/map_….pdf`` is a PDF for everybody. ``at`` is a position of the log or an
instant, ``lang`` is fr, which it is unless it is said, or en.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

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
from api.context import Context
from api.executor import Schema
from api.faults import refused
from api.past import PastNotGathered
from api.ports import Caller, Press, PressBusy, ReadsUnavailable, ReadTooSlow
from api.prices import REPORT
from api.purse import Purse
from api.report.asking import Asking, NoReport
from api.report.gathering import Gathering, ReportTooLong
from api.report.media import Medium
from api.scalars import LAST_POSITION
from api.security import policy
from domain.identity import Id
from domain.refusal import Language, NotFound, Refusal

PATH: Final = "/reports/roadmap/{name}"


class UnknownLanguage(Refusal):
    """A report is in French or in English: write lang=fr or lang=en."""

    FRENCH = "Un rapport est en français ou en anglais : écrivez lang=fr ou lang=en."


class UnclearMoment(Refusal):
    """{said} is no moment: write a position, or an instant such as 2026-03-31T18:00:00Z."""

    FRENCH = (
        "{said} n’est pas un moment : écrivez une position, ou un instant comme "
        "2026-03-31T18:00:00Z."
    )


class NoReportNow(Refusal):
    """No report can be made at the moment. Ask again shortly."""

    FRENCH = "Aucun rapport ne peut être établi en ce moment. Redemandez dans un instant."


_STATUS: Final[Mapping[type[Refusal], int]] = {
    NotFound: 404,
    ReportTooLong: 413,
    NoReportNow: 503,
}


_OF_ANSWERS: Final[Mapping[object, int]] = {
    "FAULT": 500,
    "UNREADABLE_EVENT": 500,
    "UNAVAILABLE": 503,
    "TOO_SLOW": 503,
    PastNotGathered.code: 503,
}
"""The status of errors of the interface for which whoever asks is not to blame."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Gathers reports for those who ask, and has them printed."""

    schema: Schema
    context: Callable[[Caller, Purse], Context]
    press: Press

    def gathering(self, caller: Caller, purse: Purse) -> Gathering:
        """Gather with the rights of somebody, at their expense."""
        return Gathering(Asking(self.schema, self.context(caller, purse)))


@dataclass(frozen=True, slots=True)
class ReportPages:
    """Serves reports."""

    reports: Reports
    admission: Admission

    async def serve(self, request: Request) -> Response:
        """Answer a request for a report; one that did not change is not sent again."""
        language: Language = "fr"
        try:
            language = _language(request)
            return await self._report(request, language)
        except NOT_LET_IN as refusal:
            return turned_away(refusal, language)
        except NoReport as none:
            return _errors(none.errors, max(_OF_ANSWERS.get(code, 400) for code in none.codes))
        except Refusal as refusal:
            return _refused(refusal, language)
        except (ReadsUnavailable, ReadTooSlow, PressBusy):
            return _refused(NoReportNow(), language)

    async def _report(self, request: Request, language: Language) -> Response:
        identity = await self.admission.identify(credentials_of(request), address_of(request))
        purse = self.admission.admit(identity, address_of(request))
        purse.spend(REPORT)
        name, medium = Medium.named(request.path_params["name"])
        medium = medium or Medium.accepted(request.headers.get("accept", ""))
        gathering = self.reports.gathering(identity.caller(language), purse)
        report = await gathering.roadmap(Id(name), _moment(request))
        printed = await self.reports.press.print(report, medium)
        whose = "public, no-cache" if identity.principal is None else "private, no-store"
        headers = {
            "cache-control": whose,
            "content-disposition": f'inline; filename="{report.roadmap.id}{medium.suffix}"',
            "content-language": language,
            "content-type": medium.value,
            "etag": f'"{blake2b(printed.body, digest_size=16).hexdigest()}"',
            "vary": "accept, accept-encoding, authorization",
            **({} if printed.style is None else policy(style=printed.style)),
            **told(purse.left()),
        }
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(printed.body, headers=headers)


def _language(request: Request) -> Language:
    match request.query_params.get("lang", "fr"):
        case "fr":
            return "fr"
        case "en":
            return "en"
    raise UnknownLanguage("lang")


def _moment(request: Request) -> dict[str, Any] | None:
    said = request.query_params.get("at")
    if said is None:
        return None
    try:
        if said.isascii() and said.isdigit():
            if int(said) <= LAST_POSITION:
                return {"position": said}
        elif (instant := datetime.fromisoformat(said)).tzinfo is not None:
            return {"time": instant.astimezone(UTC).isoformat()}
    except (ValueError, OverflowError):  # no number, or no day, that there can be
        pass
    raise UnclearMoment("at", said=said[:40])


def _refused(refusal: Refusal, language: Language) -> Response:
    return _errors([refused(refusal, language)], _STATUS.get(type(refusal), 400))


def _errors(errors: list[GraphQLError], status: int) -> Response:
    body = orjson.dumps({"errors": [error.formatted for error in errors]})
    headers = {"cache-control": "no-store"}
    if status == 503:
        headers["retry-after"] = str(SHORTLY)
    return Response(body, status, headers, "application/json")
