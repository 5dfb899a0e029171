"""Circles: the places that follow from the roles of whoever is asking."""

import json
from collections.abc import AsyncIterator

import asyncpg
import pytest

from domain.role import Role, ScopeKind
from projections.circle import FELLOWS, INSIDERS, KEEPERS, OVERSEERS, Circle
from tests.generations import PATH

SCHEMA = {"search_path": PATH}
LAND = ["departement:50", "region:28"]
"""A region and one of its departments, among others."""


class Read:
    """A read model of two cohorts, two alliances and an organisation that takes part."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.connection = connection

    async def grant(self, role: Role, kind: ScopeKind, place: str) -> None:
        """Let somebody have a role."""
        await self.connection.execute(
            "insert into role_grant values ('prn_1', $1, $2, $3, $3, false, now())",
            role.value,
            kind.value,
            place,
        )

    async def places(self, circle: Circle, principal: str = "prn_1") -> set[str]:
        """Give the places of a circle, of territories only two."""
        text = f"with {circle.sql('$1::text')} select places from {circle.table}"  # noqa: S608
        found = set(json.loads(await self.connection.fetchval(text, principal)))
        return {each for each in found if ":" not in each or each in LAND} - {"FR"}


@pytest.fixture
async def read(prepared: str) -> AsyncIterator[Read]:
    connection = await asyncpg.connect(prepared, server_settings=SCHEMA)
    await connection.execute(
        """
        insert into cohort (id, version, opened_at, updated_at, name, name_key, status,
            places_held)
        select 'coh_' || n, 1, now(), now(), 'n', 'n', 'OPEN', 0 from generate_series(1, 3) n;
        insert into cohort_territory values ('coh_1', 'departement:50'), ('coh_2', 'region:53');
        insert into alliance (id, version, entered_at, updated_at, name, name_key, kind, status,
            territory_key)
        values ('ali_1', 1, now(), now(), 'n', 'n', 'REGIONAL_COP', 'OPEN', 'region:28'),
            ('ali_2', 1, now(), now(), 'n', 'n', 'REGIONAL_COP', 'OPEN', 'region:53');
        insert into enrolment (cohort_id, organisation_id, standing, held_place, applied_at)
        values ('coh_3', 'org_1', 'ENROLLED', false, now()),
            ('coh_2', 'org_1', 'APPLIED', false, now());
        insert into alliance_member (alliance_id, organisation_id, kind, joined_at, left_at)
        values ('ali_1', 'org_1', 'MEMBER', now(), now()), ('ali_2', 'org_1', 'MEMBER', now(), null)
        """
    )
    yield Read(connection)
    await connection.close()


@pytest.mark.parametrize(
    ("role", "kind", "place", "places"),
    [
        (Role.ORGANISATION_MEMBER, ScopeKind.ORGANISATION, "org_1", {"org_1"}),
        (Role.FACILITATOR, ScopeKind.COHORT, "coh_2", {"coh_2"}),
        (Role.THEME_PILOT, ScopeKind.THEME, "ali_2", {"ali_2"}),
        (Role.ACTION_PILOT, ScopeKind.ACTION, "act_1", {"act_1"}),
        (
            Role.TERRITORY_ADMINISTRATOR,
            ScopeKind.TERRITORY,
            "region:28",
            {*LAND, "coh_1", "ali_1"},
        ),
        (Role.COHORT_COORDINATOR, ScopeKind.TERRITORY, "region:28", {"coh_1"}),
        (Role.ALLIANCE_COORDINATOR, ScopeKind.TERRITORY, "region:28", {"ali_1"}),
        (Role.TERRITORY_ADMINISTRATOR, ScopeKind.TERRITORY, "departement:14", set()),
        (
            Role.AUDITOR,
            ScopeKind.PLATFORM,
            "",
            {"", *LAND, "coh_1", "coh_2", "ali_1", "ali_2"},
        ),
        (Role.PLATFORM_OPERATOR, ScopeKind.PLATFORM, "", set()),
        (Role.PARTNER_NETWORK, ScopeKind.NETWORK, "net_1", set()),
    ],
)
async def test_insiders_are_where_their_role_is_and_where_that_reaches(
    read: Read, role: Role, kind: ScopeKind, place: str, places: set[str]
) -> None:
    await read.grant(role, kind, place)
    assert await read.places(INSIDERS) == places
    assert await read.places(INSIDERS, "prn_2") == set()


async def test_a_role_that_rests_opens_no_place(read: Read) -> None:
    await read.grant(Role.FACILITATOR, ScopeKind.COHORT, "coh_2")
    await read.connection.execute("update role_grant set suspended = true")
    assert await read.places(INSIDERS) == set()


async def test_fellows_are_where_an_organisation_of_theirs_takes_part(read: Read) -> None:
    await read.grant(Role.PLANET_CHAMPION, ScopeKind.ORGANISATION, "org_1")
    assert await read.places(FELLOWS) == {"coh_3", "ali_2"}


async def test_an_auditor_deals_with_nobody_by_name(read: Read) -> None:
    await read.grant(Role.AUDITOR, ScopeKind.PLATFORM, "")
    assert await read.places(KEEPERS) == set()
    assert "" in await read.places(OVERSEERS)


async def test_an_operator_may_know_who_has_which_role(read: Read) -> None:
    await read.grant(Role.PLATFORM_OPERATOR, ScopeKind.PLATFORM, "")
    assert "" in await read.places(OVERSEERS)
