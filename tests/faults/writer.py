"""A client that writes all the time, and knows of each command what it was told."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from api.ports import Caller, Done
from domain.command import Command
from domain.granting import GrantRole
from domain.identity import internal
from domain.principal import IssueKey, OpenPrincipal, PrincipalKind
from domain.role import Role, ScopeKind
from infra.identity.api_keys import ApiKey, digest, new_secret
from infra.settings import Settings
from infra.system import system
from tests.faults.client import Answer, Client, Lost, NotSent

OURSELVES: Final = Caller(actor="test", language="en", trusted=True)
REGION: Final = "region:28"
REGISTER: Final = """
mutation ($command: UUID!, $name: String!) {
  registerOrganisation(
    input: { name: $name, kind: ASSOCIATION, territory: "region:28", commandId: $command }
  ) {
    __typename
    ... on RegisterOrganisationSuccess { created position }
    ... on Refusal { code }
  }
}
"""
RENAME: Final = """
mutation ($command: UUID!, $name: String!, $organisation: ID!) {
  renameOrganisation(
    input: { organisation: $organisation, name: $name, commandId: $command }
  ) {
    __typename
    ... on RenameOrganisationSuccess { position }
    ... on Refusal { code }
  }
}
"""
_STORED: Final = """
select c.command_id, c.last_position, count(e.position) as events
from log.command c left join log.event e using (command_id)
group by c.command_id, c.last_position
"""


@dataclass
class Sent:
    """A command, and what is known of it."""

    position: int | None = None
    """Where it stands in the log, as it was told; None as long as nobody has acknowledged it."""
    times: int = 0
    """How often it was sent."""


@dataclass
class Writers:
    """Some clients, each of which has one command under way."""

    urls: Sequence[str]
    """The servers; whoever writes goes to the first of them that listens."""
    key: str
    random: Random
    pause: float = 0.01
    """Seconds between two commands of a client."""
    commands: dict[UUID, Sent] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    """The operations of those that were acknowledged."""
    failures: list[str] = field(default_factory=list)
    """What became of commands that were not acknowledged when they were sent."""

    async def write(self, clients: int, until: asyncio.Event) -> None:
        """Write until told to stop; commands under way are still waited for."""
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(self._client(until))

    async def check(self, dsn: str) -> None:
        """Hold the log against what was told of it.

        Raises:
            AssertionError: an acknowledged command is not there, is there twice or elsewhere, or
                one is there whose events are not.
        """
        connection = await asyncpg.connect(dsn)
        try:
            rows = await connection.fetch(_STORED)
        finally:
            await connection.close()
        stored = {row["command_id"]: row for row in rows}
        for id, sent in self.commands.items():
            found = stored.get(id)
            if sent.position is not None:
                assert found is not None, f"{id} was acknowledged, and is lost"
                assert found["last_position"] == sent.position, f"{id} stands elsewhere"
            assert found is None or found["events"] == 1, f"{id} is there {found['events']} times"
        strangers = len(stored) - len(stored.keys() & self.commands.keys())
        assert strangers == SETTING_UP, f"{strangers} commands that nobody sent"

    async def _client(self, until: asyncio.Event) -> None:
        organisations: list[str] = []
        connections: dict[str, Client] = {}
        while not until.is_set():
            id = UUID(int=self.random.getrandbits(128), version=4)
            variables: dict[str, Any] = {"command": str(id), "name": f"Organisation {id}"}
            query = REGISTER
            if organisations and self.random.random() < 0.5:
                query = RENAME
                variables["organisation"] = self.random.choice(organisations)
            insists = self.random.random() < 0.5
            while True:
                done = await self._send(connections, id, query, variables)
                if done is not None or not insists or until.is_set():
                    break
                await asyncio.sleep(0.1)
            if done is not None and "created" in done:
                organisations.append(done["created"])
            await asyncio.sleep(self.pause)
        for client in connections.values():
            client.close()

    async def _ask(
        self, connections: dict[str, Client], query: str, variables: dict[str, Any]
    ) -> Answer | None:
        """Ask the first server that listens; None where none does."""
        for url in self.urls:
            with suppress(NotSent):
                client = connections.setdefault(url, Client(url, self.key))
                return await client.ask(query, **variables)
        return None

    async def _send(
        self, connections: dict[str, Client], id: UUID, query: str, variables: dict[str, Any]
    ) -> dict[str, Any] | None:
        sent = self.commands.setdefault(id, Sent())
        sent.times += 1
        try:
            answer = await self._ask(connections, query, variables)
        except Lost as lost:
            self.failures.append(str(lost))
            return None
        if answer is None:
            return None
        told: dict[str, Any] = answer.json()
        done: dict[str, Any] = next(iter((told.get("data") or {"": {}}).values())) or {}
        if "position" not in done:
            self.failures.append(f"{answer.status} {orjson.dumps(told).decode()}")
            return None
        position = int(done["position"])
        assert sent.position in {None, position}, f"{id} was told to be at two places"
        sent.position = position
        self.done.append(query)
        return done


SETTING_UP: Final = 4
"""Commands by which a key comes about."""


async def operators_key(settings: Settings, dsn: str) -> str:
    """Let a machine be operator, and administrator of the region, and give its key."""
    secret = new_secret()
    async with system(settings, dsn) as running:

        async def do(command: Command) -> Done:
            return await running.commands.execute(command, OURSELVES)

        opening = OpenPrincipal(
            issuer="tests", subject="writer", kind=PrincipalKind.MACHINE, label="writer"
        )
        principal = (await do(opening)).id
        for role, kind, scope in (
            (Role.PLATFORM_OPERATOR, ScopeKind.PLATFORM, None),
            (Role.TERRITORY_ADMINISTRATOR, ScopeKind.TERRITORY, REGION),
        ):
            await do(GrantRole(principal=principal, role=role, scope_kind=kind, scope=scope))
        issued = await do(IssueKey(principal=principal, label="writer", digest=digest(secret)))
    assert issued.created is not None
    return ApiKey(internal("key", issued.created), secret).text()
