"""Reports over HTTP: what becomes of a request when there is no report to be had."""

from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.routing import Route

from api.admission import Admission
from api.identity import Strangers
from api.ports import PressBusy, Printed, ReadsUnavailable
from api.report import serving
from api.report.asking import NoReport
from api.report.content import Report
from api.report.gathering import Gathering, ReportTooLong
from api.report.media import Medium
from api.report.serving import ReportPages, Reports
from domain.identity import Id
from tests.infra.reports import report


@dataclass
class Library:
    """Reports that need no log, or none at all."""

    refusal: Exception | None = None

    def gathering(self, *_who: object) -> Gathering:
        return cast(Gathering, self)

    async def roadmap(self, _id: Id, _at: dict[str, Any] | None) -> Report:
        if self.refusal is not None and not isinstance(self.refusal, PressBusy):
            raise self.refusal
        return report()

    @property
    def press(self) -> "Library":
        return self

    async def print(self, _report: Report, medium: Medium) -> Printed:
        if self.refusal is not None:
            raise self.refusal
        return Printed(medium.name.encode(), "p {}" if medium is Medium.HTML else None)


async def got(refusal: Exception | None = None, name: str = "map_1", **sent: Any) -> httpx.Response:
    pages = ReportPages(cast(Reports, Library(refusal)), Admission(Strangers()))
    transport = httpx.ASGITransport(Starlette(routes=[Route(serving.PATH, pages.serve)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        return await http.get(f"/reports/roadmap/{name}", **sent)


def answered(*codes: str) -> NoReport:
    return NoReport([GraphQLError("no", extensions={"code": code}) for code in codes])


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (answered("TOO_COSTLY"), 400, "TOO_COSTLY"),
        (answered("UNAVAILABLE"), 503, "UNAVAILABLE"),
        (answered("PAST_NOT_GATHERED"), 503, "PAST_NOT_GATHERED"),
        (answered("FAULT"), 500, "FAULT"),
        (ReportTooLong(limit=2_000), 413, "REPORT_TOO_LONG"),
        (ReadsUnavailable(), 503, "NO_REPORT_NOW"),
        (PressBusy(), 503, "NO_REPORT_NOW"),
    ],
)
async def test_whoever_gets_none_is_told_why_and_whether_to_come_back(
    refusal: Exception, status: int, code: str
) -> None:
    response = await got(refusal)
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == code
    assert ("retry-after" in response.headers) is (status == 503)
    assert response.headers["cache-control"] == "no-store"


async def test_what_several_errors_come_to_is_the_worst_of_them() -> None:
    assert (await got(answered("TOO_COSTLY", "UNAVAILABLE"))).status_code == 503


@pytest.mark.parametrize(
    "said",
    [
        "abc",
        "-1",
        "9223372036854775808",
        "9" * 5_000,
        "2026-03-31",
        "2026-10-25T02:30:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
async def test_what_is_no_moment_is_refused_in_both_languages(said: str) -> None:
    for language, begins in (("fr", "n’est pas un moment"), ("en", "is no moment")):
        response = await got(params={"at": said, "lang": language})
        (error,) = response.json()["errors"]
        assert (response.status_code, error["extensions"]["code"]) == (400, "UNCLEAR_MOMENT")
        assert begins in error["message"]


async def test_the_end_of_the_name_says_more_than_what_is_accepted() -> None:
    pdf = {"accept": "application/pdf"}
    assert (await got(headers=pdf)).content == b"PDF"
    assert (await got(name="map_1.html", headers=pdf)).content == b"HTML"
    assert (await got(name="map_1.PDF")).headers["content-type"] == "application/pdf"


async def test_a_file_is_named_after_what_it_reports() -> None:
    named = (await got(name="map_1.pdf")).headers["content-disposition"]
    assert named == 'inline; filename="map_1.pdf"'


async def test_credentials_that_prove_nothing_get_nothing() -> None:
    response = await got(headers={"authorization": "Bearer x"})
    assert response.status_code == 401
