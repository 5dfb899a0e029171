"""Registering: what a caller may ask for, and what they are told when they may not."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from api.publication.cursor import Cursors
from api.webhooks.notices import Notice, told
from api.webhooks.port import DELIVERY, MOST, WEBHOOK
from tests.api.ports import Always
from tests.webhooks.conftest import REGISTER, Partner
from tests.webhooks.happening import SECRET

FRENCH = {"accept-language": "fr"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"url": "hook"}, "INVALID_ADDRESS"),
        ({"url": "http://a.example/"}, "INVALID_ADDRESS"),
        ({"url": "https://192.168.1.1/"}, "ADDRESS_NOT_PUBLIC"),
        ({"secret": "whsec_c2hvcnQ="}, "INVALID_SECRET"),
        ({"secret": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, "INVALID_SECRET"),
        ({"label": " "}, "BLANK_TEXT"),
        ({"label": "x" * 300}, "TEXT_TOO_LONG"),
        ({"where": {"types": ["action.invented"]}}, "UNKNOWN_EVENT_TYPE"),
        ({"where": {"types": ["principal.opened"]}}, "NOT_PUBLISHED"),
        ({"where": {"nouns": ["unicorn"]}}, "UNKNOWN_NOUN"),
        ({"where": {"nouns": []}}, "EMPTY_LIST"),
        ({"where": {"nouns": ["action"] * 101}}, "TOO_MANY_ITEMS"),
        ({"where": {"territories": ["region:0"]}}, "UNKNOWN_TERRITORY"),
        ({"where": {"alliances": ["org_" + "0" * 32]}}, "WRONG_KIND_OF_ID"),
        ({"where": {"alliances": ["ali"]}}, "NOT_FOUND"),
        ({"after": "99"}, "BEYOND_THE_END"),
        ({"after": "c1.forged"}, "CURSOR_REFUSED"),
        ({"after": Cursors(SECRET).write(0, ["nouns=action"])}, "OTHER_FILTERS"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    partner: Partner, given: dict[str, Any], code: str
) -> None:
    assert (await partner.register(**given))["code"] == code
    assert await partner.pool.fetchval("select count(*) from webhook.endpoint") == 0


async def test_a_refusal_is_told_in_french_to_whom_reads_that(partner: Partner) -> None:
    body = {"query": REGISTER, "variables": {"input": {"url": "https://10.0.0.1/"}}}
    response = await partner.http.post("/graphql", json=body, headers=FRENCH)
    refusal = response.json()["data"]["registerWebhook"]
    assert refusal["message"].startswith("10.0.0.1 n’est pas sur l’internet public.")
    assert refusal["path"] == ["input", "url"]


async def test_a_stranger_registers_nothing_and_sees_nothing(partner: Partner) -> None:
    from api.identity import ANYBODY

    partner.be(Always(ANYBODY))
    assert (await partner.register())["code"] == "NOT_SIGNED_IN"
    body = {"query": "{ webhooks { id } }"}
    (error,) = (await partner.http.post("/graphql", json=body)).json()["errors"]
    assert error["extensions"]["code"] == "NOT_SIGNED_IN"


async def test_one_has_so_many_webhooks_and_none_of_them_twice(partner: Partner) -> None:
    first = await partner.register(url="https://a.example/0")
    again = await partner.register(url="https://a.example/0")
    assert (again["code"], first["webhook"]["id"] in again["message"]) == ("WEBHOOK_EXISTS", True)
    numbers = range(1, MOST)
    await asyncio.gather(*(partner.register(url=f"https://a.example/{n}") for n in numbers))
    assert (await partner.register(url="https://a.example/20"))["code"] == "TOO_MANY_WEBHOOKS"
    found = (await partner.ask("{ webhooks { url state } }"))["webhooks"]
    assert len(found) == MOST
    assert {each["state"] for each in found} == {"UNVERIFIED"}


async def test_it_begins_with_what_is_to_come_unless_it_is_said(partner: Partner) -> None:
    await partner.happen(1, 2, 3)
    begins = {
        "3": await partner.register(after=None),
        "0": await partner.register(url="https://a.example/0", after="0"),
        "2": await partner.register(
            url="https://a.example/2",
            where={"nouns": ["organisation"]},
            after=Cursors(SECRET).write(2, ["nouns=organisation"]),
        ),
    }
    assert {at: each["webhook"]["position"] for at, each in begins.items()} == {
        at: at for at in begins
    }
    assert begins["2"]["webhook"]["filter"] == "nouns=organisation"


async def test_others_do_not_see_it_nor_change_it(partner: Partner) -> None:
    registered = (await partner.register())["webhook"]
    delivery = DELIVERY.write(await partner.pool.fetchval("select id from webhook.delivery"))
    partner.be_somebody_else()
    query = "query($id: ID!) { webhook(id: $id) { id } webhooks { id } }"
    seen = await partner.ask(query, id=registered["id"])
    assert seen == {"webhook": None, "webhooks": []}
    mutation = """
    mutation($id: ID!, $delivery: ID!) {
      rotateWebhookSecret(input: { id: $id }) { ...code }
      pauseWebhook(input: { id: $id }) { ...code }
      replayWebhook(input: { id: $id, after: "0" }) { ...code }
      removeWebhook(input: { id: $id }) { ...code }
      resendDelivery(input: { id: $delivery }) { ...code }
    }
    fragment code on Refusal { code }
    """
    done = await partner.ask(mutation, id=registered["id"], delivery=delivery)
    assert {each["code"] for each in done.values()} == {"NOT_FOUND"}
    assert await partner.pool.fetchval("select not paused from webhook.endpoint")


@pytest.mark.parametrize("id", ["whk_1", "org_" + "0" * 32, WEBHOOK.write(7), ""])
async def test_what_there_is_not_is_not_found(partner: Partner, id: str) -> None:
    mutation = """
    mutation($id: ID!) {
      resumeWebhook(input: { id: $id }) { ... on Refusal { code } }
      resendDelivery(input: { id: $id }) { ... on Refusal { code } }
    }
    """
    done = await partner.ask(mutation, id=id)
    assert {each["code"] for each in done.values()} == {"NOT_FOUND"}


async def test_two_secrets_sign_for_a_week_at_most(partner: Partner) -> None:
    registered = (await partner.register())["webhook"]
    mutation = """
    mutation($id: ID!, $hours: Int!) {
      rotateWebhookSecret(input: { id: $id, overlapHours: $hours }) {
        ... on RotateWebhookSecretSuccess { webhook { secondSecretUntil } }
        ... on Refusal { code }
      }
    }
    """
    hours = {169: "INVALID_NUMBER", -1: "INVALID_NUMBER"}
    for each, code in hours.items():
        done = await partner.ask(mutation, id=registered["id"], hours=each)
        assert done["rotateWebhookSecret"] == {"code": code}
    done = await partner.ask(mutation, id=registered["id"], hours=0)
    assert done["rotateWebhookSecret"] == {"webhook": {"secondSecretUntil": None}}


async def test_secrets_are_not_kept_as_they_are(partner: Partner) -> None:
    registered = await partner.register()
    kept = await partner.pool.fetchval("select secret from webhook.endpoint")
    assert registered["secret"].encode() not in kept


async def test_deliveries_are_given_page_by_page(partner: Partner) -> None:
    registered = (await partner.register())["webhook"]
    await partner.pool.execute(
        "insert into webhook.delivery (endpoint, event, type, stream, position, state, settled_at)"
        " select id, gen_random_uuid(), 'x', id, n, 'DELIVERED', now()"
        " from webhook.endpoint, generate_series(1, 5) n"
    )
    query = """
    query($id: ID!, $after: String) {
      webhook(id: $id) {
        deliveries(state: DELIVERED, first: 2, after: $after) {
          totalCount nodes { position } edges { cursor }
          pageInfo { hasNextPage hasPreviousPage endCursor }
        }
      }
    }
    """
    positions, after = list[str](), None
    for has_next in (True, True, False):
        page = (await partner.ask(query, id=registered["id"], after=after))["webhook"]["deliveries"]
        positions += [each["position"] for each in page["nodes"]]
        assert page["totalCount"] == 5
        assert page["pageInfo"]["hasNextPage"] is has_next
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
        assert page["edges"][-1]["cursor"] == after
    assert positions == ["5", "4", "3", "2", "1"]


async def test_a_forgotten_owner_leaves_no_webhook_behind(partner: Partner) -> None:
    await partner.register()
    await partner.pool.execute(
        "insert into log.event (position, stream_id, version, topic, class_version, state, meta,"
        " command_id, recorded_at) values (1, $1::uuid, 1, 'person.forgotten', 1,"
        " convert_to(json_build_object('subject', $2::text, 'named_in', $1::uuid)::text, 'UTF8'),"
        " '{}', gen_random_uuid(), now())",
        UUID(int=77),
        str(UUID(int=1)),
    )
    assert await partner.pool.fetchval("select count(*) from webhook.endpoint") == 0
    left = await partner.pool.fetch("select relation from log.residue")
    assert "webhook.endpoint" in {row["relation"] for row in left}
    assert (await partner.register())["code"] == "OWNER_CLOSED"


@pytest.mark.parametrize("notice", Notice)
def test_every_notice_is_told_in_both_languages(notice: Notice) -> None:
    facts = {"delivery": "dlv_1", "tries": 3, "since": "today", "roles": "AUDITOR", "reason": "no"}
    english, french = told(notice, facts, "en"), told(notice, facts, "fr")
    assert english != french
    assert "{" not in english + french
