"""Everything that has an id of its own."""

import strawberry

from domain import identity
from domain.identity import Id
from domain.refusal import NotFound


@strawberry.interface(description="Something that has an id of its own.")
class Node:
    """Something that has an id of its own."""

    id: Id = strawberry.field(description="Its opaque id, the same for ever.")


def noun_of(id: str) -> str | None:
    """Give the noun that an id names, None where it is no id."""
    return identity.NOUNS.get(id.partition("_")[0])


def known(id: str, noun: str) -> Id | None:
    """Give an id back if it can name a ``noun``, None if nothing can bear it.

    Raises:
        domain.refusal.WrongKindOfId: it names something else.
    """
    try:
        identity.internal(noun, Id(id))
    except NotFound:
        return None
    return Id(id)
