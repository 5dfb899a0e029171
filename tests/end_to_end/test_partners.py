"""The README's ways for partners to follow what happens, run as they are printed there."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
import pytest

from tests.end_to_end.running import PATIENCE, Running

README: Final = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION: Final = README.partition("\n## For partners\n")[2].partition("\n## ")[0]
KILLS: Final = 6
"""How often the consumer is killed before it is let be."""

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")


def printed(title: str, language: str) -> list[str]:
    """Give the blocks of a part of the section, but for those that only say where the feed is."""
    part = SECTION.partition(f"\n### {title}\n")[2].partition("\n### ")[0]
    return re.findall(rf"```{language}\n(.*?)```", part, re.DOTALL)


LOOK, FILTER, AGAIN, CATALOGUE, FOLLOW = printed("With nothing but curl", "sh")
(FETCH,) = printed("In Python", "sh")
(CONSUMER,) = printed("In Python", "python")
NEWS, MARK = printed("What happened since I last looked", "graphql")


@pytest.fixture(scope="module")
def token(demo: Running) -> str:
    """A token of the demo's operator."""
    return demo.token("operator")


def environment(demo: Running, token: str = "") -> Mapping[str, str]:
    return {**demo.env, "FEED": demo.url, "TOKEN": token}


def shell(commands: str, demo: Running, folder: Path) -> str:
    """Run commands as they are printed, and give what they say."""
    ended = subprocess.run(
        ["sh", "-e", "-c", commands],
        cwd=folder,
        env=environment(demo),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return ended.stdout


def feed(demo: Running, token: str | None = None) -> list[Any]:
    """Give the whole feed, as anybody reads it, or somebody."""
    events: list[Any] = []
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    page = httpx.get(f"{demo.url}/events?after=0&limit=1000", headers=headers).raise_for_status()
    while found := page.json():
        events += found
        page = httpx.get(demo.url + page.links["next"]["url"], headers=headers).raise_for_status()
    return events


@needs_curl
def test_the_first_look_gives_cohorts(demo: Running, tmp_path: Path) -> None:
    told = json.loads(shell(LOOK, demo, tmp_path))
    assert [event["type"] for event in told] == ["fr.cordee.cohort.opened.v1"] * 2
    schema = httpx.get(told[0]["dataschema"]).json()
    assert schema["$id"] == told[0]["dataschema"]
    assert told[0]["data"]["details"].keys() <= schema["properties"]["details"]["properties"].keys()


@needs_curl
def test_what_is_meant_is_said_by_filters_and_where_to_go_on_by_the_link(
    demo: Running, tmp_path: Path
) -> None:
    said = dict(line.split(": ", 1) for line in shell(FILTER, demo, tmp_path).splitlines())
    (address,) = re.findall("<(.*)>", said["link"])
    assert "territories=region%3A28" in address
    (second,) = httpx.get(demo.url + address).json()
    assert int(second["sequence"]) > int(said["cordee-scanned"])
    assert second["type"].split(".")[2] in {"action", "alliance"}


@needs_curl
def test_what_one_has_is_not_sent_again(demo: Running, tmp_path: Path) -> None:
    assert shell(AGAIN, demo, tmp_path) == "304"
    assert len(json.loads((tmp_path / "page").read_text(encoding="utf-8"))) == len(feed(demo))


@needs_curl
def test_the_catalogue_says_what_there_can_be(demo: Running, tmp_path: Path) -> None:
    first, second = CATALOGUE.splitlines()
    assert json.loads(shell(first, demo, tmp_path))["asyncapi"].startswith("3.")
    assert json.loads(shell(second, demo, tmp_path))["properties"].keys() == {"title", "details"}


def follow(folder: Path, demo: Running, token: str, until: str) -> list[Any]:
    """Follow until an event of a position was taken in, and give what was."""
    (folder / "follow.sh").write_text(FOLLOW, encoding="utf-8")
    taken = folder / "taken"
    deadline = time.monotonic() + PATIENCE
    with taken.open("wb") as output:
        running = subprocess.Popen(
            ["sh", "follow.sh"], cwd=folder, env=environment(demo, token), stdout=output
        )
        try:
            while until not in taken.read_text(encoding="utf-8"):
                assert running.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            while not (folder / "cursor").exists():
                time.sleep(0.05)
        finally:
            running.kill()
            running.wait()
    lines = taken.read_text(encoding="utf-8").splitlines()
    return [event for line in lines for event in json.loads(line)]


def register(demo: Running, token: str, name: str) -> str:
    """Register an organisation, and give the position of the fact as a sequence."""
    query = """
        mutation Register($name: String!) {
          registerOrganisation(input: {name: $name, kind: UNION}) {
            ... on RegisterOrganisationSuccess { position }
          }
        }
    """
    done = demo.ask(query, token=token, name=name)
    return f"{int(done['registerOrganisation']['position']):019}"


def test_resumed_at_every_position_it_goes_on_with_what_follows(demo: Running) -> None:
    log = [event["sequence"] for event in feed(demo)]
    following = iter(log)
    expected = next(following, None)
    with httpx.Client(base_url=demo.url) as http:
        for position in range(int(log[-1]) + 1):
            while expected is not None and int(expected) <= position:
                expected = next(following, None)
            told = http.get(f"/events?after={position}&limit=1").json()
            assert [event["sequence"] for event in told] == ([expected] if expected else [])


@needs_curl
def test_who_follows_and_comes_back_has_missed_nothing(
    demo: Running, token: str, tmp_path: Path
) -> None:
    first = follow(tmp_path, demo, token, register(demo, token, "Une cordée"))
    sequences = [event["sequence"] for event in first]
    assert sequences == sorted(set(sequences))
    assert {event["id"] for event in feed(demo)} <= {event["id"] for event in first}
    meanwhile = register(demo, token, "Une autre cordée")
    second = follow(tmp_path, demo, token, meanwhile)
    assert [event["sequence"] for event in second if event["sequence"] > sequences[-1]] == [
        meanwhile
    ]


@needs_curl
def test_whoever_follows_with_a_wrong_key_is_told_and_does_not_go_on(
    demo: Running, tmp_path: Path
) -> None:
    ended = subprocess.run(
        ["sh", "-c", FOLLOW],
        cwd=tmp_path,
        env=environment(demo, "wrong"),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert json.loads(ended.stderr)["errors"][0]["extensions"]["code"] == "MALFORMED_TOKEN"


TAKEN_IN: Final = "select position, id from happened order by rowid"


class Consumer:
    """The sample consumer in a folder of its own."""

    def __init__(self, folder: Path, demo: Running, token: str) -> None:
        self._folder = folder
        self._env = environment(demo, token)
        # As it is printed, but for the length of its pages: it is killed between many of them.
        consumer = CONSUMER.replace("limit=1000", "limit=3")
        assert consumer != CONSUMER
        (folder / "consumer.py").write_text(consumer, encoding="utf-8")
        shell(FETCH, demo, folder)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let it run, and kill it in the end, wherever it is (SIGKILL)."""
        process = subprocess.Popen([sys.executable, "consumer.py"], cwd=self._folder, env=self._env)
        try:
            yield
            assert process.poll() is None, "it goes on until it is killed"
        finally:
            process.kill()
            process.wait()

    def until(self, count: int) -> None:
        """Wait until it has taken in so many events."""
        deadline = time.monotonic() + PATIENCE
        while len(self.happened()) < count:
            assert time.monotonic() < deadline
            time.sleep(0.001)

    def happened(self) -> Sequence[tuple[Any, ...]]:
        """Give what it has taken in."""
        with closing(sqlite3.connect(self._folder / "happened.sqlite")) as database:
            try:
                return database.execute(
                    "select position, id from happened order by rowid"
                ).fetchall()
            except sqlite3.OperationalError:
                return []  # it has not come so far


@needs_curl
def test_a_consumer_that_is_killed_again_and_again_has_each_event_once(
    demo: Running, token: str, tmp_path: Path
) -> None:
    log = [(int(each["sequence"]), each["id"]) for each in feed(demo, token)]
    consumer, chance = Consumer(tmp_path, demo, token), Random(7)  # noqa: S311
    for share in sorted(chance.random() for _ in range(KILLS)):
        with consumer.running():
            consumer.until(int(share * len(log)))
            time.sleep(chance.random() / 100)
        assert consumer.happened() == log[: len(consumer.happened())]
    with consumer.running():
        consumer.until(len(log))
    assert consumer.happened() == log


def test_the_news_are_read_and_marked_as_they_are_printed(demo: Running, token: str) -> None:
    where = {"territories": ["region:28"], "nouns": ["alliance"]}

    def news() -> Any:
        return demo.ask(NEWS, token=token, where=where)["news"]

    first = news()
    assert first["since"] == "0"
    assert sum(each["count"] for each in first["summary"]["counts"]) > 20
    positions = [each["position"] for each in first["entries"]["nodes"]]
    while (found := news())["entries"]["nodes"]:
        marked = demo.ask(MARK, token=token, position=found["entries"]["scanned"])["markRead"]
        assert marked["bookmark"]["position"] == found["entries"]["scanned"]
        positions += [each["position"] for each in found["entries"]["nodes"]]
    told = httpx.get(
        f"{demo.url}/events?limit=5000&territories=region:28&nouns=alliance",
        headers={"authorization": f"Bearer {token}"},
    ).json()
    assert positions[20:] == [str(int(each["sequence"])) for each in told]
