"""The reference audits of GraphQL over HTTP, by a real Node against the running program."""

import json
from typing import Any, Final

import pytest

from tests.clients.node import Node
from tests.end_to_end.running import Running

AUDITS: Final = 61


@pytest.fixture(scope="module")
def results(node: Node, served: Running) -> list[dict[str, Any]]:
    """What came of each audit."""
    printed = node.run("audit.mjs", f"{served.url}/graphql")
    return [json.loads(line) for line in printed.splitlines()]


def test_every_audit_is_done(results: list[dict[str, Any]]) -> None:
    assert len({result["id"] for result in results}) == AUDITS


def test_every_audit_is_passed(results: list[dict[str, Any]]) -> None:
    failed = [result for result in results if result["status"] != "ok"]
    assert not failed, "\n".join("{id} {name}: {reason}".format_map(each) for each in failed)
