"""Budgets: how much one caller, and one address, may ask for in a stretch of time.

Each process counts for itself: behind several, whoever is spread over them has as many budgets.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import ClassVar, Final, TypeAlias
from uuid import UUID

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from api.identity import RateLimited, TooManyGuesses
from api.ports import Allowance
from infra.settings import Quota, Settings

MOST_KEPT: Final = 100_000
"""Callers and addresses that are counted at a time; those that came first go first."""
_HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that one subscriber has to themselves (RFC 6177)."""


class Tally(Storage):
    """Counts in memory, without the thread that the library's own storage starts at every hit."""

    STORAGE_SCHEME: ClassVar[list[str] | None] = None  # type: ignore[misc]

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong: nothing in memory."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a count, which is forgotten ``expiry`` seconds after it began."""
        now = self._clock()
        count, ends = self._counts.get(key, (0, 0.0))
        if ends <= now:
            count, ends = 0, now + expiry
            self._counts.pop(key, None)
            if len(self._counts) >= MOST_KEPT:
                self._counts.popitem(last=False)
        self._counts[key] = count + amount, ends
        return count + amount

    def state(self, key: str) -> tuple[int, float]:
        """Give a count, and in how many seconds it is forgotten."""
        count, ends = self._counts.get(key, (0, 0.0))
        left = ends - self._clock()
        return (count, left) if left > 0 else (0, 0.0)

    def get(self, key: str) -> int:
        """Give a count."""
        return self.state(key)[0]

    def get_expiry(self, key: str) -> float:
        """Tell when a count is forgotten."""
        _, ends = self._counts.get(key, (0, 0.0))
        return max(ends, self._clock())

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget all counts, and tell how many there were."""
        forgotten = len(self._counts)
        self._counts.clear()
        return forgotten

    def clear(self, key: str) -> None:
        """Forget a count."""
        self._counts.pop(key, None)


class Budgets:
    """Counts what callers and addresses ask for against their quotas."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._tally = Tally(clock)
        self._limiter = FixedWindowRateLimiter(self._tally)
        self._requests = _Policies(
            _policy("address", settings.address_requests),
            _policy("caller", settings.caller_requests),
        )
        self._costs = _Policies(
            _policy("address-cost", settings.address_cost),
            _policy("caller-cost", settings.caller_cost),
        )

    def admit(self, principal: UUID | None, address: str) -> None:
        """Count a request.

        Raises:
            RateLimited: it is one too many.
        """
        self._take(self._requests.of(principal, address), 1)

    def spend(self, principal: UUID | None, address: str, cost: int) -> int | None:
        """Count what something costs, and tell what is left, None where there is no bound.

        What costs more than a whole budget takes all of it: it could never be asked for otherwise.

        Raises:
            RateLimited: a budget has less left; nothing is counted.
        """
        return self._take(self._costs.of(principal, address), cost)

    def left(self, principal: UUID | None, address: str) -> Sequence[Allowance]:
        """Tell what is left of each budget."""
        all_of_them = self._requests.of(principal, address) + self._costs.of(principal, address)
        return [self._left(*budget) for budget in all_of_them]

    def _take(self, budgets: "Sequence[_Budget]", amount: int) -> int | None:
        afterwards = []
        for name, quota, key in budgets:
            count, seconds = self._tally.state(key)
            afterwards.append(quota.amount - count - min(amount, quota.amount))
            if afterwards[-1] < 0:
                raise RateLimited(
                    policy=name,
                    quota=quota.amount,
                    window=quota.get_expiry(),
                    remaining=max(0, quota.amount - count),
                    seconds=max(1, ceil(seconds)),
                )
        for _, quota, key in budgets:
            self._limiter.hit(quota, key, cost=min(amount, quota.amount))
        return min(afterwards, default=None)

    def _left(self, name: str, quota: RateLimitItem, key: str) -> Allowance:
        count, seconds = self._tally.state(key)
        remaining = max(0, quota.amount - count)
        return Allowance(name, quota.amount, quota.get_expiry(), remaining, ceil(seconds))


_Policy: TypeAlias = tuple[str, RateLimitItem]
_Budget: TypeAlias = tuple[str, RateLimitItem, str]
"""Its name, its quota, and under which key it is counted."""


@dataclass(frozen=True, slots=True)
class _Policies:
    """What an address, and what a caller, may ask for; None is without bound."""

    address: _Policy | None
    caller: _Policy | None

    def of(self, principal: UUID | None, address: str) -> list[_Budget]:
        """Give the budgets of a caller and of the address where they are."""
        found: list[_Budget] = []
        if self.address is not None:
            name, quota = self.address
            found.append((name, quota, f"{name}/{household(address)}"))
        if self.caller is not None and principal is not None:
            name, quota = self.caller
            found.append((name, quota, f"{name}/{principal.hex}"))
        return found


def _policy(name: str, quota: Quota | None) -> _Policy | None:
    return None if quota is None else (name, _item(quota))


class _Item(RateLimitItemPerSecond):
    def key_for(self, *identifiers: bytes | str | float) -> str:
        """Name a count; the library's own name for it costs more than the counting."""
        (key,) = identifiers
        return str(key)


def _item(quota: Quota) -> RateLimitItem:
    return _Item(quota.amount, quota.seconds)


class Guesses:
    """Counts wrong credentials, and shuts out for a while whoever sends too many."""

    def __init__(self, quota: Quota | None, clock: Callable[[], float] = time.time) -> None:
        self._quota = None if quota is None else _item(quota)
        self._clock = clock
        self._limiter = FixedWindowRateLimiter(Tally(clock))

    def check(self, address: str) -> None:
        """Let an address try. Raises `TooManyGuesses` when it was wrong too often."""
        if self._quota is None or self._limiter.test(self._quota, household(address)):
            return
        resets_at, _ = self._limiter.get_window_stats(self._quota, household(address))
        raise TooManyGuesses(seconds=max(1, ceil(resets_at - self._clock())))

    def wrong(self, address: str) -> None:
        """Note that an address was wrong."""
        if self._quota is not None:
            self._limiter.hit(self._quota, household(address))


@lru_cache(maxsize=4096)
def household(address: str) -> str:
    """Give what one subscriber has to themselves: an IPv4 address, a /64 of IPv6."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _HOUSEHOLD), strict=False))
