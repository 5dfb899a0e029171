"""The interface over a real PostgreSQL, asked as a client asks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest

import api.app
from api.ports import Identity
from infra.reads import Reads
from infra.settings import Settings
from infra.system import system
from tests.api.calling import Caller
from tests.api.ports import Happening, Intakes, Known, Scripted, Still
from tests.generations import FIRST, PATH

OURSELVES: Final = Identity(actor="command line", trusted=True)


@dataclass
class Client:
    """A client of the interface, and what stands behind it."""

    http: httpx.AsyncClient
    dsn: str
    reads: Reads
    commands: Scripted
    positions: Still
    feed: Happening
    sheets: Intakes
    known: Known

    async def ask(
        self, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> dict[str, Any]:
        """Send an operation and give the whole response."""
        response = await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    async def data(self, query: str, **variables: Any) -> Any:
        """Send an operation that must succeed and give its data."""
        response = await self.ask(query, **variables)
        assert "errors" not in response, response["errors"]
        return response["data"]

    async def code(self, query: str, **variables: Any) -> str:
        """Send an operation that must be refused and give the code."""
        response = await self.ask(query, **variables)
        assert response["data"] is None
        (error,) = response["errors"]
        return str(error["extensions"]["code"])

    async def insert(self, statement: str, *arguments: object) -> None:
        """Put rows into the read model, past all events."""
        connection = await asyncpg.connect(self.dsn, server_settings={"search_path": PATH})
        await connection.execute(statement, *arguments)
        await connection.close()


@pytest.fixture
async def client(prepared: str) -> AsyncIterator[Client]:
    """A client of an interface whose read model has reference data only."""
    reads = await Reads.open(prepared, FIRST, pool_size=4)
    commands, positions, feed, sheets = Scripted(), Still(), Happening(), Intakes()
    known = Known()
    app = api.app.create(
        commands=commands,
        reads=reads,
        positions=positions,
        feed=feed,
        sheets=sheets,
        identities=known,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Client(http, prepared, reads, commands, positions, feed, sheets, known)
    await reads.close()


@pytest.fixture
def known() -> Known:
    """Who is calling the program: it is itself, until a test says otherwise."""
    known = Known()
    known.everybody = OURSELVES
    return known


@pytest.fixture
async def caller(prepared: str, tmp_path: Path, known: Known) -> AsyncIterator[Caller]:
    """A caller of a program that has just been started on a database without events.

    The program trusts whoever calls: what is asked here is not who may, but what comes of it.
    """
    environment = {"CORDEE_DATA_DIR": str(tmp_path), "DATABASE_URL": prepared}
    settings = Settings.from_environment(environment)
    async with system(settings, prepared, identities=known) as running:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield Caller(http, running.app)
