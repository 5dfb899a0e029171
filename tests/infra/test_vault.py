"""A database and its master key belong together, and a start with another one is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

import infra.migrate
from domain.organisation import Organisation, OrganisationKind
from domain.person import Person
from infra.keys.master_key import FILE_NAME
from infra.keys.person_keys import PersonKeys
from infra.keys.vault import open_vault
from infra.mapper import EventMapper
from infra.migrate import migrate
from infra.settings import Settings, SettingsError
from infra.store import EventStore
from tests.history import given, news

MIGRATIONS = Path(infra.migrate.__file__).parent / "migrations"


def settings(folder: Path) -> Settings:
    return Settings.from_environment({"CORDEE_DATA_DIR": str(folder)})


async def test_the_first_start_makes_a_key_and_the_next_one_finds_it(
    database: str, tmp_path: Path
) -> None:
    first = await open_vault(settings(tmp_path), database)
    assert (await open_vault(settings(tmp_path), database)).request_secret == first.request_secret


async def test_a_database_whose_key_is_gone_gets_no_new_one(database: str, tmp_path: Path) -> None:
    await open_vault(settings(tmp_path), database)
    (tmp_path / FILE_NAME).unlink()
    with pytest.raises(SettingsError, match="put the file back"):
        await open_vault(settings(tmp_path), database)
    assert not (tmp_path / FILE_NAME).exists()


async def test_another_key_is_refused_and_never_printed(database: str, tmp_path: Path) -> None:
    await open_vault(settings(tmp_path), database)
    other = replace(settings(tmp_path), master_key=b"k" * 32)
    with pytest.raises(SettingsError, match="another master key than that of CORDEE") as refused:
        await open_vault(other, database)
    assert "kkk" not in str(refused.value)


async def test_a_key_that_comes_out_of_an_older_backup_is_destroyed_again(
    database: str, tmp_path: Path
) -> None:
    subject, stream = uuid4(), uuid4()
    vault = await open_vault(settings(tmp_path), database)
    async with asyncpg.create_pool(database, min_size=1, max_size=2) as pool:
        keys = PersonKeys(pool, vault.keyring)
        await keys.ensure({subject: stream})
        rows = await pool.fetch("select * from keys.person_key")
        backup = [tuple(row) for row in rows]
        mapper = EventMapper(keys)
        store = await EventStore.open(database)
        person = Person.forget(subject, named_in=stream, now=datetime(2026, 3, 1, tzinfo=UTC))
        await given(store, mapper, *news(person))
        assert await pool.fetchval("select wrapped_key from keys.person_key") is None

        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("truncate keys.person_key")
            await connection.copy_records_to_table("person_key", schema_name="keys", records=backup)
        await open_vault(settings(tmp_path), database)

        assert await pool.fetchval("select wrapped_key from keys.person_key") is None
        await store.close()


async def test_events_that_were_restored_without_keys_are_read_without_what_people_are_called(
    database: str, tmp_path: Path
) -> None:
    vault = await open_vault(settings(tmp_path), database)
    organisation = Organisation.register(
        uuid4(),
        now=datetime(2026, 3, 1, tzinfo=UTC),
        name="Atmo Normandie",
        kind=OrganisationKind.ASSOCIATION,
    )
    organisation.designate_contact(uuid4(), function="directrice", name="Quelqu’une")
    async with asyncpg.create_pool(database, min_size=1, max_size=2) as pool:
        store = await EventStore.open(database)
        before = EventMapper(PersonKeys(pool, vault.keyring))
        await given(store, before, *news(organisation))
        await pool.execute("drop schema keys cascade")

        vault = await open_vault(settings(tmp_path), database)
        after = EventMapper(PersonKeys(pool, vault.keyring))
        _, designated = await after.decode(await store.stream(organisation.id))

        assert isinstance(designated.event, Organisation.ContactDesignated)
        assert designated.event.function == "directrice"
        assert designated.event.name is not None
        assert designated.event.name.text is None
        await store.close()


async def test_what_was_stored_before_keys_had_a_schema_of_their_own_is_taken_over(
    empty: str, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    before.mkdir()
    for file in sorted(MIGRATIONS.glob("*.sql"))[:5]:
        (before / file.name).write_bytes(file.read_bytes())
    await migrate(empty, before)
    known, gone, stream = uuid4(), uuid4(), uuid4()
    connection = await asyncpg.connect(empty)
    try:
        await connection.execute("insert into log.master_key (fingerprint) values ('abc')")
        await connection.execute(
            "insert into log.person_key values ($1, 'key', null), ($2, null, now())", known, gone
        )
        for version, state in enumerate(
            (f'{{"name": {{"subject": "{known}", "box": "x"}}}}', "{}"), 1
        ):
            await connection.execute(
                "insert into log.event values ($2::int, $1, $2, 't', 1, $3, '{}', $1, now())",
                stream,
                version,
                state.encode(),
            )
        await migrate(empty)

        keys = await connection.fetch(
            "select subject, named_in, wrapped_key, wrapped_by, forgotten_at is null as known"
            " from keys.person_key order by known desc"
        )
        assert [tuple(row) for row in keys] == [
            (known, stream, b"key", b"abc", True),
            (gone, None, None, None, False),
        ]
    finally:
        await connection.close()
