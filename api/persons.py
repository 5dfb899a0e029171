"""People: those who were forgotten, and what is held about somebody."""

from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from api.context import Info
from api.entity import entity
from api.history.connection import history
from api.node import Node
from api.prices import DOSSIER, PRICE, Price
from domain.identity import Id
from domain.refusal import NotFound
from projections.persons import PersonRow


@entity(
    id="Its id, which follows from that by which the person was known, and does not lead back.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    forgotten_at="When they were forgotten.",
)
class Person(PersonRow, Node):
    """A person who was forgotten: what they were called can never be read again."""

    history = history("person")


PersonId = Annotated[Id, strawberry.argument(description="By what the person is known.")]


def exported(description: str) -> Any:
    """Make the question for all that is held about a person."""

    async def resolve(info: Info, person: PersonId) -> Any:
        operation = info.context
        if operation.dossiers is None:
            raise NotFound("person", id=person, noun="person")
        return await operation.dossiers.held(person, operation.caller)

    return strawberry.field(
        resolver=resolve,
        graphql_type=JSON,
        description=description,
        metadata={PRICE: Price(once=DOSSIER)},
    )
