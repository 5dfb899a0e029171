"""Standing: the grants that a caller holds, as they are at one moment."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from domain.aggregate import Aggregate
from domain.command import Work
from domain.role import INSIDERS, Place, Role, Scope, ScopeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role, and the place in which it is held."""

    role: Role
    scope: Scope


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody proved to be, and what they hold."""

    principal: UUID | None = None
    """The principal; None is anybody, who holds nothing."""
    grants: frozenset[Grant] = frozenset()

    def holds(self, roles: Collection[Role]) -> bool:
        """Tell whether one of some roles is held anywhere."""
        return any(grant.role in roles for grant in self.grants)

    def holds_at(self, roles: Collection[Role], scope: Scope) -> bool:
        """Tell whether one of some roles is held at this very place."""
        return any(grant.scope == scope and grant.role in roles for grant in self.grants)

    def scopes(self, roles: Collection[Role], kind: ScopeKind) -> Iterable[Scope]:
        """The places of a kind in which one of some roles is held."""
        return {one.scope for one in self.grants if one.role in roles and one.scope.kind is kind}

    def covers(self, roles: Collection[Role], places: Iterable[Place]) -> bool:
        """Tell whether one of some roles is held in one of some places, where it counts."""
        return _covers([grant for grant in self.grants if grant.role in roles], places)

    async def reaches(self, roles: Collection[Role], aggregate: Aggregate, work: Work) -> bool:
        """Tell whether one of some roles is held where an aggregate lies."""
        return self.covers(roles, aggregate.places()) or self.covers(
            roles, await aggregate.beyond(work)
        )

    async def knows(self, aggregate: Aggregate, work: Work) -> bool:
        """Tell whether anything is held where an aggregate lies that lets one know of it.

        The pilot of a theme belongs to the alliance.
        """
        grants = [_of_alliance(grant) for grant in self.grants if grant.role in INSIDERS]
        return _covers(grants, aggregate.places()) or _covers(grants, await aggregate.beyond(work))


def _covers(grants: Collection[Grant], places: Iterable[Place]) -> bool:
    return any(
        grant.scope == place.scope and place.reached_by(grant.role)
        for place in places
        for grant in grants
    )


def _of_alliance(grant: Grant) -> Grant:
    if grant.scope.kind is not ScopeKind.THEME:
        return grant
    return Grant(role=grant.role, scope=Scope.of(ScopeKind.ALLIANCE, grant.scope.uuid))


ANYBODY = Standing()
"""Who did not say who they are."""
