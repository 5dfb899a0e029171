"""Granting: who may give which role to whom, and take it away again."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from domain import identity
from domain import territory as reference
from domain.command import Command, Work, command
from domain.identity import Id
from domain.organisation import LIVING, Organisation
from domain.principal import Principal, PrincipalClosed, RoleOutOfPlace
from domain.refusal import NotFound, Refusal
from domain.role import PLATFORM, THROUGH, Place, Role, Scope, ScopeKind
from domain.scope import KINDS, around_scope
from domain.territory import UnknownTerritory
from domain.theme import Theme


class ScopeUnclear(Refusal):
    """It is not clear where the role is to be held. For such a place write {write}."""

    FRENCH = "On ne sait pas où le rôle s’exerce. Pour un tel lieu, écrivez {write_in_french}."


_TERRITORIAL = (Role.PLATFORM_OPERATOR, Role.TERRITORY_ADMINISTRATOR)

GRANTED_BY: Mapping[Role, frozenset[Role]] = {
    role: frozenset(granters)
    for role, granters in {
        Role.PLATFORM_OPERATOR: (Role.PLATFORM_OPERATOR,),
        Role.TERRITORY_ADMINISTRATOR: _TERRITORIAL,
        Role.COHORT_COORDINATOR: (*_TERRITORIAL, Role.COHORT_COORDINATOR),
        Role.FACILITATOR: (*_TERRITORIAL, Role.COHORT_COORDINATOR, Role.ORGANISATION_LEADER),
        Role.ORGANISATION_LEADER: _TERRITORIAL,
        Role.PLANET_CHAMPION: (*_TERRITORIAL, Role.ORGANISATION_LEADER),
        Role.ORGANISATION_MEMBER: (*_TERRITORIAL, Role.ORGANISATION_LEADER),
        Role.ALLIANCE_COORDINATOR: (*_TERRITORIAL, Role.ALLIANCE_COORDINATOR),
        Role.ALLIANCE_MEMBER: (*_TERRITORIAL, Role.ALLIANCE_COORDINATOR),
        Role.THEME_PILOT: (*_TERRITORIAL, Role.ALLIANCE_COORDINATOR),
        Role.ACTION_PILOT: (*_TERRITORIAL, Role.ALLIANCE_COORDINATOR, Role.ORGANISATION_LEADER),
        Role.EXPERT: (*_TERRITORIAL, Role.ALLIANCE_COORDINATOR),
        Role.PARTNER_NETWORK: (Role.PLATFORM_OPERATOR,),
        Role.AUDITOR: _TERRITORIAL,
        Role.PUBLIC: (Role.PLATFORM_OPERATOR,),
    }.items()
}
"""Who may grant a role, in the places within their own reach: nobody gives more than they hold."""

_GRANTERS = frozenset[Role]().union(*GRANTED_BY.values())


class OnGrant(Command):
    """A command on one grant: who may give it depends on the role, and on the place of that."""

    role: Role
    scope_kind: ScopeKind
    scope: str | None

    @property
    def entitled(self) -> frozenset[Role]:
        """Those who may grant this role."""
        return GRANTED_BY[self.role]

    async def places(self, work: Work) -> Sequence[Place]:
        """The place in which the role is held, and all in which that lies."""
        through = THROUGH.get(self.role, ScopeKind.ORGANISATION)
        return await around_scope(await self._scope(work), work, through)

    async def ground(self, work: Work) -> None:
        """Nothing: where the principal is does not matter, but where the role is held."""

    async def _scope(self, work: Work) -> Scope:
        """The place that the caller names."""
        kind, named = self.scope_kind, self.scope
        if kind is ScopeKind.PLATFORM:
            if named is not None:
                raise ScopeUnclear("scope", write="nothing", write_in_french="rien")
            return PLATFORM
        if named is None:
            raise ScopeUnclear(
                "scope", write="its id, or its key", write_in_french="son identifiant ou sa clé"
            )
        if kind is ScopeKind.TERRITORY:
            return Scope(kind=kind, key=reference.known(named, "scope"))
        if kind is ScopeKind.THEME:
            return await _theme(named, work)
        if kind in KINDS:
            return Scope.of(kind, (await work.get(KINDS[kind], Id(named))).id)
        return Scope.of(kind, identity.internal(kind.lower(), Id(named)))


async def _theme(named: str, work: Work) -> Scope:
    alliance, _, theme = named.partition("/")
    if theme not in Theme.__members__:
        raise ScopeUnclear(
            "scope",
            write="the alliance's id, a slash and the theme, such as ali_…/WATER",
            write_in_french="l’identifiant de l’alliance, / et la thématique : ali_…/WATER",
        )
    found = await work.get(KINDS[ScopeKind.THEME], Id(alliance))
    return Scope.theme(found.id, Theme[theme])


@command(
    by=_GRANTERS,
    refuses=(*LIVING, PrincipalClosed, RoleOutOfPlace, ScopeUnclear, UnknownTerritory),
)
class GrantRole(OnGrant):
    """Let a principal hold a role in a place, and in whatever lies in that place.

    Nobody gives more than they hold, nor beyond their own reach.
    """

    principal: Annotated[Id, "The principal."]
    role: Annotated[Role, "The role."]
    scope_kind: Annotated[ScopeKind, "The kind of place in which it is held."]
    scope: Annotated[
        str | None,
        "The place: an id, the key of a territory, or for a theme the alliance's id, a slash and "
        "the theme; nothing for the platform.",
    ] = None

    async def decide(self, work: Work) -> Principal:
        principal = await _principal(self.principal, work)
        scope = await self._scope(work)
        if scope.kind is ScopeKind.ORGANISATION:
            (await work.load(Organisation, scope.uuid)).require_living("scope")
        principal.grant(self.role, scope)
        return principal


@command(by=_GRANTERS, by_oneself=True, refuses=(ScopeUnclear, UnknownTerritory))
class RevokeRole(OnGrant):
    """Take a role in a place away from a principal. Everybody may give up a role of their own."""

    principal: Annotated[Id, "The principal."]
    role: Annotated[Role, "The role."]
    scope_kind: Annotated[ScopeKind, "The kind of place in which it is held."]
    scope: Annotated[str | None, "The place, as it was named when the role was granted."] = None
    reason: Annotated[str | None, "Why it is revoked."] = None

    async def decide(self, work: Work) -> Principal:
        principal = await _principal(self.principal, work)
        principal.revoke(self.role, await self._scope(work), self.reason)
        return principal


async def _principal(id: Id, work: Work) -> Principal:
    """The principal, whoever asks: to grant a role it is not needed to know what others it has."""
    found = await work.find(Principal, identity.internal("principal", id))
    if found is None:
        raise NotFound("principal", id=id, noun="principal")
    return found
