"""Readiness: whether what is asked can be answered, and what is in the way."""

from api.ports import Hindrance
from tests.api.conftest import Client


async def test_a_read_model_that_cannot_be_relied_on_is_named_with_the_reason(
    client: Client,
) -> None:
    client.positions.at = 41
    client.positions.hindered = [Hindrance("cohorts", "STOPPED", "It stopped at position 42.")]
    ready = await client.http.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "unavailable",
        "position": "41",
        "hindrances": [
            {"readModel": "cohorts", "code": "STOPPED", "reason": "It stopped at position 42."}
        ],
    }
