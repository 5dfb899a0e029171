"""Given what happened to principals, when it is folded, then this can be read."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from domain.identity import external
from domain.principal import Principal, PrincipalKind
from domain.role import PLATFORM, Role, Scope, ScopeKind
from domain.theme import Theme
from projections.principals import PRINCIPALS, ApiKeyRow, PrincipalRow, RoleGrantRow
from tests.domain.roadmaps import NOW
from tests.history import AT, news
from tests.projections.folding import folded, only, shown

COHORT, ALLIANCE, KEY = (UUID(int=number) for number in (1, 2, 3))
COORDINATOR = (Role.COHORT_COORDINATOR, Scope.of(ScopeKind.COHORT, COHORT))


def a_principal() -> Principal:
    """A person."""
    id = Principal.id_of("https://issuer.example", "ada")
    return Principal.open(id, now=NOW, kind=PrincipalKind.PERSON, name="Ada")


def test_a_person_is_known_by_name_and_a_machine_by_its_label() -> None:
    machine = Principal.open(uuid4(), now=NOW, kind=PrincipalKind.MACHINE, label="Open data")
    rows = folded(PRINCIPALS, *news(a_principal()), *news(machine))
    assert [
        (row.kind.name, row.name, row.label, row.closed)
        for row in shown(rows, PrincipalRow, "kind")
    ] == [("MACHINE", None, "Open data", False), ("PERSON", "Ada", None, False)]


@pytest.mark.parametrize(
    ("role", "scope", "place"),
    [
        (*COORDINATOR, external("cohort", COHORT)),
        (Role.PLATFORM_OPERATOR, PLATFORM, ""),
        (
            Role.TERRITORY_ADMINISTRATOR,
            Scope(kind=ScopeKind.TERRITORY, key="region:28"),
            "region:28",
        ),
        (Role.THEME_PILOT, Scope.theme(ALLIANCE, Theme.WATER), external("alliance", ALLIANCE)),
    ],
)
def test_a_role_names_the_place_in_which_it_is_held(role: Role, scope: Scope, place: str) -> None:
    principal = a_principal()
    principal.grant(role, scope)
    row = only(folded(PRINCIPALS, *news(principal)), RoleGrantRow)
    assert row.principal_id == external("principal", principal.id)
    assert (row.role, row.scope_kind, row.scope_key) == (role, scope.kind, scope.key)
    assert (row.place, row.granted_at, row.suspended) == (place, AT, False)


def test_a_role_that_is_revoked_is_gone() -> None:
    principal = a_principal()
    principal.grant(*COORDINATOR)
    principal.revoke(*COORDINATOR)
    assert list(folded(PRINCIPALS, *news(principal)).all(RoleGrantRow)) == []


def test_the_roles_of_a_closed_principal_rest_until_it_is_reopened() -> None:
    principal = a_principal()
    principal.grant(*COORDINATOR)
    principal.close()
    facts = news(principal)
    rows = folded(PRINCIPALS, *facts)
    assert (only(rows, PrincipalRow).closed, only(rows, RoleGrantRow).suspended) == (True, True)
    principal.reopen()
    rows = folded(PRINCIPALS, *facts, *news(principal))
    assert (only(rows, PrincipalRow).closed, only(rows, RoleGrantRow).suspended) == (False, False)


def test_a_key_is_known_by_its_digest_and_says_when_it_was_revoked() -> None:
    principal = a_principal()
    principal.issue_key(KEY, label="Nightly", digest="0" * 64, expires_on=date(2100, 1, 1))
    facts = news(principal)
    row = only(folded(PRINCIPALS, *facts), ApiKeyRow)
    assert (row.id, row.label, row.digest) == (external("key", KEY), "Nightly", "0" * 64)
    assert (row.expires_on, row.issued_at, row.revoked_at) == (date(2100, 1, 1), AT, None)
    principal.revoke_key(KEY)
    assert only(folded(PRINCIPALS, *facts, *news(principal)), ApiKeyRow).revoked_at == AT
