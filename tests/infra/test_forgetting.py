"""Who is forgotten is gone: from the log, the read model, memory, snapshots and files."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from unittest.mock import patch
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Record

from api.ports import Caller
from domain.granting import GrantRole
from domain.identity import Id, external, internal
from domain.organisation import (
    DesignateContact,
    Organisation,
    OrganisationKind,
    RegisterOrganisation,
    ReleaseContact,
)
from domain.person import ForgetPerson, Person
from domain.principal import OpenPrincipal
from domain.refusal import NotFound, NotSignedIn
from domain.role import Role, ScopeKind
from infra.command_bus import CommandBus
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from infra.people.dossier import Dossiers
from infra.people.oblivion import Oblivion
from infra.projector import Projector, prepare
from infra.reads import Reads
from infra.store import EventStore
from tests.generations import FIRST, of_other_code
from tests.infra.forgotten import (
    EMAIL,
    MARKS,
    NAME,
    TELEPHONE,
    in_log_of_writes,
    key_of,
    remains,
)

MASTER_KEY = bytes(range(32))
WE = Caller(actor="tests", language="en", trusted=True)
ANYBODY = Caller(actor="anonymous", language="en")
SOON = 20.0


@dataclass(frozen=True)
class House:
    """A process on a database, without its interface."""

    dsn: str
    store: EventStore
    mapper: EventMapper
    bus: CommandBus
    projector: Projector
    oblivion: Oblivion
    pool: "asyncpg.Pool[Record]"

    async def contact(self) -> Id:
        """Designate somebody by name."""
        registered = await self.bus.execute(
            RegisterOrganisation(name="Atmo Normandie", kind=OrganisationKind.ASSOCIATION), WE
        )
        done = await self.bus.execute(
            DesignateContact(
                organisation=registered.id,
                function="directrice",
                name=NAME,
                email=EMAIL,
                telephone=TELEPHONE,
            ),
            WE,
        )
        await self.shown(done.position)
        assert done.created is not None
        return done.created

    async def forget(self, person: Id) -> int:
        """Forget somebody, and wait until the read model has."""
        done = await self.bus.execute(ForgetPerson(person=person), WE)
        await self.shown(done.position)
        return done.position

    async def shown(self, position: int) -> None:
        assert await self.projector.wait_until(position, SOON)

    async def rows(self) -> list[tuple[object, ...]]:
        """The contacts that can be read."""
        found = await self.pool.fetch(
            "select name, email, telephone, function from read_organisations_1.contact"
        )
        return [tuple(row) for row in found]


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[House]:
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        store = await EventStore.open(dsn, pool_size=4)
        mapper = EventMapper(PersonKeys(pool, Keyring(MASTER_KEY)))
        projector = await Projector.start(dsn, store, mapper)
        bus = CommandBus(store, mapper, secret=MASTER_KEY)
        oblivion = await Oblivion.start(pool, mapper.keys, bus.forget)
        try:
            yield House(dsn, store, mapper, bus, projector, oblivion, pool)
        finally:
            await oblivion.stop()
            await bus.close()
            await projector.stop()
            await store.close()


@pytest.fixture
async def house(prepared: str) -> AsyncIterator[House]:
    """A process on a fresh database."""
    async with opened(prepared) as house:
        yield house


def texts(aggregate: object) -> str:
    return repr(vars(aggregate))


async def named(house: House, contact: Id) -> Organisation.ContactDesignated:
    """The fact that names a contact, read from the log."""
    stream = await house.mapper.keys.named_in(internal("contact", contact))
    assert stream is not None
    for recorded in await house.mapper.decode(await house.store.stream(stream)):
        if isinstance(recorded.event, Organisation.ContactDesignated):
            return recorded.event
    raise AssertionError("somebody was designated")


async def test_the_fact_stays_and_tells_that_there_was_somebody(house: House) -> None:
    contact = await house.contact()
    before = await named(house, contact)
    assert before.name is not None
    assert before.name.text == NAME

    await house.forget(contact)

    after = await named(house, contact)
    assert after.function == "directrice"
    assert [after.name and after.name.text, after.email and after.email.text] == [None, None]
    assert after.name is not None
    assert after.name.subject == before.name.subject


async def test_the_key_goes_with_the_fact_and_not_before(house: House) -> None:
    contact = await house.contact()
    subject = internal("contact", contact)
    assert await key_of(house.dsn, subject) is not None

    with patch.object(house.store, "append", side_effect=ConnectionError), pytest.raises(Exception):  # noqa: B017, PT011
        await house.bus.execute(ForgetPerson(person=contact), WE)
    assert await key_of(house.dsn, subject) is not None

    await house.bus.execute(ForgetPerson(person=contact), WE)
    assert await key_of(house.dsn, subject) is None


async def test_the_read_model_shows_who_was_forgotten_as_nobody(house: House) -> None:
    contact, other = await house.contact(), await house.contact()
    await house.forget(contact)

    assert sorted(await house.rows(), key=str) == [
        (NAME, EMAIL, TELEPHONE, "directrice"),
        (None, None, None, "directrice"),
    ]
    assert other != contact


async def test_a_rebuild_shows_the_same(house: House) -> None:
    contact, _ = await house.contact(), await house.contact()
    await house.forget(contact)
    before = await tables(house.pool, 1)
    await house.projector.stop()
    await of_other_code(house.dsn)
    await prepare(house.dsn)

    async with opened(house.dsn) as again:
        await again.shown(await again.store.head())
        assert await tables(again.pool, 2) == before


NAMED = (("organisations", "organisation"), ("organisations", "contact"), ("persons", "person"))


async def tables(pool: "asyncpg.Pool[Record]", number: int) -> dict[str, list[str]]:
    return {
        table: [
            row[0]
            for row in await pool.fetch(
                f"select t::text from read_{name}_{number}.{table} t order by t.id"  # noqa: S608
            )
        ]
        for name, table in NAMED
    }


async def test_a_read_model_of_another_version_that_nobody_folds_forgets_too(house: House) -> None:
    contact, _ = await house.contact(), await house.contact()
    await house.projector.stop()
    await of_other_code(house.dsn)
    await house.bus.execute(ForgetPerson(person=contact), WE)

    await house.oblivion.look()

    assert sorted(await house.rows(), key=str) == [
        (NAME, EMAIL, TELEPHONE, "directrice"),
        (None, None, None, "directrice"),
    ]


async def test_a_paused_read_model_forgets_too_and_no_answer_of_it_is_kept(house: House) -> None:
    contact = await house.contact()
    await house.pool.execute(
        "update log.generation set paused = true, fence = fence + 1, owner = null,"
        " lease_until = '-infinity'"
    )
    await house.bus.execute(ForgetPerson(person=contact), WE)
    before = house.projector.moved("contact")

    await house.oblivion.look()
    await house.oblivion.look()

    assert await house.rows() == [(None, None, None, "directrice")]
    assert await remains(house.dsn, *MARKS) == set()
    async with asyncio.timeout(SOON):
        while house.projector.moved("contact") == before:
            await asyncio.sleep(0.02)


async def test_another_process_forgets_too(house: House) -> None:
    contact = await house.contact()
    async with opened(house.dsn) as other:
        assert (await named(other, contact)).name == (await named(house, contact)).name

        await house.forget(contact)
        await other.oblivion.look()

        found = (await named(other, contact)).name
        assert found is not None
        assert found.text is None


async def test_no_file_of_the_database_holds_their_texts_any_more(house: House) -> None:
    contact = await house.contact()
    released = await house.contact()
    stream = await house.mapper.keys.named_in(internal("contact", released))
    assert stream is not None
    done = await house.bus.execute(
        ReleaseContact(organisation=external("organisation", stream), contact=released), WE
    )
    await house.shown(done.position)
    await house.pool.execute("analyze")
    assert await in_log_of_writes(house.dsn, *MARKS)
    assert await remains(house.dsn, *MARKS) == {"contact"}, "there they were"

    for person in (contact, released):
        await house.forget(person)
    assert await remains(house.dsn, *MARKS) == {"contact"}, "a row that is no more is in its file"
    async with asyncio.timeout(SOON):
        while await house.pool.fetchval("select count(*) from log.residue"):
            await house.oblivion.look()
            await asyncio.sleep(0.05)

    assert await remains(house.dsn, *MARKS) == set()
    assert not await in_log_of_writes(house.dsn, *MARKS)


async def test_the_key_is_in_no_file_either(house: House) -> None:
    contact = await house.contact()
    subject = internal("contact", contact)
    wrapped = await key_of(house.dsn, subject)
    assert wrapped is not None
    assert await remains(house.dsn, wrapped) == {"person_key"}

    await house.forget(contact)
    await house.oblivion.look()
    await house.oblivion.look()

    assert await remains(house.dsn, wrapped) == set()


async def test_a_reader_who_began_earlier_defers_the_sweeping(house: House) -> None:
    contact = await house.contact()
    async with house.pool.acquire() as reader, reader.transaction(isolation="repeatable_read"):
        await reader.fetch("select from read_organisations_1.contact")
        await house.forget(contact)
        await house.oblivion.look()
        assert await remains(house.dsn, *MARKS) == {"contact"}

    await house.oblivion.look()
    assert await remains(house.dsn, *MARKS) == set()


async def test_who_was_forgotten_is_forgotten_once(house: House) -> None:
    contact = await house.contact()
    first = await house.bus.execute(ForgetPerson(person=contact), WE)
    again = await house.bus.execute(ForgetPerson(person=contact), WE)

    assert (again.id, again.version) == (first.id, 1)
    assert await house.store.head() == first.position


async def test_what_is_written_after_the_forgetting_is_read_without_a_text(house: House) -> None:
    """Another process may still have the key for a moment, and write under it."""
    contact = await house.contact()
    subject: UUID = internal("contact", contact)
    late = await named(house, contact)
    await house.forget(contact)
    slow = PersonKeys(house.pool, Keyring(MASTER_KEY))
    with patch.object(slow, "at_hand", return_value=await a_key(house, subject)):
        (encoded,) = await EventMapper(slow).encode([late])
    assert NAME.encode() not in encoded.state

    (recorded,) = await house.mapper.decode(
        [
            each
            for each in await house.store.stream(late.originator_id)
            if each.version == late.originator_version
        ]
    )
    assert isinstance(recorded.event, Organisation.ContactDesignated)
    assert recorded.event.name is not None
    assert recorded.event.name.text is None


async def a_key(house: House, _subject: UUID) -> object:
    made = await house.mapper.keys.ensure({UUID(int=7): UUID(int=8)})
    return made[UUID(int=7)]


async def test_a_forgotten_person_can_be_read_of(house: House) -> None:
    contact = await house.contact()
    await house.forget(contact)
    (row,) = await house.pool.fetch("select id, forgotten_at from read_persons_1.person")
    assert row["id"] == external("person", Person.id_of(internal("contact", contact)))


# who may


async def principal(house: House, subject: str) -> Id:
    """A person who may call, and holds nothing yet."""
    done = await house.bus.execute(
        OpenPrincipal(issuer="https://issuer.example", subject=subject, name=NAME), WE
    )
    return done.id


def calling(id: Id) -> Caller:
    return Caller(actor=id, language="en", principal=internal("principal", id))


async def leader(house: House, organisation: Id) -> Caller:
    """Somebody who leads an organisation."""
    id = await principal(house, organisation)
    await house.bus.execute(
        GrantRole(
            principal=id,
            role=Role.ORGANISATION_LEADER,
            scope_kind=ScopeKind.ORGANISATION,
            scope=organisation,
        ),
        WE,
    )
    return calling(id)


async def test_the_leader_of_their_organisation_may_and_nobody_elses(house: House) -> None:
    contact, other = await house.contact(), await house.contact()
    organisations = [
        external("organisation", (await named(house, each)).originator_id)
        for each in (contact, other)
    ]
    ours, theirs = [await leader(house, organisation) for organisation in organisations]

    with pytest.raises(NotFound):
        await house.bus.execute(ForgetPerson(person=contact), theirs)
    with pytest.raises(NotSignedIn):
        await house.bus.execute(ForgetPerson(person=contact), ANYBODY)
    await house.bus.execute(ForgetPerson(person=contact), ours)


async def test_a_person_may_have_themselves_forgotten_and_nobody_else(house: House) -> None:
    one, another = await principal(house, "one"), await principal(house, "another")

    with pytest.raises(NotFound) as refused:
        await house.bus.execute(ForgetPerson(person=one), calling(another))
    assert refused.value.facts["id"] == one, "as if there were nobody"
    done = await house.bus.execute(ForgetPerson(person=one), calling(one))

    await house.shown(done.position)
    names = await house.pool.fetch("select id, name from read_principals_1.principal")
    assert {row["id"]: row["name"] for row in names} == {one: None, another: NAME}


async def test_who_may_not_have_somebody_forgotten_is_given_no_dossier(house: House) -> None:
    one, another = await principal(house, "one"), await principal(house, "another")
    reads = await Reads.open(house.dsn, FIRST, pool_size=1)
    dossiers = Dossiers(house.bus, house.store, house.mapper, house.pool, reads)

    with pytest.raises(NotFound):
        await dossiers.held(one, calling(another))
    held = await dossiers.held(one, calling(one))
    await reads.close()
    assert held["facts"][0]["fact"]["name"] == NAME
