"""What was found lately, so that it is not asked for again."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Generic, TypeVar
from uuid import UUID

KNOWN: Final = 100_000
"""How much of it is remembered: some ten megabytes."""

T = TypeVar("T")


class Recent(Generic[T]):
    """What is known of the newest ids, up to a number of them."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, T] = OrderedDict()

    def __contains__(self, id: UUID) -> bool:
        return id in self._known

    def get(self, id: UUID) -> T | None:
        """Give what is known of an id."""
        return self._known.get(id)

    def add(self, found: Mapping[UUID, T]) -> None:
        """Take in what was found, and let the oldest go."""
        self._known.update(found)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
