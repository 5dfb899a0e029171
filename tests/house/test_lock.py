"""The lock files: everything is named, nothing says from where."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-audit.lock")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(name: str) -> dict[str, str]:
    """Give what a lock file says of each distribution, by name."""
    entries = re.split(r"\n(?=[a-z0-9])", "\n" + (ROOT / name).read_text())
    return {re.split(r"[=\[ ]", entry)[0]: entry for entry in entries[1:]}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[=<>!\[ ;]", requirement)[0] for requirement in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_no_path(name: str) -> None:
    said = (ROOT / name).read_text()

    assert not re.search(r"://|index-url|find-links|\bfile:| @ |(^|\s)/", said)


@pytest.mark.parametrize("name", LOCKS)
def test_every_distribution_is_pinned_and_hashed(name: str) -> None:
    for distribution, entry in locked(name).items():
        assert re.match(r"\S+==\S+", entry), distribution
        assert "--hash=sha256:" in entry, distribution


def test_the_runtime_lock_holds_all_that_is_needed_to_run_and_to_install() -> None:
    needed = names(PROJECT["project"]["dependencies"]) | names(PROJECT["build-system"]["requires"])

    assert needed <= locked("requirements.lock").keys()


def test_the_development_lock_holds_all_that_is_needed_to_test() -> None:
    needed = names(PROJECT["project"]["optional-dependencies"]["dev"])

    assert needed <= locked("requirements-dev.lock").keys()


def test_both_locks_agree() -> None:
    runtime, development = locked("requirements.lock"), locked("requirements-dev.lock")
    pins = {name: entry.split()[0] for name, entry in runtime.items()}

    assert {
        name: entry.split()[0] for name, entry in development.items() if name in pins
    }.items() <= pins.items()


def test_strawberry_is_pinned_exactly() -> None:
    assert "strawberry-graphql==0.341.2" in PROJECT["project"]["dependencies"]


def test_the_audit_lock_holds_what_audits() -> None:
    assert {"pip-audit", "cyclonedx-bom"} <= locked("requirements-audit.lock").keys()
