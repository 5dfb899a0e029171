"""The newest of some things: kept as long as they are wanted, and as there is room for them."""

from collections import OrderedDict
from collections.abc import Hashable, ItemsView
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Newest(Generic[K, V]):
    """Things by their keys, of which those go first that were wanted longest ago."""

    def __init__(self, most: int, heaviest: int) -> None:
        """Keep ``most`` of them, and no more than weigh ``heaviest`` together."""
        self._most = most
        self._heaviest = heaviest
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._weights: dict[K, int] = {}
        self.weight = 0
        """What all of them weigh."""

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """Give what has a key, and take it for wanted."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: K, thing: V, weight: int) -> None:
        """Keep something; what is heavier than all that may be kept is not."""
        self.drop(key)
        if weight > self._heaviest:
            return
        self._kept[key] = thing
        self._weights[key] = weight
        self.weight += weight
        while len(self._kept) > self._most or self.weight > self._heaviest:
            self.drop(next(iter(self._kept)))

    def drop(self, key: K) -> None:
        """Forget what has a key, if anything does."""
        if self._kept.pop(key, None) is not None:
            self.weight -= self._weights.pop(key)

    def items(self) -> ItemsView[K, V]:
        """Give all of them, the one that was wanted longest ago first."""
        return self._kept.items()
