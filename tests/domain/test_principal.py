"""Principals: opened from a token, given keys, closed and reopened."""

from datetime import date
from uuid import UUID

import pytest

from domain.identity import external
from domain.personal import Personal
from domain.principal import (
    KEYS,
    ClosePrincipal,
    InvalidDigest,
    IssueKey,
    KeyAlreadyExpired,
    OpenPrincipal,
    Principal,
    PrincipalClosed,
    PrincipalKind,
    PrincipalUnclear,
    ReopenPrincipal,
    RevokeKey,
    RoleOutOfPlace,
)
from domain.refusal import BlankText, NotFound, TooManyItems
from domain.role import HELD_AT, PLATFORM, Role, Scope, ScopeKind
from domain.standing import Grant, Standing
from tests.domain.given import an_id, settled
from tests.domain.work import NOW, Memory

DIGEST = "0123456789abcdef" * 4
NORMANDIE = Scope(kind=ScopeKind.TERRITORY, key="region:28")


def a_principal() -> Principal:
    return settled(Principal.open(an_id(), now=NOW, kind=PrincipalKind.PERSON))


def opened(memory: Memory, **given: str) -> Memory.Decided:
    return memory.do(OpenPrincipal(issuer="https://issuer", subject="42", **given))  # type: ignore[arg-type]


class TestOpening:
    """How somebody becomes known."""

    def test_the_id_follows_from_the_token_and_nothing_of_the_token_is_kept(self) -> None:
        decided = opened(Memory(), name="Quelqu’un")
        id = Principal.id_of("https://issuer", "42")
        (event,) = decided.events
        assert isinstance(event, Principal.Opened)
        assert decided.about.id == id
        assert event.name == Personal(id, "Quelqu’un")
        assert "issuer" not in repr(event)
        assert "42" not in repr(event).replace(str(id), "")

    def test_two_issuers_do_not_mean_the_same_by_one_subject(self) -> None:
        assert Principal.id_of("a", "bc") != Principal.id_of("ab", "c")

    def test_who_is_known_stays_as_they_are_and_the_id_is_told_again(self) -> None:
        memory = Memory()
        command = OpenPrincipal(issuer="i", subject="s")
        memory.do(command)
        assert memory.do(OpenPrincipal(issuer="i", subject="s", name="Autre")).events == []
        id = Principal.id_of("i", "s")
        assert command.created(UUID(int=1), recorded=False) == id

    def test_a_machine_has_a_label_and_a_person_has_not(self) -> None:
        machine = PrincipalKind.MACHINE
        for given in (
            {"kind": machine},
            {"kind": machine, "label": "Open data", "name": "Quelqu’un"},
            {"label": "Open data"},
        ):
            with pytest.raises(PrincipalUnclear):
                Memory().do(OpenPrincipal(issuer="i", subject="s", **given))
        Memory().do(OpenPrincipal(issuer="i", subject="s", kind=machine, label="Open data"))

    def test_a_token_names_somebody(self) -> None:
        for issuer, subject in (("", "s"), ("i", " ")):
            with pytest.raises(BlankText):
                Memory().do(OpenPrincipal(issuer=issuer, subject=subject))


class TestRoles:
    """What a principal holds."""

    @pytest.mark.parametrize("role", Role)
    def test_a_role_is_held_only_where_it_can_be(self, role: Role) -> None:
        for kind in ScopeKind:
            principal = a_principal()
            if kind in HELD_AT.get(role, ()):
                principal.grant(role, Scope(kind=kind, key="x"))
                assert Grant(role=role, scope=Scope(kind=kind, key="x")) in principal.grants
            else:
                with pytest.raises(RoleOutOfPlace):
                    principal.grant(role, Scope(kind=kind, key="x"))

    def test_what_everybody_is_cannot_be_granted(self) -> None:
        with pytest.raises(RoleOutOfPlace):
            a_principal().grant(Role.PUBLIC, PLATFORM)

    def test_a_role_is_granted_once_and_revoked_once(self) -> None:
        principal = a_principal()
        principal.grant(Role.AUDITOR, NORMANDIE)
        principal.grant(Role.AUDITOR, NORMANDIE)
        principal.revoke(Role.AUDITOR, NORMANDIE)
        principal.revoke(Role.AUDITOR, NORMANDIE)
        granted, revoked = principal.collect_events()
        assert isinstance(granted, Principal.RoleGranted)
        assert isinstance(revoked, Principal.RoleRevoked)
        assert principal.standing == Standing(principal.id)

    def test_who_is_closed_has_no_role_and_gets_none_until_reopened(self) -> None:
        principal = a_principal()
        principal.grant(Role.AUDITOR, NORMANDIE)
        principal.close("Départ")
        assert principal.standing == Standing(principal.id)
        with pytest.raises(PrincipalClosed):
            principal.grant(Role.AUDITOR, PLATFORM)
        principal.reopen()
        assert principal.standing.holds([Role.AUDITOR])

    def test_a_role_can_be_taken_from_who_is_closed(self) -> None:
        principal = a_principal()
        principal.grant(Role.AUDITOR, NORMANDIE)
        principal.close()
        principal.revoke(Role.AUDITOR, NORMANDIE)
        principal.reopen()
        assert not principal.standing.grants

    def test_a_standing_that_was_looked_at_does_not_change_afterwards(self) -> None:
        principal = a_principal()
        before = principal.standing
        principal.grant(Role.AUDITOR, NORMANDIE)
        assert before.grants == frozenset()


class TestKeys:
    """By which secrets a principal proves who it is."""

    def test_only_the_digest_of_a_secret_is_known(self) -> None:
        memory = Memory()
        principal = opened(memory).id
        command = IssueKey(principal=principal, label="Open data", digest=DIGEST)
        decided = memory.do(command)
        (event,) = decided.events
        assert isinstance(event, Principal.KeyIssued)
        assert event.digest == DIGEST
        memory.do(RevokeKey(principal=principal, key=decided.part("key")))
        assert memory.do(RevokeKey(principal=principal, key=decided.part("key"))).events == []

    @pytest.mark.parametrize("digest", ["", DIGEST[1:], DIGEST.upper(), f"{DIGEST}0", "é" * 64])
    def test_what_is_no_digest_is_refused(self, digest: str) -> None:
        with pytest.raises(InvalidDigest):
            a_principal().issue_key(an_id(), label="x", digest=digest, expires_on=None)

    def test_a_key_can_be_used_on_its_last_day_and_never_before_today(self) -> None:
        principal = a_principal()
        principal.issue_key(an_id(), label="x", digest=DIGEST, expires_on=date(2026, 1, 23))
        with pytest.raises(KeyAlreadyExpired):
            principal.issue_key(an_id(), label="x", digest=DIGEST, expires_on=date(2026, 1, 22))

    def test_a_key_that_was_never_issued_cannot_be_revoked(self) -> None:
        memory = Memory()
        principal = opened(memory).id
        with pytest.raises(NotFound):
            memory.do(RevokeKey(principal=principal, key=external("key", an_id())))

    def test_keys_have_a_bound(self) -> None:
        principal = a_principal()
        for _ in range(KEYS):
            principal.issue_key(an_id(), label="x", digest=DIGEST, expires_on=None)
        with pytest.raises(TooManyItems):
            principal.issue_key(an_id(), label="x", digest=DIGEST, expires_on=None)

    def test_who_is_closed_gets_no_key(self) -> None:
        memory = Memory()
        principal = opened(memory).id
        memory.do(ClosePrincipal(principal=principal))
        with pytest.raises(PrincipalClosed):
            memory.do(IssueKey(principal=principal, label="x", digest=DIGEST))
        memory.do(ReopenPrincipal(principal=principal))
        memory.do(IssueKey(principal=principal, label="x", digest=DIGEST))
