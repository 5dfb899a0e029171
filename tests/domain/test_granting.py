"""Granting: nobody gives more than they hold, nor beyond their own reach."""

from uuid import UUID

import pytest

from domain.granting import GRANTED_BY, GrantRole, RevokeRole, ScopeUnclear
from domain.identity import Id, external
from domain.organisation import DissolveOrganisation, OrganisationDissolved
from domain.principal import ClosePrincipal, Principal, PrincipalClosed, RoleOutOfPlace
from domain.refusal import Forbidden, NotFound, Refusal, WrongKindOfId
from domain.role import HELD_AT, INSIDERS, PLATFORM, Role, Scope, ScopeKind
from domain.standing import Standing
from domain.territory import UnknownTerritory
from tests.domain.realms import Realm, Still, holding
from tests.domain.work import Memory

MEMORY = Memory()
HERE = Realm(MEMORY, "departement:76")
ELSEWHERE = Realm(MEMORY, "region:53")
STILL = Still(MEMORY)

NORMANDIE = Scope(kind=ScopeKind.TERRITORY, key="region:28")

GRANTABLE = [(role, kind) for role, kinds in HELD_AT.items() for kind in ScopeKind if kind in kinds]


def grant(realm: Realm, role: Role, kind: ScopeKind) -> GrantRole:
    principal = realm.ids["principal"]
    return GrantRole(principal=principal, role=role, scope_kind=kind, scope=realm.named(kind))


def granted(memory: Memory, realm: Realm, role: Role, kind: ScopeKind) -> Principal:
    about = memory.do(grant(realm, role, kind)).about
    assert isinstance(about, Principal)
    return about


def may(standing: Standing, command: GrantRole | RevokeRole) -> bool:
    return STILL.admission(command, standing) is None


class TestWho:
    """Who may grant which role."""

    @pytest.mark.parametrize(("role", "kind"), GRANTABLE)
    def test_whom_the_table_does_not_name_grants_nothing_whatever_they_hold(
        self, role: Role, kind: ScopeKind
    ) -> None:
        for granter in set(HELD_AT) - GRANTED_BY[role]:
            places = [HERE.scope(place) for place in HELD_AT[granter]]
            assert not may(holding(granter, *places), grant(HERE, role, kind)), granter

    @pytest.mark.parametrize(("role", "kind"), GRANTABLE)
    def test_an_operator_grants_every_role(self, role: Role, kind: ScopeKind) -> None:
        operator = holding(Role.PLATFORM_OPERATOR, PLATFORM)
        assert may(operator, grant(HERE, role, kind))

    @pytest.mark.parametrize(("role", "kind"), GRANTABLE)
    def test_an_administrator_grants_within_the_territory_and_not_beyond(
        self, role: Role, kind: ScopeKind
    ) -> None:
        administrator = holding(Role.TERRITORY_ADMINISTRATOR, NORMANDIE)
        beyond = {ScopeKind.PLATFORM, ScopeKind.NETWORK}
        assert may(administrator, grant(HERE, role, kind)) is (kind not in beyond)
        assert not may(administrator, grant(ELSEWHERE, role, kind))

    def test_an_administrator_makes_no_administrator_of_more_than_their_own(self) -> None:
        own = holding(Role.TERRITORY_ADMINISTRATOR, HERE.scope(ScopeKind.TERRITORY))
        command = GrantRole(
            principal=HERE.ids["principal"],
            role=Role.TERRITORY_ADMINISTRATOR,
            scope_kind=ScopeKind.TERRITORY,
            scope="region:28",
        )
        assert isinstance(STILL.admission(command, own), Forbidden)
        assert may(holding(Role.TERRITORY_ADMINISTRATOR, NORMANDIE), command)

    @pytest.mark.parametrize("role", sorted(INSIDERS))
    def test_a_leader_makes_champions_and_members_of_the_own_organisation_only(
        self, role: Role
    ) -> None:
        leader = holding(Role.ORGANISATION_LEADER, HERE.scope(ScopeKind.ORGANISATION))
        if ScopeKind.ORGANISATION not in HELD_AT[role]:
            return
        own = {Role.PLANET_CHAMPION, Role.ORGANISATION_MEMBER, Role.FACILITATOR}
        assert may(leader, grant(HERE, role, ScopeKind.ORGANISATION)) is (role in own)
        assert not may(leader, grant(ELSEWHERE, role, ScopeKind.ORGANISATION))

    def test_who_coordinates_the_cohorts_of_a_region_grants_nothing_in_its_alliances(self) -> None:
        coordinator = holding(Role.COHORT_COORDINATOR, NORMANDIE)
        assert may(coordinator, grant(HERE, Role.FACILITATOR, ScopeKind.COHORT))
        assert not may(coordinator, grant(HERE, Role.FACILITATOR, ScopeKind.ORGANISATION))
        assert not may(coordinator, grant(HERE, Role.EXPERT, ScopeKind.ALLIANCE))

    def test_who_grants_a_role_revokes_it_and_everybody_gives_up_their_own(self) -> None:
        principal = Id(HERE.ids["principal"])
        command = RevokeRole(
            principal=principal,
            role=Role.EXPERT,
            scope_kind=ScopeKind.ALLIANCE,
            scope=HERE.ids["alliance"],
        )
        myself = Standing(Principal.id_of("https://issuer", HERE.territory))
        assert may(holding(Role.ALLIANCE_COORDINATOR, HERE.scope(ScopeKind.ALLIANCE)), command)
        assert may(myself, command)
        assert not may(myself, grant(HERE, Role.EXPERT, ScopeKind.ALLIANCE))
        assert not may(holding(Role.EXPERT, HERE.scope(ScopeKind.ALLIANCE)), command)


class TestWhere:
    """The place that a grant names."""

    @pytest.mark.parametrize(("role", "kind"), GRANTABLE)
    def test_a_role_is_held_at_the_place_that_was_named(self, role: Role, kind: ScopeKind) -> None:
        memory = Memory()
        realm = Realm(memory, "region:28")
        if kind is ScopeKind.NETWORK:
            return
        principal = granted(memory, realm, role, kind)
        assert {grant.scope for grant in principal.grants} == {realm.scope(kind)}

    @pytest.mark.parametrize(
        ("kind", "scope", "refusal"),
        [
            (ScopeKind.PLATFORM, "region:28", ScopeUnclear),
            (ScopeKind.TERRITORY, None, ScopeUnclear),
            (ScopeKind.TERRITORY, "region:99", UnknownTerritory),
            (ScopeKind.COHORT, "region:28", NotFound),
            (ScopeKind.COHORT, external("cohort", UUID(int=9)), NotFound),
            (ScopeKind.COHORT, HERE.ids["alliance"], WrongKindOfId),
            (ScopeKind.THEME, HERE.ids["alliance"], ScopeUnclear),
            (ScopeKind.THEME, f"{HERE.ids['alliance']}/METEO", ScopeUnclear),
            (ScopeKind.THEME, f"{HERE.ids['cohort']}/WATER", WrongKindOfId),
            (ScopeKind.CHALLENGE, HERE.ids["challenge"], RoleOutOfPlace),
        ],
    )
    def test_a_place_that_is_none_is_refused(
        self, kind: ScopeKind, scope: str | None, refusal: type[Refusal]
    ) -> None:
        principal = HERE.ids["principal"]
        command = GrantRole(
            principal=principal, role=Role.PARTNER_NETWORK, scope_kind=kind, scope=scope
        )
        with pytest.raises(refusal):
            MEMORY.do(command)

    def test_nobody_gets_a_role_in_an_organisation_that_is_no_more(self) -> None:
        memory = Memory()
        realm = Realm(memory, "region:28")
        leader = grant(realm, Role.ORGANISATION_LEADER, ScopeKind.ORGANISATION)
        memory.do(leader)
        memory.do(DissolveOrganisation(organisation=realm.ids["organisation"]))
        with pytest.raises(OrganisationDissolved):
            memory.do(grant(realm, Role.PLANET_CHAMPION, ScopeKind.ORGANISATION))
        revocation = RevokeRole(
            principal=leader.principal,
            role=leader.role,
            scope_kind=leader.scope_kind,
            scope=leader.scope,
        )
        assert len(memory.do(revocation).events) == 1

    def test_who_is_not_known_is_granted_nothing(self) -> None:
        command = GrantRole(
            principal=external("principal", UUID(int=9)),
            role=Role.AUDITOR,
            scope_kind=ScopeKind.PLATFORM,
        )
        with pytest.raises(NotFound):
            MEMORY.do(command)

    def test_who_is_closed_is_granted_nothing(self) -> None:
        memory = Memory()
        realm = Realm(memory, "region:28")
        memory.do(ClosePrincipal(principal=realm.ids["principal"]))
        with pytest.raises(PrincipalClosed):
            granted(memory, realm, Role.EXPERT, ScopeKind.ALLIANCE)
