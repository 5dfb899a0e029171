"""Who is let in over HTTP and WebSocket, how often, and what the others are told."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest

import api.app
from api import admission
from api.identity import (
    ANYBODY,
    CannotBeChecked,
    RateLimited,
    TooManyGuesses,
    Unauthenticated,
    WrongSignature,
)
from api.ports import Allowance, Done, Identity
from domain.identity import external
from tests.api.ports import Happening, Scripted, Still
from tests.api.socket import Socket

QUERY = "{enumerations {name}}"
EVENTS = "subscription {events {position}}"
REGISTER = (
    'mutation {registerOrganisation(input: {name: "A", kind: UNION}) {'
    "... on RegisterOrganisationSuccess {version}}}"
)
SOMEBODY = UUID(int=1)
ACTOR = external("principal", SOMEBODY)


class Door:
    """Identities by the words that prove them."""

    def __init__(self) -> None:
        self.known: dict[str, Identity | Exception] = {
            "Bearer good": Identity(actor=ACTOR, principal=SOMEBODY),
            "Bearer wrong": WrongSignature(),
            "Bearer away": CannotBeChecked(),
            "Bearer guess": TooManyGuesses(seconds=17),
        }
        self.revoked = False
        self.came_from: list[str] = []

    async def identify(self, authorization: str | None, address: str) -> Identity:
        self.came_from.append(address)
        found = ANYBODY if authorization is None else self.known.get(authorization)
        if found is None or isinstance(found, Exception):
            raise found or Unauthenticated()
        return found

    async def stands(self, identity: Identity) -> bool:  # noqa: ARG002
        return not self.revoked


class Till:
    """Budgets that last for so many requests and for so much cost."""

    def __init__(self, requests: int, cost: int) -> None:
        self.requests, self.cost = requests, cost
        self.paid: list[tuple[UUID | None, str, int]] = []

    def admit(self, principal: UUID | None, address: str) -> None:  # noqa: ARG002
        if self.requests == 0:
            raise RateLimited(policy="caller", quota=3, window=60, remaining=0, seconds=42)
        self.requests -= 1

    def spend(self, principal: UUID | None, address: str, cost: int) -> int:
        if cost > self.cost:
            raise RateLimited(
                policy="caller-cost", quota=999, window=60, remaining=self.cost, seconds=42
            )
        self.paid.append((principal, address, cost))
        self.cost -= cost
        return self.cost

    def left(
        self,
        principal: UUID | None,  # noqa: ARG002
        address: str,  # noqa: ARG002
    ) -> Sequence[Allowance]:
        return [
            Allowance("caller", 3, 60, self.requests, 42),
            Allowance("caller-cost", 999, 60, self.cost, 42),
        ]


class House:
    """The application, with a door and a till that a test can see into."""

    def __init__(
        self, requests: int = 100, cost: int = 100_000, origins: Sequence[str] = ()
    ) -> None:
        self.door, self.till, self.commands = Door(), Till(requests, cost), Scripted()
        unused: Any = None
        self.app = api.app.create(
            commands=self.commands,
            reads=unused,
            positions=Still(),
            feed=Happening(),
            sheets=unused,
            identities=self.door,
            budgets=self.till,
            origins=origins,
        )

    async def ask(
        self, proof: str | None = None, query: str = QUERY, method: str = "POST", **headers: str
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=("203.0.113.7", 50_000))
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if proof is not None:
            given["authorization"] = proof
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            if method == "GET":
                return await http.get("/graphql", params={"query": query}, headers=given)
            return await http.request(method, "/graphql", json={"query": query}, headers=given)

    def socket(self, **headers: str) -> Socket:
        return Socket(self.app, headers)


@pytest.fixture
def house() -> House:
    return House()


async def test_without_credentials_everybody_is_let_in(house: House) -> None:
    answer = await house.ask()
    assert answer.status_code == 200
    assert "data" in answer.json()
    assert house.door.came_from == ["203.0.113.7"]


async def test_whoever_proves_who_they_are_gives_commands_as_themselves(house: House) -> None:
    house.commands.answers.append(
        Done(noun="organisation", id=ACTOR, version=1, position=1, created=None, duplicate=False)
    )
    answer = await house.ask("Bearer good", REGISTER)
    assert answer.json()["data"]["registerOrganisation"] == {"version": 1}
    ((_, caller),) = house.commands.given
    assert (caller.actor, caller.principal, caller.trusted) == (ACTOR, SOMEBODY, False)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("proof", ["Bearer wrong", "Bearer x", "", "Basic eDp5"])
async def test_wrong_credentials_are_never_taken_for_none(
    house: House, proof: str, method: str
) -> None:
    answer = await house.ask(proof, method=method)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.headers["cache-control"] == "no-store"
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] in {"WRONG_SIGNATURE", "UNAUTHENTICATED"}


async def test_credentials_that_are_sent_twice_prove_nothing(house: House) -> None:
    answer = await house.ask("Bearer good", Authorization="Bearer good")
    assert answer.status_code == 401


async def test_it_is_told_in_the_language_of_the_caller(house: House) -> None:
    answer = await house.ask("Bearer wrong", accept_language="fr")
    assert "Aucune clé" in answer.json()["errors"][0]["message"]


async def test_whoever_cannot_be_checked_is_asked_to_come_back(house: House) -> None:
    answer = await house.ask("Bearer away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_whoever_guesses_is_told_how_long_to_wait(house: House) -> None:
    answer = await house.ask("Bearer guess")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "TOO_MANY_GUESSES", "retryAfter": 17}


async def test_what_is_left_of_a_budget_is_told_with_each_answer(house: House) -> None:
    answer = await house.ask("Bearer good")
    assert answer.headers["ratelimit-policy"] == '"caller";q=3;w=60, "caller-cost";q=999;w=60'
    assert answer.headers["ratelimit"] == '"caller";r=99;t=42, "caller-cost";r=99994;t=42'
    assert answer.json()["extensions"]["cost"] == {"asked": 6, "left": 99_994}
    assert house.till.paid == [(SOMEBODY, "203.0.113.7", 6)]


async def test_a_budget_that_is_spent_is_told_with_its_code() -> None:
    house = House(requests=1)
    assert (await house.ask("Bearer good")).status_code == 200
    answer = await house.ask("Bearer good", accept_language="fr")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "42")
    assert answer.headers["ratelimit"] == '"caller";r=0;t=42'
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 42}
    assert "Attendez 42 s" in error["message"]


async def test_what_costs_more_than_is_left_is_not_done() -> None:
    house = House(cost=101)
    answer = await house.ask("Bearer good", REGISTER)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "42")
    assert answer.headers["ratelimit"] == '"caller-cost";r=101;t=42'
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 42}
    assert (house.commands.given, house.till.paid) == ([], [])


@pytest.mark.parametrize("query", ["{", "{nothing}", "{enumerations(first: 1) {name}}"])
async def test_what_cannot_be_executed_costs_no_more_than_its_request(
    house: House, query: str
) -> None:
    await house.ask("Bearer good", query)
    assert (house.till.requests, house.till.paid) == (99, [])


async def test_the_time_that_something_takes_costs_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: object) -> Done:
        await asyncio.sleep(0.05)
        return Done(
            noun="organisation", id=ACTOR, version=1, position=1, created=None, duplicate=False
        )

    monkeypatch.setattr(house.commands, "execute", slow)
    await asyncio.gather(*(house.ask("Bearer good", REGISTER) for _ in range(50)))
    assert house.till.paid == [(SOMEBODY, "203.0.113.7", 102)] * 50


async def test_a_calendar_has_a_price() -> None:
    house = House(cost=10)
    transport = httpx.ASGITransport(house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        assert (await http.get("/calendar/region:28.ics")).status_code == 429


async def test_a_file_is_paid_before_it_is_received() -> None:
    house = House(cost=10)
    transport = httpx.ASGITransport(house.app)
    headers = {"authorization": "Bearer good", "graphql-preflight": "1"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        files = {"0": ("plan.csv", b"a")}
        assert (await http.post("/graphql", files=files, headers=headers)).status_code == 429


async def test_answers_to_somebody_are_kept_by_nobody_else(house: House) -> None:
    assert (await house.ask("Bearer good")).headers["cache-control"] == "private, no-store"
    anonymous = await house.ask()
    assert "cache-control" not in anonymous.headers
    assert "authorization" in anonymous.headers["vary"]


async def test_browsers_are_told_what_answers_are_not_for(house: House) -> None:
    headers = (await house.ask()).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


async def test_behind_encryption_it_stays_encrypted(house: House) -> None:
    transport = httpx.ASGITransport(house.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://test") as http:
        answer = await http.get("/health/live")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_a_page_has_its_own_style_and_nothing_else(house: House) -> None:
    transport = httpx.ASGITransport(house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        policies = (await http.get("/")).headers.get_list("content-security-policy")
    assert len(policies) == 1
    assert "style-src 'sha256-" in policies[0]
    assert "script-src" not in policies[0]


async def test_pages_of_other_sites_may_not_ask(house: House) -> None:
    answer = await house.ask(origin="https://evil.example")
    assert "access-control-allow-origin" not in answer.headers
    asked = {"access_control_request_method": "POST", "origin": "https://evil.example"}
    assert (await house.ask(method="OPTIONS", **asked)).status_code == 400


async def test_pages_of_a_named_site_may_ask() -> None:
    house = House(origins=["https://app.example"])
    asked = {
        "access_control_request_method": "POST",
        "access_control_request_headers": "authorization, content-type, min-position",
        "origin": "https://app.example",
    }
    preflight = await house.ask(method="OPTIONS", **asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    answer = await house.ask(origin="https://app.example")
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
async def test_a_form_of_another_site_is_not_taken(house: House, kind: str) -> None:
    transport = httpx.ASGITransport(house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        answer = await http.post(
            "/graphql", content=f'{{"query": "{QUERY}"}}', headers={"content-type": kind}
        )
    assert answer.status_code == 415


async def test_a_body_that_never_comes_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.received.LONGEST_BODY", 0.02)

    async def drips() -> Any:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    transport = httpx.ASGITransport(house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        headers = {"content-type": "application/json"}
        answer = await http.post("/graphql", content=drips(), headers=headers)
    assert answer.status_code == 408


async def test_a_request_that_takes_too_long_is_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("api.http.LONGEST_REQUEST", 0.02)
    monkeypatch.setattr(house.commands, "execute", never)
    answer = await house.ask("Bearer good", REGISTER)
    assert answer.status_code == 503
    assert "commandId" in answer.json()["errors"][0]["message"]


# over WebSocket


async def test_a_socket_without_credentials_is_anybodys(house: House) -> None:
    socket = house.socket()
    await socket.open()
    await socket.subscribe("a", QUERY)
    await socket.next("a")
    await socket.close()


@pytest.mark.parametrize("by", ["header", "authorization", "Authorization"])
async def test_a_socket_is_its_callers(house: House, by: str) -> None:
    house.commands.answers.append(
        Done(noun="organisation", id=ACTOR, version=1, position=1, created=None, duplicate=False)
    )
    if by == "header":
        socket = house.socket(authorization="Bearer good")
        await socket.open()
    else:
        socket = house.socket()
        await socket.open(**{by: "Bearer good"})
    await socket.subscribe("a", REGISTER)
    await socket.next("a")
    ((_, caller),) = house.commands.given
    assert caller.principal == SOMEBODY
    await socket.close()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("Bearer wrong", 4401),
        ("good", 4401),
        ("", 4401),
        (7, 4401),
        ({"a": 1}, 4401),
        ("Bearer away", 1013),
        ("Bearer guess", 1013),
    ],
)
async def test_a_socket_of_somebody_else_is_closed(house: House, given: object, code: int) -> None:
    socket = house.socket()
    await socket.greet(authorization=given)
    assert await socket.closed() == code


async def test_a_budget_that_is_spent_opens_no_socket() -> None:
    socket = House(requests=0).socket(authorization="Bearer good")
    await socket.greet()
    assert await socket.closed() == 1013


async def test_wrong_credentials_in_the_header_close_a_socket_too(house: House) -> None:
    socket = house.socket(authorization="Bearer wrong")
    await socket.greet()
    assert await socket.closed() == 4401


async def test_nothing_is_done_before_it_is_known_who_asks(house: House) -> None:
    socket = house.socket(authorization="Bearer good")
    await socket.knock()
    await socket.subscribe("a", REGISTER)
    assert await socket.closed() == 4401
    assert house.commands.given == []


async def test_a_token_that_expires_ends_its_socket(house: House) -> None:
    house.door.known["Bearer short"] = Identity(
        actor=ACTOR, principal=SOMEBODY, expires_at=time.time() + 0.05
    )
    socket = house.socket(authorization="Bearer short")
    await socket.open()
    await socket.subscribe("a", EVENTS)
    assert await socket.closed() == 4401


async def test_a_revoked_key_ends_its_socket(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "LOOKED_AT", 0.01)
    house.door.known["Bearer key"] = Identity(
        actor=ACTOR, principal=SOMEBODY, key=UUID(int=2), expires_at=time.time() + 60
    )
    socket = house.socket(authorization="Bearer key")
    await socket.open()
    await socket.subscribe("a", EVENTS)
    await asyncio.sleep(0.03)
    house.door.revoked = True
    assert await socket.closed() == 4403


async def test_a_socket_asks_as_often_as_its_budget_allows() -> None:
    house = House(requests=2)
    socket = house.socket(authorization="Bearer good")
    await socket.open()  # which is one request, too
    await socket.subscribe("a", QUERY)
    await socket.next("a")
    await socket.complete("a")
    assert house.till.paid == [(SOMEBODY, "203.0.113.7", 6)]
    await socket.subscribe("b", QUERY)
    (error,) = await socket.error("b")
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 42}
    await socket.close()


@pytest.mark.parametrize("query", [QUERY, EVENTS])
async def test_a_socket_pays_for_what_it_asks(query: str) -> None:
    house = House(cost=5)
    socket = house.socket(authorization="Bearer good")
    await socket.open()
    await socket.subscribe("a", query)
    (error,) = await socket.error("a")
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 42}
    await socket.subscribe("b", "{__typename}")
    assert (await socket.next("b"))["extensions"]["cost"] == {"asked": 1, "left": 4}
    await socket.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://test.evil.example"])
async def test_pages_of_other_sites_open_no_socket(house: House, origin: str) -> None:
    socket = house.socket(origin=origin, host="test", authorization="Bearer good")
    assert (await socket.knock())["type"] == "websocket.close"


async def test_our_own_pages_and_those_of_named_sites_open_sockets() -> None:
    house = House(origins=["https://app.example"])
    for origin in ("http://test", "https://app.example"):
        socket = house.socket(origin=origin, host="test")
        assert (await socket.knock())["type"] == "websocket.accept"


async def test_nobody_becomes_somebody_else_on_the_way(house: House) -> None:
    socket = house.socket()
    await socket.open()
    await socket.send(type="connection_init", payload={"authorization": "Bearer good"})
    assert await socket.closed() == 4429


async def test_whoever_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.http.GREETING", 0.02)
    socket = House().socket()
    await socket.knock()
    assert await socket.closed() == 4408
