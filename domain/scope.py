"""Scopes: where the places lie in which roles are held."""

from collections.abc import Sequence

from domain.action import Action
from domain.aggregate import Aggregate
from domain.alliance import Alliance
from domain.cohort import Cohort
from domain.command import Work, places_of
from domain.organisation import Organisation
from domain.role import PLATFORM, Place, Scope, ScopeKind, around

KINDS: dict[ScopeKind, type[Aggregate]] = {
    ScopeKind.COHORT: Cohort,
    ScopeKind.ORGANISATION: Organisation,
    ScopeKind.ALLIANCE: Alliance,
    ScopeKind.THEME: Alliance,
    ScopeKind.ACTION: Action,
}
"""What is such a place, or has it."""


async def around_scope(
    scope: Scope, work: Work, through: ScopeKind = ScopeKind.ORGANISATION
) -> Sequence[Place]:
    """The place itself and all in which it lies, the nearest first.

    ``through`` says as what something would lie in a territory.
    """
    if scope.kind is ScopeKind.TERRITORY:
        return around(scope.key, through)
    if scope.kind is ScopeKind.ORGANISATION:  # whoever goes up in another one takes no role along
        organisation = await work.look(Organisation, scope.uuid)
        return () if organisation is None else organisation.places()
    if scope.kind in KINDS:
        return (Place(scope), *await places_of(KINDS[scope.kind], scope.uuid, work))
    return (Place(scope), Place(PLATFORM))
