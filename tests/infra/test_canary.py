"""What people are called shows where it is asked for by those who may, and nowhere else."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
import httpx
import pytest
import structlog
from starlette.applications import Starlette

import api.app
from api.ports import Identity
from domain.aggregate import AggregateEvent
from domain.record import Recorded
from infra import log as logs
from infra.command_bus import CommandBus
from infra.feed import Feed
from infra.keys.person_keys import PersonKeys
from infra.keys.vault import open_vault
from infra.mapper import EventMapper
from infra.people.dossier import Dossiers
from infra.positions import Positions
from infra.projector import ProjectionState, Projector, status
from infra.reads import Reads
from infra.settings import Settings
from infra.sheets.intake import SheetIntake
from infra.store import EventStore
from projections import organisations
from projections.rows import Rows
from tests.api.calling import Caller as Client
from tests.api.ports import Always
from tests.infra.forgotten import EMAIL, MARKS, NAME, TELEPHONE

US = Always(Identity(actor="tests", trusted=True))
SOON = 20.0

CONTACTS = "{organisations {nodes {name contacts {id function name email telephone}}}}"


@dataclass
class Told:
    """All that a process told: its log, and what it answered to others."""

    log: StringIO
    answers: list[str]

    def everything(self) -> str:
        return "\n".join((self.log.getvalue(), *self.answers))

    def assert_discreet(self) -> None:
        told = self.everything()
        assert [mark for mark in MARKS if mark.decode() in told] == []


@pytest.fixture
def told() -> Iterator[Told]:
    """What is told from now on, with the log as talkative as it can be."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure_logging("debug")
    told = Told(StringIO(), [])
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(told.log)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the log of the one who asks
    for name in ("infra.projector.folding", "api.faults"):
        structlog.get_logger(name).warning("caught", name=name)
        logging.getLogger(name).warning("caught by %s", name)
    state = structlog.get_config(), logging.root.manager.disable, root.handlers
    assert told.log.getvalue().count("caught") == 4, (told.log.getvalue(), state)
    told.log.seek(0)
    told.log.truncate()
    yield told
    root.handlers[:], root.level = before, level


@dataclass
class House:
    """The whole program on a database, with ways in for us and for anybody."""

    dsn: str
    us: Client
    anybody: httpx.AsyncClient
    pool: Any

    async def contact(self) -> str:
        """Designate somebody by name, and wait until that is shown."""
        contact = await self.designate()
        await self.us.ask(CONTACTS)
        return contact

    async def designate(self) -> str:
        """Designate somebody by name."""
        organisation = await self.us.organisation("Atmo Normandie", "region:28")
        return await self.us.make(
            "DesignateContact",
            organisation=organisation,
            function="directrice",
            name=NAME,
            email=EMAIL,
            telephone=TELEPHONE,
        )


def calling(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@asynccontextmanager
async def opened(dsn: str, folder: Path, **projecting: Any) -> AsyncIterator[House]:
    settings = Settings.from_environment({"CORDEE_DATA_DIR": str(folder)})
    vault = await open_vault(settings, dsn)
    async with AsyncExitStack() as parts:
        pool = await parts.enter_async_context(asyncpg.create_pool(dsn, min_size=1, max_size=4))
        store = await EventStore.open(dsn, pool_size=4)
        parts.push_async_callback(store.close)
        mapper = EventMapper(PersonKeys(pool, vault.keyring))
        projector = await Projector.start(dsn, store, mapper, **projecting)
        parts.push_async_callback(projector.stop)
        reads = await Reads.open(dsn, projector, pool_size=4)
        parts.push_async_callback(reads.close)
        bus = CommandBus(store, mapper, secret=vault.request_secret)
        parts.push_async_callback(bus.close)
        ports: dict[str, Any] = {
            "commands": bus,
            "reads": reads,
            "positions": Positions(projector),
            "feed": Feed(store, mapper),
            "sheets": SheetIntake(bus, store),
            "dossiers": Dossiers(bus, store, mapper, pool, reads),
        }
        ours, theirs = api.app.create(**ports, identities=US), api.app.create(**ports)
        us = await parts.enter_async_context(calling(ours))
        anybody = await parts.enter_async_context(calling(theirs))
        yield House(dsn, Client(us, ours), anybody, pool)


@pytest.fixture
async def house(
    prepared: str,
    tmp_path: Path,
    told: Told,  # noqa: ARG001 - it hears all from the start
) -> AsyncIterator[House]:
    """The whole program on a fresh database."""
    async with opened(prepared, tmp_path) as house:
        yield house


async def test_we_are_told_and_our_log_is_not(house: House, told: Told) -> None:
    await house.contact()
    (organisation,) = (await house.us.ask(CONTACTS))["organisations"]["nodes"]
    (contact,) = organisation["contacts"]
    assert (contact["name"], contact["email"], contact["telephone"]) == (NAME, EMAIL, TELEPHONE)
    told.assert_discreet()


async def test_nothing_that_is_refused_is_logged(house: House, told: Told) -> None:
    await house.contact()
    (row,) = await house.pool.fetch("select organisation_id from read_organisations_1.contact")
    ours = {"organisation": row["organisation_id"], "function": "x"}
    await house.us.attempt("DesignateContact", organisation=NAME, function=EMAIL)
    await house.us.attempt("DesignateContact", **ours, name=NAME * 100)
    await house.us.attempt("DesignateContact", **ours, name=NAME, expectedVersion=7)
    for body in (
        {"query": f'{{ organisation(id: "{NAME}") {{ {NAME} }} }}'},
        {"query": "query($i: Int!) {__typename}", "variables": {"i": NAME}},
        {
            "query": "mutation($i: MoveSessionInput!) {moveSession(input: $i) {__typename}}",
            "variables": {"i": {"cohort": EMAIL, "session": [NAME]}},
        },
        {"query": f"{{ {NAME}"},
        [NAME],
    ):
        await house.us.http.post("/graphql", json=body)
    await house.us.http.get("/graphql", params={"query": f'{{search(text: "{NAME}")}}'})
    told.assert_discreet()


async def test_anybody_else_is_told_nothing_by_any_question(house: House, told: Told) -> None:
    contact = await house.contact()
    forget = f'mutation {{forgetPerson(input: {{person: "{contact}", expectedVersion: 9}}) '
    for query in (
        CONTACTS,
        f'{{node(id: "{contact}") {{__typename}}}}',
        f'{{exportPerson(person: "{contact}")}}',
        f'{{search(text: "{NAME}") {{total}}}}',
        forget + "{__typename ... on Refusal {message}}}",
    ):
        answer = await house.anybody.post("/graphql", json={"query": query})
        told.answers.append(answer.text.replace(json.dumps(NAME)[1:-1], NAME))
    told.answers.append((await house.anybody.get("/health/ready")).text)
    told.answers = [answer for answer in told.answers if "Syntax Error" not in answer]
    told.assert_discreet()


async def test_a_fault_is_logged_without_the_words_of_others(house: House, told: Told) -> None:
    contact = await house.contact()
    failing = ValueError(f"invalid input for query argument $1: {NAME!r}")
    failing.__context__ = KeyError(EMAIL)
    with patch("infra.keys.person_keys.PersonKeys.fetch", side_effect=failing):
        for person in (contact, contact.replace("ctc", "asg")):
            answer = await house.anybody.post(
                "/graphql", json={"query": f'{{exportPerson(person: "{person}")}}'}
            )
            told.answers.append(answer.text)
    with patch("infra.command_bus.CommandBus.execute", side_effect=failing):
        query = f'mutation {{forgetPerson(input: {{person: "{contact}"}}) {{__typename}}}}'
        answer = await house.us.http.post("/graphql", json={"query": query})
    assert "FAULT" in answer.text
    assert "ValueError" in told.log.getvalue()
    told.answers.append(answer.text)
    told.assert_discreet()


async def stopped(dsn: str) -> None:
    while all(each.state is not ProjectionState.STOPPED for each in await status(dsn)):
        await asyncio.sleep(0.05)


async def test_a_projection_that_stops_tells_why_without_quoting(
    prepared: str, tmp_path: Path, told: Told
) -> None:
    def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        organisations.fold(rows, recorded)
        for contact in rows.all(organisations.ContactRow):
            raise ValueError(f"cannot fold {contact.name} {contact.email}")

    poisoned = replace(organisations.ORGANISATIONS, fold=fold)
    vars(poisoned)["code_hash"] = organisations.ORGANISATIONS.code_hash
    async with opened(prepared, tmp_path, projections=[poisoned]) as house:
        await house.designate()
        async with asyncio.timeout(SOON):
            await stopped(prepared)
        told.answers.append((await house.anybody.get("/health/ready")).text)
        rows = await house.pool.fetch("select g::text from log.generation g")
        told.answers += [row[0] for row in rows]
    assert "projection.stopped" in told.log.getvalue()
    told.assert_discreet()


async def test_a_row_that_does_not_fit_is_not_quoted_by_the_database_either(
    prepared: str, tmp_path: Path, told: Told
) -> None:
    async with opened(prepared, tmp_path) as house:
        place = await house.pool.fetchval("select current_setting('data_directory')")
        await house.pool.execute(
            "alter table read_organisations_1.contact add check (function <> 'directrice')"
        )
        await house.designate()
        async with asyncio.timeout(SOON):
            while not any(each.state is ProjectionState.STOPPED for each in await status(prepared)):
                await asyncio.sleep(0.05)
        rows = await house.pool.fetch("select g::text from log.generation g")
        told.answers += [row[0] for row in rows]
    told.answers.append((Path(place).parent / "postgres.log").read_text("utf-8"))
    assert "violates check constraint" in told.everything()
    told.assert_discreet()


async def test_who_may_is_given_all_that_is_held_and_afterwards_there_is_nothing(
    house: House, told: Told
) -> None:
    contact = await house.contact()
    query = f'{{exportPerson(person: "{contact}")}}'
    held = json.dumps((await house.us.ask(query))["exportPerson"], ensure_ascii=False)
    assert all(text in held for text in (NAME, EMAIL, TELEPHONE, "directrice"))

    forgotten = await house.us.ask(
        f'mutation {{forgetPerson(input: {{person: "{contact}"}}) {{'
        " ... on ForgetPersonSuccess {position person {id forgottenAt}}}}"
    )
    assert forgotten["forgetPerson"]["person"]["forgottenAt"] is not None
    house.us.position = forgotten["forgetPerson"]["position"]
    told.answers.append(json.dumps(await house.us.ask(query), ensure_ascii=False))
    told.answers.append(json.dumps(await house.us.ask(CONTACTS), ensure_ascii=False))
    assert "directrice" in told.answers[-1]
    told.assert_discreet()
