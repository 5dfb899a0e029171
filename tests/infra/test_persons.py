"""People and the master key from the command line, while a server runs or not."""

import asyncio
import json
import logging
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.ports import Caller
from domain.identity import Id
from domain.organisation import DesignateContact, OrganisationKind, RegisterOrganisation
from infra.main import app
from infra.postgres.installation import programs
from infra.settings import Settings
from infra.system import system
from tests.infra.forgotten import EMAIL, MARKS, NAME, remains

WE = Caller(actor="tests", language="en", trusted=True)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Each command sets the log up for a process of its own."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before, level


@pytest.fixture
def environment(prepared: str, tmp_path: Path, quiet: None) -> dict[str, str]:  # noqa: ARG001
    """Settings that name a fresh database."""
    return {"CORDEE_DATA_DIR": str(tmp_path), "DATABASE_URL": prepared}


@pytest.fixture
def contact(environment: dict[str, str]) -> Id:
    """Somebody who was designated by name."""

    async def designate() -> Id:
        settings = Settings.from_environment(environment)
        async with system(settings, environment["DATABASE_URL"]) as running:
            registered = await running.commands.execute(
                RegisterOrganisation(name="Atmo", kind=OrganisationKind.ASSOCIATION), WE
            )
            designated = await running.commands.execute(
                DesignateContact(
                    organisation=registered.id, function="directrice", name=NAME, email=EMAIL
                ),
                WE,
            )
            await running.positions.reached(designated.position, 20)
            assert designated.created is not None
            return designated.created

    return asyncio.run(designate())


def cordee(environment: dict[str, str], *words: str, status: int = 0) -> Result:
    """Run a command of the program."""
    done = CliRunner().invoke(app, list(words), env=environment)
    assert done.exit_code == status, done.output
    return done


def exported(environment: dict[str, str], person: Id, file: Path) -> Any:
    """Have all that is held about somebody written to a file, and read it."""
    cordee(environment, "person", "export", person, str(file))
    return json.loads(file.read_text("utf-8"))


def test_all_that_is_held_is_written_before_and_next_to_nothing_afterwards(
    environment: dict[str, str], contact: Id, tmp_path: Path
) -> None:
    before = exported(environment, contact, tmp_path / "before.json")
    (fact,) = before["facts"]
    assert (fact["fact"]["name"], fact["fact"]["email"]) == (NAME, EMAIL)
    (row,) = before["rows"]["contact"]
    assert (row["name"], row["email"], before["forgotten_at"]) == (NAME, EMAIL, None)

    done = cordee(environment, "person", "forget", contact, "--reason", "asked for")
    assert f"{contact} is forgotten" in done.output

    after = exported(environment, contact, tmp_path / "after.json")
    assert after["forgotten_at"] is not None
    (fact,) = after["facts"]
    assert (fact["fact"]["name"], fact["fact"]["function"]) == (None, "directrice")
    (row,) = after["rows"]["contact"]
    assert (row["name"], row["email"]) == (None, None)
    assert asyncio.run(remains(environment["DATABASE_URL"], *MARKS)) == set()


def test_a_principal_without_a_name_is_told_what_it_holds_and_did(
    environment: dict[str, str], tmp_path: Path
) -> None:
    granted = cordee(
        environment, "grant", "operator", "--issuer", "https://login.example", "--subject", "a"
    )
    principal = Id(granted.output.split()[0])
    held = exported(environment, principal, tmp_path / "held.json")
    topics = [fact["topic"] for fact in held["facts"]]
    assert topics == ["principal.opened", "principal.role_granted"]
    assert (held["forgotten_at"], held["commands_given"]) == (None, [])


def test_nobody_is_known_by_an_id_that_never_was(environment: dict[str, str]) -> None:
    person = "ctc_" + "0" * 32
    for command in ("export", "forget"):
        done = cordee(environment, "person", command, person, status=2)
        assert person in done.stderr


def test_the_master_key_is_replaced_and_everybody_is_read_as_before(
    environment: dict[str, str], contact: Id, tmp_path: Path
) -> None:
    before = exported(environment, contact, tmp_path / "before.json")
    old = (tmp_path / "master.key").read_text("ascii")

    cordee(environment, "master-key", "renew")
    assert exported(environment, contact, tmp_path / "during.json") == before
    done = cordee(environment, "master-key", "rotate")
    assert "1/1 people" in done.output
    assert "The new master key is in use" in done.output
    again = cordee(environment, "master-key", "rotate")
    assert "was in use already" in again.output

    assert exported(environment, contact, tmp_path / "after.json") == before
    assert not (tmp_path / "master.key.previous").exists()
    (tmp_path / "master.key").write_text(old)
    refused = cordee(environment, "person", "export", contact, status=2)
    assert "another master key" in refused.stderr


# backups


def dump(dsn: str, *what: str) -> str:
    """Dump a part of a database as an operator does."""
    done = subprocess.run([programs() / "pg_dump", *what, dsn], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def restore(dsn: str, dumped: str) -> None:
    """Restore what was dumped into another database."""
    words = ["--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", dsn]
    subprocess.run(
        [programs() / "psql", *words],
        input=dumped.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )


EVENTS = ("--exclude-schema=keys", "--exclude-schema=read_*")
KEYS = ("--schema=keys", "--clean", "--if-exists")


def test_events_and_keys_are_dumped_apart(environment: dict[str, str], contact: Id) -> None:
    assert contact
    events = dump(environment["DATABASE_URL"], *EVENTS)
    keys = dump(environment["DATABASE_URL"], *KEYS)
    boxes = re.findall(r"\\\\x[0-9a-f]{120}\b", keys)
    # That of the person, that of the hashes of requests, and that which signs the tree of events.
    assert len(boxes) == 3
    assert [box for box in boxes if box in events] == []
    assert "COPY log.event" in events
    assert [mark for mark in MARKS if mark.decode() in events + keys] == []


def test_events_that_are_restored_alone_say_nothing_in_person_until_the_keys_are_back(
    environment: dict[str, str], contact: Id, empty: str, tmp_path: Path
) -> None:
    dsn = environment["DATABASE_URL"]
    before = exported(environment, contact, tmp_path / "before.json")
    events, keys = dump(dsn, *EVENTS), dump(dsn, *KEYS)
    restored = environment | {"DATABASE_URL": empty}

    restore(empty, events)
    cordee(restored, "person", "export", contact, status=2)

    restore(empty, keys)
    after = exported(restored, contact, tmp_path / "after.json")
    assert after["facts"] == before["facts"]


def test_who_was_forgotten_stays_so_when_older_keys_are_restored(
    environment: dict[str, str], contact: Id, tmp_path: Path
) -> None:
    dsn = environment["DATABASE_URL"]
    keys = dump(dsn, *KEYS)
    cordee(environment, "person", "forget", contact)

    restore(dsn, keys)

    (fact,) = exported(environment, contact, tmp_path / "after.json")["facts"]
    assert fact["fact"]["name"] is None
