"""Keeping, as an operator does it: what the commands say, and how they end."""

import base64
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.end_to_end.running import environment, run
from tests.history import MASTER_KEY
from tests.keeping.world import contents, execute


@pytest.fixture
def env(world: str, tmp_path: Path) -> Mapping[str, str]:
    """The surroundings of a program on the world."""
    key = base64.b64encode(MASTER_KEY).decode()
    return environment(tmp_path / "data", DATABASE_URL=world, CORDEE_MASTER_KEY=key)


async def test_a_backup_is_restored_and_proved_and_checked(
    world: str, empty: str, env: Mapping[str, str], tmp_path: Path
) -> None:
    events, keys = str(tmp_path / "events"), str(tmp_path / "keys")

    saved = run("backup", events, "--keys", keys, env=env)
    restored = run("restore", events, "--keys", keys, env={**env, "DATABASE_URL": empty})
    checked = run("check", env={**env, "DATABASE_URL": empty})

    assert (saved.returncode, saved.stderr) == (0, "")
    assert f"Keep it apart from {events}." in saved.stdout
    assert restored.returncode == 0, restored.stderr
    assert "positions and versions without a gap, SHA-256 " in restored.stdout
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "no findings." in checked.stdout
    assert await contents(empty) == await contents(world)


async def test_findings_are_listed_and_end_with_the_status_1(
    world: str, env: Mapping[str, str]
) -> None:
    await execute(world, "update log.event set recorded_at = '2001-01-01Z' where position = 30")

    checked = run("check", "--no-read-models", env=env)

    assert checked.returncode == 1
    assert "positions at position 30: it was recorded before" in checked.stdout
    assert "one finding." in checked.stdout


def test_what_cannot_be_restored_is_told_in_a_sentence(
    env: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "events").write_text("something else")

    refused = run("restore", str(tmp_path / "events"), env=env)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("This database is not empty")
    assert len(refused.stderr.splitlines()) == 1


async def test_lines_go_from_one_log_to_another(
    world: str, database: str, env: Mapping[str, str]
) -> None:
    program = (sys.executable, "-m", "infra.main", "events")
    exported = subprocess.run([*program, "export", "-"], env=env, capture_output=True, check=True)
    taken_in = subprocess.run(
        [*program, "import", "-"],
        env={**env, "DATABASE_URL": database},
        input=exported.stdout,
        capture_output=True,
        check=True,
    )

    assert b"Export: " in exported.stderr
    assert b"events taken in; the log ends at position " in taken_in.stdout
    assert await contents(database, keys=False) == await contents(world, keys=False)
