"""The parts of a process that can say, without being waited for, how they stand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from asyncpg import Pool, Record


class PoolState(NamedTuple):
    """How a pool of connections stands."""

    used: int
    most: int
    """How many may be used at once."""
    waits: int = 0
    """How often somebody had to wait for one, as far as the pool counts that."""
    waited: float = 0.0
    """Seconds for which they waited, all together."""


@dataclass
class Parts:
    """What can be asked of a running process without waiting, as far as it has come."""

    ready: Callable[[], bool] = bool
    """Whether it can answer for what it serves; not before everything is there."""
    pools: Mapping[str, Callable[[], PoolState]] = field(default_factory=dict)
    """By a name, connections that are used in turns."""
    waiting: Callable[[], int] = int
    """Commands that wait for a batch."""
    backlog: Callable[[int], int] = lambda _head: 0
    """Events, up to a position, that the slowest follower of the feed has yet to be given."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """By the name of a budget, how often it was spent."""


def state_of(pool: "Pool[Record]") -> PoolState:
    """Tell how a pool of the driver stands."""
    return PoolState(pool.get_size() - pool.get_idle_size(), pool.get_max_size())
