"""Hostile texts in every field of every command: they come back as they were sent, or not at all.

Read back are rows by the interface, spreadsheets, calendars, pages and the log.
"""

import csv
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any, Final, cast, get_args, get_origin, get_type_hints

import asyncpg
import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type
from icalendar import Calendar
from openpyxl import load_workbook

from api.entity import NODES
from api.naming import camel
from api.ports import Intake
from domain.catalogue import COMMANDS
from infra import log
from infra.sheets.exporting import Export, give_out
from infra.sheets.intake import SheetIntake
from tests.api.both_ways import COMPILED
from tests.attacks.asking import answers, put, sent, texts
from tests.attacks.town import PROGRAM, Town
from tests.domain.intentions import SENT_ALONG
from tests.generations import PATH

HOSTILE: Final = (
    "=cmd|' /C calc'!A1 {mark} \"'; drop table organisation; -- $1 %s {{x}} \\u0041 \\"
    "<img src=x onerror=alert(1)>&amp; ]]> ${{jndi:ldap://x}} }}}} query {{__typename}} ,;"
)
"""What SQL, JSON, GraphQL, HTML, XML, a spreadsheet, a log or a calendar might take for its own."""
SEVERAL_LINES: Final = "@SUM(A1) {mark}\nEND:VEVENT\nX-EVIL:1\nATTENDEE:mailto:x@example.org"
NOT_TAKEN: Final = ("a\0", "\x1b[2J", "\x07x", "a\rb", "a\x85b", "a\ufffeb", "a\U0001ffffb")
"""What no text may hold: terminals, protocols and XML make something else of it."""

ENDING: Final = re.compile(
    "Close|Dissolve|Archive|Cancel|Merge|Drop|Withdraw|Release|Abandon|End|Leave|Finish|Forget"
    "|Revoke|Publish|Submit"
)
"""Commands after which others are refused."""
RUN: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet takes for a formula, when it reads csv."""
MARK: Final = re.compile("mk[0-9]+x")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the input of a command where a text can stand."""

    command: str
    input: Any
    place: tuple[str | int, ...]

    def holding(self, text: str) -> Any:
        """The input with a text in it."""
        return put(self.input, self.place, text)


def slots(town: Town) -> Iterator[Slot]:
    """Every text of every command; those that end something come last."""
    names = [name for name in COMMANDS if name != "CloseAlliance"]
    for name in sorted(names, key=lambda name: bool(ENDING.match(name))):
        given = sent(town.stage.command(COMMANDS[name]))
        yield from (Slot(name, given, place) for place in places(COMMANDS[name]))


def places(kind: type[Any]) -> Iterator[tuple[str | int, ...]]:
    """Where texts stand in a command, or in a value of it."""
    hints = get_type_hints(kind)
    for each in fields(kind):
        if each.name in SENT_ALONG:
            continue
        hint = hints[each.name]
        here = (camel(each.name), 0) if get_origin(hint) is list else (camel(each.name),)
        for part in (hint, *get_args(hint)):
            if part is str:
                yield here
            elif is_dataclass(part) and each.default is MISSING:
                yield from ((*here, *inner) for inner in places(cast(type[Any], part)))


@dataclass
class Story:
    """What was sent, and what became of it."""

    texts: Mapping[str, str]
    """Every text, by its mark."""
    told: Mapping[str, Mapping[str, Any]]
    """What came of each command."""
    log: str

    @property
    def taken(self) -> set[str]:
        """The commands that were done."""
        return {name.split()[0] for name, told in self.told.items() if "code" not in told}

    def assert_unchanged(self, found: Iterable[str]) -> None:
        """Each text with a mark is as it was sent."""
        marked = [(text, mark[0]) for text in found if (mark := MARK.search(text))]
        assert marked
        assert [text for text, mark in marked if text != self.texts[mark]] == []


@pytest.fixture(scope="module")
def story(town: Town) -> Iterator[Story]:
    """Everything hostile is said once; what ends something is said last."""
    heard, root = StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    log.configure_logging("debug")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    cast(Any, root.handlers[0]).setStream(heard)
    every = list(slots(town))
    ending = [slot for slot in every if ENDING.match(slot.command)]
    others = every[: -len(ending)]
    numbers, texts = count(), dict[str, str]()
    told: dict[str, Mapping[str, Any]] = {}
    for some, text in ((others, HOSTILE), (others, SEVERAL_LINES), (ending, HOSTILE)):
        inputs = {}
        for slot, number in zip(some, numbers, strict=False):
            mark = f"mk{number}x"
            texts[mark] = text.format(mark=mark)
            if slot.command == "NameParty":  # in the cell for a role, it parts one from the next
                texts[mark] = texts[mark].replace(";", ",")
            inputs[f"{slot.command} {number}"] = slot.holding(texts[mark])
        told |= answers(town, inputs, town.everything)
    yield Story(texts, told, heard.getvalue())
    root.handlers[:], root.level = before, level


async def _marked(town: Town, table: str) -> list[str]:
    """The ids of the rows of a table in which something hostile stands."""
    connection = await asyncpg.connect(town.dsn, server_settings={"search_path": PATH})
    try:
        rows = await connection.fetch(f"select id from {table} t where t::text ~ 'mk[0-9]+x'")  # noqa: S608
    finally:
        await connection.close()
    return [row["id"] for row in rows]


def test_most_commands_take_it_and_none_stumbles(story: Story) -> None:
    assert len(story.taken) >= 80
    assert not {told["__typename"] for told in story.told.values()} & {"Unavailable", "Contended"}


def test_rows_show_it_as_it_was_sent(town: Town, story: Story) -> None:
    town.catch_up()
    shown: list[str] = []
    for entity in NODES.values():
        ids = town.run(_marked(town, entity.row.TABLE.name))
        name = entity.served.__name__
        for some in (ids[start : start + 50] for start in range(0, len(ids), 50)):
            query = f"query($ids: [ID!]!) {{nodes(ids: $ids) {{... on {name} {{{leaves(name)}}}}}}}"
            shown += texts(town.ask(query, town.everything, ids=some))
    story.assert_unchanged(shown)
    assert len({mark for text in shown for mark in MARK.findall(text)}) >= 60


def leaves(name: str) -> str:
    """Every field of a type that has no fields of its own."""
    type = cast(GraphQLObjectType, COMPILED._schema.type_map[name])
    return " ".join(
        each for each, field in type.fields.items() if is_leaf_type(get_named_type(field.type))
    )


def test_it_is_asked_for_as_it_is(town: Town, story: Story) -> None:
    for text in [*list(story.texts.values())[:40:10], SEVERAL_LINES, "%", "_", "\\", "'", '"']:
        query = """query($text: String!, $id: ID!) {
            search(text: $text) {totalCount}
            organisations(where: {name: {contains: $text}}) {totalCount}
            network(name: $text) {id}
            territory(key: $text) {name}
            node(id: $id) {id}
        }"""
        answer = town.post(query, town.everything, text=text, id=text).json()
        assert [error for error in answer.get("errors", ()) if "traceId" in error] == []


def test_each_line_of_the_log_is_an_object_of_ours(story: Story) -> None:
    for line in story.log.splitlines():
        assert isinstance(json.loads(line), dict)
    assert "mk" not in story.log


@pytest.mark.usefixtures("story")
def test_a_spreadsheet_runs_nothing_of_it(town: Town, tmp_path: Path) -> None:
    town.catch_up()
    intake = SheetIntake(town.system.commands, town.system.store)
    for name in ("plan.xlsx", "plan.csv"):
        path = tmp_path / name
        plan = town.stage.ids["alliance"]
        town.run(give_out(Export.PLAN, path, town.dsn, schemas=PATH, alliance=plan, territory=None))
        cells = list(cells_of(path))
        assert any(MARK.search(cell) for cell in cells)
        assert name == "plan.xlsx" or [cell for cell in cells if cell.startswith(RUN)] == []
        with path.open("rb") as content:
            again = Intake(
                alliance=plan,
                name=name,
                content=content,
                sheet=None,
                dry_run=True,
                command_id=None,
            )
            taken = town.run(intake.take_in(again, PROGRAM))
        assert (taken.new, taken.changed) == (0, 0)


def cells_of(path: Path) -> Iterator[str]:
    """Every text of a spreadsheet."""
    if path.suffix == ".xlsx":
        for row in load_workbook(path).active.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                if isinstance(cell.value, str):
                    yield cell.value
    else:
        for values in csv.reader(StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";"):
            yield from values


@pytest.mark.usefixtures("story")
def test_a_calendar_has_no_lines_of_theirs(town: Town) -> None:
    town.catch_up()
    for name in (town.stage.ids["cohort"], town.stage.territory):
        body = town.run(town.http.get(f"/calendar/{name}.ics")).content
        lines = body.decode().replace("\r\n ", "").split("\r\n")
        assert "\n" not in "".join(lines)
        assert [line for line in lines if line.startswith(("X-EVIL", "ATTENDEE"))] == []
        read = Calendar.from_ical(body)
        assert len(read.walk("VEVENT")) == lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT")
        shown = [
            str(event.get(part, ""))
            for event in read.walk("VEVENT")
            for part in ("summary", "location", "description")
        ]
        assert any(MARK.search(text) for text in shown)


def test_what_no_text_may_hold_is_refused_everywhere(town: Town) -> None:
    every = list(slots(town))
    wrong = []
    for text in NOT_TAKEN:
        inputs = {
            f"{slot.command} {number}": slot.holding(text) for number, slot in enumerate(every)
        }
        for name, told in answers(town, inputs, town.everything).items():
            if "code" not in told and name.split()[0] != "OpenPrincipal":
                wrong.append((name, text))
    assert wrong == []
