"""The check: it finds each kind of damage at its place, and nothing in a database that is whole."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import asyncpg
import pytest

from domain.aggregate import AggregateEvent
from domain.catalogue import AGGREGATES
from infra.keeping.inspection.check import Checked, check
from infra.keeping.inspection.finding import TOLD, Finding, Findings, Rule
from infra.keeping.inspection.references import STREAMS
from infra.keys.person_keys import PersonKeys
from infra.mapper import EventMapper
from projections.projection import events_of
from tests.keeping.world import KEYRING, execute, silent


async def checked(dsn: str, findings: Findings) -> Checked:
    """Check a database."""
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        mapper = EventMapper(PersonKeys(pool, KEYRING))
        return await check(dsn, mapper, findings, silent)


def nothing(finding: Finding) -> None:
    """Expect no finding."""
    pytest.fail(str(finding))


async def found_after(dsn: str, *statements: str) -> set[tuple[Rule, int | None]]:
    """Damage a database, and give what is found with its place."""
    await execute(dsn, *statements)
    found: list[Finding] = []
    await checked(dsn, Findings(found.append))
    assert all(str(each).strip() for each in found)
    return {(each.rule, each.position) for each in found}


async def test_a_database_that_is_whole_has_no_findings(world: str) -> None:
    findings = Findings(nothing)
    done = await checked(world, findings)

    assert findings.counted.total() == 0
    assert done.events > 500
    assert done.commands > 200


async def test_an_empty_database_is_whole(database: str) -> None:
    assert await checked(database, Findings(nothing)) == Checked(0, 0)


async def test_a_missing_position_is_found(world: str) -> None:
    found = await found_after(world, "delete from log.event where position = 40")

    assert (Rule.POSITIONS, 41) in found


async def test_a_log_that_does_not_begin_at_1_is_found(world: str) -> None:
    found = await found_after(world, "delete from log.event where position = 1")

    assert (Rule.POSITIONS, 2) in found


async def test_time_that_runs_back_is_found(world: str) -> None:
    found = await found_after(
        world, "update log.event set recorded_at = '2001-01-01Z' where position = 30"
    )

    assert found == {(Rule.POSITIONS, 30)}


async def test_a_missing_version_is_found(world: str) -> None:
    position = await one(
        world,
        "select max(position) from log.event where topic = 'alliance.member_joined'",
    )

    found = await found_after(
        world,
        f"update log.event set version = version + 700 where position = {position}",  # noqa: S608
    )

    assert (Rule.VERSIONS, position) in found


async def test_a_missing_command_is_found(world: str) -> None:
    position = await one(world, "select max(position) from log.event")

    found = await found_after(
        world,
        "delete from log.command where command_id ="  # noqa: S608
        f" (select command_id from log.event where position = {position})",
    )

    assert found == {(Rule.COMMANDS, position)}


@pytest.mark.parametrize(
    "change",
    ["last_position = last_position - 1", "last_position = 1000000", "version = version + 5"],
)
async def test_a_command_that_ends_elsewhere_is_found(world: str, change: str) -> None:
    found = await found_after(
        world,
        f"update log.command set {change} where command_id ="  # noqa: S608
        " (select command_id from log.event where position = 100)",
    )

    assert {rule for rule, _ in found} == {Rule.COMMANDS}


@pytest.mark.parametrize(
    "change",
    [
        "state = '{'",
        "meta = '[]'",
        "topic = 'organisation.beatified'",
        "class_version = 9",
        """state = convert_to(replace(convert_from(state, 'UTF8'), '"name"', '"nome"'), 'UTF8')""",
    ],
)
async def test_an_event_that_cannot_be_read_is_found(world: str, change: str) -> None:
    position = await one(
        world, "select min(position) from log.event where topic = 'organisation.registered'"
    )

    found = await found_after(
        world,
        f"update log.event set {change} where position = {position}",  # noqa: S608
    )

    assert (Rule.EVENTS, position) in found


async def test_an_event_that_does_not_follow_is_found(world: str) -> None:
    stream = "(select stream_id from log.event where topic = 'alliance.launched' limit 1)"
    found = await found_after(
        world,
        f"delete from log.event where version = 1 and stream_id = {stream}",  # noqa: S608
    )

    assert Rule.EVENTS in {rule for rule, _ in found}


async def test_a_stream_that_is_named_and_not_there_is_found(world: str) -> None:
    position = await one(
        world, "select min(position) from log.event where topic = 'alliance.member_joined'"
    )

    found = await found_after(world, _named(position, "organisation", "gen_random_uuid()::text"))

    assert (Rule.REFERENCES, position) in found


async def test_a_stream_of_another_kind_than_named_is_found(world: str) -> None:
    position = await one(
        world, "select min(position) from log.event where topic = 'alliance.member_joined'"
    )

    found = await found_after(
        world,
        _named(position, "organisation", "stream_id::text"),
    )

    assert (Rule.REFERENCES, position) in found


async def test_a_claim_of_somebody_else_is_found(world: str) -> None:
    position = await one(world, "select min(position) from log.event where topic = 'claim.taken'")
    other = "(select max(stream_id::text) from log.event where topic = 'organisation.registered')"

    found = await found_after(world, _named(position, "holder", other))

    assert (Rule.CLAIMS, None) in found


async def test_a_claim_that_is_held_by_who_does_not_need_it_is_found(world: str) -> None:
    position = await one(
        world,
        "select max(position) from log.event where topic = 'organisation.registered'"
        " and convert_from(state, 'UTF8')::jsonb->>'siren' is not null",
    )

    found = await found_after(world, _named(position, "siren", "null::text"))

    assert found == {(Rule.CLAIMS, None)}


async def test_a_claim_that_nobody_has_is_found(world: str) -> None:
    position = await one(world, "select max(position) from log.event where topic = 'claim.taken'")

    found = await found_after(
        world,
        "update log.event set topic = 'claim.released'"  # noqa: S608
        f" where position = {position}",
    )

    assert Rule.CLAIMS in {rule for rule, _ in found}


async def test_a_personal_text_without_a_key_is_found(world: str) -> None:
    found = await found_after(world, "delete from keys.person_key where wrapped_key is not null")

    assert {rule for rule, _ in found} == {Rule.KEYS}
    assert all(position for _, position in found)


async def test_a_key_that_another_master_key_wraps_is_found(world: str) -> None:
    found = await found_after(
        world, "update keys.person_key set wrapped_by = 'other' where wrapped_key is not null"
    )

    assert {rule for rule, _ in found} == {Rule.KEYS}


async def test_a_key_that_was_exchanged_is_found(world: str) -> None:
    found = await found_after(
        world,
        "update keys.person_key set wrapped_key = set_byte(wrapped_key, 20,"
        " 255 - get_byte(wrapped_key, 20)) where wrapped_key is not null",
    )

    assert {rule for rule, _ in found} == {Rule.KEYS}


async def test_a_text_that_was_changed_is_found(world: str) -> None:
    position = await one(
        world,
        "select max(e.position) from log.event e join keys.person_key k on k.named_in = e.stream_id"
        " where topic = 'organisation.contact_designated' and k.wrapped_key is not null"
        " and position(k.subject::text in convert_from(e.state, 'UTF8')) > 0",
    )

    found = await found_after(
        world,
        "update log.event set state = convert_to(regexp_replace("  # noqa: S608
        """convert_from(state, 'UTF8'), '"box":"....', '"box":"AAAA'), 'UTF8')"""
        f" where position = {position}",
    )

    assert (Rule.EVENTS, position) in found


async def test_a_key_of_somebody_forgotten_is_found(world: str) -> None:
    position = await one(world, "select position from log.event where topic = 'person.forgotten'")

    found = await found_after(
        world,
        "update keys.person_key set wrapped_key = 'kept', wrapped_by = 'x', forgotten_at = null"
        " where forgotten_at is not null",
    )

    assert (Rule.KEYS, position) in found


async def test_many_findings_are_counted_and_not_all_told(world: str) -> None:
    await execute(world, "delete from log.command")

    told: list[Finding] = []
    findings = Findings(told.append)
    done = await checked(world, findings)

    assert len(told) == TOLD
    assert findings.counted == {Rule.COMMANDS: done.events}
    assert findings.untold() == {Rule.COMMANDS: done.events - TOLD}


PARTS = {
    "absent", "argument", "assignment", "among", "budget_line", "came", "camp", "chosen", "comment",
    "contact", "criterion", "document", "ecosystem_mobilisation", "expert", "impact", "indicator",
    "key", "lever", "levers", "measurement", "meeting", "mobilisation", "note", "objective",
    "option", "part", "plan_item", "prioritisation", "question", "registration", "resource",
    "review", "session", "springs_from_lever", "step", "subject", "submission", "survey",
    "webinar", "working_group",
}  # fmt: skip
"""What names a part, which is no stream."""


def test_every_field_that_names_something_is_known_to_name_a_stream_or_a_part() -> None:
    names = {
        name for aggregate in AGGREGATES for event in events_of(aggregate) for name in uuids(event)
    }

    assert names - STREAMS.keys() == PARTS


def uuids(kind: Any) -> Iterator[str]:
    """Name the fields of a class, at any depth, that are UUIDs."""
    known = getattr(AggregateEvent, "__struct_fields__", ())
    for name, hint in get_type_hints(kind).items():
        if name not in known and not name.isupper():
            for inner in leaves(hint):
                if inner is UUID:
                    yield name
                elif is_dataclass(inner) or hasattr(inner, "__struct_fields__"):
                    yield from uuids(inner)


def leaves(hint: Any) -> Iterator[Any]:
    """Give the types of which another one is made."""
    if get_origin(hint) in (Union, UnionType, Annotated, tuple, list, frozenset, dict):
        for inner in get_args(hint):
            yield from leaves(inner)
    else:
        yield hint


async def one(dsn: str, question: str) -> Any:
    """Ask for one value."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def _named(position: int, field: str, value: str) -> str:
    """Let an event name something else."""
    return (
        "update log.event set state = convert_to("  # noqa: S608
        f"jsonb_set(convert_from(state, 'UTF8')::jsonb, '{{{field}}}',"
        f" coalesce(to_jsonb({value}), 'null'))::text, 'UTF8') where position = {position}"
    )
