"""The proof, as a log is backed up and restored, and as people are forgotten."""

from pathlib import Path
from unittest.mock import patch

import asyncpg
import pytest

from domain.organisation import DesignateContact, OrganisationKind, RegisterOrganisation
from domain.person import ForgetPerson
from infra.command_bus import CommandBus
from infra.keeping.backup import backup
from infra.keeping.kept import KEYS, LOG
from infra.keeping.restore import restore
from tests.history import MASTER_KEY, opened
from tests.keeping.world import WE, silent
from tests.proving.conftest import EVENTS
from tests.proving.sealed import KEYRING, happen, look, own_master_key, seal_all
from tests.proving.test_documents import head_of, proof_of


async def test_a_restored_log_has_the_very_tree_and_goes_on_with_it(
    sealed: str, database: str, tmp_path: Path
) -> None:
    events, keys = tmp_path / "events", tmp_path / "keys"
    before = await head_of(sealed)
    await backup(sealed, events, keys, silent)
    await restore(database, events, keys, silent, keyring=KEYRING)

    assert await head_of(database) == before
    assert await proof_of(database, 300) == await proof_of(sealed, 300)

    await happen(database, 10)
    await seal_all(database)

    looked = await look(database)
    assert looked.found == []
    assert looked.verified.newest is not None
    assert (looked.verified.newest.size, looked.verified.newest.signer) == (EVENTS + 10, 1)
    assert (await proof_of(database, 705, since=before))["consistency"]["fromSize"] == str(EVENTS)


async def test_a_log_restored_without_its_keys_goes_on_with_another_key(
    sealed: str, database: str, tmp_path: Path
) -> None:
    events = tmp_path / "events"
    await backup(sealed, events, None, silent)
    await restore(database, events, None, silent)

    assert (await look(database)).found == []

    await own_master_key(database)
    await happen(database, 1)
    await seal_all(database)

    looked = await look(database)
    assert looked.found == []
    assert looked.verified.newest is not None
    assert looked.verified.newest.signer == 2


async def test_a_backup_from_before_there_was_a_tree_is_restored_and_sealed_anew(
    sealed: str, database: str, tmp_path: Path
) -> None:
    events, keys = tmp_path / "events", tmp_path / "keys"
    with (
        patch("infra.keeping.backup.LOG", LOG[:2]),
        patch("infra.keeping.backup.KEYS", KEYS[:2]),
    ):
        await backup(sealed, events, keys, silent)
    restored = await restore(database, events, keys, silent, keyring=KEYRING)

    assert restored.events == EVENTS
    assert (await look(database)).verified.unsealed == EVENTS
    assert await seal_all(database) == 1
    assert (await look(database)).found == []


async def test_forgetting_a_person_changes_no_hash(prepared: str) -> None:
    await own_master_key(prepared)
    async with opened(prepared) as log:
        bus = CommandBus(log.store, log.mapper, secret=MASTER_KEY)
        kind = OrganisationKind.ASSOCIATION
        organisation = await bus.execute(RegisterOrganisation(name="Atmo", kind=kind), WE)
        named = await bus.execute(
            DesignateContact(organisation=organisation.id, function="élue", name="Camille"), WE
        )
        await seal_all(prepared)
        before = await proof_of(prepared, named.position)
        assert named.created is not None
        await bus.execute(ForgetPerson(person=named.created), WE)
        await bus.close()
    await seal_all(prepared)

    after = await proof_of(prepared, named.position, since=await head_of(prepared))
    connection = await asyncpg.connect(prepared)
    keys = await connection.fetchval(
        "select count(*) from keys.person_key where wrapped_key is not null"
    )
    await connection.close()

    assert keys == 0
    assert (await look(prepared)).found == []
    assert after["proof"]["event"] == before["proof"]["event"]
    assert after["proof"]["leafHash"] == before["proof"]["leafHash"]


@pytest.mark.parametrize("table", ["tree", "signer", "head", "block"])
def test_all_tables_of_the_tree_are_kept(table: str) -> None:
    assert f"log.{table}" in {kept.name for kept in LOG}
