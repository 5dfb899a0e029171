"""What search needs of the server, and what is said where it is not there."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from asyncpg import Record

from infra.migrate import MigrationImpossible, migrate


@pytest.fixture
async def inside(empty: str) -> AsyncIterator["asyncpg.Connection[Record]"]:
    """A connection to it."""
    connection = await asyncpg.connect(empty)
    yield connection
    await connection.close()


async def test_an_extension_in_another_schema_is_named_with_what_to_do(
    empty: str, inside: "asyncpg.Connection[Record]"
) -> None:
    await inside.execute("create extension pg_trgm")
    with pytest.raises(MigrationImpossible, match="pg_trgm is in the schema public") as refused:
        await migrate(empty)
    await inside.execute(str(refused.value).split('"')[1])
    assert "0004_search.sql" in await migrate(empty)


async def test_a_server_without_an_extension_says_which_package_brings_it(
    empty: str, inside: "asyncpg.Connection[Record]"
) -> None:
    # An event trigger stands for the server that has no such file.
    await inside.execute(
        """
        create function absent() returns event_trigger language plpgsql as $$
        begin
            raise exception 'extension is not available' using errcode = 'feature_not_supported';
        end $$;
        create event trigger absent on ddl_command_start when tag in ('CREATE EXTENSION')
            execute function absent();
        """
    )
    with pytest.raises(MigrationImpossible, match=r"lacks the extension unaccent.*contrib"):
        await migrate(empty)
    assert await inside.fetchval("select to_regnamespace('search') is null")


async def test_a_user_who_may_not_create_extensions_is_told_what_an_administrator_runs(
    empty: str, inside: "asyncpg.Connection[Record]"
) -> None:
    await inside.execute(
        """
        create function forbidden() returns event_trigger language plpgsql as $$
        begin
            raise insufficient_privilege;
        end $$;
        create event trigger forbidden on ddl_command_start when tag in ('CREATE EXTENSION')
            execute function forbidden();
        """
    )
    with pytest.raises(MigrationImpossible, match=r"unaccent.*administrator") as no:
        await migrate(empty)
    await inside.execute("drop event trigger forbidden")
    for name in ("unaccent", "pg_trgm"):
        await inside.execute(str(no.value).split('"')[1].replace("unaccent", name))
    assert "0004_search.sql" in await migrate(empty)
