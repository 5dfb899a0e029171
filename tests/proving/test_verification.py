"""Verifying: each way to change a sealed log is found at its place, and nothing in a whole one."""

from uuid import uuid4

import asyncpg
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.keeping.inspection.finding import Findings, Rule
from infra.proving.document import KeptHead
from infra.proving.examination import check_kept
from infra.proving.hashing import tree_id
from infra.proving.head import FIRST, Head
from infra.proving.signing import public_of
from infra.proving.tree import Frontier
from infra.proving.verifier import NOBODY, signed_by_signer
from tests.proving.conftest import EACH, EVENTS
from tests.proving.sealed import by_hand, happen, look, own_master_key, seal_all

LATE = "now() + interval '1 second'"


async def test_a_log_that_is_whole_has_no_findings(sealed: str) -> None:
    looked = await look(sealed)

    assert looked.found == []
    assert (looked.verified.events, looked.verified.unsealed) == (EVENTS, 0)
    assert looked.verified.newest is not None
    assert looked.verified.newest.size == EVENTS


async def test_a_log_of_which_nothing_is_sealed_yet_has_no_findings(database: str) -> None:
    await happen(database, 5)

    looked = await look(database)

    assert looked.found == []
    assert (looked.verified.events, looked.verified.unsealed) == (5, 5)
    assert looked.verified.newest is None


async def test_what_came_after_the_last_head_is_counted(sealed: str) -> None:
    await happen(sealed, 3)

    looked = await look(sealed)

    assert looked.found == []
    assert looked.verified.unsealed == 3


@pytest.mark.parametrize(
    "change",
    [
        "state = state || ' '",
        'meta = \'{"actor": "somebody else"}\'',
        "topic = 'thing.did_not_happen'",
        "class_version = 2",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "stream_id = gen_random_uuid()",
        "version = 0",
    ],
)
@pytest.mark.parametrize("position", [1, 256, 300, EVENTS])
async def test_an_altered_event_is_found(sealed: str, change: str, position: int) -> None:
    await by_hand(sealed, f"update log.event set {change} where position = {position}")  # noqa: S608

    looked = await look(sealed)

    assert looked.proof == {position: "the event is not the one that was sealed here"}


async def test_an_event_that_is_given_to_another_command_is_found(sealed: str) -> None:
    await by_hand(
        sealed,
        "update log.event set command_id = (select command_id from log.event where position = 9)"
        " where position = 200",
    )

    assert 200 in (await look(sealed)).positions


async def test_a_removed_event_is_found(sealed: str) -> None:
    await by_hand(sealed, "delete from log.event where position = 123")

    looked = await look(sealed)

    assert looked.proof == {123: "the event that was sealed here is missing"}


async def test_events_removed_at_the_end_are_found(sealed: str) -> None:
    await by_hand(sealed, f"delete from log.event where position > {EVENTS - 2}")  # noqa: S608

    assert {EVENTS - 1, EVENTS} <= (await look(sealed)).positions


async def test_a_removed_event_whose_place_the_others_take_is_found_where_it_was(
    sealed: str,
) -> None:
    await by_hand(
        sealed,
        "delete from log.event where position = 650",
        "update log.event set position = -position where position > 650",
        "update log.event set position = -position - 1 where position < 0",
    )

    found = (await look(sealed)).proof

    assert found[650] == "here is the event that was sealed at position 651"
    assert found[EVENTS] == "the event that was sealed here is missing"
    assert min(position for position in found if position is not None) == 650


async def test_an_inserted_event_is_found_where_it_is(sealed: str) -> None:
    await by_hand(
        sealed,
        "update log.event set position = -position where position >= 650",
        "update log.event set position = -position + 1 where position < 0",
        "insert into log.event select 650, gen_random_uuid(), 1, topic, 1, state, meta, command_id,"
        " recorded_at from log.event where position = 649",
    )

    found = (await look(sealed)).proof

    assert found[650] == "the event is not the one that was sealed here"
    assert found[651] == "here is the event that was sealed at position 650"


@pytest.mark.parametrize("position", [0, -7])
async def test_an_event_before_the_first_is_found(sealed: str, position: int) -> None:
    await by_hand(
        sealed,
        f"insert into log.event select {position}, gen_random_uuid(), 1, topic, 1, state, meta,"  # noqa: S608
        " command_id, recorded_at from log.event where position = 1",
    )

    assert (await look(sealed)).proof == {position: "an event was inserted here"}


async def test_swapped_events_are_found_with_where_they_were(sealed: str) -> None:
    await by_hand(
        sealed,
        "update log.event set position = -1 where position = 40",
        "update log.event set position = 40 where position = 60",
        "update log.event set position = 60 where position = -1",
    )

    found = (await look(sealed)).proof

    assert found == {
        40: "here is the event that was sealed at position 60",
        60: "here is the event that was sealed at position 40",
    }


async def test_an_event_appended_by_hand_is_found_although_it_was_sealed(sealed: str) -> None:
    await by_hand(
        sealed,
        f"insert into log.event select {EVENTS + 1}, gen_random_uuid(), 1, 'thing.happened', 1,"  # noqa: S608
        f" 'x', meta, gen_random_uuid(), {LATE} from log.event where position = 1",
    )
    await seal_all(sealed)

    (finding,) = (await look(sealed)).found

    assert (finding.rule, finding.position) == (Rule.COMMANDS, EVENTS + 1)


async def test_a_clock_that_ran_back_is_found_although_it_was_sealed(sealed: str) -> None:
    await by_hand(
        sealed,
        f"insert into log.event select {EVENTS + 1}, gen_random_uuid(), 1, topic, 1, state, meta,"  # noqa: S608
        " command_id, recorded_at - interval '1 hour' from log.event where position = 699",
    )
    await seal_all(sealed)

    looked = await look(sealed)

    assert (Rule.POSITIONS, EVENTS + 1) in {(each.rule, each.position) for each in looked.found}


def with_its_hash(position: int, each: int) -> tuple[str, str]:
    """Alter an event together with the hash under which it was sealed, ``each`` under one head."""
    size = -(-position // each) * each
    return (
        f"update log.event set state = 'x' where position = {position}",  # noqa: S608
        f"""
        update log.head set leaves = overlay(leaves placing (
            select sha256('\\x0001'::bytea || sha256(t.secret || int8send(position))
                || int8send(position) || uuid_send(stream_id) || int4send(version)
                || int2send(class_version) || uuid_send(command_id) || timestamptz_send(recorded_at)
                || int4send(octet_length(topic)) || convert_to(topic, 'UTF8')
                || int4send(octet_length(state)) || state || int4send(octet_length(meta)) || meta)
            from log.event, log.tree t where position = {position}
        ) from {32 * (position - 1 - (size - each)) + 1})
        where size = {size}
        """,  # noqa: S608
    )


def named(problem: str) -> str:
    """Give the events that a problem with hashes names."""
    told = problem.removesuffix(" are not those over which the head was signed")
    return told.removeprefix("the hashes of the events ")


async def test_events_that_are_altered_together_with_their_hashes_are_found_by_their_heads(
    sealed: str,
) -> None:
    for position in (100, 300, 600):
        await by_hand(sealed, *with_its_hash(position, EACH))

    found = (await look(sealed)).proof

    assert {at: named(problem) for at, problem in found.items()} == {
        91: "91 to 180",
        271: "271 to 360",
        541: "541 to 630",
    }


async def test_inner_hashes_that_stand_tell_more_closely_what_was_altered(sealed: str) -> None:
    for position in (200, 450):
        await by_hand(sealed, *with_its_hash(position, EACH))

    found = (await look(sealed)).proof

    assert {at: named(problem) for at, problem in found.items()} == {
        181: "181 to 256",
        451 - 90: "361 to 450",
    }


async def test_one_event_in_a_large_head_is_told_to_within_256(database: str) -> None:
    await own_master_key(database)
    await happen(database, 1_000)
    await seal_all(database, 1_000)
    for position in (300, 700):
        await by_hand(database, *with_its_hash(position, 1_000))

    found = (await look(database)).proof

    assert {at: named(problem) for at, problem in found.items()} == {
        257: "257 to 512",
        513: "513 to 768",
    }


@pytest.mark.parametrize(
    "change",
    [
        "root = sha256(root)",
        "signature = sha256(root) || sha256(signature)",
        "previous = sha256(previous)",
        "sealed_at = sealed_at + interval '1 second'",
        "signer = 2",
    ],
)
@pytest.mark.parametrize("size", [EACH, 4 * EACH, EVENTS])
async def test_a_forged_head_is_found(sealed: str, change: str, size: int) -> None:
    await by_hand(
        sealed,
        "insert into log.signer (number, public_key, accepted) select 2, sha256(accepted), accepted"
        " from log.signer"
        if change == "signer = 2"
        else "select",
        f"update log.head set {change} where size = {size}",  # noqa: S608
    )

    assert size in (await look(sealed)).positions


async def test_a_removed_head_is_found(sealed: str) -> None:
    await by_hand(sealed, f"delete from log.head where size = {3 * EACH}")  # noqa: S608

    found = (await look(sealed)).found

    assert any("heads are missing" in each.problem for each in found)


async def test_an_inner_hash_that_was_changed_is_found(sealed: str) -> None:
    await by_hand(sealed, "update log.block set hashes = sha256(hashes) where number = 1")

    (finding,) = (await look(sealed)).found

    assert finding.position == 257


async def test_a_tree_that_was_made_anew_with_the_key_of_a_stranger_is_found(sealed: str) -> None:
    stranger = Ed25519PrivateKey.generate()
    connection = await asyncpg.connect(sealed)
    secret = await connection.fetchval("select secret from log.tree")
    leaves = b"".join(
        row["leaves"] for row in await connection.fetch("select leaves from log.head order by size")
    )
    newest = await connection.fetchval("select max(sealed_at) from log.head")
    await connection.close()
    log, public = tree_id(secret), public_of(stranger)
    accepted = stranger.sign(signed_by_signer(log, 1, NOBODY, public))
    frontier = Frontier()
    frontier.extend(leaves)
    head = Head(frontier.size, frontier.root(), newest, FIRST, 1, b"")
    signature = stranger.sign(head.signed(log, public))
    await by_hand(
        sealed,
        "delete from log.head",
        f"update log.signer set public_key = '\\x{public.hex()}', accepted = '\\x{accepted.hex()}'",  # noqa: S608
        f"insert into log.head values ({head.size}, '\\x{head.root.hex()}', '{newest}',"  # noqa: S608
        f" '\\x{FIRST.hex()}', 1, '\\x{signature.hex()}', '\\x{leaves.hex()}')",
    )

    (finding,) = (await look(sealed)).found

    assert public.hex() in finding.problem


async def test_a_tree_without_its_secret_is_found(sealed: str) -> None:
    await by_hand(sealed, "update log.tree set secret = sha256(secret)")

    assert any("not signed by the key" in each.problem for each in (await look(sealed)).found)

    await by_hand(sealed, "delete from log.tree")

    assert any("has lost the secret" in each.problem for each in (await look(sealed)).found)


async def test_a_head_that_was_kept_is_of_this_log_or_it_is_said_that_it_is_not(
    sealed: str,
) -> None:
    connection = await asyncpg.connect(sealed)
    log = tree_id(await connection.fetchval("select secret from log.tree"))
    root = await connection.fetchval("select root from log.head where size = $1", EACH)
    kept = KeptHead(log, EACH, root.hex())
    found: list[str] = []
    for head in (
        kept,
        msgspec.structs.replace(kept, log=uuid4()),
        msgspec.structs.replace(kept, size=EVENTS + 1),
        msgspec.structs.replace(kept, root=bytes(32).hex()),
    ):
        await check_kept(connection, head, Findings(lambda each: found.append(each.problem)))
    await connection.close()

    assert found == [
        "the head that was kept is one of another log",
        f"the tree does not reach the head that was kept, of {EVENTS + 1} events",
        f"the tree of {EACH} events is another one than the head that was kept",
    ]


@pytest.mark.parametrize("table", ["tree", "signer", "head", "block"])
@pytest.mark.parametrize("change", ["delete from {}", "truncate {} cascade"])
async def test_the_database_refuses_to_change_the_tree(
    sealed: str, table: str, change: str
) -> None:
    connection = await asyncpg.connect(sealed)
    try:
        await connection.execute("set session_replication_role = replica")
        with pytest.raises(asyncpg.FeatureNotSupportedError, match="append-only"):
            await connection.execute(change.format(f"log.{table}"))
    finally:
        await connection.close()
