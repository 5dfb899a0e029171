"""Which facts a caller is told: those that happened to what they may see."""

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from api import hearing
from api.context import Context, Operation
from api.entity import ENTITIES
from api.hearing import PARTS, follow, hear, hear_in_turn
from api.ports import Caller
from domain.claim import Claim
from domain.organisation import Organisation, OrganisationKind
from domain.record import Metadata, Recorded
from domain.roadmap import Roadmap, RoadmapOwner
from infra.reads import Reads
from projections.access import Everyone, Through
from projections.table import TABLES, Table
from tests.api.conftest import Client
from tests.api.ports import Still

AT = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)
ADA, GRACE, AUDITOR = (UUID(int=number) for number in (1, 2, 3))
ORGANISATION, ROADMAP = UUID(int=5), UUID(int=6)

ANYBODY = Caller("anonymous", "en")
PROGRAM = Caller("command line", "en", trusted=True)
SOON = 5.0


def recorded(aggregate: Any, actor: UUID = ADA) -> Recorded[Any]:
    (event,) = aggregate.collect_events()
    told = Metadata(actor=f"prn_{actor.hex}", command="DoIt", reason="because")
    return Recorded(event, 1, AT, UUID(int=99), told)


def drafted() -> Recorded[Any]:
    owner = RoadmapOwner(organisation=ORGANISATION, cohort=UUID(int=7))
    return recorded(Roadmap.draft(ROADMAP, now=AT, owner=owner, horizon=2030))


ELSEWHERE = {
    "submission": "that a roadmap was submitted stands on the roadmap, for all who know of it",
    "served_objective": "it is told of the action, which names no objective",
    "role_grant": "it is told to those who see the principal, and names neither role nor place",
    "api_key": "it is told to those who see the principal, and names no key",
    "dropped_part": "LeverRow stands for it, for what is dropped as for what is there",
}
"""Tables whose facts need no rule of their own, and why."""


def registered() -> Recorded[Any]:
    kind = OrganisationKind.ASSOCIATION
    return recorded(Organisation.register(ORGANISATION, now=AT, name="Atmo", kind=kind))


def with_a_contact() -> Any:
    kind = OrganisationKind.ASSOCIATION
    organisation = Organisation.register(ORGANISATION, now=AT, name="Atmo", kind=kind)
    organisation.collect_events()
    organisation.designate_contact(UUID(int=8), function="Direction")
    return organisation


@pytest.fixture
async def told(client: Client) -> Client:
    """A read model with an organisation, its draft, who leads it, and who audits everything."""
    client.positions.at = 1
    await client.insert(
        f"""
        insert into organisation values ('org_{ORGANISATION.hex}', 1, now(), now(), 'Atmo', 'atmo',
            'ASSOCIATION', null, null, null, null, false);
        insert into roadmap (id, version, drafted_at, updated_at, organisation_id, horizon, status,
            submissions, known_to, read_by)
        values ('map_{ROADMAP.hex}', 1, now(), now(), 'org_{ORGANISATION.hex}', 2030, 'DRAFT', 0,
            'INSIDERS', 'INSIDERS');
        insert into principal values
            ('prn_{ADA.hex}', 1, now(), now(), 'PERSON', 'Ada', null, false);
        insert into role_grant values
            ('prn_{ADA.hex}', 'ORGANISATION_LEADER', 'ORGANISATION', '{ORGANISATION.hex}',
                'org_{ORGANISATION.hex}', false, now()),
            ('prn_{AUDITOR.hex}', 'AUDITOR', 'PLATFORM', '', '', false, now())
        """  # noqa: S608 - constants of this module
    )
    return client


def operation(client: Client, caller: Caller) -> Operation:
    context = Context(
        commands=client.commands,
        reads=client.reads,
        positions=client.positions,
        feed=client.feed,
        sheets=client.sheets,
        caller=caller,
    )
    return Operation(context, {})


async def hears(client: Client, caller: Caller, fact: Recorded[Any]) -> tuple[bool, bool]:
    """Tell whether a caller hears of a fact, and who did it."""
    heard = await hear([fact], operation(client, caller))
    return bool(heard), any(each.named for each in heard)


@pytest.mark.parametrize(
    ("caller", "of_draft", "of_organisation"),
    [
        (ANYBODY, (False, False), (True, False)),
        (Caller("", "en", GRACE), (False, False), (True, False)),
        (Caller("", "en", ADA), (True, True), (True, True)),
        (Caller("", "en", AUDITOR), (True, True), (True, True)),
        (PROGRAM, (True, True), (True, True)),
    ],
)
async def test_a_fact_is_told_to_those_who_may_see_its_subject(
    told: Client,
    caller: Caller,
    of_draft: tuple[bool, bool],
    of_organisation: tuple[bool, bool],
) -> None:
    assert await hears(told, caller, drafted()) == of_draft
    assert await hears(told, caller, registered()) == of_organisation


async def test_what_is_about_a_part_is_told_to_those_who_may_see_the_part(told: Client) -> None:
    designated = recorded(with_a_contact())
    assert not (await hears(told, ANYBODY, designated))[0]
    assert not (await hears(told, Caller("", "en", GRACE), designated))[0]
    assert (await hears(told, Caller("", "en", ADA), designated))[0]
    assert (await hears(told, Caller("", "en", AUDITOR), designated))[0]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_facts_about_what_fewer_may_see_than_the_aggregate_are_told_by_its_rule(
    table: Table,
) -> None:
    if table.owner is None or table.name not in ENTITIES or isinstance(table.seen, Everyone):
        return
    aggregate = TABLES[table.owner[0]]
    alike = any(each.TABLE.seen == table.seen for each in PARTS.values())
    as_the_aggregate = isinstance(table.seen, Through) and table.seen.rule is None
    assert table == aggregate or alike or as_the_aggregate or table.name in ELSEWHERE


async def test_what_has_no_row_is_for_those_who_see_everything(told: Client) -> None:
    claim = recorded(Claim.open("roadmap", ORGANISATION.hex, now=AT))
    assert not (await hears(told, ANYBODY, claim))[0]
    assert not (await hears(told, Caller("", "en", ADA), claim))[0]
    assert (await hears(told, Caller("", "en", AUDITOR), claim))[0]


async def test_a_fact_is_told_once_the_read_model_shows_it(told: Client) -> None:
    class Slow(Still):
        async def reached(
            self,
            position: int,
            timeout: float,  # noqa: ASYNC109
            tables: Collection[str] | None = None,
        ) -> bool:
            await asyncio.sleep(0)
            return await super().reached(position, timeout, tables)

    told.positions = Slow()
    waiting = asyncio.ensure_future(hear([registered()], operation(told, ANYBODY)))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    told.positions.at = 1
    assert await waiting


class Uneven(Still):
    """A read model of which some tables are behind."""

    async def reached(
        self,
        position: int,
        timeout: float,  # noqa: ARG002, ASYNC109
        tables: Collection[str] | None = None,
    ) -> bool:
        """Tell whether those that are named are that far."""
        await asyncio.sleep(0)
        return self.shown(TABLES if tables is None else tables) >= position


async def test_a_fact_waits_for_no_table_that_does_not_say_for_whom_it_is(told: Client) -> None:
    told.positions = Uneven(9)
    told.positions.stopped = {"action": 0, "role_grant": 0}
    async with asyncio.timeout(SOON):
        assert await hear_in_turn([registered()], operation(told, ANYBODY))


async def test_a_fact_waits_for_the_rights_of_those_who_may_be_told_it(told: Client) -> None:
    told.positions = Uneven(9)
    told.positions.stopped = {"role_grant": 0}
    waiting = asyncio.ensure_future(
        hear_in_turn([drafted()], operation(told, Caller("", "en", ADA)))
    )
    await asyncio.sleep(0.05)
    assert not waiting.done(), "their role may have been revoked by now"
    await told.insert("delete from role_grant")
    told.positions.stopped = {}
    assert not await waiting


async def test_a_fact_is_held_back_while_the_read_model_has_stopped_that_says_for_whom_it_is(
    told: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "HELD_UP", 0.01)
    told.positions.at, told.positions.stopped = 9, {"roadmap": 0, "organisation": 9}
    assert await hear_in_turn([registered()], operation(told, ANYBODY))
    ada = operation(told, Caller("", "en", ADA))
    waiting = asyncio.ensure_future(hear_in_turn([drafted()], ada))
    await asyncio.sleep(0.05)
    assert not waiting.done(), "passed over, it would never be told"
    told.positions.stopped = {}
    assert await waiting


async def test_a_role_that_was_revoked_silences_at_once(told: Client) -> None:
    ada = Caller("", "en", ADA)
    assert (await hears(told, ada, drafted()))[0]
    await told.insert("delete from role_grant")
    assert not (await hears(told, ada, drafted()))[0]


class Counted(Reads):
    """Reads that are counted."""

    asked = 0

    async def rows(self, *bound: Any) -> Any:
        """Count, and read."""
        self.asked += 1
        return await super().rows(*bound)


async def test_who_may_hear_a_thousand_facts_takes_as_many_statements_as_it_does_for_a_few(
    told: Client,
) -> None:
    reads = Counted(told.reads._connections, told.reads._schemas)
    told.reads = reads
    ada = operation(told, Caller("", "en", ADA))
    few = [registered(), drafted(), recorded(with_a_contact())]
    assert len(await hear(few, ada)) == 3
    for_few, reads.asked = reads.asked, 0
    assert len(await hear(few * 300, ada)) == 900
    assert reads.asked == for_few


async def test_facts_are_told_in_their_order_without_those_that_are_hidden(told: Client) -> None:
    facts = [drafted(), registered(), drafted(), registered()]
    heard = await hear(facts, operation(told, ANYBODY))
    assert [each.recorded for each in heard] == [facts[1], facts[3]]


async def test_what_a_slow_taker_is_still_to_be_told_is_decided_anew(
    told: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [drafted() for _ in range(4)]
    for position, fact in enumerate(facts, 1):
        fact.position = position
    told.positions.at = 4

    async def together() -> AsyncIterator[Any]:
        yield facts

    ada = operation(told, Caller("", "en", ADA))
    taken = follow(together(), ada)
    assert [(await anext(taken)).recorded.position for _ in range(2)] == [1, 2]
    await told.insert("delete from role_grant")
    monkeypatch.setattr(hearing, "FRESH", -1.0)
    assert [each async for each in taken] == []
