"""Readiness: whether what is asked can be answered, and what is in the way."""

from api.ports import Hindrance
from tests.api.conftest import Client


async def test_a_read_model_that_cannot_be_relied_on_is_named_with_the_reason(
    client: Client,
) -> None:
    client.positions.at = 41
    client.positions.hindered = [Hindrance("cohorts", "BUILDING", "It is at position 42.")]
    ready = await client.http.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "unavailable",
        "position": "41",
        "hindrances": [
            {"readModel": "cohorts", "code": "BUILDING", "reason": "It is at position 42."}
        ],
    }


async def test_what_hinders_every_process_alike_is_named_and_takes_none_of_them_away(
    client: Client,
) -> None:
    why = "It was paused at position 42."
    client.positions.hindered = [Hindrance("cohorts", "PAUSED", why, everywhere=True)]
    ready = await client.http.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert ready.json()["hindrances"] == [{"readModel": "cohorts", "code": "PAUSED", "reason": why}]
    client.positions.hindered.append(Hindrance("actions", "ENDED", "Its worker has ended."))
    assert (await client.http.get("/health/ready")).status_code == 503
