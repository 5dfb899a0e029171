"""The README's way for partners to follow what happens, run as it is printed there."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.end_to_end.running import PATIENCE, Running

README: Final = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION: Final = README.partition("\n## For partners\n")[2].partition("\n## ")[0]
ONCE, FOLLOW = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")


def feed(demo: Running) -> list[Any]:
    """Give the whole feed, as anybody reads it."""
    events: list[Any] = []
    page = httpx.get(f"{demo.url}/events?after=0&limit=1000").raise_for_status()
    while found := page.json():
        events += found
        page = httpx.get(demo.url + page.links["next"]["url"]).raise_for_status()
    return events


def test_the_first_look_gives_cohorts(demo: Running) -> None:
    command = ONCE.replace("http://127.0.0.1:8000", demo.url)
    told = json.loads(subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout)
    assert [event["type"] for event in told] == ["fr.cordee.cohort.opened.v1"] * 2
    schema = httpx.get(told[0]["dataschema"]).json()
    assert schema["$id"] == told[0]["dataschema"]
    assert told[0]["data"]["details"].keys() <= schema["properties"]["details"]["properties"].keys()


def follow(folder: Path, demo: Running, until: str) -> list[Any]:
    """Follow until an event of a position was taken in, and give what was."""
    (folder / "follow.sh").write_text(FOLLOW, encoding="utf-8")
    env = {**demo.env, "FEED": demo.url, "TOKEN": demo.token("operator")}
    taken = folder / "taken"
    deadline = time.monotonic() + PATIENCE
    with taken.open("wb") as output:
        running = subprocess.Popen(["sh", "follow.sh"], cwd=folder, env=env, stdout=output)
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


def register(demo: Running, name: str) -> str:
    """Register an organisation, and give the position of the fact as a sequence."""
    query = """
        mutation Register($name: String!) {
          registerOrganisation(input: {name: $name, kind: UNION}) {
            ... on RegisterOrganisationSuccess { position }
          }
        }
    """
    done = demo.ask(query, token=demo.token("operator"), name=name)
    return f"{int(done['registerOrganisation']['position']):019}"


def test_who_follows_and_comes_back_has_missed_nothing(demo: Running, tmp_path: Path) -> None:
    first = follow(tmp_path, demo, register(demo, "Une cordée"))
    sequences = [event["sequence"] for event in first]
    assert sequences == sorted(set(sequences))
    assert {event["id"] for event in feed(demo)} <= {event["id"] for event in first}
    meanwhile = register(demo, "Une autre cordée")
    second = follow(tmp_path, demo, meanwhile)
    assert [event["sequence"] for event in second if event["sequence"] > sequences[-1]] == [
        meanwhile
    ]
