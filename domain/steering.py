"""Commands on the steering of an action: who has which role in it."""

from typing import Annotated

from domain import identity
from domain.action import STEERING, Action
from domain.assignment import PartyMissing, SteeringRole
from domain.command import Command, Work, command
from domain.identity import Id
from domain.organisation import LIVING, Organisation
from domain.progress import ActionSettled


@command(by=STEERING, refuses=(*LIVING, ActionSettled, PartyMissing), creates="assignment")
class NameParty(Command):
    """Give an organisation, a body or a person a role in an action.

    A person's name is kept encrypted, and can be forgotten.
    """

    PERSONAL = frozenset({"person"})

    action: Annotated[Id, "The action."]
    role: Annotated[SteeringRole, "The role."]
    organisation: Annotated[Id | None, "The organisation, where it is registered."] = None
    designation: Annotated[
        str | None, "In words who it is: a body, a department, a person's role, but no name."
    ] = None
    person: Annotated[str | None, "The name of a person, if it has to be known."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        organisation = None
        if self.organisation is not None:
            organisation = await work.get(Organisation, self.organisation)
        action.name_party(
            work.new_id(),
            self.role,
            organisation=organisation,
            designation=self.designation,
            person=self.person,
        )
        return action


@command(by=STEERING, refuses=(ActionSettled,))
class ReleaseParty(Command):
    """Relieve a party of its role in an action."""

    action: Annotated[Id, "The action."]
    assignment: Annotated[Id, "The assignment that ends."]
    reason: Annotated[str | None, "Why it ends."] = None

    async def decide(self, work: Work) -> Action:
        action = await work.get(Action, self.action)
        action.release_party(identity.internal("assignment", self.assignment), self.reason)
        return action
