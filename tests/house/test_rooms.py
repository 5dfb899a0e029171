"""The same noun in each room: what the catalogues list is what the folders hold."""

import inspect
from importlib import import_module
from pathlib import Path

from domain.aggregate import Aggregate
from domain.catalogue import AGGREGATES
from domain.claim import Claim
from projections.catalogue import PROJECTIONS

TREE = Path(__file__).parents[2]


def defined_in(module: str) -> set[type[Aggregate]]:
    found = vars(import_module(module)).values()
    return {
        value
        for value in found
        if inspect.isclass(value)
        and issubclass(value, Aggregate)
        and value is not Aggregate
        and value.__module__ == module
    }


def plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("ch") else f"{noun}s"


def test_every_aggregate_of_the_folder_is_in_the_catalogue() -> None:
    modules = (f"domain.{path.stem}" for path in (TREE / "domain").glob("[a-z]*.py"))
    assert {kind for module in modules for kind in defined_in(module)} == set(AGGREGATES)


def test_every_aggregate_has_its_noun_in_each_room() -> None:
    for kind in set(AGGREGATES) - {Claim}:
        assert kind.__module__ == f"domain.{kind.TOPIC}"
        assert (TREE / "projections" / f"{plural(kind.TOPIC)}.py").is_file()
        assert (TREE / "api" / f"{plural(kind.TOPIC)}.py").is_file()
        assert plural(kind.TOPIC) in {projection.name for projection in PROJECTIONS}
