"""Files of commands: one JSON object a line, checked whole, then carried out once.

A line names the command under ``do``, may name what it creates under ``as``, and gives the
command's own fields beside them. Under ``by`` it may name a persona of the demo: then that one
gives the command, with no more rights than theirs, and not whoever carries the file out. A text
``@name`` stands for the id of what an earlier line created under that name, also before a slash,
as in ``@alliance/WATER``; files that are carried out one after the other can share their names, so
that a later one may speak of what an earlier one created. Blank lines and lines that start with
``#`` are passed over::

    {"do": "RegisterOrganisation", "as": "atmo", "name": "Atmo Normandie", "kind": "ASSOCIATION"}
    {"do": "JoinNetwork", "organisation": "@atmo", "network": "AASQA"}

The id of each command follows from what its line means, so that the same file carried out twice
does nothing the second time, and one that was interrupted goes on where it stopped.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final, cast, get_args, get_type_hints
from uuid import UUID, uuid5

import msgspec

from api.ports import Caller
from domain.catalogue import COMMANDS
from domain.claim import NAMESPACE
from domain.command import Command, Envelope
from domain.identity import Id, external
from domain.principal import Principal
from domain.refusal import Refusal
from infra.command_bus import CommandBus
from infra.identity.built_in import NAME
from infra.unit_of_work import made_id

_DEMO: Final = Path(__file__).parent / "demo"

DEMO: Final = (
    _DEMO / "cec.jsonl",
    _DEMO / "clermont.jsonl",
    _DEMO / "normandie.jsonl",
    _DEMO / "rouen.jsonl",
    _DEMO / "personas.jsonl",
    _DEMO / "revisions.jsonl",
)
"""Stories from public documents: two cohorts and a roadmap; an alliance; a regional COP; a city's
challenge. Then those are opened whom one can be in them, and some of these revise the roadmap."""

NOTHING: Final = "nothing of it was carried out"

Names = dict[str, Id]
"""What lines created, by the names that they gave to it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line, and what to write instead."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


class BrokenFile(Exception):
    """A file of commands has errors, and nothing of it was carried out, unless it says so."""

    def __init__(self, path: Path, problems: Iterable[Problem], came_of_it: str = NOTHING) -> None:
        self.path = path
        self.problems = sorted(problems, key=lambda problem: problem.line)
        count = len(self.problems)
        errors = "one error" if count == 1 else f"{count} errors"
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{path} has {errors}, and {came_of_it}:\n{listed}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that makes sense by itself."""

    number: int
    command: Command
    by: str | None = None
    """The persona who gives the command, where it is not whoever carries the file out."""

    def caller(self, otherwise: Caller) -> Caller:
        """Give the one who gives the command."""
        if self.by is None:
            return otherwise
        principal = Principal.id_of(NAME, self.by)
        return Caller(external("principal", principal), otherwise.language, principal)


def read(
    path: Path, names: Names | None = None, id_for: Callable[[str], UUID] | None = None
) -> list[Line]:
    """Read a file of commands.

    ``names`` are those that files before it have given; its own are added to them. ``id_for``
    gives the ids of commands with personal texts, which must not follow from these alone: whoever
    guessed such a text could else see from the id that it was said.

    Raises:
        BrokenFile: with every line that makes no sense.
        OSError: the file cannot be read.
    """
    reading = _Reading(path, names or {}, id_for or _public_id)
    lines = [line for number, text in _numbered(path) if (line := reading.line(number, text))]
    if reading.problems:
        raise BrokenFile(path, reading.problems)
    if names is not None:
        names.update(reading.names)
    return lines


async def carry_out(
    path: Path,
    bus: CommandBus,
    caller: Caller,
    progress: Callable[[int, int], None],
    names: Names | None = None,
) -> int:
    """Carry a file of commands out, and give how many lines were new.

    All lines are rehearsed first: where one of them would be refused, nothing is done.
    ``progress`` is told how many lines are done, of how many; ``names`` are as in `read`.

    Raises:
        BrokenFile: with every line that makes no sense or would be refused.
    """
    lines = read(path, names, bus.id_for)
    refused = await bus.rehearse_each([(line.command, line.caller(caller)) for line in lines])
    if refused:
        problems = (Problem(lines[index].number, str(error)) for index, error in refused.items())
        raise BrokenFile(path, problems)
    new = 0
    for done, line in enumerate(lines, start=1):
        try:
            outcome = await bus.execute(line.command, line.caller(caller))
        except Refusal as refusal:  # somebody else came in between
            problem = Problem(line.number, str(refusal))
            stands = "the lines before it are carried out; load it again to go on"
            raise BrokenFile(path, [problem], stands if done > 1 else NOTHING) from refusal
        new += not outcome.duplicate
        progress(done, len(lines))
    return new


class _Reading:
    """One pass over a file that gathers what is wrong instead of stopping at it."""

    def __init__(
        self, path: Path, earlier: Mapping[str, Id], id_for: Callable[[str], UUID]
    ) -> None:
        self.problems: list[Problem] = []
        self.names: Names = {}
        self._file = path.name
        self._earlier = earlier
        self._id_for = id_for
        self._ids: set[UUID] = set()

    def line(self, number: int, text: str) -> Line | None:
        try:
            content = _object(text)
            by = _persona(content.pop("by", None))
            return Line(number, self._command(content, by), by)
        except (ValueError, msgspec.ValidationError) as error:
            self.problems.append(Problem(number, str(error)))
            return None

    def _command(self, content: dict[str, Any], by: str | None) -> Command:
        name = content.pop("as", None)
        kind = COMMANDS.get(str(content.pop("do", "")))
        if kind is None:
            raise ValueError(f"“do” names no command. There are: {', '.join(sorted(COMMANDS))}.")
        _refuse_unknown(content, kind)
        meant = _without_order(self._resolved(content), kind)
        said = json.dumps([kind.__name__, meant, *([] if by is None else [by])], sort_keys=True)
        named = any(content.get(field) is not None for field in kind.PERSONAL)
        command_id = (self._id_for if named else _public_id)(f"{self._file}\x1f{said}")
        if command_id in self._ids:
            raise ValueError("the same line stands further up; take one of them out.")
        self._ids.add(command_id)
        command = msgspec.convert(meant, kind)
        if name is not None:
            self.names[self._new(name)] = _created(command, command_id)
        return cast(Command, replace(cast(Envelope, command), command_id=command_id))

    def _new(self, name: object) -> str:
        if not isinstance(name, str) or not name or name in self.names:
            raise ValueError(f"“as” needs a name that no other line has; {name!r} will not do.")
        return name

    def _resolved(self, value: Any) -> Any:
        match value:
            case str() if value.startswith("@"):
                name, slash, part = value[1:].partition("/")
                found = self.names.get(name, self._earlier.get(name))
                if found is None:
                    raise ValueError(f"no line further up creates @{name}.")
                return f"{found}{slash}{part}"
            case dict():
                return {key: self._resolved(part) for key, part in value.items()}
            case list():
                return [self._resolved(part) for part in value]
            case _:
                return value


def _public_id(said: str) -> UUID:
    return uuid5(NAMESPACE, said)


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        number = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BrokenFile(path, [Problem(number, "this is not UTF-8; save it as UTF-8.")]) from None
    # Not splitlines: a text inside a line may hold what Unicode counts as a separator of lines.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line


def _object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {error.msg} at character {error.pos + 1}.") from None
    except RecursionError:
        raise ValueError("this is nested too deeply; a command is not.") from None
    if not isinstance(content, dict):
        raise ValueError('write an object: {"do": "RegisterOrganisation", …}.')  # noqa: TRY004
    return content


def _persona(by: object) -> str | None:
    if by is not None and (not isinstance(by, str) or not by):
        raise ValueError(f"“by” names a persona of the demo; {by!r} will not do.")
    return by


def _created(command: Command, command_id: UUID) -> Id:
    name = type(command).__name__
    if command.SECRET:
        raise ValueError(f"what {name} creates is known to nobody before; take “as” out.")
    created = command.created(made_id(command_id, 1), recorded=True)
    if command.CREATES is None or created is None:
        raise ValueError(f"{name} creates nothing that “as” could name; take it out.")
    return external(command.CREATES, created)


def _without_order(meant: dict[str, Any], kind: type[Command]) -> dict[str, Any]:
    """Let the id of a command not tell in which order a list was given that says nothing by it."""
    return {
        key: sorted(value, key=lambda part: json.dumps(part, sort_keys=True))
        if key in kind.UNORDERED and isinstance(value, list)
        else value
        for key, value in meant.items()
    }


def _refuse_unknown(content: dict[str, Any], kind: type[Any], path: str = "") -> None:
    """Name a field that the command, or a value inside it, does not have."""
    hints = get_type_hints(kind)
    for key, value in content.items():
        if key not in hints:
            known = ", ".join(field.name for field in fields(kind))
            raise ValueError(f"{path}{key} is no field of {kind.__name__}. There are: {known}.")
        inner = _dataclass_in(hints[key])
        for part in value if isinstance(value, list) else [value]:
            if inner is not None and isinstance(part, dict):
                _refuse_unknown(part, inner, f"{path}{key}.")


def _dataclass_in(hint: Any) -> type[Any] | None:
    if is_dataclass(hint):
        return cast(type[Any], hint)
    return next((found for arg in get_args(hint) if (found := _dataclass_in(arg))), None)
