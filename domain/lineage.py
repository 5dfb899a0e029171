"""Commands on where an action comes from, and on what it serves."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from domain import identity
from domain.action import STEERING, Action
from domain.alliance import Alliance
from domain.command import Command, Work, command
from domain.identity import Id
from domain.ownership import (
    OWNING,
    PLANNING,
    free_code,
    lever_of,
    owner_named,
    plan_named,
    plan_of,
    require_in_roadmap,
)
from domain.part import PartDropped, PlanItemUnderWay
from domain.progress import ActionSettled
from domain.refusal import Refusal
from domain.roadmap import AUTHORS, Roadmap, RoadmapArchived
from domain.sheet import Axis, AxisMissing, Wording
from domain.territory import UnknownTerritory


class AdoptedAtHome(Refusal):
    """{action} is in this very plan already. Renew it, or adopt an action from elsewhere."""

    FRENCH = (
        "{action} est déjà dans ce même plan. Reconduisez-la, ou adoptez une action d’ailleurs."
    )


class ServesNoLever(Refusal):
    """This plan item serves no lever. Name the lever of the same roadmap that the action serves."""

    FRENCH = (
        "Cette ligne du plan ne sert aucun levier. "
        "Nommez le levier de la même feuille de route que l’action sert."
    )


@command(
    by=AUTHORS, refuses=(*OWNING, AdoptedAtHome, AxisMissing, UnknownTerritory), creates="action"
)
class AdoptAction(Command):
    """Take over an action from elsewhere, as it stands now; the origin stays known for ever.

    Its words, category, themes, audiences and participation come along; code, axis, territories,
    priority, parties, budget and progress are the adopter's own.
    """

    origin: Annotated[Id, "The action that is taken over."]
    alliance: Annotated[Id | None, "The alliance that adopts it, unless a lever does."] = None
    roadmap: Annotated[Id | None, "The roadmap under one of whose levers it is to stand."] = None
    lever: Annotated[Id | None, "The lever of that roadmap."] = None
    code: Annotated[str | None, "Its code in the adopter's plan; no other may have it."] = None
    title: Annotated[str | None, "What it is called here; as in its origin if left out."] = None
    axis: Annotated[str | None, "The axis of the adopter's plan in which it stands."] = None
    sub_axis: Annotated[str | None, "The part of that axis."] = None
    sub_sub_axis: Annotated[str | None, "The part of that part."] = None
    territories: Annotated[list[str] | None, "Where it takes place, such as region:28."] = None

    async def ground(self, work: Work) -> Alliance | Roadmap:
        return await plan_named(work, self.alliance, self.roadmap)

    async def decide(self, work: Work) -> Action:
        owner = await owner_named(work, self.alliance, self.roadmap, self.lever)
        origin = await work.get(Action, self.origin)
        if await plan_of(work, owner) == await plan_of(work, origin.owner):
            raise AdoptedAtHome("origin", action=self.origin)
        action = Action.propose(
            work.new_id(),
            now=work.now,
            owner=owner,
            wording=(
                origin.wording if self.title is None else replace(origin.wording, title=self.title)
            ),
            axis=Axis(axis=self.axis, sub_axis=self.sub_axis, sub_sub_axis=self.sub_sub_axis),
            classification=replace(
                origin.classification, territories=tuple(self.territories or ()), priority=None
            ),
            code=self.code,
        )
        action.keep_origin(origin)
        if (claim := await free_code(work, owner, action.id, action.code)) is not None:
            claim.take(action.id)
        return work.add(action)


@command(by=AUTHORS, refuses=(*PLANNING, PlanItemUnderWay, ServesNoLever), creates="action")
class TurnPlanItemIntoAction(Command):
    """Let a line of a roadmap's action plan live on as an action of the lever that it serves.

    The day by which it is due becomes the last day of the action.
    """

    roadmap: Annotated[Id, "The roadmap."]
    plan_item: Annotated[Id, "The line of its plan."]
    lever: Annotated[Id | None, "The lever that it serves; that of the line if left out."] = None
    code: Annotated[str | None, "Its code in the plan; no other may have it."] = None
    description: Annotated[str | None, "What it consists of, up to 8 000 characters."] = None
    starts_on: Annotated[date | None, "The first day, where it is known."] = None

    async def ground(self, work: Work) -> Roadmap:
        return await work.get(Roadmap, self.roadmap)

    async def decide(self, work: Work) -> Action:
        roadmap = await work.get(Roadmap, self.roadmap)
        plan_item = identity.internal("plan_item", self.plan_item)
        require_in_roadmap("plan_item", plan_item, roadmap, roadmap.plan)
        item = roadmap.plan[plan_item]
        lever = item.lever if self.lever is None else identity.internal("lever", self.lever)
        if lever is None:
            raise ServesNoLever("lever")
        owner = await lever_of(work, roadmap, lever)
        action = Action.propose(
            work.new_id(),
            now=work.now,
            owner=owner,
            wording=Wording(title=item.title, description=self.description),
            code=self.code,
        )
        action.schedule(self.starts_on, item.due)
        claim = await free_code(work, owner, action.id, action.code)
        roadmap.turn_plan_item_into_action(plan_item, action.id)
        if claim is not None:
            claim.take(action.id)
        return work.add(action)


@command(by=STEERING, refuses=(ActionSettled, PartDropped, RoadmapArchived))
class LinkActionToObjective(Command):
    """State that an action serves an impact objective of a roadmap, its own or another's."""

    action: Annotated[Id, "The action."]
    roadmap: Annotated[Id, "The roadmap."]
    objective: Annotated[Id, "The impact objective."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        roadmap = await work.get(Roadmap, self.roadmap)
        action.link_objective(roadmap, identity.internal("objective", self.objective))
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class UnlinkActionFromObjective(Command):
    """State that an action serves an impact objective no more."""

    action: Annotated[Id, "The action."]
    objective: Annotated[Id, "The impact objective."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.unlink_objective(identity.internal("objective", self.objective))
        return action
