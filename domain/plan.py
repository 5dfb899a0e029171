"""Commands on the action plan of a roadmap and on how it takes its ecosystems along."""

from datetime import date
from typing import Annotated

from domain import identity
from domain.command import Command, Work, command
from domain.identity import Id
from domain.part import PartDropped, PlanItem, PlanItemUnderWay
from domain.roadmap import AUTHORS, EDITING, Roadmap


@command(by=AUTHORS, refuses=(*EDITING, PartDropped), creates="plan_item")
class AddPlanItem(Command):
    """Add a line to the action plan of a roadmap."""

    roadmap: Annotated[Id, "The roadmap."]
    title: Annotated[str, "What is to be done, 1 to 200 characters."]
    lever: Annotated[Id | None, "The lever that it serves."] = None
    due: Annotated[date | None, "The day by which it is to be done."] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        lever = None if self.lever is None else identity.internal("lever", self.lever)
        roadmap.add_plan_item(work.new_id(), PlanItem(title=self.title, lever=lever, due=self.due))
        return roadmap


@command(by=AUTHORS, refuses=(*EDITING, PartDropped, PlanItemUnderWay))
class RewordPlanItem(Command):
    """Let a line of the action plan say something else; what is given is all that it says then."""

    roadmap: Annotated[Id, "The roadmap."]
    plan_item: Annotated[Id, "The line of the plan."]
    title: Annotated[str, "What is to be done, 1 to 200 characters."]
    lever: Annotated[Id | None, "The lever that it serves; none when left out."] = None
    due: Annotated[date | None, "The day by which it is to be done; open when left out."] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        lever = None if self.lever is None else identity.internal("lever", self.lever)
        roadmap.reword_plan_item(
            identity.internal("plan_item", self.plan_item),
            PlanItem(title=self.title, lever=lever, due=self.due),
        )
        return roadmap


@command(by=AUTHORS, refuses=(*EDITING, PlanItemUnderWay))
class DropPlanItem(Command):
    """Give up a line of the action plan."""

    roadmap: Annotated[Id, "The roadmap."]
    plan_item: Annotated[Id, "The line of the plan."]
    reason: Annotated[str, "Why it is given up."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.drop_plan_item(identity.internal("plan_item", self.plan_item), self.reason)
        return roadmap


@command(by=AUTHORS, refuses=EDITING, creates="ecosystem_mobilisation")
class AddEcosystemMobilisation(Command):
    """Add to a roadmap a way to take others along."""

    roadmap: Annotated[Id, "The roadmap."]
    text: Annotated[str, "How they are taken along, 1 to 8 000 characters."]
    audience: Annotated[str | None, "Who is meant, such as the members or young people."] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.add_ecosystem_mobilisation(work.new_id(), self.text, self.audience)
        return roadmap


@command(by=AUTHORS, refuses=EDITING)
class DropEcosystemMobilisation(Command):
    """Give up a way to take others along."""

    roadmap: Annotated[Id, "The roadmap."]
    ecosystem_mobilisation: Annotated[Id, "The mobilisation."]
    reason: Annotated[str | None, "Why it is given up."] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        mobilisation = identity.internal("ecosystem_mobilisation", self.ecosystem_mobilisation)
        roadmap.drop_ecosystem_mobilisation(mobilisation, self.reason)
        return roadmap
