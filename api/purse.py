"""A purse: what somebody may still ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.ports import Allowance, Budgets


@dataclass(slots=True, eq=False)  # not frozen: those are four times as slow to make
class Purse:
    """The budgets of one caller, where they are."""

    budgets: Budgets | None
    """None where nothing is counted."""
    principal: UUID | None = None
    address: str = ""

    def admit(self) -> None:
        """Count a request. Raises `api.identity.RateLimited` when it is one too many."""
        if self.budgets is not None:
            self.budgets.admit(self.principal, self.address)

    def spend(self, cost: int) -> dict[str, int]:
        """Take out what something costs, and tell how much that was and what is left of a bound.

        Raises:
            RateLimited: there is not as much in it; nothing is taken.
        """
        left = None
        if self.budgets is not None:
            left = self.budgets.spend(self.principal, self.address, cost)
        return {"asked": cost} if left is None else {"asked": cost, "left": left}

    def left(self) -> Sequence[Allowance]:
        """Tell what is left of each budget."""
        return () if self.budgets is None else self.budgets.left(self.principal, self.address)


BOTTOMLESS: Final = Purse(None)
"""The purse of those for whom nothing is counted."""
