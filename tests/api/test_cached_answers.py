"""Answers that are given again by the whole program, while others write."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import httpx
import pytest

from api.ports import Identity
from domain.identity import Id, internal
from infra.reads import Reads
from infra.settings import Settings
from infra.system import system
from projections.statement import Statement
from tests.api.calling import Caller
from tests.api.ports import Always

PROGRAM: Final = Identity(actor="tests", trusted=True)
NAME: Final = "query($id: ID!) {organisation(id: $id) {name version}}"
CONTACTS: Final = "query($id: ID!) {organisation(id: $id) {contacts {function name}}}"


class Personas(Always):
    """The program itself, unless a request says that it comes from a principal."""

    async def identify(self, authorization: str | None, address: str) -> Identity:
        """Believe what is said."""
        if authorization is None:
            return await super().identify(authorization, address)
        return Identity(actor=authorization, principal=internal("principal", Id(authorization)))


@dataclass
class Counted:
    """The statements that were run."""

    texts: list[str] = field(default_factory=list)


@asynccontextmanager
async def counting() -> AsyncIterator[Counted]:
    """Count the statements that ask the read model."""
    counted, answer = Counted(), Reads.answer

    async def answering(
        reads: Reads, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[bytes | None]:
        counted.texts.append(statement.text)
        return await answer(reads, statement, arguments)

    with patch.object(Reads, "answer", answering):
        yield counted


@pytest.fixture
async def caller(prepared: str, tmp_path: Path) -> AsyncIterator[Caller]:
    """A caller of a program that keeps answers."""
    environment = {"CORDEE_DATA_DIR": str(tmp_path), "DATABASE_URL": prepared}
    settings = Settings.from_environment(environment)
    async with system(settings, prepared, identities=Personas(PROGRAM)) as running:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield Caller(http, running.app)


async def ask(
    caller: Caller,
    query: str,
    *,
    principal: str | None = None,
    at: str | None = None,
    **variables: Any,
) -> Any:
    """Ask as somebody, for what is so at a position or now."""
    headers = {} if at is None else {"min-position": at}
    headers |= {} if principal is None else {"authorization": principal}
    body = {"query": query, "variables": variables}
    told = (await caller.http.post("/graphql", json=body, headers=headers)).json()
    assert "errors" not in told, told
    return told


async def test_what_has_not_moved_is_asked_of_the_database_once(caller: Caller) -> None:
    id = await caller.organisation("Atmo", "region:53")
    await ask(caller, NAME, at=caller.position, id=id)
    async with counting() as counted:
        for query in (NAME, NAME, f"  {NAME}  # the same, written otherwise"):
            told = await ask(caller, query, at=caller.position, id=id)
            assert told["data"] == {"organisation": {"name": "Atmo", "version": 1}}
            assert told["extensions"] == {
                "cost": {"asked": told["extensions"]["cost"]["asked"]},
                "position": caller.position,
            }
        assert counted.texts == []
        await caller.do("RenameOrganisation", organisation=id, name="Atmo Bretagne")
        counted.texts.clear()
        told = await ask(caller, NAME, at=caller.position, id=id)
        assert told["data"] == {"organisation": {"name": "Atmo Bretagne", "version": 2}}
        assert len(counted.texts) == 1


async def test_nobody_who_was_told_a_position_is_given_less_while_others_write(
    caller: Caller,
) -> None:
    id = await caller.organisation("Nom 1", "region:53")
    written = {1: int(caller.position)}
    writing = True

    async def write() -> None:
        nonlocal writing
        for version in range(2, 32):
            await caller.do("RenameOrganisation", organisation=id, name=f"Nom {version}")
            written[version] = int(caller.position)
            await asyncio.sleep(0.005)
        writing = False

    async def read() -> int:
        answers, told = 0, "0"
        while writing or answers == 0:
            wanted = told if answers % 2 else str(max(written.values()))
            answer = await ask(caller, NAME, at=wanted, id=id)
            shown, told = answer["data"]["organisation"], answer["extensions"]["position"]
            assert shown["name"] == f"Nom {shown['version']}"
            due = [version for version, at in written.items() if at <= int(wanted)]
            assert shown["version"] >= max(due, default=1)
            await asyncio.sleep(0)  # what is kept is given without waiting for anything
            answers += 1
        return answers

    async with counting() as counted:
        *answered, _ = await asyncio.gather(*(read() for _ in range(4)), write())
    assert sum(count or 0 for count in answered) > 2 * len(counted.texts)


async def test_what_is_repeated_word_for_word_is_answered_as_at_length(caller: Caller) -> None:
    id = await caller.organisation("Atmo", "region:53")
    many = "query($id: ID!) {a: organisation(id: $id) {name} b: organisation(id: $id) {version}"
    many += ' none: organisation(id: "org_00") {name}}'
    at_length = await ask(caller, many, at=caller.position, id=id)
    async with counting() as counted:
        for _ in range(4):
            assert await ask(caller, many, id=id) == at_length
        assert counted.texts == []
    assert list(at_length["data"]) == ["a", "b", "none"]


async def test_a_repeated_request_shows_at_least_what_the_position_beside_it_says(
    caller: Caller,
) -> None:
    id = await caller.organisation("Nom 1", "region:53")
    await ask(caller, NAME, at=caller.position, id=id)
    written = {1: int(caller.position)}
    writing = True

    async def write() -> None:
        nonlocal writing
        for version in range(2, 42):
            await caller.do("RenameOrganisation", organisation=id, name=f"Nom {version}")
            written[version] = int(caller.position)
            await asyncio.sleep(0.005)
        writing = False

    async def read() -> None:
        while writing:
            answer = await ask(caller, NAME, id=id)
            told = int(answer["extensions"]["position"])
            due = [version for version, at in written.items() if at <= told]
            assert answer["data"]["organisation"]["version"] >= max(due)
            await asyncio.sleep(0)

    await asyncio.gather(*(read() for _ in range(4)), write())
    assert (await ask(caller, NAME, at=caller.position, id=id))["data"]["organisation"] == {
        "name": "Nom 41",
        "version": 41,
    }


async def test_what_is_repeated_by_somebody_else_is_answered_to_them(caller: Caller) -> None:
    id = await caller.organisation("Atmo", "region:53")
    await caller.do("DesignateContact", organisation=id, function="directrice", name="Ada")
    stranger = await caller.make("OpenPrincipal", issuer="https://login.example", subject="eve")
    await ask(caller, CONTACTS, at=caller.position, id=id)
    for _ in range(3):
        seen = await ask(caller, CONTACTS, id=id)
        hidden = await ask(caller, CONTACTS, principal=stranger, id=id)
        assert [each["name"] for each in seen["data"]["organisation"]["contacts"]] == ["Ada"]
        assert hidden["data"]["organisation"]["contacts"] == []


async def test_a_role_that_was_revoked_opens_nothing_from_the_next_answer_on(
    caller: Caller,
) -> None:
    id = await caller.organisation("Atmo", "region:53")
    await caller.do("DesignateContact", organisation=id, function="directrice", name="Ada")
    principal = await caller.make("OpenPrincipal", issuer="https://login.example", subject="ada")
    role = {
        "principal": principal,
        "role": "ORGANISATION_LEADER",
        "scopeKind": "ORGANISATION",
        "scope": id,
    }
    async with counting() as counted:
        for command, names in (
            ("GrantRole", ["Ada"]),
            ("RevokeRole", []),
            ("GrantRole", ["Ada"]),
            ("RevokeRole", []),
        ):
            await caller.do(command, **role)
            counted.texts.clear()
            for _ in range(3):
                told = await ask(caller, CONTACTS, principal=principal, at=caller.position, id=id)
                contacts = told["data"]["organisation"]["contacts"]
                assert [contact["name"] for contact in contacts] == names, command
            assert len(counted.texts) == 1
    told = await ask(caller, CONTACTS, at=caller.position, id=id)
    assert told["data"]["organisation"]["contacts"][0]["name"] == "Ada"
