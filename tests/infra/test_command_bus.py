"""Commands on their way to the log: stored once, on the newest state, or refused whole."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.ports import Caller
from domain.cohort import OpenCohort, ResourceKind, ShareResource
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.identity import Id, internal
from domain.organisation import (
    DesignateContact,
    JoinNetwork,
    OrganisationKind,
    RegisterOrganisation,
    RenameOrganisation,
    SirenTaken,
)
from domain.participation import AlreadyEnrolled, CohortFull
from domain.refusal import (
    BlankText,
    CommandReused,
    InvalidNumber,
    NotFound,
    StaleVersion,
    WrongKindOfId,
)
from infra.command_bus import CommandBus
from infra.mapper import EventMapper
from infra.snapshot import EVERY, code_hash
from infra.store import EventStore
from tests.infra.conftest import MASTER_KEY

SOMEBODY = Caller(actor="somebody", language="en", trusted=True)
SIREN = "552100554"


def registering(name: str = "Atmo", **fields: object) -> RegisterOrganisation:
    return RegisterOrganisation(name=name, kind=OrganisationKind.ASSOCIATION, **fields)  # type: ignore[arg-type]


def renaming(organisation: Id, name: str) -> RenameOrganisation:
    return RenameOrganisation(organisation=organisation, name=name)


def identified() -> dict[str, Any]:
    return {"command_id": uuid4()}


def expecting(version: int, command: RenameOrganisation) -> RenameOrganisation:
    sent_along: dict[str, Any] = {"expected_version": version}
    return replace(command, **sent_along)


async def registered(bus: CommandBus, name: str = "Atmo", **fields: object) -> Id:
    return (await bus.execute(registering(name, **fields), SOMEBODY)).id


async def test_a_command_is_stored_with_who_gave_it_and_why(
    bus: CommandBus, store: EventStore, mapper: EventMapper
) -> None:
    organisation = await registered(bus)
    command = RenameOrganisation(organisation=organisation, name="Air", reason="a new statute")

    done = await bus.execute(command, SOMEBODY)

    assert (done.id, done.version, done.position, done.duplicate) == (organisation, 2, 2, False)
    (recorded,) = await mapper.decode((await store.page(1)).events)
    assert recorded.metadata.actor == "somebody"
    assert recorded.metadata.command == "RenameOrganisation"
    assert recorded.metadata.reason == "a new statute"


async def test_a_repeated_command_is_answered_as_it_was_and_done_once(
    bus: CommandBus, store: EventStore
) -> None:
    command = registering(siren=SIREN, command_id=uuid4())

    first = await bus.execute(command, SOMEBODY)
    second = await bus.execute(command, SOMEBODY)

    assert (second.id, second.version, second.position) == (first.id, 1, first.position)
    assert second.duplicate
    assert await store.head() == first.position


async def test_a_command_id_used_for_something_else_is_refused(bus: CommandBus) -> None:
    command_id = uuid4()
    await bus.execute(registering("One", command_id=command_id), SOMEBODY)

    with pytest.raises(CommandReused) as refused:
        await bus.execute(registering("Two", command_id=command_id), SOMEBODY)

    assert refused.value.path == "command_id"


async def test_a_command_id_used_for_something_that_would_be_refused_is_told_apart(
    bus: CommandBus,
) -> None:
    command_id = uuid4()
    await bus.execute(registering("One", command_id=command_id), SOMEBODY)

    with pytest.raises(CommandReused):
        await bus.execute(registering("  ", command_id=command_id), SOMEBODY)


async def test_a_stale_version_is_refused_and_nothing_is_stored(
    bus: CommandBus, store: EventStore
) -> None:
    organisation = await registered(bus)
    await bus.execute(renaming(organisation, "Air"), SOMEBODY)

    with pytest.raises(StaleVersion) as refused:
        await bus.execute(expecting(1, renaming(organisation, "Ciel")), SOMEBODY)

    assert refused.value.facts == {"expected": 1, "actual": 2}
    assert await store.head() == 2


async def test_the_expected_version_is_accepted(bus: CommandBus) -> None:
    organisation = await registered(bus)
    done = await bus.execute(expecting(1, renaming(organisation, "Air")), SOMEBODY)
    assert done.version == 2


async def test_an_unknown_id_is_refused_with_the_field_that_holds_it(bus: CommandBus) -> None:
    unknown = Id(f"org_{uuid4().hex}")
    with pytest.raises(NotFound) as refused:
        await bus.execute(renaming(unknown, "Air"), SOMEBODY)
    assert refused.value.path == "organisation"


async def test_an_id_of_another_kind_is_refused_with_the_field_that_holds_it(
    bus: CommandBus,
) -> None:
    organisation = await registered(bus)
    with pytest.raises(WrongKindOfId) as refused:
        await bus.execute(ApplyToCohort(cohort=organisation, organisation=organisation), SOMEBODY)
    assert refused.value.path == "cohort"


async def test_an_id_that_names_nothing_sensible_is_not_found(bus: CommandBus) -> None:
    with pytest.raises(NotFound):
        await bus.execute(renaming(Id("' or 1=1"), "Air"), SOMEBODY)


async def test_a_refused_command_stores_nothing(bus: CommandBus, store: EventStore) -> None:
    with pytest.raises(BlankText):
        await bus.execute(registering(" \u200b "), SOMEBODY)
    assert await store.head() == 0


async def test_a_command_that_was_already_true_records_nothing(
    bus: CommandBus, store: EventStore
) -> None:
    organisation = await registered(bus)
    await bus.execute(JoinNetwork(organisation=organisation, network="AASQA"), SOMEBODY)

    done = await bus.execute(JoinNetwork(organisation=organisation, network="aasqa"), SOMEBODY)

    assert (done.version, done.position) == (2, await store.head())


async def test_one_siren_names_one_organisation_under_concurrency(bus: CommandBus) -> None:
    attempts = (bus.execute(registering(f"N{n}", siren=SIREN), SOMEBODY) for n in range(20))
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(outcome, SirenTaken) for outcome in outcomes) == 19


async def test_fifty_concurrent_enrolments_fill_a_cohort_and_no_more(
    bus: CommandBus, store: EventStore, mapper: EventMapper
) -> None:
    # Two buses, as two processes would have them: what one keeps in memory the other changes.
    other = CommandBus(store, mapper, secret=MASTER_KEY)
    opening = OpenCohort(name="CEC", territories=["region:28"], capacity=15)
    cohort = (await bus.execute(opening, SOMEBODY)).id
    organisations = [await registered(bus, f"N{n}") for n in range(50)]
    for organisation in organisations:
        await bus.execute(ApplyToCohort(cohort=cohort, organisation=organisation), SOMEBODY)
        await bus.execute(AdmitOrganisation(cohort=cohort, organisation=organisation), SOMEBODY)

    outcomes = await asyncio.gather(
        *(
            (bus, other)[n % 2].execute(
                EnrolOrganisation(cohort=cohort, organisation=organisation), SOMEBODY
            )
            for n, organisation in enumerate(organisations)
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, CohortFull) for outcome in outcomes) == 35
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 15


async def test_a_refusal_is_never_decided_on_an_old_state(
    bus: CommandBus, store: EventStore, mapper: EventMapper
) -> None:
    other = CommandBus(store, mapper, secret=MASTER_KEY)
    opening = OpenCohort(name="CEC", territories=["region:28"], capacity=1)
    cohort = (await bus.execute(opening, SOMEBODY)).id
    organisation = await registered(bus)
    await bus.execute(ApplyToCohort(cohort=cohort, organisation=organisation), SOMEBODY)

    await other.execute(AdmitOrganisation(cohort=cohort, organisation=organisation), SOMEBODY)
    done = await bus.execute(EnrolOrganisation(cohort=cohort, organisation=organisation), SOMEBODY)

    assert done.id == cohort
    with pytest.raises(AlreadyEnrolled):
        await other.execute(EnrolOrganisation(cohort=cohort, organisation=organisation), SOMEBODY)


async def test_a_contact_never_stands_in_the_log_in_clear(
    bus: CommandBus, store: EventStore, mapper: EventMapper
) -> None:
    organisation = await registered(bus)
    done = await bus.execute(
        DesignateContact(organisation=organisation, function="directrice", name="Ada Lovelace"),
        SOMEBODY,
    )
    (stored,) = (await store.page(1)).events
    assert b"Lovelace" not in stored.state
    (recorded,) = await mapper.decode([stored])
    assert recorded.event.name.text == "Ada Lovelace"  # type: ignore[attr-defined]
    assert done.created == f"ctc_{recorded.event.contact.hex}"  # type: ignore[attr-defined]


async def test_a_long_stream_is_read_from_its_snapshot(
    bus: CommandBus, store: EventStore, mapper: EventMapper
) -> None:
    organisation = await registered(bus)
    for number in range(EVERY):
        await bus.execute(renaming(organisation, f"N{number}"), SOMEBODY)
    await bus.close()
    stream: UUID = internal("organisation", organisation)

    kept = await store.snapshot(stream, code_hash())

    assert kept is not None
    assert kept.version == EVERY
    assert await store.snapshot(stream, b"other code") is None
    fresh = CommandBus(store, mapper, secret=MASTER_KEY)
    done = await fresh.execute(renaming(organisation, "Z"), SOMEBODY)
    assert done.version == EVERY + 2


async def test_a_command_that_recorded_nothing_created_nothing(bus: CommandBus) -> None:
    opening = OpenCohort(name="CEC", territories=["region:28"])
    cohort = (await bus.execute(opening, SOMEBODY)).id
    day = date(2026, 1, 1)
    sharing = ShareResource(cohort=cohort, title="Un livre", kind=ResourceKind.BOOK, shared_on=day)
    again = replace(sharing, **identified())

    assert (await bus.execute(sharing, SOMEBODY)).created is not None
    assert (await bus.execute(again, SOMEBODY)).created is None
    repeated = await bus.execute(again, SOMEBODY)
    assert (repeated.duplicate, repeated.created) == (True, None)


async def test_nobody_acts_for_an_organisation_that_is_not_there(bus: CommandBus) -> None:
    along: dict[str, Any] = {"on_behalf_of": Id(f"org_{uuid4().hex}")}
    with pytest.raises(NotFound) as refused:
        await bus.execute(registering(**along), SOMEBODY)
    assert refused.value.path == "on_behalf_of"


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1899, 12, 31), date(2999, 1, 1)])
async def test_a_day_of_effect_is_one_that_people_mean(bus: CommandBus, day: date) -> None:
    with pytest.raises(InvalidNumber):
        await bus.execute(registering(effective_on=day), SOMEBODY)
