"""Claims: who has a key that only one may have, against who holds the claim on it."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from domain.action import Action
from domain.aggregate import Aggregate
from domain.claim import Claim
from domain.organisation import Organisation
from domain.roadmap import Roadmap, RoadmapStatus

HOLDERS: Final[Mapping[str, type[Aggregate]]] = {
    "siren": Organisation,
    "roadmap": Roadmap,
    "action-code": Action,
}
"""What holds a claim, by the first word of its key."""

Key = tuple[str, ...]


def key_of(aggregate: Aggregate, plans: Mapping[UUID, Aggregate]) -> Key | None:
    """Give the key on which an aggregate must hold the claim; None where it needs none.

    ``plans`` has the roadmap to which an action belongs.
    """
    match aggregate:
        case Organisation(siren=str(siren), survivor=None, dissolved=False):
            return "siren", siren
        case Roadmap() if aggregate.status is not RoadmapStatus.ARCHIVED:
            return aggregate.owner.claim
        case Action(code=str(code)):
            plan = _plan_of(aggregate, plans)
            return None if plan is None else ("action-code", plan.hex, code)
    return None


def plan_named(aggregate: Aggregate) -> UUID | None:
    """Name the roadmap without which the key of an aggregate is not known."""
    return aggregate.owner.roadmap if isinstance(aggregate, Action) else None


def wrongly_held(
    claim: Claim, key: Key, holder: Aggregate | None, plans: Mapping[UUID, Aggregate]
) -> str | None:
    """Say why a claim is not its holder's; None if it is, or is free."""
    wanted = HOLDERS.get(key[0])
    if claim.id != Claim.id_of(*key):
        return f"it is not the claim on {key}"
    if claim.holder is None or wanted is None:
        return None
    if not isinstance(holder, wanted):
        return f"{claim.holder}, which holds {key}, is no {wanted.TOPIC}"
    # An action keeps the claims on the codes that it had before.
    if wanted is not Action and key_of(holder, plans) != key:
        return f"{claim.holder} holds {key}, which it does not have"
    return None


def _plan_of(action: Action, plans: Mapping[UUID, Aggregate]) -> UUID | None:
    if action.owner.alliance is not None:
        return action.owner.alliance
    assert action.owner.roadmap is not None
    roadmap = plans.get(action.owner.roadmap)
    return (roadmap.owner.alliance or roadmap.id) if isinstance(roadmap, Roadmap) else None
