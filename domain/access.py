"""Access: whether a caller may give a command, and of what the command may find for them."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from domain.aggregate import Aggregate
from domain.command import Command, Work
from domain.identity import Id, external, internal
from domain.organisation import Organisation
from domain.refusal import Forbidden, NotSignedIn, Refusal
from domain.role import Role, Scope, ScopeKind
from domain.standing import Standing

ACTING: Final = frozenset(
    {
        Role.PLATFORM_OPERATOR,
        Role.TERRITORY_ADMINISTRATOR,
        Role.FACILITATOR,
        Role.ORGANISATION_LEADER,
        Role.PLANET_CHAMPION,
        Role.ORGANISATION_MEMBER,
    }
)
"""Who can give a command on behalf of an organisation that is within their reach."""


async def admit(command: Command, standing: Standing, work: Work) -> None:
    """Let a caller give a command, and hide from it what they may not know of.

    Raises:
        NotSignedIn: it is not for everybody, and they did not say who they are.
        Forbidden: they hold no role that counts there.
        NotFound: they may not even know that what it speaks of is there.
    """
    sight = _Sight(standing, work)
    work.hide(unless=sight.open_to)
    if Role.PUBLIC not in command.RULE.by:
        if standing.principal is None:
            raise NotSignedIn
        if not await _may(command, standing, work):
            raise await sight.refusal(command)
    sight.admitted = True


async def admit_on_behalf_of(organisation: Organisation, standing: Standing, work: Work) -> None:
    """Let a caller act for an organisation. Raises `Forbidden`."""
    if not await standing.reaches(ACTING, organisation, work):
        raise _forbidden(ACTING, "on_behalf_of")


async def _may(command: Command, standing: Standing, work: Work) -> bool:
    rule = command.RULE
    if rule.by_oneself and _names(command, standing):
        return True
    if rule.by_anywhere and standing.holds(rule.by_anywhere):
        return True
    by = command.entitled
    if rule.by_organisation:
        behalf = _organisation(command)
        if behalf is None:
            by |= rule.by_contributor
        elif standing.holds_at(rule.by_organisation, behalf):
            return True
    if not standing.covers(by, await command.places(work)) and not standing.covers(
        by, await command.beyond(work)
    ):
        return False
    if rule.also is None:
        return True
    other = await work.get(Organisation, getattr(command, rule.also))
    return await standing.reaches(by, other, work)


def _organisation(command: Command) -> Scope | None:
    """The organisation for which a command acts beside its subject."""
    named: Id | None = getattr(command, "organisation", None)
    if named is None:
        return None
    return Scope.of(ScopeKind.ORGANISATION, internal("organisation", named))


def _names(command: Command, standing: Standing) -> bool:
    assert standing.principal is not None
    myself = external("principal", standing.principal)
    return myself in (getattr(command, "principal", None), getattr(command, "person", None))


class _Sight:
    """What a caller may know of: what is open to them, and what they may change."""

    def __init__(self, standing: Standing, work: Work) -> None:
        self.admitted = False
        self._standing = standing
        self._work = work
        self._subjects: dict[UUID, Aggregate] = {}

    async def open_to(self, aggregate: Aggregate) -> bool:
        """Tell whether an aggregate may be known.

        Before the caller is admitted it is asked for only to know where the command lies.
        """
        if not self.admitted:
            self._subjects[aggregate.id] = aggregate
            return True
        return aggregate.id in self._subjects or await self._is_open(aggregate)

    async def refusal(self, command: Command) -> Refusal:
        """What is told to somebody who may not give a command: what is hidden is not there."""
        for aggregate in self._subjects.values():
            if command.DISCREET or not await self._is_open(aggregate):
                return command.missing(aggregate)
        return _forbidden(command.entitled | command.RULE.beside)

    async def _is_open(self, aggregate: Aggregate) -> bool:
        return await aggregate.open_to(self._standing, self._work)


def _forbidden(roles: Iterable[Role], path: str | None = None) -> Forbidden:
    listed = [role for role in Role if role in roles]
    return Forbidden(
        path,
        roles=", ".join(role.en for role in listed),
        roles_in_french=", ".join(role.fr for role in listed),
    )
