"""Commands on the levers of a roadmap and on their impact objectives."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from domain import identity
from domain.command import Command, Work, command
from domain.identity import Id
from domain.part import ImpactScope, Lever, Objective, PartDropped
from domain.quantity import InvalidQuantity
from domain.roadmap import (
    AUTHORS,
    EDITING,
    DayStillToCome,
    IncompleteOrder,
    Roadmap,
    RoadmapArchived,
)
from domain.unit import UnknownUnit


@command(by=AUTHORS, refuses=EDITING, creates="lever")
class AddLever(Command):
    """Add a lever to a roadmap, below the others."""

    roadmap: Annotated[Id, "The roadmap."]
    title: Annotated[str, "What the lever is, 1 to 200 characters."]
    description: Annotated[str | None, "What it means, up to 8 000 characters."] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.add_lever(work.new_id(), Lever(title=self.title, description=self.description))
        return roadmap


@command(by=AUTHORS, refuses=(*EDITING, PartDropped))
class RewordLever(Command):
    """Let a lever say something else; what is given is all that it says from then on."""

    roadmap: Annotated[Id, "The roadmap."]
    lever: Annotated[Id, "The lever."]
    title: Annotated[str, "What the lever is, 1 to 200 characters."]
    description: Annotated[str | None, "What it means; none when left out."] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.reword_lever(
            identity.internal("lever", self.lever),
            Lever(title=self.title, description=self.description),
        )
        return roadmap


@command(by=AUTHORS, refuses=(*EDITING, PartDropped, IncompleteOrder))
class ReorderLevers(Command):
    """Set the order of the levers of a roadmap."""

    roadmap: Annotated[Id, "The roadmap."]
    levers: Annotated[list[Id], "All its levers, each once, the first one first."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.reorder_levers([identity.internal("lever", lever) for lever in self.levers])
        return roadmap


@command(by=AUTHORS, refuses=EDITING)
class DropLever(Command):
    """Give up a lever with its objectives; plan items that served it stay in the plan."""

    roadmap: Annotated[Id, "The roadmap."]
    lever: Annotated[Id, "The lever."]
    reason: Annotated[str, "Why it is given up."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.drop_lever(identity.internal("lever", self.lever), self.reason)
        return roadmap


@command(
    by=AUTHORS, refuses=(*EDITING, PartDropped, InvalidQuantity, UnknownUnit), creates="objective"
)
class AddObjective(Command):
    """Add an impact objective to a lever, in words and, where one is known, with an indicator."""

    roadmap: Annotated[Id, "The roadmap."]
    lever: Annotated[Id, "The lever that it belongs to."]
    wording: Annotated[str, "The objective in words, 1 to 8 000 characters."]
    scope: Annotated[ImpactScope | None, "How far it is meant to reach, where it says so."] = None
    indicator: Annotated[str | None, "What is measured, where that is known."] = None
    unit: Annotated[str | None, "The unit of the values, such as t CO2e or %."] = None
    baseline: Annotated[Decimal | None, "Where it stood at the start."] = None
    target: Annotated[Decimal | None, "Where it is to stand in the due year."] = None
    due_year: Annotated[int | None, "The year in which the target is due."] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.add_objective(
            work.new_id(),
            identity.internal("lever", self.lever),
            Objective(
                wording=self.wording,
                scope=self.scope,
                indicator=self.indicator,
                unit=self.unit,
                baseline=self.baseline,
                target=self.target,
                due_year=self.due_year,
            ),
        )
        return roadmap


@command(by=AUTHORS, refuses=(*EDITING, PartDropped, InvalidQuantity, UnknownUnit))
class RewordObjective(Command):
    """Let an impact objective say something else; what is given is all that it says then."""

    roadmap: Annotated[Id, "The roadmap."]
    objective: Annotated[Id, "The impact objective."]
    wording: Annotated[str, "The objective in words, 1 to 8 000 characters."]
    scope: Annotated[ImpactScope | None, "How far it is meant to reach; open when left out."] = None
    indicator: Annotated[str | None, "What is measured; nothing when left out."] = None
    unit: Annotated[str | None, "The unit of the values, such as t CO2e or %."] = None
    baseline: Annotated[Decimal | None, "Where it stood at the start."] = None
    target: Annotated[Decimal | None, "Where it is to stand in the due year."] = None
    due_year: Annotated[int | None, "The year in which the target is due."] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.reword_objective(
            identity.internal("objective", self.objective),
            Objective(
                wording=self.wording,
                scope=self.scope,
                indicator=self.indicator,
                unit=self.unit,
                baseline=self.baseline,
                target=self.target,
                due_year=self.due_year,
            ),
        )
        return roadmap


@command(by=AUTHORS, refuses=EDITING)
class DropObjective(Command):
    """Give up an impact objective."""

    roadmap: Annotated[Id, "The roadmap."]
    objective: Annotated[Id, "The impact objective."]
    reason: Annotated[str, "Why it is given up."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.drop_objective(identity.internal("objective", self.objective), self.reason)
        return roadmap


@command(by=AUTHORS, refuses=(RoadmapArchived, PartDropped, InvalidQuantity, DayStillToCome))
class MeasureObjective(Command):
    """State where an impact objective stood on a day, whether its roadmap is frozen or not."""

    roadmap: Annotated[Id, "The roadmap."]
    objective: Annotated[Id, "The impact objective."]
    value: Annotated[Decimal, "What was measured, in the unit of the objective."]
    measured_on: Annotated[date, "The day of which the value speaks."]
    source: Annotated[str | None, "Who measured it, or where the value comes from."] = None
    note: Annotated[str | None, "What one should know about it."] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.measure_objective(
            identity.internal("objective", self.objective),
            value=self.value,
            measured_on=self.measured_on,
            source=self.source,
            note=self.note,
        )
        return roadmap
