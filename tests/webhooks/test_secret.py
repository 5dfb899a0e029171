"""Secrets: what signs, how it is kept, and what a receiver makes of the signature."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from api.webhooks.refusals import InvalidSecret
from infra.webhooks.pause import PAUSES, pause_after
from infra.webhooks.secret import SecretBox, SecretLost, new_secret, signed, sound

ID, BODY = "0199c3a8-4c2b-5f6e-8a49-3f1d0b6c2e11", '{"a": "é"}'.encode()
HERE, THERE = UUID(int=1), UUID(int=2)


def test_a_secret_opens_where_it_was_closed_and_nowhere_else() -> None:
    box, secret = SecretBox(b"one"), new_secret()
    closed = box.close(secret, HERE)
    assert box.open(closed, HERE) == secret
    for other, endpoint in ((SecretBox(b"another"), HERE), (box, THERE)):
        with pytest.raises(SecretLost):
            other.open(closed, endpoint)


def test_what_is_made_here_is_a_sound_secret() -> None:
    secret = new_secret()
    assert sound(secret) == secret
    for wrong in ("", "whsec_", "whsec_####", "whsec_c2hvcnQ=", secret.removeprefix("whsec_")):
        with pytest.raises(InvalidSecret):
            sound(wrong)


def test_a_receiver_can_check_the_signature_by_either_secret() -> None:
    secrets = [new_secret(), new_secret()]
    headers = dict(signed(ID, BODY, secrets, datetime.now(UTC)))
    for secret in secrets:
        assert Webhook(secret).verify(BODY, headers) == {"a": "é"}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets[0]).verify(BODY.replace(b"a", b"b"), headers)


@pytest.mark.parametrize(("minutes", "taken"), [(-6, False), (-4, True), (4, True), (6, False)])
def test_a_clock_may_be_wrong_by_a_few_minutes(minutes: int, *, taken: bool) -> None:
    secret, now = new_secret(), datetime.now(UTC) + timedelta(minutes=minutes)
    headers = dict(signed(ID, BODY, [secret], now))
    if taken:
        Webhook(secret).verify(BODY, headers)
    else:
        with pytest.raises(WebhookVerificationError, match="too"):
            Webhook(secret).verify(BODY, headers)


def test_pauses_grow_over_three_days_and_end() -> None:
    assert timedelta(days=3) < sum(PAUSES, timedelta()) < timedelta(days=4)
    made = [pause_after(tries) for tries in range(1, len(PAUSES) + 2)]
    assert made[-1] is None
    for pause, planned in zip(made, PAUSES, strict=False):
        assert pause is not None
        assert planned <= pause <= 1.2 * planned


def test_a_receiver_is_left_alone_for_as_long_as_it_asks_but_not_for_ever() -> None:
    asked = pause_after(1, timedelta(hours=1))
    assert asked == timedelta(hours=1)
    assert pause_after(1, timedelta(days=400)) == PAUSES[-1]
