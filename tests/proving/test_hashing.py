"""Hashes of events: the database and the verifier make the same, of any event."""

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.proving.hashing import COLUMNS, HASHES, Row, blind, leaf_of
from infra.proving.verifier import Entry

SECRET = bytes(range(32))
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)

_PUT = """
insert into log.event
    (position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    events=st.lists(
        st.tuples(
            st.uuids(),
            st.integers(0, 2**31 - 1),
            TEXT,
            st.integers(-(2**15), 2**15 - 1),
            st.binary(max_size=300),
            st.binary(max_size=100),
            st.uuids(),
            st.datetimes(timezones=st.timezones()),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda each: each[:2],
    )
)
async def test_the_database_hashes_as_the_verifier_does(
    database: str, events: list[tuple[object, ...]]
) -> None:
    connection = await asyncpg.connect(database)
    try:
        transaction = connection.transaction()
        await transaction.start()
        for position, event in enumerate(events, 1):
            await connection.execute(_PUT, position, *event)
        sealed = await connection.fetchrow(HASHES, 0, 100, SECRET)
        rows = await connection.fetch(f"select {COLUMNS} from log.event order by position")  # noqa: S608
        await transaction.rollback()
    finally:
        await connection.close()

    assert sealed is not None
    assert sealed["leaves"] == b"".join(leaf_of(SECRET, Row(*row)) for row in rows)
    assert (sealed["events"], sealed["first"], sealed["last"]) == (len(events), 1, len(events))


def test_no_two_events_are_written_alike_however_their_texts_are_cut() -> None:
    def written(topic: bytes, state: bytes, meta: bytes) -> bytes:
        return Entry(
            bytes(32), 1, bytes(16), 1, 1, bytes(16), bytes(8), topic, state, meta
        ).written()

    cuts = {
        (text[:a], text[a:b], text[b:]) for text in (b"abcd",) for a in range(5) for b in range(5)
    }
    assert len({written(*cut) for cut in cuts}) == len(cuts)


def test_each_position_is_blinded_in_another_way_and_each_log() -> None:
    assert len({blind(secret, at) for secret in (SECRET, bytes(32)) for at in range(1, 50)}) == 98
