"""Restores: what is not whole, not ours or not for here is refused, and leaves nothing behind."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.keeping.backup import backup
from infra.keeping.damage import (
    DamagedBackup,
    ForeignKeys,
    KeepingError,
    NewerBackup,
    NotABackup,
    NotEmpty,
    OtherBackup,
    OtherMasterKey,
    ServerRunning,
    TruncatedBackup,
)
from infra.keeping.frame import HEADER, ROWS, TRAILER, Frame, FrameWriter, read_frames
from infra.keeping.restore import restore
from infra.keys.keyring import SESSION, Keyring
from infra.postgres import EmbeddedPostgres
from infra.projector import Projector, prepare
from tests.history import opened
from tests.keeping.world import KEYRING, contents, execute, fill, silent
from tests.scratch import scratch

EMPTY = (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


async def assert_empty(dsn: str) -> None:
    """Find nothing in any table that is kept."""
    assert set((await contents(dsn)).values()) == {EMPTY}


@pytest.fixture
async def events(world: str, tmp_path: Path) -> Path:
    """A backup of events."""
    await backup(world, tmp_path / "events", tmp_path / "keys", silent)
    return tmp_path / "events"


@pytest.fixture
def keys(events: Path) -> Path:
    """The backup of their keys."""
    return events.with_name("keys")


@pytest.fixture(scope="module")
def events_once(filled: str, server: EmbeddedPostgres, runner: asyncio.Runner) -> Iterator[Path]:
    """A backup of events that is only read."""
    with scratch("cordee-backup-") as folder:
        runner.run(backup(server.dsn_of(filled), folder / "events", None, silent))
        yield folder / "events"


def frames_of(path: Path) -> list[Frame]:
    """Read all frames of a file."""
    with path.open("rb") as file:
        return list(read_frames(path, file))


def rewrite(path: Path, frames: list[Frame]) -> None:
    """Write a file of these frames, with checksums that are right."""
    with path.open("wb") as file:
        writer = FrameWriter(file)
        for frame in frames:
            writer.write(frame)


def place_of(path: Path, kind: bytes) -> int:
    """Tell where the first frame of a kind begins."""
    return next(frame.offset for frame in frames_of(path) if frame.kind == kind)


@pytest.mark.parametrize("kind", [HEADER, ROWS, TRAILER])
@pytest.mark.parametrize("within", [0, 1, 5, 9, 40])
async def test_a_changed_byte_is_named_with_its_place(
    events: Path, database: str, kind: bytes, within: int
) -> None:
    begins = place_of(events, kind)
    content = bytearray(events.read_bytes())
    content[begins + within] ^= 0x20
    events.write_bytes(content)

    with pytest.raises(DamagedBackup) as refused:
        await restore(database, events, None, silent)

    # A length that grew makes the file end too early, which is noticed at its end.
    assert refused.value.offset in (begins, len(content))
    assert f"{events} is damaged at byte {refused.value.offset}" in str(refused.value)
    await assert_empty(database)


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=40)
def test_no_bit_can_be_changed_unnoticed(events_once: Path, place: float, bit: int) -> None:
    content = bytearray(events_once.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    changed = events_once.with_name("changed")
    changed.write_bytes(content)

    with pytest.raises((DamagedBackup, NotABackup, NewerBackup)):
        frames_of(changed)


@given(kept=st.floats(0, 1, exclude_max=True))
@settings(max_examples=40)
def test_a_file_that_was_cut_is_noticed_wherever_it_was(events_once: Path, kept: float) -> None:
    content = events_once.read_bytes()
    cut = events_once.with_name("cut")
    cut.write_bytes(content[: int(kept * len(content))])

    with pytest.raises((TruncatedBackup, NotABackup)) as refused:
        frames_of(cut)

    assert cut.stat().st_size == 0 or f"byte {cut.stat().st_size}" in str(refused.value)


async def test_a_file_that_was_cut_restores_nothing(events: Path, database: str) -> None:
    content = events.read_bytes()
    for kept in (place_of(events, TRAILER), len(content) - 1, len(content) // 2):
        events.write_bytes(content[:kept])

        with pytest.raises(TruncatedBackup, match=f"at byte {kept}"):
            await restore(database, events, None, silent)

        await assert_empty(database)
        events.write_bytes(content)


async def test_what_follows_the_end_is_not_taken_for_nothing(events: Path, database: str) -> None:
    with events.open("ab") as file:
        file.write(b"more")

    with pytest.raises(DamagedBackup, match="follows its end"):
        await restore(database, events, None, silent)

    await assert_empty(database)


async def test_a_piece_that_is_missing_is_noticed_even_where_checksums_are_right(
    events: Path, database: str
) -> None:
    frames = frames_of(events)
    first = next(frame for frame in frames if frame.kind == ROWS)
    rewrite(events, [frame for frame in frames if frame is not first])

    with pytest.raises(KeepingError, match="was not restored"):
        await restore(database, events, None, silent)

    await assert_empty(database)


async def test_other_rows_than_the_digest_says_are_noticed(
    world: str, events: Path, database: str, tmp_path: Path
) -> None:
    await execute(world, "update log.event set meta = '{}' where position = 3")
    await backup(world, tmp_path / "other", None, silent)
    (*_, trailer), other = frames_of(events), frames_of(tmp_path / "other")
    rewrite(events, [*other[:-1], trailer])

    with pytest.raises(KeepingError, match="holds other rows"):
        await restore(database, events, None, silent)

    await assert_empty(database)


async def test_something_else_is_no_backup(database: str, tmp_path: Path) -> None:
    for content in (b"", b"PGDMP\x01\x0e", b"\x28\xb5\x2f\xfd" * 30):
        (tmp_path / "events").write_bytes(content)

        with pytest.raises(NotABackup, match="is no backup of cordée"):
            await restore(database, tmp_path / "events", None, silent)


async def test_a_newer_format_is_refused_by_its_number(events: Path, database: str) -> None:
    content = bytearray(events.read_bytes())
    content[11] = 2
    events.write_bytes(content)

    with pytest.raises(NewerBackup, match=r"format 2, this one knows 1"):
        await restore(database, events, None, silent)


async def test_a_newer_migration_is_refused_by_its_name(
    world: str, database: str, tmp_path: Path
) -> None:
    await execute(world, "insert into log.migration (name, sha256) values ('9999_next.sql', '')")
    await backup(world, tmp_path / "events", None, silent)

    with pytest.raises(NewerBackup, match=r"9999_next\.sql"):
        await restore(database, tmp_path / "events", None, silent)

    await assert_empty(database)


async def test_keys_are_not_taken_for_events(events: Path, keys: Path, database: str) -> None:
    with pytest.raises(OtherBackup, match="is a backup of keys, not of events"):
        await restore(database, keys, events, silent)


async def test_the_keys_of_another_log_are_refused(
    events: Path, database: str, prepared: str, tmp_path: Path
) -> None:
    await fill(prepared)
    await backup(prepared, tmp_path / "other", tmp_path / "other keys", silent)

    with pytest.raises(ForeignKeys, match="another log"):
        await restore(database, events, tmp_path / "other keys", silent)

    await assert_empty(database)


async def test_keys_that_could_never_be_opened_are_refused(
    events: Path, keys: Path, database: str
) -> None:
    with pytest.raises(OtherMasterKey, match="another master key wraps than that of the drawer"):
        await restore(
            database, events, keys, silent, keyring=Keyring(bytes(32)), source="the drawer"
        )

    await assert_empty(database)


async def test_a_database_with_events_is_left_as_it_is(events: Path, world: str) -> None:
    before = await contents(world)

    with pytest.raises(NotEmpty, match=r"\d+ events"):
        await restore(world, events, None, silent)

    assert await contents(world) == before


async def test_a_database_with_keys_alone_is_not_empty(events: Path, database: str) -> None:
    await execute(
        database,
        "insert into keys.person_key values (gen_random_uuid(), null, null, null, now())",
    )

    with pytest.raises(NotEmpty, match="commands or keys"):
        await restore(database, events, None, silent)


async def test_no_server_runs_meanwhile(events: Path, database: str) -> None:
    serving = await asyncpg.connect(database, server_settings={"application_name": SESSION})
    try:
        with pytest.raises(ServerRunning):
            await restore(database, events, None, silent)
    finally:
        await serving.close()


@pytest.mark.parametrize("after", [1, 2, 3, 4])
async def test_a_restore_that_is_stopped_leaves_an_empty_database(
    events: Path, keys: Path, database: str, after: int
) -> None:
    told = 0

    def tell(_done: int, _of: int) -> None:
        nonlocal told
        told += 1
        if told == after:
            task.cancel()

    task = asyncio.ensure_future(restore(database, events, keys, tell, keyring=KEYRING))
    with pytest.raises(asyncio.CancelledError):
        await task

    await assert_empty(database)


async def test_the_restored_log_refuses_to_be_changed(events: Path, database: str) -> None:
    await restore(database, events, None, silent)
    connection = await asyncpg.connect(database)
    try:
        with pytest.raises(asyncpg.FeatureNotSupportedError, match="append-only"):
            await connection.execute("delete from log.event")
    finally:
        await connection.close()


async def test_what_was_made_of_the_empty_log_is_built_anew(events: Path, prepared: str) -> None:
    await restore(prepared, events, None, silent)
    async with opened(prepared) as log:
        await prepare(prepared)
        projector = await Projector.start(prepared, log.store, log.mapper)
        try:
            assert await projector.wait_until(await log.store.head(), 30)
            assert projector.hindrances() == []
        finally:
            await projector.stop()
