"""Interests: of all that happens, what a subscriber asked for, and nothing else."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from api.ports import Identity
from domain.identity import external
from domain.organisation import Organisation, OrganisationKind
from domain.record import Metadata, Recorded
from domain.roadmap import Roadmap, RoadmapOwner
from tests.api.conftest import Client
from tests.api.socket import connected

AT = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = "subscription($where: EventWhere) {events(after: 0, where: $where) {position}}"
ATMO, ELSEWHERE, COHORT, ROADMAP = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
NETWORK, ALLIANCE = external("network", UUID(int=5)), external("alliance", UUID(int=6))


OWNER = RoadmapOwner(organisation=ATMO, cohort=COHORT)


def recorded(aggregate: Any, position: int) -> Recorded[Any]:
    event = aggregate.collect_events()[0]
    return Recorded(event, position, AT, UUID(int=99), Metadata(actor="ada", command="Do"))


def registered(id: UUID, position: int) -> Recorded[Any]:
    kind = OrganisationKind.ASSOCIATION
    return recorded(Organisation.register(id, now=AT, name="Atmo", kind=kind), position)


@pytest.fixture
async def happened(client: Client) -> Client:
    """Two organisations, one of a network and in Rouen, and its roadmap in a cohort."""
    atmo, elsewhere = external("organisation", ATMO), external("organisation", ELSEWHERE)
    cohort, roadmap = external("cohort", COHORT), external("roadmap", ROADMAP)
    await client.insert(
        f"""
        insert into organisation (id, version, registered_at, updated_at, name, name_key, kind,
            territory_key, dissolved)
        values ('{atmo}', 1, now(), now(), 'Atmo', 'atmo', 'ASSOCIATION', 'departement:76', false),
            ('{elsewhere}', 1, now(), now(), 'Sud', 'sud', 'ASSOCIATION', 'region:93', false);
        insert into membership (organisation_id, network_id, joined_at)
        values ('{atmo}', '{NETWORK}', now());
        insert into roadmap (id, version, drafted_at, updated_at, organisation_id, cohort_id,
            horizon, status, submissions, known_to, read_by)
        values ('{roadmap}', 1, now(), now(), '{atmo}', '{cohort}', 2030, 'DRAFT', 0, 'EVERYONE',
            'EVERYONE');
        """  # noqa: S608 - constants of this module
    )
    drafted = Roadmap.draft(ROADMAP, now=AT, owner=OWNER, horizon=2030)
    client.positions.at = 3
    client.feed.recorded = [registered(ATMO, 1), registered(ELSEWHERE, 2), recorded(drafted, 3)]
    return client


async def told(client: Client, where: dict[str, Any] | None) -> list[str]:
    app = client.http._transport.app  # type: ignore[attr-defined]
    async with connected(app) as socket:
        await socket.subscribe("1", ASKED, where=where)
        found = list[str]()
        while True:
            waiting = asyncio.ensure_future(socket.next("1"))
            done, _ = await asyncio.wait({waiting}, timeout=0.1)
            if not done:
                waiting.cancel()
                return found
            found.append(waiting.result()["data"]["events"]["position"])


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (None, "123"),
        ({}, "123"),
        ({"types": ["roadmap.drafted"]}, "3"),
        ({"types": ["roadmap.drafted", "organisation.registered"]}, "123"),
        ({"nouns": ["organisation"]}, "12"),
        ({"subjects": [external("organisation", ELSEWHERE)]}, "2"),
        ({"territories": ["departement:76"]}, "1"),
        ({"territories": ["region:28"]}, "1"),
        ({"territories": ["FR"]}, "12"),
        ({"networks": [NETWORK]}, "1"),
        ({"cohorts": [external("cohort", COHORT)]}, "3"),
        ({"organisations": [external("organisation", ATMO)]}, "13"),
        ({"organisations": [external("organisation", ATMO)], "nouns": ["roadmap"]}, "3"),
        ({"alliances": [ALLIANCE]}, ""),
    ],
)
async def test_only_what_is_meant_is_told(
    happened: Client, where: dict[str, Any] | None, expected: str
) -> None:
    assert "".join(await told(happened, where)) == expected


@pytest.mark.parametrize(
    "where",
    [
        {"types": ["roadmap.drafted"]},
        {"nouns": ["roadmap"]},
        {"subjects": [external("roadmap", ROADMAP)]},
        {"territories": ["region:28"], "nouns": ["roadmap"]},
        {"territories": ["FR"], "nouns": ["roadmap"]},
        {"networks": [NETWORK], "nouns": ["roadmap"]},
        {"cohorts": [external("cohort", COHORT)]},
        {"organisations": [external("organisation", ATMO)], "nouns": ["roadmap"]},
        {"alliances": [ALLIANCE]},
    ],
)
async def test_no_filter_leads_to_what_a_caller_may_not_see(
    happened: Client, where: dict[str, Any]
) -> None:
    await happened.insert("update roadmap set known_to = 'INSIDERS', read_by = 'INSIDERS'")
    happened.known.everybody = Identity()
    assert await told(happened, where) == []


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"territories": ["region:28"]}, "1"),
        ({"territories": ["region:93"]}, "2"),
        ({"networks": [NETWORK]}, "1"),
        ({"organisations": [external("organisation", ATMO)]}, "1"),
    ],
)
async def test_a_filter_leads_to_what_anybody_sees_there_and_to_nothing_else(
    happened: Client, where: dict[str, Any], expected: str
) -> None:
    await happened.insert("update roadmap set known_to = 'INSIDERS', read_by = 'INSIDERS'")
    happened.known.everybody = Identity()
    assert "".join(await told(happened, where)) == expected


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"types": ["roadmap.lost"]}, "UNKNOWN_EVENT_TYPE"),
        ({"nouns": ["roadmaps"]}, "UNKNOWN_NOUN"),
        ({"nouns": []}, "EMPTY_LIST"),
        ({"alliances": ["map_00000000000000000000000000000001"]}, "WRONG_KIND_OF_ID"),
        ({"networks": ["nothing"]}, "NOT_FOUND"),
        ({"territories": ["region:999"]}, "UNKNOWN_TERRITORY"),
        ({"subjects": ["x"] * 101}, "TOO_MANY_ITEMS"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    happened: Client, where: dict[str, Any], code: str
) -> None:
    app = happened.http._transport.app  # type: ignore[attr-defined]
    async with connected(app) as socket:
        await socket.subscribe("1", ASKED, where=where)
        (error,) = (await socket.next("1"))["errors"]
        assert error["extensions"]["code"] == code
