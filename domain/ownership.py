"""Ownership of actions: an alliance's or that of a roadmap's lever, and codes unique within."""

from collections.abc import Container, Sequence
from typing import Annotated
from uuid import UUID

from domain import identity
from domain.alliance import Alliance, AllianceClosed
from domain.claim import Claim
from domain.command import Work, places_of, value
from domain.identity import Id
from domain.part import PartDropped
from domain.refusal import NotFound, Refusal
from domain.roadmap import Roadmap, RoadmapArchived, RoadmapStatus
from domain.role import Place, ScopeKind


class OwnerUnclear(Refusal):
    """An action has one owner. Name an alliance, or a roadmap together with one of its levers."""

    FRENCH = (
        "Une action a un seul propriétaire. Nommez une alliance, "
        "ou une feuille de route avec l’un de ses leviers."
    )


class CodeTaken(Refusal):
    """The code {code} is in use by {action} already. Give another one."""

    FRENCH = "Le code {code} est déjà celui de {action}. Donnez-en un autre."


PLANNING = (AllianceClosed, RoadmapArchived, PartDropped, CodeTaken)
"""What a command can meet that enters an action in a plan."""

OWNING = (*PLANNING, OwnerUnclear)
"""What it can meet when the caller says whose plan that is."""


@value
class ActionOwner:
    """Whose action it is: an alliance's, or that of a lever of a roadmap."""

    alliance: Annotated[UUID | None, "The alliance."] = None
    roadmap: Annotated[UUID | None, "The roadmap to which the lever belongs."] = None
    lever: Annotated[UUID | None, "The lever."] = None

    def __post_init__(self) -> None:
        given = (self.alliance is not None, self.roadmap is not None, self.lever is not None)
        if given not in ((True, False, False), (False, True, True)):
            raise ValueError("either an alliance, or a lever of a roadmap")

    def places(self) -> Sequence[Place]:
        """The owner as a place, where it is one."""
        return () if self.alliance is None else (Place.of(ScopeKind.ALLIANCE, self.alliance),)


async def owner_named(
    work: Work, alliance: Id | None, roadmap: Id | None, lever: Id | None
) -> ActionOwner:
    """The owner that a caller names: an open alliance, or a lever of a living roadmap."""
    match alliance, roadmap, lever:
        case str(), None, None:
            found = await work.get(Alliance, alliance)
            found.require_open()
            return ActionOwner(alliance=found.id)
        case None, str(), str():
            plan = await work.get(Roadmap, roadmap)
            return await lever_of(work, plan, identity.internal("lever", lever))
        case _:
            raise OwnerUnclear("alliance")


async def lever_of(work: Work, roadmap: Roadmap, lever: UUID) -> ActionOwner:
    """The owner that a lever of a living roadmap is, if that is not a closed alliance's."""
    require_in_roadmap("lever", lever, roadmap, roadmap.levers)
    if roadmap.owner.alliance is not None:
        (await work.load(Alliance, roadmap.owner.alliance)).require_open("roadmap")
    return ActionOwner(roadmap=roadmap.id, lever=lever)


def require_in_roadmap(noun: str, id: UUID, roadmap: Roadmap, parts: Container[UUID]) -> None:
    """Refuse what hangs on an archived roadmap, or on a part that it does not have."""
    if roadmap.status is RoadmapStatus.ARCHIVED:
        raise RoadmapArchived("roadmap")
    named = identity.external(noun, id)
    if id in roadmap.dropped:
        raise PartDropped(noun, id=named)
    if id not in parts:
        raise NotFound(noun, id=named, noun=noun)


async def free_code(work: Work, owner: ActionOwner, action: UUID, code: str | None) -> Claim | None:
    """The claim on a code that is free, or the action's already; it is for the caller to take."""
    if code is None:
        return None
    claim = await work.claim("action-code", (await plan_of(work, owner)).hex, code)
    if claim.held_by_another(action):
        assert claim.holder is not None
        raise CodeTaken("code", code=code, action=identity.external("action", claim.holder))
    return claim


async def plan_of(work: Work, owner: ActionOwner) -> UUID:
    """Within what a code is unique: an alliance, be it by its roadmap, or else a roadmap."""
    if owner.alliance is not None:
        return owner.alliance
    assert owner.roadmap is not None
    roadmap = await work.load(Roadmap, owner.roadmap)
    return roadmap.owner.alliance or roadmap.id


async def beyond_owner(owner: ActionOwner, work: Work) -> Sequence[Place]:
    """The places in which the owner of an action lies."""
    if owner.alliance is not None:
        return await places_of(Alliance, owner.alliance, work)
    assert owner.roadmap is not None
    return await places_of(Roadmap, owner.roadmap, work)


async def plan_named(work: Work, alliance: Id | None, roadmap: Id | None) -> Alliance | Roadmap:
    """That in whose plan a caller wants to enter an action."""
    match alliance, roadmap:
        case str(), None:
            return await work.get(Alliance, alliance)
        case None, str():
            return await work.get(Roadmap, roadmap)
        case _:
            raise OwnerUnclear("alliance")
