"""Roadmaps of alliances: what those of a territory set out to do together."""

from typing import Annotated

from domain import identity
from domain.alliance import Alliance, AllianceClosed
from domain.command import Command, Work, command
from domain.identity import Id
from domain.roadmap import Roadmap, RoadmapExists, RoadmapOwner
from domain.role import Role


@command(
    by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed, RoadmapExists), creates="roadmap"
)
class DraftAllianceRoadmap(Command):
    """Begin the roadmap of an alliance for its territory; only one is in force at a time."""

    alliance: Annotated[Id, "The alliance whose roadmap it is."]
    horizon: Annotated[int, "The year to which it looks, such as 2026."]
    title: Annotated[str | None, "Its title, 1 to 200 characters."] = None

    async def ground(self, work: Work) -> Alliance:
        return await work.get(Alliance, self.alliance)

    async def decide(self, work: Work) -> Roadmap:
        alliance = await work.get(Alliance, self.alliance)
        alliance.require_open()
        owner = RoadmapOwner(alliance=alliance.id, territory=alliance.territory)
        roadmap = Roadmap.draft(
            work.new_id(), now=work.now, owner=owner, horizon=self.horizon, title=self.title
        )
        claim = await work.claim(*owner.claim)
        if claim.held_by_another(roadmap.id):
            assert claim.holder is not None
            raise RoadmapExists("alliance", roadmap=identity.external("roadmap", claim.holder))
        claim.take(roadmap.id)
        return work.add(roadmap)
