"""Moments by the interface: which position an instant is, and since when a position holds."""

import re
from datetime import datetime, timedelta
from typing import Any

from tests.api.calling import Caller

MOMENT = "query($at: AsOf!) { moment(asOf: $at) { position recordedAt next { position } } }"


async def moment(caller: Caller, **at: str) -> Any:
    """Ask for a moment."""
    return (await caller.ask(MOMENT, at=at))["moment"]


async def refused(caller: Caller, language: str = "en", **at: object) -> tuple[str, str]:
    """Ask for what must be refused, and give the code and the message."""
    body = {"query": MOMENT, "variables": {"at": at}}
    headers = {"accept-language": language}
    answer = (await caller.http.post("/graphql", json=body, headers=headers)).json()
    (error,) = answer["errors"]
    return error.get("extensions", {}).get("code", ""), error["message"]


async def test_an_instant_leads_to_a_position_and_back(caller: Caller) -> None:
    await caller.organisation("Atmo", "region:28")
    head = caller.position

    newest = await moment(caller, position=head)
    assert newest["position"] == head
    assert newest["next"] is None
    assert await moment(caller, time=newest["recordedAt"]) == newest

    before = datetime.fromisoformat(newest["recordedAt"]) - timedelta(microseconds=1)
    earlier = await moment(caller, time=before.isoformat())
    assert int(earlier["position"]) < int(head)


async def test_before_the_first_event_is_a_moment_like_any_other(caller: Caller) -> None:
    await caller.organisation("Atmo", "region:28")
    nothing = {"position": "0", "recordedAt": None, "next": {"position": "1"}}

    assert await moment(caller, time="1900-01-01T00:00:00Z") == nothing
    assert await moment(caller, position="0") == nothing


async def test_a_moment_of_tomorrow_is_refused_and_the_head_is_named(caller: Caller) -> None:
    await caller.organisation("Atmo", "region:28")
    head = caller.position

    code, message = await refused(caller, time="9999-12-31T23:59:59.999999Z")
    assert code == "MOMENT_AHEAD"
    assert message == (
        "9999-12-31T23:59:59.999999+00:00 is yet to come: the log is at position"
        f" {head} now. Ask for an earlier moment."
    )
    code, message = await refused(caller, "fr", position=str(2**63 - 1))
    assert code == "MOMENT_AHEAD"
    assert f"le journal en est à la position {head}" in message


async def test_a_moment_is_one_of_both_and_an_instant_has_an_offset(caller: Caller) -> None:
    for wrong in (
        {},
        {"position": "1", "time": "2026-01-01T00:00:00Z"},
        {"position": None},
        {"position": "-1"},
        {"time": "2026-10-25T02:30:00"},
        {"time": "yesterday"},
        {"time": "0001-01-01T00:00:00+14:00"},
    ):
        _, message = await refused(caller, **wrong)
        assert re.match("OneOf Input Object|Value for member field|Variable", message), wrong
