"""Access at the bus: on the newest roles, whatever else is under way and in whichever process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.ports import Caller
from domain.cohort import OpenCohort
from domain.granting import GrantRole, RevokeRole
from domain.identity import Id, external, internal
from domain.organisation import OrganisationKind, RegisterOrganisation, RenameOrganisation
from domain.principal import ClosePrincipal, OpenPrincipal, Principal, ReopenPrincipal
from domain.refusal import CommandReused, Contended, Forbidden, NotFound, NotSignedIn, Refusal
from domain.role import Role, ScopeKind
from infra.command_bus import CommandBus
from infra.mapper import EventMapper
from infra.repository import Repository
from infra.store import EventStore
from infra.unit_of_work import Moved, UnitOfWork
from tests.infra.conftest import MASTER_KEY

PROGRAM = Caller(actor="command line", language="en", trusted=True)
ANYBODY = Caller(actor="anonymous", language="en")


@pytest.fixture
async def other(store: EventStore, mapper: EventMapper) -> AsyncIterator[CommandBus]:
    """The command bus of another process: it keeps its own aggregates in memory."""
    bus = CommandBus(store, mapper, secret=MASTER_KEY)
    yield bus
    await bus.close()


async def registered(bus: CommandBus, territory: str = "region:28") -> Id:
    """An organisation."""
    kind = OrganisationKind.ASSOCIATION
    command = RegisterOrganisation(name="Atmo", kind=kind, territory=territory)
    return (await bus.execute(command, PROGRAM)).id


async def somebody(bus: CommandBus, subject: str = "42") -> Caller:
    """Somebody who is known and holds no role."""
    opened = await bus.execute(OpenPrincipal(issuer="i", subject=subject), PROGRAM)
    principal = internal("principal", opened.id)
    return Caller(actor=opened.id, language="en", principal=principal)


def leading(caller: Caller, organisation: Id) -> GrantRole:
    """Make somebody the leader of an organisation."""
    assert caller.principal is not None
    return GrantRole(
        principal=external("principal", caller.principal),
        role=Role.ORGANISATION_LEADER,
        scope_kind=ScopeKind.ORGANISATION,
        scope=organisation,
    )


def leading_no_more(caller: Caller, organisation: Id) -> RevokeRole:
    """Take that away again."""
    grant = leading(caller, organisation)
    return RevokeRole(
        principal=grant.principal,
        role=grant.role,
        scope_kind=grant.scope_kind,
        scope=grant.scope,
    )


def renaming(organisation: Id, name: str = "Air") -> RenameOrganisation:
    return RenameOrganisation(organisation=organisation, name=name)


async def test_whoever_did_not_say_who_they_are_changes_nothing(
    bus: CommandBus, store: EventStore
) -> None:
    organisation = await registered(bus)
    with pytest.raises(NotSignedIn):
        await bus.execute(renaming(organisation), ANYBODY)
    assert await store.head() == 1


async def test_whoever_was_never_opened_holds_nothing(bus: CommandBus) -> None:
    organisation = await registered(bus)
    stranger = Caller(actor="prn", language="en", principal=UUID(int=9))
    with pytest.raises(Forbidden) as refused:
        await bus.execute(renaming(organisation), stranger)
    assert "organisation leader" in str(refused.value)
    assert "dirigeant d’organisation" in refused.value.message("fr")


async def test_a_role_counts_from_when_it_is_granted_until_it_is_revoked(bus: CommandBus) -> None:
    organisation, caller = await registered(bus), await somebody(bus)
    for _ in range(2):
        with pytest.raises(Forbidden):
            await bus.execute(renaming(organisation), caller)
        await bus.execute(leading(caller, organisation), PROGRAM)
        await bus.execute(renaming(organisation), caller)
        await bus.execute(leading_no_more(caller, organisation), PROGRAM)


async def test_who_is_closed_holds_nothing_until_reopened(bus: CommandBus) -> None:
    organisation, caller = await registered(bus), await somebody(bus)
    await bus.execute(leading(caller, organisation), PROGRAM)
    principal = external("principal", internal("principal", Id(caller.actor)))
    await bus.execute(ClosePrincipal(principal=principal), PROGRAM)
    with pytest.raises(Forbidden):
        await bus.execute(renaming(organisation), caller)
    await bus.execute(ReopenPrincipal(principal=principal), PROGRAM)
    await bus.execute(renaming(organisation), caller)


async def test_another_process_knows_of_a_revocation_at_once(
    bus: CommandBus, other: CommandBus
) -> None:
    organisation, caller = await registered(bus), await somebody(bus)
    await bus.execute(leading(caller, organisation), PROGRAM)
    await other.execute(renaming(organisation, "Un"), caller)  # it keeps the roles in memory
    await bus.execute(leading_no_more(caller, organisation), PROGRAM)
    with pytest.raises(Forbidden):
        await other.execute(renaming(organisation, "Deux"), caller)
    await bus.execute(leading(caller, organisation), PROGRAM)
    await other.execute(renaming(organisation, "Trois"), caller)


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_no_command_comes_after_the_revocation_of_the_role_on_which_it_rests(
    bus: CommandBus, other: CommandBus, *, elsewhere: bool
) -> None:
    organisation, caller = await registered(bus), await somebody(bus)
    revoking = other if elsewhere else bus
    for turn in range(10):
        await bus.execute(leading(caller, organisation), PROGRAM)
        under_way = asyncio.Event()

        async def rename(
            number: int, turn: int = turn, under_way: asyncio.Event = under_way
        ) -> list[int]:
            """Rename until it may not be done any more, and give the positions."""
            positions: list[int] = []
            with suppress(Forbidden):
                while True:
                    name = f"{turn} {number} {len(positions)}"
                    with suppress(Contended):
                        done = await bus.execute(renaming(organisation, name), caller)
                        positions.append(done.position)
                        under_way.set()
                    await asyncio.sleep(0.001)
            return positions

        async def revoke(under_way: asyncio.Event = under_way) -> list[int]:
            await under_way.wait()
            while True:
                with suppress(Contended):
                    done = await revoking.execute(leading_no_more(caller, organisation), PROGRAM)
                    return [done.position]

        async with asyncio.timeout(30):
            (revoked,), *renamed = await asyncio.gather(revoke(), *map(rename, range(4)))
        assert any(renamed)
        assert all(position < revoked for positions in renamed for position in positions)


async def test_whoever_gives_up_the_role_by_which_they_act_does_so_once(bus: CommandBus) -> None:
    organisation, caller = await registered(bus), await somebody(bus)
    await bus.execute(leading(caller, organisation), PROGRAM)
    command = replace(leading_no_more(caller, organisation), command_id=uuid4())  # type: ignore[call-arg]
    first = await bus.execute(command, caller)
    again = await bus.execute(command, caller)
    assert (again.position, again.duplicate) == (first.position, True)


async def test_what_came_of_a_command_is_told_only_to_whoever_gave_it(bus: CommandBus) -> None:
    organisation, caller = await registered(bus), await somebody(bus)
    await bus.execute(leading(caller, organisation), PROGRAM)
    command = replace(renaming(organisation), command_id=uuid4())  # type: ignore[call-arg]
    done = await bus.execute(command, caller)
    for nosy in (ANYBODY, await somebody(bus, "43")):
        with pytest.raises(CommandReused):
            await bus.execute(command, nosy)
    assert (await bus.execute(command, caller)).position == done.position


async def test_nobody_acts_on_behalf_of_an_organisation_that_is_not_theirs(
    bus: CommandBus,
) -> None:
    own, foreign = await registered(bus), await registered(bus, "region:53")
    caller = await somebody(bus)
    await bus.execute(leading(caller, own), PROGRAM)
    for behalf in (own, foreign):
        command = replace(renaming(own, behalf), on_behalf_of=behalf)  # type: ignore[call-arg]
        if behalf == own:
            await bus.execute(command, caller)
            continue
        with pytest.raises(Forbidden) as refused:
            await bus.execute(command, caller)
        assert refused.value.path == "on_behalf_of"


async def test_a_rehearsal_asks_for_the_same_roles_and_sees_those_that_it_grants(
    bus: CommandBus, store: EventStore
) -> None:
    organisation, caller = await registered(bus), await somebody(bus)
    administrator = GrantRole(
        principal=Id(caller.actor),
        role=Role.TERRITORY_ADMINISTRATOR,
        scope_kind=ScopeKind.TERRITORY,
        scope="region:28",
    )
    head = await store.head()
    refused = await bus.rehearse([renaming(organisation)], caller)
    assert [type(refusal) for refusal in refused.values()] == [Forbidden]
    await bus.execute(administrator, PROGRAM)
    leaders = [
        leading(caller, organisation),
        renaming(organisation),
        leading_no_more(caller, organisation),
    ]
    assert await bus.rehearse(leaders, caller) == {}
    assert await store.head() == head + 1


async def test_what_is_not_there_and_what_is_hidden_are_refused_alike(bus: CommandBus) -> None:
    caller = await somebody(bus)
    other = await somebody(bus, "43")
    told: list[Refusal] = []
    for principal in (Id(other.actor), external("principal", UUID(int=9))):
        with pytest.raises(NotFound) as refused:
            await bus.execute(ClosePrincipal(principal=principal), caller)
        told.append(refused.value)
    hidden, missing = told
    assert (hidden.path, hidden.code) == (missing.path, missing.code)
    assert set(hidden.facts) == set(missing.facts)


async def test_what_was_given_without_a_right_is_not_kept_in_memory(bus: CommandBus) -> None:
    caller = await somebody(bus)
    cohort = OpenCohort(name="CEC", territories=["region:28"])
    with pytest.raises(Forbidden):
        await bus.execute(cohort, caller)
    organisation = await registered(bus)
    with pytest.raises(Forbidden):
        await bus.execute(renaming(organisation, "Usurpée"), caller)
    await bus.execute(leading(caller, organisation), PROGRAM)
    done = await bus.execute(renaming(organisation, "Air"), caller)
    assert done.version == 2


async def test_many_who_look_at_the_same_roles_read_them_once(
    store: EventStore, mapper: EventMapper, bus: CommandBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await somebody(bus)
    organisations = [await registered(bus) for _ in range(8)]
    for organisation in organisations:
        await bus.execute(leading(caller, organisation), PROGRAM)
    cold = CommandBus(store, mapper, secret=MASTER_KEY)
    read: list[UUID] = []
    stream = store.stream

    async def counted(stream_id: UUID, **bounds: Any) -> object:
        read.append(stream_id)
        return await stream(stream_id, **bounds)

    monkeypatch.setattr(store, "stream", counted)
    await asyncio.gather(*(cold.execute(renaming(one, "Air"), caller) for one in organisations))
    await cold.close()
    assert caller.principal == Principal.id_of("i", "42")
    assert read.count(caller.principal) == 1


async def test_a_decision_that_saw_two_states_of_the_roles_is_taken_anew(
    bus: CommandBus, store: EventStore, mapper: EventMapper
) -> None:
    organisation, caller = await registered(bus), await somebody(bus)
    assert caller.principal is not None
    repository = Repository(store, mapper)
    async with AsyncExitStack() as turns:
        work = UnitOfWork(repository, turns, uuid4(), datetime.now(UTC))
        await work.look(Principal, caller.principal)
        await bus.execute(leading(caller, organisation), PROGRAM)
        repository.forget(caller.principal)
        with pytest.raises(Moved):
            await work.find(Principal, caller.principal)
