"""A new version is started beside the old one, takes over, and gives back, and nobody notices."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from infra.settings import Settings
from tests.faults.client import Answer, Client, NotSent
from tests.faults.equality import differences, dump, folded_afresh
from tests.faults.program import ROOT, Program, together
from tests.faults.writer import RENAME, Writers

CLIENTS = 2
ROOMS = ("domain", "projections", "api", "infra")
CHANGES = (
    (
        "projections/organisations.py",
        "    dissolved boolean not null\n);",
        "    dissolved boolean not null,\n    renamings integer not null\n);",
    ),
    (
        "projections/organisations.py",
        "    dissolved: bool\n",
        "    dissolved: bool\n    renamings: int = 0\n",
    ),
    (
        "projections/organisations.py",
        "            organisation.name = event.name\n",
        "            organisation.name = event.name\n            organisation.renamings += 1\n",
    ),
    (
        "api/organisations.py",
        '    name="The name that it bears.",\n',
        '    name="The name that it bears.",\n    renamings="How often it was renamed.",\n',
    ),
)
"""What the new version has that the old one has not: a column, and a fold that fills it."""
RENAMINGS = """
query ($after: String) {
  organisations(first: 100, after: $after) {
    nodes { id renamings }
    pageInfo { hasNextPage endCursor }
  }
}
"""


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The source of a version that is newer than this one."""
    tree = tmp_path_factory.mktemp("newer")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", "pages")
    for room in ROOMS:
        shutil.copytree(ROOT / room, tree / room, ignore=ignored)
    for name, old, new in CHANGES:
        file = tree / name
        text = file.read_text("utf-8")
        assert text.count(old) == 1, f"{name} has changed: let this test change something else"
        file.write_text(text.replace(old, new), "utf-8")
    yield tree
    shutil.rmtree(tree)


async def test_an_upgrade_and_the_way_back_cost_no_request(
    prepared: str, key: str, settings: Settings, folder: Path, newer: Path
) -> None:
    old = Program(["serve"], prepared, folder)
    new = Program(["serve"], prepared, folder, tree=newer)
    writers = Writers([old.url], key, Random(3), pause=0.05)  # noqa: S311
    async with together(old):
        async with _traffic(writers) as unread:
            await asyncio.sleep(0.5)
            new.start()  # beside the old one, which goes on
            await new.ready()
            writers.urls = [new.url, old.url]
            await asyncio.sleep(0.3)
            assert (await _count(old.url, key)).status == 200, "the old one serves until it ends"
            await old.stop()
            await asyncio.sleep(0.3)
            counted = await _renamings(new.url, key)
            old.start()  # the way back
            await old.ready()
            writers.urls = [old.url, new.url]
            await new.stop()
            await asyncio.sleep(0.3)
        assert writers.failures == []
        assert unread == []
        assert (await _count(old.url, key)).json()["data"] is not None
    await writers.check(prepared)
    assert 0 < counted <= sum(query is RENAME for query in writers.done)
    shown = await dump(prepared)
    assert differences(shown, await folded_afresh(settings, prepared)) == []


@asynccontextmanager
async def _traffic(writers: Writers) -> AsyncIterator[list[str]]:
    """Write and read all the time; gives what became of reads that failed."""
    enough, unread = asyncio.Event(), list[str]()
    async with asyncio.TaskGroup() as group:
        group.create_task(writers.write(CLIENTS, enough))
        group.create_task(_read(writers, enough, unread))
        try:
            yield unread
        finally:
            enough.set()


async def _read(writers: Writers, until: asyncio.Event, unread: list[str]) -> None:
    """Ask whoever listens, each time for what was written last."""
    while not until.is_set():
        at = max((sent.position or 0 for sent in writers.commands.values()), default=0)
        for url in writers.urls:
            try:
                answer = await _count(url, writers.key, str(at))
            except NotSent:
                continue
            if answer.status != 200 or not answer.json().get("data"):
                unread.append(f"{answer.status} {answer.body.decode()}")
            break
        await asyncio.sleep(0.01)


async def _count(url: str, key: str, at: str | None = None) -> Answer:
    async with Client(url, key) as client:
        return await client.ask("{ organisations { totalCount } }", at=at)


async def _renamings(url: str, key: str) -> int:
    """Add up how often organisations were renamed, which only the new version knows."""
    counted = 0
    after: str | None = None
    async with Client(url, key) as client:
        while True:
            page = (await client.ask(RENAMINGS, after=after)).json()["data"]["organisations"]
            counted += sum(int(node["renamings"]) for node in page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return counted
            after = page["pageInfo"]["endCursor"]
