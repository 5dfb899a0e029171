"""Who hears what goes to the broker, and under which subjects they find it."""

import asyncio
import base64
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from api.ports import Caller, Identity
from api.publication.whereabouts import region, smallest
from domain.granting import GrantRole
from domain.principal import OpenPrincipal, PrincipalKind
from domain.roadmap import DraftRoadmap
from domain.role import Role, ScopeKind
from infra import command_file
from infra.broker.opening import relay_of
from infra.broker.subjects import subject
from infra.feed import Feed
from infra.settings import Settings
from infra.system import System, system
from tests.api.ports import Always
from tests.broker.servers import Server, client_of
from tests.broker.stage import messages_of
from tests.history import MASTER_KEY, opened

OURSELVES = Caller(actor="command line", language="en", trusted=True)
PATIENCE = 20.0
STORY = command_file.DEMO[0]


def settings_of(folder: Path, **environ: str) -> Settings:
    """Give the settings of a program on a folder."""
    return Settings.from_environment(
        {
            "CORDEE_DATA_DIR": str(folder / "data"),
            "CORDEE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
            **environ,
        }
    )


def _silently(_done: int, _of: int) -> None:
    """Nobody watches."""


async def load(running: System) -> str:
    """Let cohorts and a roadmap be there, and a draft; give the id of somebody who sees it all."""
    names: command_file.Names = {}
    await command_file.carry_out(STORY, running.commands, OURSELVES, _silently, names)
    drafting = DraftRoadmap(
        organisation=names["atmo-sud"], cohort=names["cec-sud"], horizon=2030, title="A draft"
    )
    await running.commands.execute(drafting, OURSELVES)
    opening = OpenPrincipal(
        issuer="tests", subject="auditor", kind=PrincipalKind.MACHINE, label="auditor"
    )
    auditor = (await running.commands.execute(opening, OURSELVES)).id
    grant = GrantRole(
        principal=auditor, role=Role.AUDITOR, scope_kind=ScopeKind.PLATFORM, scope=None
    )
    await running.commands.execute(grant, OURSELVES)
    return str(auditor)


async def told_by_the_feed(running: System) -> list[Any]:
    """Give what anybody is told by the feed."""
    told: list[Any] = []
    following, head = "/events?after=0&limit=5000", await running.store.head()
    transport = httpx.ASGITransport(running.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        while True:
            answer = await client.get(following)
            told += answer.json()
            if int(answer.headers["cordee-scanned"]) >= head:
                return told
            following = answer.headers["link"].split("<")[1].split(">")[0]


async def until_relayed(dsn: str, stream: str, position: int) -> None:
    """Wait until all is relayed up to a position."""
    connection = await asyncpg.connect(dsn)
    asked = "select position from log.relay where stream = $1"
    async with asyncio.timeout(PATIENCE):
        while (await connection.fetchval(asked, stream) or 0) < position:
            await asyncio.sleep(0.01)
    await connection.close()


async def test_anybody_hears_what_the_feed_tells_and_a_principal_what_they_may(
    prepared: str, broker: Server, folder: Path
) -> None:
    async with system(settings_of(folder), prepared) as running:
        auditor = await load(running)
    environ = {"CORDEE_NATS_URL": broker.url, "CORDEE_PUBLIC_URL": "http://test"}
    settings = settings_of(folder, CORDEE_NATS_STREAM="everybody", **environ)
    trusted = settings_of(
        folder, CORDEE_NATS_STREAM="trusted", CORDEE_NATS_PRINCIPAL=auditor, **environ
    )
    client = await client_of(broker)
    async with (
        system(settings, prepared, identities=Always(Identity())) as running,
        opened(prepared) as log,
    ):
        head = await running.store.head()
        feed = Feed(log.store, log.mapper)
        relay = relay_of(prepared, trusted, feed, running.positions, running.reads)
        await until_relayed(prepared, "everybody", head)
        await until_relayed(prepared, "trusted", head)
        await relay.stop()
        public = await messages_of(client.jetstream(), "everybody")
        more = await messages_of(client.jetstream(), "trusted")
        assert [orjson.loads(each.data) for each in public] == await told_by_the_feed(running)
    await client.close()
    heard, known = ({orjson.loads(each.data)["id"] for each in of} for of in (more, public))
    assert len(heard - known) == 1  # the draft
    assert heard > known
    subjects = Counter(each.subject for each in public)
    assert subjects["everybody.events.region:28.region:28.cohort.opened.v1"] == 1
    assert subjects["everybody.events.none.none.roadmap.published.v1"] == 1
    assert subjects["everybody.events.FR.FR.cohort.opened.v1"] == 1  # in two regions


@pytest.mark.parametrize(
    ("keys", "holding", "within"),
    [
        (["region:28"], "region:28", "region:28"),
        (["epci:200023414"], "epci:200023414", "region:28"),
        (["departement:76", "epci:200023414"], "departement:76", "region:28"),
        (["departement:76", "departement:14"], "region:28", "region:28"),
        (["departement:76", "departement:75"], "FR", "FR"),
        (["FR", "departement:75"], "FR", "FR"),
    ],
)
def test_what_lies_in_several_territories_stands_under_the_one_that_holds_them(
    keys: list[str], holding: str, within: str
) -> None:
    assert smallest(keys) == smallest(reversed(keys)) == holding
    assert region(holding) == within
    name = f"cordee.events.{within}.{holding}.action.finished.v1"
    assert subject("cordee", holding, "fr.cordee.action.finished.v1") == name


def test_what_lies_in_none_is_nowhere() -> None:
    name = "cordee.events.none.none.roadmap.published.v1"
    assert subject("cordee", None, "fr.cordee.roadmap.published.v1") == name
