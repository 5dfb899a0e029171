"""Deliveries: in order for each thing, at least once, and what becomes of them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from domain.identity import external
from tests.webhooks.conftest import Partner
from tests.webhooks.happening import ADA, SOON, another_process
from tests.webhooks.receiver import Received, Reply, reply, well

MINE = """
query($id: ID!) {
  webhook(id: $id) {
    state position waiting lag failingSince notices { code message }
    deliveries { nodes {
      id state type eventId position nextAttemptAt
      attempts { number status answer error resent milliseconds }
    } }
  }
}
"""


async def mine(partner: Partner, registered: Any) -> Any:
    """Look at the webhook."""
    return (await partner.ask(MINE, id=registered["webhook"]["id"]))["webhook"]


async def paused(partner: Partner, registered: Any) -> Any:
    """Wait until it is paused, and look at it."""
    async with asyncio.timeout(5):
        while (found := await mine(partner, registered))["state"] != "PAUSED":
            await asyncio.sleep(0.02)
    return found


async def steer(partner: Partner, mutation: str, **given: Any) -> Any:
    """Do something to a webhook or a delivery."""
    kind = (
        "Webhook"
        if mutation in {"pauseWebhook", "resumeWebhook", "removeWebhook"}
        else (mutation[0].upper() + mutation[1:])
    )
    document = f"""
    mutation($input: {kind}Input!) {{
      {mutation}(input: $input) {{ __typename ... on Refusal {{ code message }} }}
    }}
    """
    return (await partner.ask(document, input=given))[mutation]


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in events]


async def test_what_happens_is_told_signed_once_the_challenge_is_answered(
    partner: Partner,
) -> None:
    await partner.happen(1, 2, 1)
    async with partner.courier():
        registered = await partner.register()
        events = await partner.receiver.until(3)
        await partner.happen(3)
        await partner.receiver.until(4)

    assert partner.receiver.received[0].is_challenge
    assert [each["type"] for each in events].count("fr.cordee.organisation.registered.v1") == 2
    received = partner.receiver.received[1]
    assert received.headers["content-type"] == "application/cloudevents+json"
    assert received.headers["webhook-id"] == received.event["id"]
    assert Webhook(registered["secret"]).verify(received.body, received.headers) == received.event


async def test_nothing_is_told_to_whom_does_not_answer_the_challenge(partner: Partner) -> None:
    async def parrot(received: Received) -> Reply:
        return reply(200, received.body)  # whole, as a server does that echoes anything

    partner.receiver.answers_challenges = False
    partner.receiver.behaviour = parrot
    await partner.happen(1)
    async with partner.courier(pauses=[timedelta(milliseconds=10)]):
        registered = await partner.register()
        found = await paused(partner, registered)
    assert partner.receiver.events == []
    assert [each["code"] for each in found["notices"]] == ["EXHAUSTED"]
    (challenge,) = found["deliveries"]["nodes"]
    assert {each["error"] for each in challenge["attempts"]} == {"NO_ECHO"}

    partner.receiver.answers_challenges = True
    async with partner.courier():
        await steer(partner, "resumeWebhook", id=registered["webhook"]["id"])
        await partner.receiver.until(1)


async def test_what_follows_waits_for_what_failed_of_the_same_thing_and_of_no_other(
    partner: Partner,
) -> None:
    failures = iter([500, 500])

    async def fails_twice_for_the_first(received: Received) -> Reply:
        first = received.event["subject"].endswith("a001")
        return reply(next(failures, 200)) if first else reply(200)

    partner.receiver.behaviour = fails_twice_for_the_first
    await partner.happen(1, 1, 1, 2, 2)
    async with partner.courier(pauses=SOON):
        await partner.register()
        events = await partner.receiver.until(7)
    of_first = [each["sequence"][-1] for each in events if each["subject"].endswith("a001")]
    assert of_first == ["1", "1", "1", "2", "3"]
    assert len(set(ids(events))) == 5


async def test_every_attempt_can_be_inspected(partner: Partner) -> None:
    answers = iter([reply(503, b"maintenance until noon"), reply(204)])

    async def mended(_received: Received) -> Reply:
        return next(answers)

    partner.receiver.behaviour = mended
    await partner.happen(1)
    async with partner.courier(pauses=SOON):
        registered = await partner.register()
        await partner.receiver.until(2)
        async with asyncio.timeout(5):
            while (found := await mine(partner, registered))["waiting"]:
                await asyncio.sleep(0.02)
    event, challenge = found["deliveries"]["nodes"]
    assert [each["state"] for each in (event, challenge)] == ["DELIVERED", "DELIVERED"]
    first, second = event["attempts"]
    assert (first["status"], first["error"]) == (503, "REFUSED")
    assert first["answer"] == "maintenance until noon"
    assert (second["number"], second["status"], second["error"]) == (2, 204, None)
    assert found["position"] == "1"
    assert found["failingSince"] is None


async def test_whoever_fails_for_too_long_is_paused_and_goes_on_when_resumed(
    partner: Partner,
) -> None:
    async def broken(_received: Received) -> Reply:
        return reply(500)

    partner.receiver.behaviour = broken
    await partner.happen(1, 2)
    async with partner.courier(pauses=SOON, patience=timedelta(milliseconds=1)):
        registered = await partner.register()
        found = await paused(partner, registered)
        code, message = found["notices"][0]["code"], found["notices"][0]["message"]
        assert (code, "nothing is lost" in message) == ("FAILING", True)

        seen = len(partner.receiver.events)
        partner.receiver.behaviour = well
        await partner.happen(3)
        await steer(partner, "resumeWebhook", id=registered["webhook"]["id"])
        events = await partner.receiver.until(seen + 3)
    assert len(set(ids(events[seen:]))) == 3


async def test_who_is_gone_is_paused_at_once(partner: Partner) -> None:
    async def gone(_received: Received) -> Reply:
        return reply(410)

    partner.receiver.behaviour = gone
    await partner.happen(1)
    async with partner.courier():
        found = await paused(partner, await partner.register())
    assert found["notices"][0]["code"] == "GONE"
    assert len(partner.receiver.events) == 1


async def test_who_hangs_keeps_nobody_else_waiting(partner: Partner) -> None:
    async def hangs(received: Received) -> Reply:
        await asyncio.sleep(0 if received.path == "/well" else 60)
        return reply(200)

    partner.receiver.behaviour = hangs
    await partner.happen(*range(1, 21))
    async with partner.courier(longest=0.2):
        hanging = await partner.register()
        await partner.register(url=partner.receiver.url.replace("/hook", "/well"))
        async with asyncio.timeout(5):
            while sum(each.path == "/well" for each in partner.receiver.received) < 21:
                await asyncio.sleep(0.02)
        slow = list[Any]()
        async with asyncio.timeout(5):
            while not slow:
                nodes = (await mine(partner, hanging))["deliveries"]["nodes"]
                slow = [a for node in nodes for a in node["attempts"] if a["error"] == "TOO_SLOW"]
    assert all(each["milliseconds"] < 1000 for each in slow)
    # Whoever fails is asked one thing at a time.
    assert sum(each.path == "/hook" for each in partner.receiver.received) < 30


async def test_a_receiver_that_was_killed_gets_what_it_missed(partner: Partner) -> None:
    async def dies(_received: Received) -> Reply:
        return None

    partner.receiver.behaviour = dies
    await partner.happen(1)
    async with partner.courier(pauses=SOON):
        await partner.register()
        await partner.receiver.until(2)
        partner.receiver.behaviour = well
        seen = len(partner.receiver.events)
        events = await partner.receiver.until(seen + 1)
    assert len(set(ids(events))) == 1


async def test_processes_share_the_deliveries_without_doubles(partner: Partner) -> None:
    await partner.happen(*range(1, 61), *range(1, 61))
    async with partner.courier(), partner.courier(), partner.courier():
        registered = await partner.register()
        events = await partner.receiver.until(120)
        async with asyncio.timeout(5):
            while (await mine(partner, registered))["waiting"]:
                await asyncio.sleep(0.02)
    assert len(set(ids(events))) == len(partner.receiver.events) == 120
    for subject in {each["subject"] for each in events}:
        of_it = [each["sequence"] for each in events if each["subject"] == subject]
        assert of_it == sorted(of_it)


async def test_what_a_killed_process_had_begun_others_send(partner: Partner) -> None:
    async def hangs(_received: Received) -> Reply:
        await asyncio.sleep(0.3)
        return reply(200)

    partner.receiver.behaviour = hangs
    numbers = [1, 2, 3, 1]
    await partner.happen(*numbers)
    with another_process(partner.dsn, numbers) as process:
        registered = await partner.register()
        await partner.receiver.until(2, within=30)
        process.kill()
    partner.receiver.behaviour = well
    async with partner.courier():
        async with asyncio.timeout(5):
            while (found := await mine(partner, registered))["waiting"]:
                await asyncio.sleep(0.02)
    assert found["deliveries"]["nodes"][0]["state"] == "DELIVERED"
    events = partner.receiver.events
    assert len(set(ids(events))) == 4 < len(events)
    of_first = [each["sequence"] for each in events if each["subject"].endswith("a001")]
    assert of_first == sorted(of_first)


async def test_a_backlog_does_not_fill_the_queue(partner: Partner) -> None:
    async def stuck(_received: Received) -> Reply:
        return reply(500)

    partner.receiver.behaviour = stuck
    await partner.happen(*range(1, 41))
    async with partner.courier(window=10):
        registered = await partner.register()
        await partner.receiver.until(1)
        await asyncio.sleep(0.1)
        found = await mine(partner, registered)
    assert 0 < found["waiting"] <= 10
    assert found["lag"] >= 30


async def test_what_the_owner_may_not_see_any_more_is_withheld(partner: Partner) -> None:
    async def broken(_received: Received) -> Reply:
        return reply(500)

    partner.receiver.behaviour = broken
    await partner.happen(1)
    async with partner.courier(pauses=SOON * 20):
        registered = await partner.register()
        await partner.receiver.until(1)
        await partner.insert("delete from organisation")
        async with asyncio.timeout(5):
            while (found := await mine(partner, registered))["waiting"]:
                await asyncio.sleep(0.02)
    assert found["deliveries"]["nodes"][0]["state"] == "WITHHELD"
    assert found["state"] == "ACTIVE"


async def test_whose_owner_lost_a_role_is_paused_and_told_nothing(partner: Partner) -> None:
    principal = external("principal", ADA)
    await partner.insert(
        "insert into role_grant values ($1, 'AUDITOR', 'PLATFORM', '', '', false, now())", principal
    )
    async with partner.courier():
        registered = await partner.register()
        await partner.happen(1)
        await partner.receiver.until(1)
        await partner.insert("delete from role_grant")
        await asyncio.sleep(0.1)  # for so long it is known what they hold
        await partner.happen(2)
        found = await paused(partner, registered)
        assert found["notices"][0]["message"].startswith("You do not hold any more: AUDITOR.")
        assert len(partner.receiver.events) == 1
        await steer(partner, "resumeWebhook", id=registered["webhook"]["id"])
        await partner.receiver.until(2)


async def test_a_closed_owner_is_told_nothing(partner: Partner) -> None:
    async with partner.courier():
        registered = await partner.register()
        await partner.insert(
            "insert into principal values ($1, 1, now(), now(), 'MACHINE', null, null, true)",
            external("principal", ADA),
        )
        await partner.happen(1)
        found = await paused(partner, registered)
    assert found["notices"][0]["code"] == "OWNER_CLOSED"
    assert partner.receiver.events == []


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("update webhook.endpoint set filter = 'nouns=unicorn'", "FILTER_REFUSED"),
        (
            "update webhook.endpoint set secret = 'of another database, or so it seems'",
            "SECRET_LOST",
        ),
    ],
)
async def test_what_cannot_be_understood_any_more_pauses_and_says_so(
    partner: Partner, damage: str, code: str
) -> None:
    async with partner.courier():
        registered = await partner.register()
        await partner.happen(1)
        await partner.receiver.until(1)
        await partner.pool.execute(damage)
        await partner.happen(2)
        found = await paused(partner, registered)
    assert found["notices"][0]["code"] == code


async def test_a_filter_passes_over_what_is_not_meant(partner: Partner) -> None:
    await partner.happen(1, 2)
    async with partner.courier():
        renamed = {"where": {"types": ["organisation.renamed"]}}
        await partner.register(**renamed)
        await partner.happen(1, 3)
        (event,) = await partner.receiver.until(1)
    assert event["type"] == "fr.cordee.organisation.renamed.v1"


async def test_a_replay_tells_it_again_under_the_same_ids(partner: Partner) -> None:
    await partner.happen(1, 2, 3)
    async with partner.courier():
        registered = await partner.register()
        first = await partner.receiver.until(3)
        done = await steer(partner, "replayWebhook", id=registered["webhook"]["id"], after="1")
        assert done["__typename"] == "ReplayWebhookSuccess"
        events = await partner.receiver.until(5)
    again = {each["id"] for each in events[3:]}
    assert again == {each["id"] for each in first if int(each["sequence"]) > 1}


async def test_a_delivery_is_sent_once_more_when_somebody_asks(partner: Partner) -> None:
    await partner.happen(1)
    async with partner.courier():
        registered = await partner.register()
        await partner.receiver.until(1)
        async with asyncio.timeout(5):
            while (found := await mine(partner, registered))["waiting"]:
                await asyncio.sleep(0.02)
        delivery = found["deliveries"]["nodes"][0]["id"]
        await steer(partner, "resendDelivery", id=delivery)
        first, second = await partner.receiver.until(2)
        assert first["id"] == second["id"]
        async with asyncio.timeout(5):
            while (
                len(
                    (found := await mine(partner, registered))["deliveries"]["nodes"][0]["attempts"]
                )
                < 2
            ):
                await asyncio.sleep(0.02)
    assert [each["resent"] for each in found["deliveries"]["nodes"][0]["attempts"]] == [False, True]


async def test_for_a_while_two_secrets_sign(partner: Partner) -> None:
    rotating = """
    mutation($id: ID!) {
      rotateWebhookSecret(input: { id: $id, overlapHours: 1 }) {
        ... on RotateWebhookSecretSuccess { secret webhook { secondSecretUntil } }
      }
    }
    """
    async with partner.courier():
        registered = await partner.register()
        rotated = (await partner.ask(rotating, id=registered["webhook"]["id"]))[
            "rotateWebhookSecret"
        ]
        assert rotated["webhook"]["secondSecretUntil"]
        await asyncio.sleep(0.1)  # for so long it is known by which secrets to sign
        await partner.happen(1)
        await partner.receiver.until(1)
        await partner.pool.execute("update webhook.endpoint set previous_until = now()")
        await asyncio.sleep(0.1)
        await partner.happen(2)
        await partner.receiver.until(2)
    both, one = (each for each in partner.receiver.received if not each.is_challenge)
    for secret in (registered["secret"], rotated["secret"]):
        Webhook(secret).verify(both.body, both.headers)
    Webhook(rotated["secret"]).verify(one.body, one.headers)
    assert len(one.headers["webhook-signature"].split()) == 1


@pytest.mark.parametrize("mutation", ["pauseWebhook", "removeWebhook"])
async def test_whoever_paused_or_removed_it_is_told_nothing(
    partner: Partner, mutation: str
) -> None:
    async with partner.courier():
        registered = await partner.register()
        await partner.happen(1)
        await partner.receiver.until(1)
        await steer(partner, mutation, id=registered["webhook"]["id"])
        await asyncio.sleep(0.1)
        await partner.happen(2)
        await asyncio.sleep(0.1)
        assert len(partner.receiver.events) == 1
        found = await mine(partner, registered)
        assert (found and found["state"]) == ("PAUSED" if mutation == "pauseWebhook" else None)
