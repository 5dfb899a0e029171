"""Proofs, as an operator makes them and a partner checks them."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.end_to_end.running import environment, run
from tests.history import MASTER_KEY
from tests.proving.conftest import EVENTS
from tests.proving.sealed import by_hand, happen, seal_all


@pytest.fixture
def env(sealed: str, tmp_path: Path) -> Mapping[str, str]:
    """The surroundings of a program on the log."""
    key = base64.b64encode(MASTER_KEY).decode()
    return environment(tmp_path / "data", DATABASE_URL=sealed, CORDEE_MASTER_KEY=key)


async def test_a_log_is_verified_against_a_head_that_was_kept(
    sealed: str, env: Mapping[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "head.json"

    kept = run("proof", "head", str(file), env=env)
    await happen(sealed, 2)
    whole = run("verify", "--head", str(file), env=env)
    head = json.loads(file.read_bytes())
    head["treeHead"]["root"] = bytes(32).hex()
    file.write_text(json.dumps(head))
    await by_hand(sealed, "update log.event set state = 'x' where position = 333")
    broken = run("verify", "--head", str(file), env=env)

    assert kept.returncode == 0, kept.stderr
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert f"Verify: {EVENTS + 2}/{EVENTS + 2} events, " in whole.stdout
    assert f"{EVENTS} events are held against the tree, 2 are not sealed yet." in whole.stdout
    assert "no findings." in whole.stdout
    assert broken.returncode == 1
    assert "proof at position 333: the event is not the one that was sealed" in broken.stdout
    assert f"the tree of {EVENTS} events is another one than the head" in broken.stdout
    assert "2 findings." in broken.stdout


async def test_a_check_of_everything_verifies_the_proof_too(
    sealed: str, env: Mapping[str, str]
) -> None:
    await by_hand(sealed, "update log.head set signature = signature || 'x' where size = 700")

    checked = run("check", "--no-read-models", env=env)

    assert checked.returncode == 1
    assert "proof at position 700: the head of 700 events is not signed" in checked.stdout


async def test_a_proof_is_exported_and_checked(
    sealed: str, env: Mapping[str, str], tmp_path: Path
) -> None:
    proof = tmp_path / "proof.json"
    renewed = run("proof", "renew-key", env=env)
    await happen(sealed, 3)
    await seal_all(sealed)

    exported = run("proof", "export", "44", str(proof), env=env)
    first, second = json.loads(proof.read_bytes())["proof"]["head"]["signers"]
    checked = run("proof", "check", str(proof), "--key", first["publicKey"], env=env)

    assert renewed.stdout.startswith("Heads are signed by key 2 from now on: ")
    assert second["publicKey"] in renewed.stdout
    assert (exported.returncode, exported.stdout.split()) == (0, [str(proof), "is", "written."])
    assert checked.returncode == 0, checked.stderr
    assert "It holds at position 44 the very event" in checked.stdout


def test_what_cannot_be_proved_is_told_in_a_sentence(env: Mapping[str, str]) -> None:
    refused = run("proof", "export", "9999", "-", env=env)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("Position 9999 is not sealed")
