"""Commands on how an action is classified: each states one thing under which it counts."""

from typing import Annotated

from domain.action import STEERING, Action
from domain.command import Command, Work, command
from domain.identity import Id
from domain.progress import ActionSettled
from domain.roadmap import AUTHORS
from domain.sheet import (
    ActionCategory,
    ActionPriority,
    Audience,
    Axis,
    AxisMissing,
    ParticipationLevel,
)
from domain.territory import UnknownTerritory
from domain.theme import Theme


@command(by=STEERING, refuses=(ActionSettled, AxisMissing))
class PlaceActionInAxis(Command):
    """Give an action another place in its plan; what is left out is not stated from then on."""

    action: Annotated[Id, "The action."]
    axis: Annotated[str | None, "The axis, as the plan writes it."] = None
    sub_axis: Annotated[str | None, "The part of that axis."] = None
    sub_sub_axis: Annotated[str | None, "The part of that part."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.place_in_axis(
            Axis(axis=self.axis, sub_axis=self.sub_axis, sub_sub_axis=self.sub_sub_axis)
        )
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class CategoriseAction(Command):
    """Count an action under another category."""

    action: Annotated[Id, "The action."]
    category: Annotated[
        ActionCategory | None, "What it does for jobs and skills; not stated when left out."
    ] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.categorise(self.category)
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class SetActionThemes(Command):
    """State all the themes that an action serves."""

    action: Annotated[Id, "The action."]
    themes: Annotated[list[Theme], "The themes; those not named are no longer served."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.set_themes(self.themes)
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class SetActionAudiences(Command):
    """State all the audiences that an action is for."""

    action: Annotated[Id, "The action."]
    audiences: Annotated[list[Audience], "The audiences; it is no longer for those not named."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.set_audiences(self.audiences)
        return action


@command(by=STEERING, refuses=(ActionSettled, UnknownTerritory))
class SetActionTerritories(Command):
    """State all the territories in which an action takes place."""

    action: Annotated[Id, "The action."]
    territories: Annotated[list[str], "The territories, such as region:28; those and no others."]

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.set_territories(self.territories)
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class SetActionParticipation(Command):
    """State what part citizens have in an action."""

    action: Annotated[Id, "The action."]
    participation: Annotated[
        ParticipationLevel | None, "The part that they have; not stated when left out."
    ] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.set_participation(self.participation)
        return action


@command(by=AUTHORS, refuses=(ActionSettled,))
class PrioritiseAction(Command):
    """State how much an action matters among those of its plan."""

    action: Annotated[Id, "The action."]
    priority: Annotated[ActionPriority | None, "How much it matters; not stated when left out."] = (
        None
    )

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.prioritise(self.priority)
        return action
