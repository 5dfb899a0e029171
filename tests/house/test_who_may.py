"""The README says who may give each command and see each type: it says what the code does."""

from pathlib import Path

from api.entity import ENTITIES
from api.rules import who_sees
from domain.catalogue import COMMANDS
from domain.rules import who_grants, who_may

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
BEGIN = "<!-- who may: written by python -m domain.rules -->"
END = "<!-- who may: end -->"


def test_the_readme_has_the_table_that_the_code_gives() -> None:
    told = README.partition(BEGIN)[2].partition(END)[0]
    assert told.strip() == f"{who_may()}\n\n{who_grants()}"


def test_the_readme_has_the_table_of_types_that_the_code_gives() -> None:
    begin = "<!-- who sees: written by python -m api.rules -->"
    told = README.partition(begin)[2].partition("<!-- who sees: end -->")[0]
    assert told.strip() == who_sees()


def test_every_type_that_is_made_from_rows_stands_in_the_table_once() -> None:
    table = who_sees()
    for entity in ENTITIES.values():
        assert table.count(f"`{entity.served.__name__}`") == 1


def test_every_command_stands_in_the_table_once() -> None:
    table = who_may()
    for name in COMMANDS:
        assert table.count(f"`{name[0].lower()}{name[1:]}`") == 1
