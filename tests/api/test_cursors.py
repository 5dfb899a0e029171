"""Cursors: the same from SQL and from a row, checked, and of one order only."""

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections import cursor
from projections.cohorts import CohortRow
from projections.column import INTEGER, TEXT, Column, Kind, columns
from projections.ordering import Ordering, ordering
from projections.organisations import OrganisationRow
from tests.api.conftest import Client

TABLE = OrganisationRow.TABLE
ORDER = Ordering((Column("name_key", TEXT, False), Column("version", INTEGER, False)))

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
numbers = st.integers(-(2**63), 2**63 - 1)


@given(texts, numbers)
def test_a_cursor_gives_back_what_was_written(name: str, number: int) -> None:
    assert cursor.read(TABLE, ORDER, cursor.write(TABLE, ORDER, (name, number))) == [name, number]


@given(st.text())
def test_no_other_text_is_a_cursor(token: str) -> None:
    with pytest.raises(cursor.CursorMalformed):
        cursor.read(TABLE, ORDER, token)


@given(texts, numbers, st.data())
def test_a_cursor_that_was_changed_is_found_out(
    name: str, number: int, data: st.DataObject
) -> None:
    token = cursor.write(TABLE, ORDER, (name, number))
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCDabcd0123-_"))
    changed = token[:place] + other + token[place + 1 :]
    try:
        assert cursor.read(TABLE, ORDER, changed) == [name, number]
    except cursor.CursorMalformed:
        assert changed != token


def test_a_cursor_belongs_to_one_order_of_one_table() -> None:
    token = cursor.write(TABLE, ORDER, ("a", 1))
    with pytest.raises(cursor.CursorMalformed):
        cursor.read(TABLE, Ordering(ORDER.columns[::-1]), token)
    with pytest.raises(cursor.CursorMalformed):
        cursor.read(TABLE, Ordering(ORDER.columns, descending=True), token)
    with pytest.raises(cursor.CursorMalformed):
        cursor.read(CohortRow.TABLE, ORDER, token)


async def test_sql_and_rows_write_the_same_cursor(client: Client) -> None:
    names = ("plain", 'quo"ted \\ and / slashed', "tab\tnew\nline\x7f\x1f", "🧗 עולם", "")
    connection = await asyncpg.connect(client.dsn, server_settings={"timezone": "UTC"})
    order = ordering(CohortRow, ("opened_at", "name_key", "starts_on", "capacity"))
    expression = cursor.sql(CohortRow.TABLE, order, "t")
    for name in names:
        row = await connection.fetchrow(
            f"select {expression} as token, t.* from (select now() - interval '1 day' as opened_at,"  # noqa: S608
            " $1::text as name_key, date '2025-12-04' as starts_on, 20 as capacity) t",
            name,
        )
        assert row is not None
        token, *values = row
        assert token == cursor.write(CohortRow.TABLE, order, values)
        assert cursor.read(CohortRow.TABLE, order, token) == values
    await connection.close()


def test_every_column_has_a_kind() -> None:
    assert all(isinstance(column.kind, Kind) for column in columns(CohortRow).values())
