"""What the clients are installed from, and what runs them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients import node
from tests.clients.node import HERE, Node, NotHere, found, installed


def test_the_lock_says_what_is_installed_and_not_from_where() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    asked = json.loads((HERE / "package.json").read_text())
    assert packages.pop("")["devDependencies"] == asked["devDependencies"]
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


@pytest.mark.parametrize("version", ["v22.21.0", ""])
def test_a_node_that_is_too_old_is_not_used(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(node, "find_spec", lambda _name: None)
    with pytest.raises(NotHere, match="no Node 24"):
        found()


@pytest.mark.parametrize(("ci", "ends"), [(None, pytest.skip), ("1", pytest.fail)])
def test_without_node_what_was_not_run_is_told_and_fails_a_merge(
    ci: str | None, ends: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Node:
        raise NotHere("there is none")

    monkeypatch.setattr(node, "found", missing)
    monkeypatch.delenv("CI", raising=False)
    if ci is not None:
        monkeypatch.setenv("CI", ci)
    with pytest.raises(ends.Exception, match="were not run: there is none"):
        installed()
