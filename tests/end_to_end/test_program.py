"""`cordee` from the outside: started, asked, stopped, started again, and started wrongly."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest

from tests.end_to_end.running import Running, environment, run, running
from tests.scratch import scratch


@pytest.fixture(scope="module")
def demo(data: Path) -> Iterator[Running]:
    """A demo that may be stopped."""
    with running("demo", env=environment(data)) as started:
        yield started


def test_the_demo_says_where_to_look_and_gives_a_query(demo: Running) -> None:
    said = "\n".join(demo.said)
    assert "Demo data: " in said
    assert httpx.get(f"{demo.url}/health/ready").status_code == 200


def test_the_first_version_has_its_levers_and_objectives_in_order(demo: Running) -> None:
    levers = submitted(demo)[0]["levers"]
    assert [len(lever["objectives"]) for lever in levers] == [3, 3, 3, 1, 1]
    assert levers[4]["title"] == "Déployer une CEC Pays de Vannes"
    assert [o["scope"] for o in levers[1]["objectives"]] == ["LOCAL", "LOCAL", "GLOBAL"]


def test_the_roadmap_was_revised_twice_since(demo: Running) -> None:
    versions = submitted(demo)
    assert [version["submittedOn"] for version in versions] == [
        "2023-12-10",
        "2024-12-12",
        "2025-11-27",
    ]
    assert [len(version["levers"]) for version in versions] == [5, 6, 5]
    assert [version["levers"][1]["objectives"][0]["target"] for version in versions] == [
        None,
        "8",
        "9",
    ]


def submitted(demo: Running) -> list[Any]:
    """Give the versions of the roadmap that were handed in."""
    (roadmap,) = demo.ask(
        "{ roadmaps { nodes { submissions { submittedOn"
        " levers { title objectives { wording scope target } } } } } }"
    )["roadmaps"]["nodes"]
    versions: list[Any] = roadmap["submissions"]
    return versions


def test_a_second_start_keeps_the_data(demo: Running, data: Path) -> None:
    before = demo.ask("{ cohorts { nodes { id name } } }")
    ended = demo.interrupt()
    assert "cordée has stopped." in ended
    assert demo.process.returncode == 0
    with running("demo", env=environment(data)) as again:
        assert "Demo data: nothing new." in "\n".join(again.said)
        assert again.ask("{ cohorts { nodes { id name } } }") == before
        status = run("status", env=environment(data))
        assert "0" in status.stdout
        assert "organisations" in status.stdout
        taken = run("serve", env=environment(data))
        assert taken.returncode == 2
        assert len(taken.stderr.strip().splitlines()) == 1


def test_nothing_runs_on_after_the_end(data: Path) -> None:
    with running("serve", env=environment(data)) as started:
        family = psutil.Process(started.process.pid).children(recursive=True)
        assert any("postgres" in process.name() for process in family)
        started.interrupt()
    assert not [process for process in family if process.is_running()]


def test_a_taken_port_is_told_in_one_sentence(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused = run("serve", env=environment(data, CORDEE_PORT=port))
    assert refused.returncode == 2
    assert f"Port {port} on 127.0.0.1 is taken" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    refused = run("serve", env=environment(file / "data"))
    assert refused.returncode == 2
    assert "CORDEE_DATA_DIR" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_every_wrong_setting_is_named_at_start(tmp_path: Path) -> None:
    wrong = {"CORDEE_PROT": "1", "CORDEE_POOL_SIZE": "many", "CORDEE_MASTER_KEY": "short"}
    refused = run("serve", env=environment(tmp_path, **wrong))
    assert refused.returncode == 2
    assert "CORDEE_PROT is not a setting: did you mean CORDEE_PORT?" in refused.stderr
    assert "CORDEE_POOL_SIZE" in refused.stderr
    assert "CORDEE_MASTER_KEY" in refused.stderr
    assert "short" not in refused.stderr


def test_a_database_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    url = "postgresql://nobody:secret@127.0.0.1:1/none"
    refused = run("serve", env=environment(tmp_path, DATABASE_URL=url))
    assert refused.returncode == 2
    assert "DATABASE_URL" in refused.stderr
    assert "secret" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_of_ones_own_is_used(database: str, tmp_path: Path) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    data = tmp_path / "data"
    env = environment(data, DATABASE_URL=database, CORDEE_MASTER_KEY=key)
    assert "up to date" in run("migrate", env=env).stdout
    with running("demo", env=env) as started:
        cohorts = started.ask("{ cohorts { totalCount } }")["cohorts"]["totalCount"]
    assert cohorts == 6
    assert [path.name for path in data.iterdir()] == ["demo-issuer.key"]


async def test_a_broken_file_is_refused_with_its_lines(database: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"do": "Unheard"}\n{"do": "RegisterOrganisation"}\n')
    refused = run("load", str(path), env=environment(tmp_path / "data", DATABASE_URL=database))
    assert refused.returncode == 2
    assert "line 1: “do” names no command." in refused.stderr
    assert "line 2: " in refused.stderr
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("select count(*) from log.event") == 0
    await connection.close()


def test_help_teaches() -> None:
    told = run("--help", env=dict(os.environ)).stdout
    for word in ("demo", "serve", "migrate", "load", "status", "CORDEE_DATA_DIR", "DATABASE_URL"):
        assert word in told


def test_a_database_that_dies_is_started_again(data: Path) -> None:
    with running("demo", env=environment(data)) as started:
        (postgres,) = (
            process
            for process in psutil.Process(started.process.pid).children()
            if "postgres" in process.name()
        )
        postgres.kill()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer = httpx.post(f"{started.url}/graphql", json={"query": "{cohorts{totalCount}}"})
            if (answer.json().get("data") or {}).get("cohorts"):
                break
            time.sleep(0.2)
        else:
            pytest.fail("the database did not come back")
        mutation = (
            'mutation { registerOrganisation(input: {name: "X", kind: UNION}) { __typename } }'
        )
        done = started.ask(mutation, token=started.token("operator"))["registerOrganisation"]
        assert done["__typename"].endswith("Success")


@pytest.mark.parametrize("delay", [0.3, 0.9])
def test_a_start_that_is_broken_off_leaves_nothing_running(delay: float) -> None:
    with scratch("cordee-") as folder:
        data = folder / "data"
        starting = subprocess.Popen(
            [sys.executable, "-m", "infra.main", "demo"],
            env=environment(data),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        starting.terminate()
        starting.wait(30)
        left = [
            process
            for process in psutil.process_iter(["cmdline"])
            if str(data) in " ".join(process.info["cmdline"] or [])
        ]
        assert not left
