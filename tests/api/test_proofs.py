"""Proofs by the interface: hashes for everybody, what is hashed for those who see everything."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import httpx
import pytest

import api.app
from api.ports import Identity
from infra.proving.proofs import Proofs
from infra.proving.verifier import check
from tests.api.calling import Caller
from tests.api.conftest import Client
from tests.api.test_hearing import ADA, AUDITOR, GRACE, registered, told
from tests.proving.sealed import happen, own_master_key, seal_all

__all__ = ["told"]

HEAD = """
log size root sealedAt previous signer signature
signers { number publicKey accepted introduced }
"""
PROOF = f"""
query($position: Position!, $from: Position!, $to: Position!) {{
  proof(position: $position) {{
    position leafHash path
    head {{ {HEAD} }}
    event {{
      blind stream version topic classVersion command recordedAt state metadata
    }}
  }}
  consistency(from: $from, to: $to) {{ fromSize toSize path }}
}}
"""
EVENTS, EARLIER = 12, 5


@pytest.fixture
async def proving(told: Client) -> AsyncIterator[Client]:
    """An interface that proves a log of a few events, under two heads."""
    await own_master_key(told.dsn)
    await happen(told.dsn, EARLIER)
    await seal_all(told.dsn)
    await happen(told.dsn, EVENTS - EARLIER)
    await seal_all(told.dsn)
    told.feed.recorded = [registered()]
    async with asyncpg.create_pool(told.dsn, min_size=1, max_size=2) as pool:
        app = api.app.create(
            commands=told.commands,
            reads=told.reads,
            positions=told.positions,
            feed=told.feed,
            sheets=told.sheets,
            identities=told.known,
            proofs=Proofs(pool),
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            told.http = http
            yield told


def known_as(client: Client, principal: UUID | None) -> None:
    """Let everybody who calls be somebody."""
    client.known.everybody = Identity(actor="tests", principal=principal)


async def test_an_answer_is_a_proof_that_is_checked_elsewhere(proving: Client) -> None:
    earlier = await proving.data(f"{{ treeHead(size: 2) {{ {HEAD} }} }}")
    newest = await proving.data(f"{{ treeHead {{ {HEAD} }} }}")
    proof = await proving.data(PROOF, position="1", **{"from": EARLIER, "to": EVENTS})

    assert [each["treeHead"]["size"] for each in (earlier, newest)] == [str(EARLIER), str(EVENTS)]
    assert len(list(check(newest))) == 1
    assert [line.partition(" ")[0] for line in check({"data": proof}, kept={"data": earlier})] == [
        "The",
        "It",
        "It",
    ]
    assert proof["proof"]["event"]["topic"] == "thing.happened"


@pytest.mark.parametrize("principal", [None, GRACE, ADA])
async def test_hashes_are_for_everybody_and_what_is_hashed_is_not(
    proving: Client, principal: UUID | None
) -> None:
    known_as(proving, principal)
    proof = await proving.data(PROOF, position="1", **{"from": EARLIER, "to": EVENTS})

    assert proof["proof"]["event"] is None
    assert len(list(check(proof))) == 2


async def test_what_is_hashed_is_for_whoever_sees_everything(proving: Client) -> None:
    known_as(proving, AUDITOR)
    proof = await proving.data(PROOF, position="1", **{"from": EARLIER, "to": EVENTS})

    assert proof["proof"]["event"] is not None
    assert list(check(proof))[1].endswith("the very event that the proof shows.")


async def test_who_did_it_stays_hidden_from_whoever_may_not_know(proving: Client) -> None:
    known_as(proving, AUDITOR)
    await proving.insert(f"delete from principal where id = 'prn_{ADA.hex}'")  # noqa: S608
    proof = await proving.data(PROOF, position="1", **{"from": EARLIER, "to": EVENTS})

    assert proof["proof"]["event"] is None


@pytest.mark.parametrize("position", [0, EVENTS + 1, 2**63 - 1])
async def test_what_is_not_in_the_tree_is_refused(proving: Client, position: int) -> None:
    assert await code(proving, f'{{ proof(position: "{position}") {{ leafHash }} }}') == (
        "NOT_SEALED"
    )


@pytest.mark.parametrize(("first", "second"), [(0, 5), (5, 4), (5, EVENTS + 1)])
async def test_trees_that_never_were_are_refused(proving: Client, first: int, second: int) -> None:
    asked = f'{{ consistency(from: "{first}", to: "{second}") {{ path }} }}'

    assert await code(proving, asked) == "NO_SUCH_TREE"


async def test_a_head_that_is_yet_to_come_is_none(proving: Client) -> None:
    assert await proving.data(f'{{ treeHead(size: "{EVENTS + 1}") {{ size }} }}') == {
        "treeHead": None
    }


async def test_a_log_without_a_tree_has_no_head(client: Client) -> None:
    assert await client.data("{ treeHead { size } }") == {"treeHead": None}


async def test_what_is_done_is_sealed_and_proved_soon(caller: Caller) -> None:
    await caller.organisation("Atmo", "region:28")
    question = f"""
    query($position: Position!) {{
      proof(position: $position) {{
        position leafHash path
        head {{ {HEAD} }}
        event {{
          blind stream version topic classVersion command recordedAt state metadata
        }}
      }}
    }}
    """
    body = {"query": question, "variables": {"position": caller.position}}
    async with asyncio.timeout(10):
        while True:
            answer = (await caller.http.post("/graphql", json=body)).json()
            if "errors" not in answer:
                break
            assert answer["errors"][0]["extensions"]["code"] == "NOT_SEALED"
            await asyncio.sleep(0.05)

    assert list(check(answer))[1].endswith("the very event that the proof shows.")


async def code(client: Client, question: str) -> str:
    """Ask what must be refused, and give the code."""
    response = await client.ask(question)
    (error,) = response["errors"]
    return str(error["extensions"]["code"])


async def test_a_proof_by_the_first_head_over_so_many_events_stays_the_same(
    proving: Client,
) -> None:
    asked = "query($size: Position) { proof(position: 1, size: $size) { path head { size root } } }"
    earlier = await proving.data(asked, size=str(EARLIER - 1))
    newest = await proving.data(asked)
    await happen(proving.dsn, 3)
    await seal_all(proving.dsn)

    assert earlier["proof"]["head"]["size"] == str(EARLIER)
    assert newest["proof"]["head"]["size"] == str(EVENTS)
    assert await proving.data(asked, size=str(EARLIER - 1)) == earlier
    assert await proving.data(asked) != newest
    (error,) = (await proving.ask(asked, size=str(EVENTS + 9)))["errors"]
    assert error["extensions"]["code"] == "NOT_SEALED"
