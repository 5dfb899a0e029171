"""The explorer: which page a browser is given, what that may load, and the samples in its tabs."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import api.app
from api import schema
from infra.explorer import HERE
from tests.api.ports import Happening, Scripted, Still

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SCRIPT = "export const summit = 4810;\n" * 100
SAMPLES = sorted((HERE / "samples").glob("*.graphql"))


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Pages such as the builder makes them."""
    files = tmp_path / "explorer"
    files.mkdir()
    (tmp_path / "index.html").write_text('<title>cordée</title><div id="explorer"></div>')
    (tmp_path / "secret.txt").write_text("not to be served")
    (files / "page-1a.js").write_text(SCRIPT)
    (files / "page-1a.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (files / "font-2b.ttf").write_bytes(b"\0\1")
    return tmp_path


@asynccontextmanager
async def served(pages: Path | None, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    unused: Any = None
    app = api.app.create(
        commands=Scripted(),
        reads=unused,
        positions=Still(),
        feed=Happening(),
        sheets=unused,
        explorer=pages,
        **options,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


@pytest.fixture
async def http(pages: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with served(pages) as client:
        yield client


async def test_a_browser_that_comes_by_is_given_the_explorer(http: httpx.AsyncClient) -> None:
    page = await http.get("/graphql", headers=BROWSER)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert "<title>cordée</title>" in page.text
    assert "GraphiQL there" in (await http.get("/")).text


async def test_whoever_asks_something_is_answered(http: httpx.AsyncClient) -> None:
    asked = await http.get("/graphql", params={"query": "{__typename}"}, headers=BROWSER)
    posted = await http.post("/graphql", json={"query": "{__typename}"}, headers=BROWSER)
    for answer in (asked, posted):
        assert answer.json()["data"] == {"__typename": "Query"}
    nothing = await http.get("/graphql", headers={"accept": "application/json"})
    assert nothing.status_code == 400


async def test_the_page_may_load_our_files_and_ask_us_and_nothing_else(
    http: httpx.AsyncClient,
) -> None:
    page = await http.get("/graphql", headers=BROWSER)
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in page.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert "unsafe-eval" not in page.headers["content-security-policy"]
    assert not {"http:", "https:", "*", "blob:"} & set(" ".join(policy.values()).split())


async def test_a_file_is_kept_for_ever_for_its_name_changes_with_it(
    http: httpx.AsyncClient,
) -> None:
    for accepted, coding in (("gzip", "gzip"), ("identity", None), ("gzip;q=0", None)):
        headers = {"accept-encoding": accepted}
        script = await http.get("/explorer/page-1a.js", headers=headers)
        assert script.text == SCRIPT
        assert script.headers.get("content-encoding") == coding
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "accept-encoding" in script.headers["vary"]
    font = await http.get("/explorer/font-2b.ttf")
    assert font.headers["content-type"] == "font/ttf"


@pytest.mark.parametrize(
    "name", ["page-1a.js.gz", "page-0z.js", "../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt"]
)
async def test_no_other_file_is_served(http: httpx.AsyncClient, name: str) -> None:
    assert (await http.get(f"/explorer/{name}")).status_code == 404


async def test_the_page_knows_where_the_demo_has_its_personas(pages: Path) -> None:
    class Cast:
        def all(self) -> list[Any]:
            return []

        def token(self, persona: Any) -> str:
            raise NotImplementedError(persona)

    async with served(pages, personas=Cast()) as client:
        page = (await client.get("/graphql", headers=BROWSER)).text
    assert '<div id="explorer" data-personas="./personas">' in page


async def test_where_it_is_not_built_a_browser_is_led_to_how_to_build_it() -> None:
    async with served(None) as client:
        visit = await client.get("/graphql", headers=BROWSER)
        assert visit.status_code == 303
        assert "make explorer" in (await client.get(visit.headers["location"])).text


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_sample_can_be_asked_as_it_stands(sample: Path) -> None:
    document = schema.create().documents.get(sample.read_text())
    assert not document.errors
    (name,) = document.operations
    assert name, "a tab is called after its operation"


def test_there_is_a_sample_of_each_kind_of_operation() -> None:
    assert {_kind(sample) for sample in SAMPLES} == {"query", "mutation", "subscription"}


def _kind(sample: Path) -> str:
    lines = [line for line in sample.read_text().splitlines() if not line.startswith("#")]
    return lines[0].split()[0]
