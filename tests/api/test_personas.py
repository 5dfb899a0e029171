"""In the demo a persona can be picked, and its token copied; elsewhere there is no such page."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

import api.app
from api.personas import Held, Persona
from domain.role import Role
from tests.api.ports import Happening, Scripted, Still

COORDINATOR = Persona(
    "coordinatrice", "prn_1", [Held(Role.COHORT_COORDINATOR, 'CEC <b>"Ouest"</b>')]
)
OPERATOR = Persona("exploitante", "prn_2", [Held(Role.PLATFORM_OPERATOR, "")])


class Cast:
    """Two personas, with tokens that a test knows."""

    def all(self) -> Sequence[Persona]:
        return [COORDINATOR, OPERATOR]

    def token(self, persona: Persona) -> str:
        return f"token-of-{persona.subject}"


def visit(cast: Cast | None) -> httpx.AsyncClient:
    unused: Any = None
    app = api.app.create(
        commands=Scripted(),
        reads=unused,
        positions=Still(),
        feed=Happening(),
        sheets=unused,
        personas=cast,
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with visit(Cast()) as client:
        yield client


async def test_all_are_listed_with_what_they_are_in_both_languages(http: httpx.AsyncClient) -> None:
    english = (await http.get("/personas")).text
    french = (await http.get("/personas", headers={"accept-language": "fr-FR, en;q=0.5"})).text
    assert "platform operator – the whole platform" in english
    assert "exploitant de la plateforme – toute la plateforme" in french
    assert '<html lang="fr">' in french
    assert (await http.get("/personas?lang=fr")).text == french
    assert "token-of" not in english


async def test_one_is_shown_with_its_token(http: httpx.AsyncClient) -> None:
    page = await http.get("/personas/coordinatrice")
    assert "<pre>token-of-coordinatrice</pre>" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "script-src 'sha256-" in page.headers["content-security-policy"]


async def test_names_are_text_and_nothing_else(http: httpx.AsyncClient) -> None:
    page = (await http.get("/personas/coordinatrice")).text
    assert "CEC &lt;b&gt;&quot;Ouest&quot;&lt;/b&gt;" in page


async def test_nobody_else_has_a_page(http: httpx.AsyncClient) -> None:
    assert (await http.get("/personas/<script>")).status_code == 404
    assert (await http.post("/personas")).status_code == 405


async def test_outside_of_the_demo_there_is_no_such_page() -> None:
    async with visit(None) as client:
        assert (await client.get("/personas")).status_code == 404
        assert (await client.get("/personas/exploitante")).status_code == 404
