"""The interface as it was released: graphql-inspector finds nothing that would break a client."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from api.schema import SDL
from tests.clients.node import Node
from tests.golden.interface import RELEASED, promised

BEFORE: Final = """
    type Query {
      cohort(id: ID!, year: Int): Cohort!
      cohorts(where: Where): [Cohort!]!
    }
    type Cohort {
      name: String!
      town: String @deprecated(reason: "Ask the session. Remove after 2027-06-30.")
      standing: Standing
    }
    enum Standing { APPLIED ADMITTED }
    input Where { name: String }
"""


def broken(node: Node, before: Path, after: Path, today: date) -> list[dict[str, Any]]:
    """What of an interface is broken by the one after it."""
    printed = node.run("inspector.mjs", str(before), str(after), today.isoformat())
    return [json.loads(line) for line in printed.splitlines()]


def broken_by(
    node: Node, folder: Path, old: str, new: str, today: date = date(2027, 6, 30)
) -> list[str]:
    """What is broken where a part of the interface is written otherwise."""
    assert BEFORE.count(old) == 1
    before, after = folder / "before.graphql", folder / "after.graphql"
    before.write_text(BEFORE)
    after.write_text(BEFORE.replace(old, new))
    return [change["path"] for change in broken(node, before, after, today)]


def test_nothing_that_was_released_is_broken(node: Node) -> None:
    assert broken(node, RELEASED, SDL, date.today()) == []  # noqa: DTZ011 - a day of the calendar


def test_a_field_of_the_interface_that_goes_is_found(node: Node, tmp_path: Path) -> None:
    without = tmp_path / "schema.graphql"
    released = RELEASED.read_text(encoding="utf-8")
    field = "\n  viewer: Principal\n"
    assert released.count(field) == 1
    without.write_text(released.replace(field, "\n"), encoding="utf-8")
    assert [change["path"] for change in broken(node, RELEASED, without, date.max)] == [
        "Query.viewer"
    ]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("name: String!\n", "", "Cohort.name"),
        ("name: String!\n", "name: String\n", "Cohort.name"),
        ("year: Int)", "year: Int!)", "Query.cohort.year"),
        (", year: Int)", ")", "Query.cohort.year"),
        ("APPLIED ADMITTED", "APPLIED", "Standing.ADMITTED"),
        ("{ name: String }", "{ name: String! }", "Where.name"),
        ("{ name: String }", "{ name: String, town: String! }", "Where.town"),
    ],
)
def test_what_operations_rely_on_does_not_go(
    node: Node, tmp_path: Path, old: str, new: str, path: str
) -> None:
    assert broken_by(node, tmp_path, old, new) == [path]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: String!\n", "name: String!\n territory: ID\n"),
        ("year: Int)", "year: Int, month: Int)"),
        ("APPLIED ADMITTED", "APPLIED ADMITTED ENROLLED"),
        ("{ name: String }", "{ name: String, town: String }"),
        ("standing: Standing", "standing: Standing!"),
    ],
)
def test_what_is_added_breaks_nothing(node: Node, tmp_path: Path, old: str, new: str) -> None:
    assert broken_by(node, tmp_path, old, new) == []


def test_what_was_deprecated_goes_once_its_day_is_past(node: Node, tmp_path: Path) -> None:
    old = '      town: String @deprecated(reason: "Ask the session. Remove after 2027-06-30.")\n'
    assert broken_by(node, tmp_path, old, "", date(2027, 6, 30)) == ["Cohort.town"]
    assert broken_by(node, tmp_path, old, "", date(2027, 7, 1)) == []


def test_what_is_promised_is_the_interface_without_its_words() -> None:
    assert promised('"""A word."""\ntype Query {\n  """Another."""\n  a: Int\n}') == (
        "type Query {\n  a: Int\n}\n"
    )
