"""Webhooks over a real PostgreSQL and a real receiver; what happens is what the test says."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

import api.app
from api.ports import Identities, Identity
from domain.identity import external
from infra.reads import Reads
from infra.webhooks.courier import delivering
from infra.webhooks.owner import Owners
from infra.webhooks.registry import Registry
from infra.webhooks.secret import SecretBox
from tests.api.ports import Always, Intakes, Scripted, Still
from tests.generations import FIRST, PATH
from tests.webhooks.happening import ADA, LISTED, SECRET, TERMS, Growing, organisation
from tests.webhooks.receiver import Receiver, receiving

REGISTER = """
mutation Register($input: RegisterWebhookInput!) {
  registerWebhook(input: $input) {
    __typename
    ... on RegisterWebhookSuccess { secret webhook { id url state position filter } }
    ... on Refusal { code message path }
  }
}
"""


class Whoever:
    """Callers who are whoever the test says."""

    def __init__(self) -> None:
        self.who: Identities = Always(_identity(ADA))

    async def identify(self, authorization: str | None, address: str) -> Identity:
        """Tell who it is."""
        return await self.who.identify(authorization, address)

    async def stands(self, identity: Identity) -> bool:
        """Tell whether that is still so."""
        return await self.who.stands(identity)


def _identity(principal: UUID) -> Identity:
    return Identity(actor=external("principal", principal), principal=principal)


@dataclass
class Partner:
    """Somebody with a receiver, the interface that they ask, and what happens to organisations."""

    dsn: str
    pool: Any
    reads: Reads
    http: httpx.AsyncClient
    receiver: Receiver
    whoever: Whoever
    log: Growing = field(default_factory=Growing)
    positions: Still = field(default_factory=lambda: Still(10_000))

    async def ask(self, query: str, **variables: Any) -> Any:
        """Ask the interface, as the partner."""
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        body = response.json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def register(self, **given: Any) -> Any:
        """Register the receiver, to be told everything from the beginning unless it is said."""
        given = {"url": self.receiver.url, "after": "0", **given}
        return (await self.ask(REGISTER, input=given))["registerWebhook"]

    def be(self, identities: Identities) -> None:
        """Ask as others from now on."""
        self.whoever.who = identities

    def be_somebody_else(self) -> None:
        """Ask as somebody else from now on."""
        self.be(Always(_identity(UUID(int=2))))

    async def happen(self, *subjects: int) -> None:
        """Let something happen to organisations, by their numbers: first they are registered."""
        for number in subjects:
            if not self.log.knows(number):  # the read model shows it before anybody is told
                await self.insert(
                    "insert into organisation values ($1, 1, now(), now(), 'Atmo', 'atmo',"
                    " 'ASSOCIATION', null, null, null, null, false)",
                    organisation(number),
                )
            self.log.happen(number)
        self.log.grown.set()

    async def insert(self, statement: str, *arguments: object) -> None:
        """Change the read model, past all events."""
        connection = await asyncpg.connect(self.dsn, server_settings={"search_path": PATH})
        await connection.execute(statement, *arguments)
        await connection.close()

    @asynccontextmanager
    async def courier(self, **terms: Any) -> AsyncIterator[None]:
        """Let a process deliver."""
        async with delivering(
            self.dsn,
            replace(TERMS, **terms),
            growth=self.log,
            feed=self.log,
            positions=self.positions,
            reads=self.reads,
            box=SecretBox(SECRET),
        ):
            yield


@pytest.fixture
async def partner(prepared: str) -> AsyncIterator[Partner]:
    """A partner, before anything happened, and before anybody delivers anything."""
    async with AsyncExitStack() as parts:
        pool = await parts.enter_async_context(
            asyncpg.create_pool(prepared, min_size=1, max_size=4)
        )
        reads = await Reads.open(prepared, FIRST, pool_size=4)
        parts.push_async_callback(reads.close)
        log, positions = Growing(), Still(10_000)
        registry = Registry(pool, Owners(reads), SecretBox(SECRET), LISTED)
        whoever = Whoever()
        app = api.app.create(
            commands=Scripted(),
            reads=reads,
            positions=positions,
            feed=log,
            sheets=Intakes(),
            identities=whoever,
            webhooks=registry,
            cursor_key=SECRET,
        )
        transport = httpx.ASGITransport(app)
        http = await parts.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://test")
        )
        receiver = await parts.enter_async_context(receiving())
        yield Partner(prepared, pool, reads, http, receiver, whoever, log, positions)
