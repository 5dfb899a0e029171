"""Seating: how people come by a seat in a workshop, and give it back."""

from typing import Annotated

from domain import identity
from domain.command import Command, Work, command
from domain.identity import Id
from domain.registration import AlreadyRegistered, InvalidEmail, WaitingListFull
from domain.role import Role
from domain.workshop import Workshop, WorkshopBegun, WorkshopCancelled, WorkshopHeld

TO_COME = (WorkshopCancelled, WorkshopHeld, WorkshopBegun)


@command(
    by=(Role.PUBLIC,),
    refuses=(*TO_COME, InvalidEmail, AlreadyRegistered, WaitingListFull),
    creates="registration",
)
class RegisterForWorkshop(Command):
    """Take a seat in a workshop, or the last place on its waiting list when all are taken.

    Name and e-mail are kept encrypted, are seen by those who host it only, and can be forgotten.
    Keep the id of the registration: whoever knows it may release it.
    """

    SECRET = True
    PERSONAL = frozenset({"name", "email"})

    workshop: Annotated[Id, "The workshop."]
    name: Annotated[str, "The person's name."]
    email: Annotated[str, "The person's e-mail address: one seat for each address."]

    async def decide(self, work: Work) -> Workshop:
        workshop = await work.get(Workshop, self.workshop)
        workshop.register(work.new_id(), name=self.name, email=self.email)
        return workshop


@command(by=(Role.PUBLIC,), refuses=TO_COME)
class ReleaseRegistration(Command):
    """Give up a seat, or a place on the waiting list; who waited longest moves up."""

    workshop: Annotated[Id, "The workshop."]
    registration: Annotated[Id, "The registration."]

    async def decide(self, work: Work) -> Workshop:
        workshop = await work.get(Workshop, self.workshop)
        workshop.release(identity.internal("registration", self.registration))
        return workshop
