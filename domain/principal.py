"""A principal: a person or a machine that calls, the roles it holds and the keys it may use."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID, uuid5

from domain import calendar, identity, text
from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.command import Command, Work, command
from domain.identity import Id
from domain.label import Label
from domain.personal import Personal
from domain.refusal import NotFound, Refusal, TooManyItems
from domain.role import PLATFORM, Place, Role, Scope
from domain.scope import around_scope
from domain.standing import Grant, Standing

NAMESPACE = UUID("b3c8a5d4-7a0e-5f1c-8a55-0d4f6b0c9e21")
"""The namespace (RFC 9562, version 5) of the ids that follow from tokens. It never changes."""

OVERSEERS = (Role.PLATFORM_OPERATOR, Role.TERRITORY_ADMINISTRATOR, Role.AUDITOR)
"""Who may know of a principal, where it has a role."""

GRANTS = 1_000
KEYS = 100
"""How many roles a principal may hold at a time, and how many keys it may be given in all."""


class PrincipalKind(Label):
    """What calls."""

    PERSON = "PERSON", "personne", "person"
    MACHINE = "MACHINE", "machine", "machine"


# refusals


class PrincipalClosed(Refusal):
    """This principal is closed: it holds no role and can be given none. Reopen it first."""

    FRENCH = "Ce compte d’accès est fermé : il n’a plus de rôle et n’en reçoit pas. Rouvrez-le."


class PrincipalUnclear(Refusal):
    """A person has a name and no label, a machine a label and no name. Give what belongs to it."""

    FRENCH = (
        "Une personne a un nom et pas d’intitulé, une machine un intitulé et pas de nom. "
        "Donnez ce qui convient."
    )


class RoleOutOfPlace(Refusal):
    """The role “{role}” cannot be held at such a place ({kind}). Name one of: {places}."""

    FRENCH = (
        "Le rôle « {role_in_french} » ne s’exerce pas à ce niveau ({kind_in_french}). "
        "Choisissez : {places_in_french}."
    )


class InvalidDigest(Refusal):
    """This is no digest: write SHA-256 of the secret as 64 hexadecimal digits, in lower case."""

    FRENCH = (
        "Ce n’est pas une empreinte : écrivez SHA-256 du secret, "
        "64 chiffres hexadécimaux en minuscules."
    )


class KeyAlreadyExpired(Refusal):
    """A key that ends on {day} could never be used. Give a day that is still to come."""

    FRENCH = "Une clé qui prend fin le {day} ne servirait jamais. Donnez un jour à venir."


class Principal(Aggregate):
    """Somebody or something that calls; what it may do follows from the roles granted to it.

    Its id follows from the token by which it proves who it is, so that a role can be granted to
    somebody who has never called. Nothing of the token is kept.
    """

    TOPIC = "principal"

    class Event(AggregateEvent, frozen=True):
        """A fact about a principal."""

    class Opened(Event, AggregateCreated, frozen=True, kw_only=True):
        """It is known from now on; who a person is by name belongs to the person."""

        TOPIC = "principal.opened"
        kind: PrincipalKind
        name: Personal | None = None
        label: str | None = None

    class RoleGranted(Event, frozen=True, kw_only=True):
        """It holds a role in a place from now on."""

        TOPIC = "principal.role_granted"
        role: Role
        scope: Scope

        def apply(self, principal: "Principal") -> None:
            principal.grants |= {Grant(role=self.role, scope=self.scope)}

    class RoleRevoked(Event, frozen=True, kw_only=True):
        """It holds a role in a place no more."""

        TOPIC = "principal.role_revoked"
        role: Role
        scope: Scope
        reason: str | None = None

        def apply(self, principal: "Principal") -> None:
            principal.grants -= {Grant(role=self.role, scope=self.scope)}

    class KeyIssued(Event, frozen=True, kw_only=True):
        """It may prove by a secret who it is; only a digest of the secret is known here."""

        TOPIC = "principal.key_issued"
        key: UUID
        label: str
        digest: str
        expires_on: date | None = None

        def apply(self, principal: "Principal") -> None:
            principal.keys[self.key] = True

    class KeyRevoked(Event, frozen=True, kw_only=True):
        """A key proves nothing any more."""

        TOPIC = "principal.key_revoked"
        key: UUID
        reason: str | None = None

        def apply(self, principal: "Principal") -> None:
            principal.keys[self.key] = False

    class Closed(Event, frozen=True, kw_only=True):
        """It is let in no more; what it holds rests."""

        TOPIC = "principal.closed"
        reason: str | None = None

        def apply(self, principal: "Principal") -> None:
            principal.closed = True

    class Reopened(Event, frozen=True, kw_only=True):
        """It is let in again, with what it held."""

        TOPIC = "principal.reopened"
        reason: str | None = None

        def apply(self, principal: "Principal") -> None:
            principal.closed = False

    # decisions

    @staticmethod
    def id_of(issuer: str, subject: str) -> UUID:
        """The id of whoever an issuer of tokens knows as ``subject``."""
        return uuid5(NAMESPACE, f"{issuer}\x1f{subject}")

    @classmethod
    def open(
        cls,
        id: UUID,
        *,
        now: datetime,
        kind: PrincipalKind,
        name: str | None = None,
        label: str | None = None,
    ) -> Self:
        """Make a principal known."""
        if (name is not None if kind is PrincipalKind.MACHINE else label is not None) or (
            kind is PrincipalKind.MACHINE and label is None
        ):
            raise PrincipalUnclear("kind")
        return cls._create(
            cls.Opened,
            id=id,
            timestamp=now,
            kind=kind,
            name=None if name is None else Personal(id, text.name(name, "name")),
            label=text.optional_name(label, "label"),
        ).at(now)

    def grant(self, role: Role, scope: Scope) -> None:
        """Let it have a role in a place."""
        self._require_open()
        if scope.kind not in role.held_at:
            places = [kind for kind in type(scope.kind) if kind in role.held_at]
            raise RoleOutOfPlace(
                "scope_kind",
                role=role.en,
                role_in_french=role.fr,
                kind=scope.kind.en,
                kind_in_french=scope.kind.fr,
                places=", ".join(kind.en for kind in places) or "none",
                places_in_french=", ".join(kind.fr for kind in places) or "aucun",
            )
        if Grant(role=role, scope=scope) in self.grants:
            return
        if len(self.grants) >= GRANTS:
            raise TooManyItems("role", length=len(self.grants) + 1, limit=GRANTS)
        self.record(self.RoleGranted, role=role, scope=scope)

    def revoke(self, role: Role, scope: Scope, reason: str | None = None) -> None:
        """Take a role in a place away."""
        reason = text.optional_text(reason, "reason")
        if Grant(role=role, scope=scope) in self.grants:
            self.record(self.RoleRevoked, role=role, scope=scope, reason=reason)

    def issue_key(self, key: UUID, *, label: str, digest: str, expires_on: date | None) -> None:
        """Let it prove who it is by a secret with this digest, up to and including a day."""
        self._require_open()
        label = text.name(label, "label")
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise InvalidDigest("digest")
        if expires_on is not None and expires_on < calendar.today(self.now):
            raise KeyAlreadyExpired("expires_on", day=expires_on)
        if key in self.keys:
            return
        if len(self.keys) >= KEYS:
            raise TooManyItems("principal", length=len(self.keys) + 1, limit=KEYS)
        self.record(self.KeyIssued, key=key, label=label, digest=digest, expires_on=expires_on)

    def revoke_key(self, key: UUID, reason: str | None = None) -> None:
        """Let a key prove nothing any more."""
        reason = text.optional_text(reason, "reason")
        if key not in self.keys:
            raise NotFound("key", id=identity.external("key", key), noun="key")
        if self.keys[key]:
            self.record(self.KeyRevoked, key=key, reason=reason)

    def close(self, reason: str | None = None) -> None:
        """Let it in no more."""
        reason = text.optional_text(reason, "reason")
        if not self.closed:
            self.record(self.Closed, reason=reason)

    def reopen(self, reason: str | None = None) -> None:
        """Let it in again."""
        reason = text.optional_text(reason, "reason")
        if self.closed:
            self.record(self.Reopened, reason=reason)

    @property
    def standing(self) -> Standing:
        """What it holds at this moment: nothing while it is closed."""
        return Standing(self.id, frozenset() if self.closed else self.grants)

    # access

    def places(self) -> Sequence[Place]:
        """Nowhere but on the platform: what it holds lies somewhere, not it."""
        return (Place(PLATFORM),)

    async def open_to(self, standing: Standing, work: Work) -> bool:
        """To itself, and to who operates, administers or audits a place where it has a role."""
        if standing.principal == self.id:
            return True
        if not standing.holds(OVERSEERS):
            return False
        for scope in (PLATFORM, *(grant.scope for grant in self.grants)):
            if standing.covers(OVERSEERS, await around_scope(scope, work)):
                return True
        return False

    def _require_open(self) -> None:
        if self.closed:
            raise PrincipalClosed("principal")

    # evolution

    def __init__(self, kind: PrincipalKind) -> None:
        self.kind = kind
        self.grants: frozenset[Grant] = frozenset()
        self.keys: dict[UUID, bool] = {}  # whether it still opens
        self.closed = False


# commands


@command(
    by=(Role.PLATFORM_OPERATOR,),
    by_anywhere=(
        Role.TERRITORY_ADMINISTRATOR,
        Role.COHORT_COORDINATOR,
        Role.ALLIANCE_COORDINATOR,
        Role.ORGANISATION_LEADER,
    ),
    refuses=(PrincipalUnclear,),
    creates="principal",
)
class OpenPrincipal(Command):
    """Make a person or a machine known, so that roles can be granted to it before it ever calls.

    Whoever is known already stays as they are.
    """

    PERSONAL = frozenset({"name"})

    issuer: Annotated[str, "The issuer of its tokens, as they name it (iss)."]
    subject: Annotated[str, "Under what the issuer knows it (sub)."]
    kind: Annotated[PrincipalKind, "Whether it is a person or a machine."] = PrincipalKind.PERSON
    name: Annotated[str | None, "The person's name; kept encrypted, and can be forgotten."] = None
    label: Annotated[str | None, "What the machine is for, such as open data of the region."] = None

    async def places(self, work: Work) -> Sequence[Place]:  # noqa: ARG002
        return (Place(PLATFORM),)

    async def decide(self, work: Work) -> Principal:
        text.text(self.issuer, "issuer")
        text.text(self.subject, "subject")
        id = Principal.id_of(self.issuer, self.subject)
        return await work.find(Principal, id) or work.add(
            Principal.open(id, now=work.now, kind=self.kind, name=self.name, label=self.label)
        )

    def created(self, first: UUID, *, recorded: bool) -> UUID:  # noqa: ARG002
        """The principal's id follows from the token, and is told whether it was known or not."""
        return Principal.id_of(self.issuer, self.subject)


@command(
    by=(Role.PLATFORM_OPERATOR,),
    by_oneself=True,
    refuses=(PrincipalClosed, InvalidDigest, KeyAlreadyExpired),
    creates="key",
)
class IssueKey(Command):
    """Let a principal prove who it is by a secret, of which only the digest is sent and kept."""

    principal: Annotated[Id, "The principal."]
    label: Annotated[str, "What the key is for, 1 to 200 characters."]
    digest: Annotated[str, "SHA-256 of the secret, 64 hexadecimal digits in lower case."]
    expires_on: Annotated[
        date | None, "The last day on which it can be used; none if left out."
    ] = None

    async def decide(self, work: Work) -> Principal:
        principal = await work.get(Principal, self.principal)
        principal.issue_key(
            work.new_id(), label=self.label, digest=self.digest, expires_on=self.expires_on
        )
        return principal


@command(by=(Role.PLATFORM_OPERATOR,), by_oneself=True)
class RevokeKey(Command):
    """Let a key of a principal prove nothing any more."""

    principal: Annotated[Id, "The principal."]
    key: Annotated[Id, "The key."]
    reason: Annotated[str | None, "Why it is revoked."] = None

    async def decide(self, work: Work) -> Principal:
        principal = await work.get(Principal, self.principal)
        principal.revoke_key(identity.internal("key", self.key), self.reason)
        return principal


@command(by=(Role.PLATFORM_OPERATOR,))
class ClosePrincipal(Command):
    """Let a principal in no more; the roles that it was granted rest."""

    principal: Annotated[Id, "The principal."]
    reason: Annotated[str | None, "Why it is closed."] = None

    async def decide(self, work: Work) -> Principal:
        principal = await work.get(Principal, self.principal)
        principal.close(self.reason)
        return principal


@command(by=(Role.PLATFORM_OPERATOR,))
class ReopenPrincipal(Command):
    """Let a closed principal in again, with the roles that it held."""

    principal: Annotated[Id, "The principal."]
    reason: Annotated[str | None, "Why it is reopened."] = None

    async def decide(self, work: Work) -> Principal:
        principal = await work.get(Principal, self.principal)
        principal.reopen(self.reason)
        return principal
