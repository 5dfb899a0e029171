"""Events as lines: out of one log and into another, byte for byte, however often it is stopped."""

import asyncio
import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.keeping.damage import BrokenLine, ExportElsewhere, FileTaken, Unwritable
from infra.keeping.exchange.cloud_event import CommandRow, Entry, EventRow, UnfitLine, read, written
from infra.keeping.exchange.exporting import Since, export_events
from infra.keeping.exchange.importing import Imported, import_events
from infra.keeping.exchange.part import Part, export_to, part_of
from tests.conftest import Databases
from tests.keeping.world import contents, keys_left, silent

AT = datetime(2026, 11, 22, 3, 4, 5, 678901, UTC)


class Lines(list[bytes]):
    """Lines that are not quoted in full where something about them is wrong."""

    def __repr__(self) -> str:
        return f"{len(self)} lines"


async def exported(dsn: str, after: int = 0) -> Lines:
    """Give the lines of a log."""
    pieces: list[bytes] = []
    await export_events(dsn, pieces.append, silent, since=Since(after))
    return Lines(b"".join(pieces).splitlines(keepends=True))


async def taken_in(dsn: str, lines: list[bytes], **how: int) -> Imported:
    """Take lines in."""
    return await import_events(dsn, "events.jsonl", lines, silent, **how)


@pytest.fixture(scope="module")
def lines(filled: str, databases: Databases, runner: asyncio.Runner) -> Lines:
    """The lines of the world."""
    with databases.copy(filled) as dsn:
        return runner.run(exported(dsn))


async def test_an_import_makes_the_log_anew_byte_for_byte(
    world: str, database: str, lines: list[bytes]
) -> None:
    done = await taken_in(database, lines)

    assert await contents(database, keys=False) == await contents(world, keys=False)
    assert done == Imported(done.head, 0, done.head)
    assert await exported(database) == lines


async def test_taken_in_twice_nothing_changes(database: str, lines: list[bytes]) -> None:
    first = await taken_in(database, lines)
    before = await contents(database)

    second = await taken_in(database, lines, batch=7)

    assert second == Imported(0, first.events, first.head)
    assert await contents(database) == before


async def test_who_was_forgotten_is_forgotten_here_too(database: str, lines: list[bytes]) -> None:
    await taken_in(database, lines)

    assert (await contents(database))["keys.person_key"][0] == 1
    assert await keys_left(database) == 0


def test_a_command_that_recorded_nothing_has_its_line(lines: list[bytes]) -> None:
    assert [entry.position for entry in map(read, lines) if entry.event is None]


def test_every_line_is_a_cloud_event_to_others(lines: list[bytes]) -> None:
    for line in lines:
        event = JSONFormat().read(CloudEvent, line)
        entry = read(line)
        position = int(event.get_extension("sequence"))
        assert position == entry.position
        assert event.get_specversion() == "1.0"
        if entry.event is not None:
            assert event.get_type() == f"{entry.event.topic}.v{entry.event.class_version}"
            assert event.get_subject() == str(entry.event.stream_id)
            assert event.get_time() == entry.event.recorded_at
            assert event.get_data() == json.loads(entry.event.state)


def test_sequences_are_in_the_order_of_their_strings(lines: list[bytes]) -> None:
    sequences = [json.loads(line)["sequence"] for line in lines]

    assert sequences == sorted(sequences)
    assert [int(each) for each in sequences] == sorted(int(each) for each in sequences)


def test_ids_are_those_by_which_events_are_known(lines: list[bytes]) -> None:
    ids = {json.loads(line)["id"] for line in lines}
    events = [entry.event for entry in map(read, lines) if entry.event is not None]

    assert len(ids) == len(lines)
    assert {str(uuid5(event.stream_id, str(event.version))) for event in events} <= ids


def test_what_is_encrypted_stays_so(lines: list[bytes]) -> None:
    everything = b"".join(lines)

    assert b'"box"' in everything
    assert b"Canari" not in everything
    assert b"Qui Reste" not in everything


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
states = (
    st.binary()
    | json_values.map(lambda v: json.dumps(v, indent=1).encode())
    | json_values.map(lambda v: json.dumps(v, ensure_ascii=False).encode("utf-8", "surrogatepass"))
)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


events = st.builds(
    EventRow,
    st.integers(1, 2**63 - 1),
    st.uuids(),
    st.integers(0, 2**31 - 1),
    st.from_regex(r"[a-z_.]{1,20}", fullmatch=True),
    st.integers(1, 2**15 - 1),
    states,
    st.text(st.characters(exclude_categories=["Cs"])).map(str.encode),
    st.uuids(),
    instants,
)


@given(event=events, hashed=st.binary(), at=instants)
def test_whatever_a_row_holds_a_line_gives_it_back(
    event: EventRow, hashed: bytes, at: datetime
) -> None:
    command = CommandRow(event.command_id, hashed, event.stream_id, 3, event.position, at)

    for entry in (Entry(event, command), Entry(event, None), Entry(None, command)):
        line = written(entry)
        assert line.count(b"\n") == 1
        assert read(line) == entry


@given(data=st.data())
def test_a_line_that_was_changed_is_not_read(data: st.DataObject) -> None:
    event = EventRow(12, UUID(int=5), 3, "a.b", 2, b'{"a":1}', b'{"actor":"x"}', UUID(int=7), AT)
    line = written(Entry(event, CommandRow(UUID(int=7), b"hash", UUID(int=5), 3, 12, AT)))
    said = json.loads(line)
    said_twice = {"specversion", "id", "source", "datacontenttype"}  # nothing of it is stored
    name = data.draw(st.sampled_from(sorted(said.keys() - said_twice)))
    said[name] = _other(said[name])

    with pytest.raises(UnfitLine):
        read(json.dumps(said).encode())


def _other(value: object) -> object:
    match value:
        case int():
            return value + 1
        case dict():
            return {**value, "b": 2}
        case str() if value.endswith("Z"):
            return value.replace("2026", "2027")
        case str():
            return value[:-1] + ("1" if value[-1] != "1" else "2")
    raise AssertionError(value)


@given(cuts=st.lists(st.floats(0, 1), max_size=3), batch=st.integers(1, 400))
@settings(max_examples=12)
def test_wherever_an_import_was_cut_the_next_takes_it_up(
    databases: Databases, runner: asyncio.Runner, lines: Lines, cuts: list[float], batch: int
) -> None:
    with databases.copy(Databases.MIGRATED) as dsn:
        everything = b"".join(lines)
        for cut in cuts:
            part = everything[: int(cut * len(everything))].splitlines(keepends=True)
            with suppress_broken():
                runner.run(taken_in(dsn, part, batch=batch))
        runner.run(taken_in(dsn, lines, batch=batch))

        assert runner.run(exported(dsn)) == lines


@contextmanager
def suppress_broken() -> Iterator[None]:
    """Let the last line be one that was cut."""
    try:
        yield
    except BrokenLine as broken:
        assert "no event of a log" in str(broken)  # noqa: PT017


async def test_an_import_may_begin_where_the_log_ends(
    world: str, database: str, lines: list[bytes]
) -> None:
    await taken_in(database, [line for line in lines if read(line).position <= 40])

    done = await taken_in(database, await exported(world, after=40), after=40)

    assert done.known == 0
    assert await contents(database, keys=False) == await contents(world, keys=False)


async def refused(dsn: str, lines: list[bytes], says: str, line: int, **how: int) -> None:
    """Find that lines are refused by one of them, and that nothing was stored of its batch."""
    before = await contents(dsn)
    with pytest.raises(BrokenLine, match=says) as broken:
        await taken_in(dsn, lines, **how)
    assert broken.value.line == line
    assert str(broken.value).startswith(f"events.jsonl, line {line}")
    assert await contents(dsn) == before


async def test_a_line_that_contradicts_the_log_is_refused(
    database: str, lines: list[bytes]
) -> None:
    await taken_in(database, lines)
    entry = read(lines[4])
    assert entry.event is not None
    lines = [*lines]
    lines[4] = written(entry._replace(event=entry.event._replace(meta=b"{}")))

    await refused(database, lines, "has another event at this position", 5)


async def test_a_command_that_contradicts_the_log_is_refused(
    database: str, lines: list[bytes]
) -> None:
    await taken_in(database, lines)
    number, entry = next((n, e) for n, e in enumerate(map(read, lines)) if e.command is not None)
    assert entry.command is not None
    lines = [*lines]
    lines[number] = written(entry._replace(command=entry.command._replace(request_hash=b"x")))

    await refused(database, lines, "has another command", number + 1)


async def test_a_gap_is_refused(database: str, lines: list[bytes]) -> None:
    await refused(database, [*lines[:20], *lines[30:]], "the log goes on at position", 21)


async def test_a_file_that_begins_late_is_refused(database: str, lines: list[bytes]) -> None:
    await refused(database, lines[10:], "the log goes on at position 1", 1)


async def test_a_version_that_does_not_follow_is_refused(database: str, lines: list[bytes]) -> None:
    entry = read(lines[0])
    assert entry.event is not None
    late = written(entry._replace(event=entry.event._replace(version=4)))

    await refused(database, [late, *lines[1:]], "its stream begins at version 4", 1)


async def test_an_instant_before_the_one_before_is_refused(
    database: str, lines: list[bytes]
) -> None:
    entry = read(lines[9])
    assert entry.event is not None
    early = written(entry._replace(event=entry.event._replace(recorded_at=AT.replace(year=2001))))

    await refused(database, [*lines[:9], early, *lines[10:]], "recorded before the one", 10)


async def test_what_is_no_event_is_refused(database: str, lines: list[bytes]) -> None:
    for nonsense in (b"{}\n", b"nothing\n", b'{"specversion":"1.0"}\n', b"\n"):
        await refused(database, [*lines[:3], nonsense], "no event of a log", 4)


async def test_batches_before_the_broken_line_are_stored(database: str, lines: list[bytes]) -> None:
    with pytest.raises(BrokenLine):
        await taken_in(database, [*lines[:30], b"nonsense\n"], batch=10)

    assert await exported(database) == lines[:30]


@given(cut=st.floats(0, 1))
@settings(max_examples=15)
def test_wherever_an_export_was_cut_the_next_takes_it_up(
    world_once: str, folder: Path, runner: asyncio.Runner, lines: list[bytes], cut: float
) -> None:
    everything = b"".join(lines)
    path = folder / "events.jsonl"
    path.with_name("events.jsonl.part").write_bytes(everything[: int(cut * len(everything))])

    runner.run(export_to(world_once, path, silent, force=True))

    assert path.read_bytes() == everything
    assert [each.name for each in folder.iterdir()] == ["events.jsonl"]


@pytest.fixture(scope="module")
def world_once(filled: str, databases: Databases) -> Iterator[str]:
    """A copy of the world that is only read."""
    with databases.copy(filled) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the examples of a law."""
    return tmp_path_factory.mktemp("exports")


async def test_an_export_leaves_a_file_that_is_there_alone(world: str, tmp_path: Path) -> None:
    (tmp_path / "events").write_text("dear")

    with pytest.raises(FileTaken):
        await export_to(world, tmp_path / "events", silent)

    assert (tmp_path / "events").read_text() == "dear"


async def test_the_part_of_another_export_is_not_gone_on_with(
    world: str, tmp_path: Path, lines: list[bytes]
) -> None:
    (tmp_path / "events.part").write_bytes(lines[0] + lines[1])

    with pytest.raises(ExportElsewhere, match="begins at position 1"):
        await export_to(world, tmp_path / "events", silent, after=40)


async def test_two_exports_do_not_write_one_file(world: str, tmp_path: Path) -> None:
    with part_of(tmp_path / "events", 0, force=False), pytest.raises(ExportElsewhere):
        await export_to(world, tmp_path / "events", silent)


async def test_a_full_disk_leaves_what_the_next_export_goes_on_with(
    world: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_part: object, _lines: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Part, "write", full)
        with pytest.raises(Unwritable, match="make room, and the same command goes on"):
            await export_to(world, tmp_path / "events", silent)
    with pytest.raises(Unwritable, match="Name a folder"):
        await export_to(world, tmp_path / "nowhere" / "events", silent)
    assert await export_to(world, tmp_path / "events", silent) > 0


async def test_the_part_of_another_log_is_not_gone_on_with(
    world: str, tmp_path: Path, lines: Lines
) -> None:
    entry = read(lines[0])
    assert entry.event is not None
    other = written(entry._replace(event=entry.event._replace(meta=b"{}")))
    (tmp_path / "events.part").write_bytes(other)

    with pytest.raises(ExportElsewhere, match="another log"):
        await export_to(world, tmp_path / "events", silent)

    assert (tmp_path / "events.part").read_bytes() == other


async def test_an_export_that_is_stopped_leaves_whole_lines(
    world: str, tmp_path: Path, lines: Lines
) -> None:
    path = tmp_path / "events"

    def tell(_done: int, _of: int) -> None:
        task.cancel()

    task = asyncio.ensure_future(export_to(world, path, tell))
    with pytest.raises(asyncio.CancelledError):
        await task

    assert [each.name for each in tmp_path.iterdir()] == ["events.part"]
    await export_to(world, path, silent)
    assert path.read_bytes() == b"".join(lines)
