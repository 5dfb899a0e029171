"""The challenge: what a receiver must answer before it is told anything.

Whoever is told what happens wants to be: they send back what only they can have read.
"""

import hmac
from dataclasses import replace

import orjson

from api.publication.cloud_event import SOURCE
from api.webhooks.port import WebhookError
from infra.webhooks.delivery import Delivery
from infra.webhooks.line import Answer


def challenging(delivery: Delivery, secret: str) -> bytes:
    """Write the event that asks whether a receiver wants to be told anything."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(delivery.event),
            "source": SOURCE,
            "type": delivery.type,
            "datacontenttype": "application/json",
            "data": {"challenge": _token(delivery, secret)},
        }
    )


def judged(answer: Answer, delivery: Delivery, secret: str) -> Answer:
    """Let an answer fail that does not hold what was asked for, alone or in a JSON object."""
    if answer.error is not None:
        return answer
    text = answer.text.strip()
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        said = text
    if isinstance(said, dict):
        said = said.get("challenge")
    if said == _token(delivery, secret):
        return answer
    return replace(answer, error=WebhookError.NO_ECHO)


def _token(delivery: Delivery, secret: str) -> str:
    return hmac.digest(secret.encode(), delivery.event.bytes, "sha256").hex()
