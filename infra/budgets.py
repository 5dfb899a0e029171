"""Budgets: how much one caller, and one address, may ask for in a stretch of time.

Each process counts for itself: behind several, whoever is spread over them has as many budgets.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final, TypeAlias
from uuid import UUID

from api.identity import RateLimited, TooManyGuesses
from api.ports import Allowance
from infra.settings import Quota, Settings

MOST_KEPT: Final = 100_000
"""Callers and addresses that are counted at a time; those that came first go first."""
_HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that one subscriber has to themselves (RFC 6177)."""


_NOTHING: Final = (0, 0.0)


class Tally:
    """Counts in memory, each for a stretch of time that begins with what is counted first."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def add(self, key: str, amount: int, seconds: int, now: float) -> None:
        """Add to a count, which is forgotten ``seconds`` after it began."""
        count, ends = self._counts.get(key, _NOTHING)
        if ends <= now:
            count, ends = 0, now + seconds
            self._counts.pop(key, None)
            if len(self._counts) >= MOST_KEPT:
                self._counts.popitem(last=False)
        self._counts[key] = count + amount, ends

    def state(self, key: str, now: float) -> tuple[int, float]:
        """Give a count, and in how many seconds it is forgotten."""
        count, ends = self._counts.get(key, _NOTHING)
        return (count, ends - now) if ends > now else _NOTHING


class Budgets:
    """Counts what callers and addresses ask for against their quotas."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._tally = Tally()
        self.refused: Counter[str] = Counter()
        """By the name of a budget, how often it was spent."""
        requests = _Policies(
            _policy("address", settings.address_requests),
            _policy("caller", settings.caller_requests),
        )
        costs = _Policies(
            _policy("address-cost", settings.address_cost),
            _policy("caller-cost", settings.caller_cost),
        )
        self._requests = lru_cache(maxsize=4096)(requests.of)
        self._costs = lru_cache(maxsize=4096)(costs.of)
        self._all = lru_cache(maxsize=4096)(lambda *who: requests.of(*who) + costs.of(*who))

    def admit(self, principal: UUID | None, address: str) -> None:
        """Count a request.

        Raises:
            RateLimited: it is one too many.
        """
        self._take(self._requests(principal, address), 1)

    def spend(self, principal: UUID | None, address: str, cost: int) -> int | None:
        """Count what something costs, and tell what is left, None where there is no bound.

        What costs more than a whole budget takes all of it: it could never be asked for otherwise.

        Raises:
            RateLimited: a budget has less left; nothing is counted.
        """
        return self._take(self._costs(principal, address), cost)

    def left(self, principal: UUID | None, address: str) -> Sequence[Allowance]:
        """Tell what is left of each budget."""
        now, state = self._clock(), self._tally.state
        left = []
        for name, most, window, key in self._all(principal, address):
            count, seconds = state(key, now)
            remaining = most - count if count < most else 0
            left.append(Allowance(name, most, window, remaining, ceil(seconds)))
        return left

    def _take(self, budgets: "Sequence[_Budget]", amount: int) -> int | None:
        now, tally, least = self._clock(), self._tally, None
        for name, most, window, key in budgets:
            count, seconds = tally.state(key, now)
            left = most - count - min(amount, most)
            if left < 0:
                self.refused[name] += 1
                raise RateLimited(
                    policy=name,
                    quota=most,
                    window=window,
                    remaining=max(0, most - count),
                    seconds=max(1, ceil(seconds)),
                )
            if least is None or left < least:
                least = left
        for _, most, window, key in budgets:
            tally.add(key, min(amount, most), window, now)
        return least


_Policy: TypeAlias = tuple[str, Quota]
_Budget: TypeAlias = tuple[str, int, int, str]
"""Its name, how much it is for how many seconds, and under which key it is counted."""


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
            found.append((name, quota.amount, quota.seconds, f"{name}/{household(address)}"))
        if self.caller is not None and principal is not None:
            name, quota = self.caller
            found.append((name, quota.amount, quota.seconds, f"{name}/{principal.hex}"))
        return found


def _policy(name: str, quota: Quota | None) -> _Policy | None:
    return None if quota is None else (name, quota)


class Guesses:
    """Counts wrong credentials, and shuts out for a while whoever sends too many."""

    def __init__(self, quota: Quota | None, clock: Callable[[], float] = time.time) -> None:
        self._quota = quota
        self._clock = clock
        self._tally = Tally()

    def check(self, address: str) -> None:
        """Let an address try. Raises `TooManyGuesses` when it was wrong too often."""
        if self._quota is None:
            return
        count, seconds = self._tally.state(household(address), self._clock())
        if count >= self._quota.amount:
            raise TooManyGuesses(seconds=max(1, ceil(seconds)))

    def wrong(self, address: str) -> None:
        """Note that an address was wrong."""
        if self._quota is not None:
            key, seconds = household(address), self._quota.seconds
            self._tally.add(key, 1, seconds, self._clock())


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
