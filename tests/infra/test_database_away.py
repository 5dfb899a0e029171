"""When the database goes away, whoever sent a command is told how things stand."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from api.ports import Caller
from domain.organisation import DesignateContact, OrganisationKind, RegisterOrganisation
from domain.refusal import NotStored, Unavailable
from infra.command_bus import CommandBus
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.store import EventStore
from tests.infra.conftest import MASTER_KEY
from tests.store.wire import Wire

SOMEBODY = Caller(actor="somebody", language="en", trusted=True)


@pytest.fixture
async def wire(database: str) -> AsyncIterator[Wire]:
    """A wire to a fresh database."""
    async with Wire(database) as wire:
        yield wire


@pytest.fixture
async def far(wire: Wire) -> AsyncIterator[CommandBus]:
    """A command bus at the far end of the wire, with little patience."""
    store = await EventStore.open(wire.dsn, pool_size=2, budget=0.6, answer_within=0.3)
    async with asyncpg.create_pool(wire.dsn, min_size=0, max_size=1, timeout=0.3) as pool:
        bus = CommandBus(
            store, EventMapper(PersonKeys(pool, Keyring(MASTER_KEY))), secret=MASTER_KEY
        )
        yield bus
        await bus.close()
    await store.close()


def registering() -> RegisterOrganisation:
    identified = {"command_id": uuid4()}
    return RegisterOrganisation(name="Atmo", kind=OrganisationKind.ASSOCIATION, **identified)  # type: ignore[arg-type]


async def test_what_never_reached_the_database_is_not_stored(wire: Wire, far: CommandBus) -> None:
    wire.break_off()
    with pytest.raises((NotStored, Unavailable)):  # the first may have been on its way
        await far.execute(registering(), SOMEBODY)
    with pytest.raises(NotStored):
        await far.execute(registering(), SOMEBODY)


async def test_what_may_be_stored_is_to_be_sent_again_under_its_id(
    wire: Wire, far: CommandBus
) -> None:
    command = registering()
    wire.connection("append").loses_answers = True
    wire.refuses = True

    with pytest.raises(Unavailable) as unknown:
        await far.execute(command, SOMEBODY)
    wire.refuses = False
    done = await far.execute(command, SOMEBODY)

    assert str(command.command_id) in unknown.value.message("en")
    assert done.duplicate
    assert done.version == 1


async def test_a_contact_is_not_stored_while_their_key_cannot_be_made(
    wire: Wire, far: CommandBus
) -> None:
    organisation = (await far.execute(registering(), SOMEBODY)).id
    wire.break_off()
    with pytest.raises(NotStored):
        await far.execute(
            DesignateContact(organisation=organisation, function="directrice", name="Ada"),
            SOMEBODY,
        )
