"""A challenge from command to query: how citizens come by a seat, and who sees that they did."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.ports import Identity
from domain.identity import external
from domain.principal import Principal
from infra.settings import Settings
from infra.system import system
from tests.api.calling import Caller
from tests.api.conftest import OURSELVES
from tests.api.ports import Known
from tests.api.socket import connected

ROUEN = "epci:200023414"
ANYBODY = Identity()


@dataclass
class City(Caller):
    """A caller of the whole program who is the program itself, until they are anybody."""

    known: Known | None = None
    workshop: str = ""
    challenge: str = ""

    def become(self, identity: Identity) -> None:
        """Be somebody else from now on."""
        assert self.known is not None
        self.known.everybody = identity

    async def register(self, who: str) -> str:
        """Take a seat, or wait for one."""
        email = f"{who}@exemple.fr"
        given = {"workshop": self.workshop, "name": who, "email": email}
        return await self.make("RegisterForWorkshop", **given)

    async def standing(self, registration: str) -> str:
        """Ask how a registration stands, by its id alone."""
        query = "query($id: ID!) { seat(id: $id) { standing } }"
        return str((await self.ask(query, id=registration))["seat"]["standing"])


@pytest.fixture
async def city(prepared: str, tmp_path: Path) -> AsyncIterator[City]:
    """A city with a challenge and a workshop of two seats, long before it begins."""
    environment = {"CORDEE_DATA_DIR": str(tmp_path), "DATABASE_URL": prepared}
    known = Known()
    known.everybody = OURSELVES
    settings = Settings.from_environment(environment)
    async with system(settings, prepared, identities=known) as running:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            city = City(http, running.app, known=known)
            city.challenge = await city.make(
                "OpenChallenge",
                name="2 tonnes",
                territory=ROUEN,
                startsOn="2025-01-01",
                endsOn="2099-12-31",
                targets=[{"audience": "CITIZENS", "people": 1000, "approximate": True}],
            )
            city.workshop = await city.make("ScheduleWorkshop", **workshop(city.challenge))
            yield city


def workshop(challenge: str, **fields: Any) -> dict[str, Any]:
    """What there is to say of a workshop, on a day on which the clocks change."""
    return {
        "challenge": challenge,
        "starts": "2099-03-29T14:00",
        "ends": "2099-03-29T17:00",
        "place": "Pavillon des transitions",
        "seats": 2,
        "audience": "CITIZENS",
        **fields,
    }


async def test_anybody_takes_a_seat_waits_for_one_and_moves_up(city: City) -> None:
    city.become(ANYBODY)
    came = [await city.register(name) for name in ("awa", "ben", "clé", "dan")]
    assert [await city.standing(one) for one in came] == ["SEATED", "SEATED", "WAITING", "WAITING"]

    await city.do("ReleaseRegistration", workshop=city.workshop, registration=came[0])
    assert [await city.standing(one) for one in came] == [
        "RELEASED",
        "SEATED",
        "SEATED",
        "WAITING",
    ]
    query = "query($id: ID!) { workshop(id: $id) { seats taken free waiting } }"
    found = (await city.ask(query, id=city.workshop))["workshop"]
    assert found == {"seats": 2, "taken": 2, "free": 0, "waiting": 1}


async def test_who_registered_is_seen_by_those_who_host_and_by_nobody_else(city: City) -> None:
    registration = await city.register("awa")
    query = """query($workshop: ID!, $id: ID!) {
      workshop(id: $workshop) { registrations { totalCount nodes { id name email standing } } }
      node(id: $id) { __typename id }
    }"""
    asked = {"workshop": city.workshop, "id": registration}
    seen = await city.ask(query, **asked)
    assert seen["workshop"]["registrations"]["nodes"] == [
        {"id": registration, "name": "awa", "email": "awa@exemple.fr", "standing": "SEATED"}
    ]
    city.become(ANYBODY)
    hidden = await city.ask(query, **asked)
    assert hidden["workshop"]["registrations"] == {"totalCount": 0, "nodes": []}
    assert hidden["node"] is None


@pytest.mark.parametrize(("role", "seen"), [("TERRITORY_ADMINISTRATOR", 1), ("AUDITOR", 0)])
async def test_who_only_audits_cannot_release_the_seats_of_others(
    city: City, role: str, seen: int
) -> None:
    await city.register("awa")
    issuer = {"issuer": "https://login.example.org", "subject": role}
    await city.do("OpenPrincipal", kind="PERSON", **issuer)
    principal = Principal.id_of(*issuer.values())
    somebody = external("principal", principal)
    await city.do("GrantRole", principal=somebody, role=role, scopeKind="TERRITORY", scope=ROUEN)
    city.become(Identity(actor=somebody, principal=principal))
    query = "query($id: ID!) { workshop(id: $id) { taken registrations { totalCount } } }"
    found = (await city.ask(query, id=city.workshop))["workshop"]
    assert found == {"taken": 1, "registrations": {"totalCount": seen}}


async def test_nothing_but_its_id_leads_to_a_seat(city: City) -> None:
    await city.register("awa")
    types = await city.ask("{ __schema { types { name fields { name type { name } } } } }")
    leading = [
        (one["name"], field["name"])
        for one in types["__schema"]["types"]
        for field in one["fields"] or ()
        if field["type"]["name"] == "Seat"
    ]
    assert leading == [("Query", "seat")]
    query = "query($id: ID!) { seat(id: $id) { standing } }"
    assert (await city.ask(query, id="reg_" + "0" * 32))["seat"] is None


async def test_what_everybody_hears_leads_to_no_seat(city: City) -> None:
    city.become(ANYBODY)
    registration = await city.register("awa")
    city.become(OURSELVES)
    await city.do("ChangeSeats", workshop=city.workshop, seats=12)
    city.become(ANYBODY)
    query = "subscription { events(after: 0) { type command commandId actor subject version } }"
    async with connected(city.app) as socket:
        await socket.subscribe("a", query)
        while (heard := (await socket.next("a"))["data"]["events"])["version"] == 1:
            pass
    assert heard == {
        "type": "workshop.seats_changed",
        "command": "ChangeSeats",
        "commandId": None,
        "actor": None,
        "subject": city.workshop,
        "version": 3,
    }
    assert await city.standing(registration) == "SEATED"


async def test_a_person_who_registers_twice_is_told_so(city: City) -> None:
    await city.register("awa")
    given = {"workshop": city.workshop, "name": "Awa", "email": "AWA@exemple.fr"}
    refused = await city.attempt("RegisterForWorkshop", "fr", **given)
    assert (refused["code"], refused["path"][-1]) == ("ALREADY_REGISTERED", "email")
    assert "déjà" in refused["message"]


async def test_hours_that_cannot_be_are_refused(city: City) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"starts": "2099-03-29T02:30"}, "HOUR_DOES_NOT_EXIST"),
        (
            {"starts": "2099-10-25T02:15", "startsLater": True, "ends": "2099-10-25T02:45"},
            "ENDS_BEFORE_START",
        ),
        ({"timeZone": "Europe/Rouen"}, "UNKNOWN_TIME_ZONE"),
        ({"starts": "2100-01-01T14:00", "ends": "2100-01-01T17:00"}, "OUTSIDE_CHALLENGE"),
    ]
    for fields, code in wrong:
        refused = await city.attempt("ScheduleWorkshop", **workshop(city.challenge, **fields))
        assert refused["code"] == code


async def test_participation_stands_beside_what_the_challenge_wants_to_reach(city: City) -> None:
    over = {"starts": "2025-03-30T14:00", "ends": "2025-03-30T17:00"}
    for came in (12, 9):
        held = await city.make("ScheduleWorkshop", **workshop(city.challenge, **over))
        await city.do("HoldWorkshop", workshop=held, came=came, absent=1)
    query = """query($id: ID!) {
      challenge(id: $id) { targets { audience people approximate } }
      workshopStats(where: { challenge: { eq: $id } }, groupBy: [AUDIENCE]) {
        groups { audience count came { asked answered sum } }
      }
    }"""
    found = await city.ask(query, id=city.challenge)
    assert found["challenge"]["targets"] == [
        {"audience": "CITIZENS", "people": 1000, "approximate": True}
    ]
    (group,) = found["workshopStats"]["groups"]
    assert (group["audience"], group["count"]) == ("CITIZENS", 3)
    assert group["came"] == {"asked": 3, "answered": 2, "sum": "21"}


async def test_a_territory_knows_its_challenges_and_they_know_their_workshops(city: City) -> None:
    query = """query($key: String!) { territory(key: $key) { challenges { nodes {
      name workshops { nodes { starts startsAt timeZone place status challenge { id } } }
    } } } }"""
    (found,) = (await city.ask(query, key=ROUEN))["territory"]["challenges"]["nodes"]
    (shown,) = found["workshops"]["nodes"]
    assert shown == {
        "starts": "2099-03-29T14:00",
        "startsAt": "2099-03-29T12:00:00+00:00",
        "timeZone": "Europe/Paris",
        "place": "Pavillon des transitions",
        "status": "SCHEDULED",
        "challenge": {"id": city.challenge},
    }


async def test_a_domain_or_a_method_that_nobody_knows_is_no_input(city: City) -> None:
    given = f'workshop: "{city.workshop}", methodVersion: "1", footprints: []'
    for wrong in ("method: GUESSWORK", "method: TWO_TONNES, commitments: [{domain: TIME}]"):
        query = f"mutation {{ recordFootprints(input: {{{given}, {wrong}}}) {{ __typename }} }}"
        response = (await city.http.post("/graphql", json={"query": query})).json()
        assert "does not exist in" in response["errors"][0]["message"]
