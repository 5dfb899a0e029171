"""Access: who may see a row, or a column of it, as each row's class declares it.

    @row("lever", …, seen=Through("roadmap", READ))

A rule is made of a few parts, and says nothing of who is asking: `projections.guard` writes it
as SQL for a viewer. There is no default. What a rule does not let through does not exist for the
viewer: not in a list, a count, a statistic or a search, nor as what a filter finds.
"""

from dataclasses import dataclass
from typing import TypeAlias

from projections.circle import Circle


@dataclass(frozen=True, slots=True)
class Everyone:
    """Everybody may, without saying who they are."""


@dataclass(frozen=True, slots=True)
class Among:
    """One of some columns names a place in a circle of the caller's, or the circle is everywhere.

    Where a column tells nothing, it stands for ``otherwise``.
    """

    columns: tuple[str, ...]
    circle: Circle
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """A column names the caller."""

    column: str


@dataclass(frozen=True, slots=True)
class Holds:
    """A column has one of some values."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A column has a value at all."""

    column: str


@dataclass(frozen=True, slots=True)
class Through:
    """A row along a relation may be seen, or fulfils another rule that is given."""

    relation: str
    rule: "Rule | None" = None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of some rules lets it through. Those that cost least stand first."""

    rules: tuple["Rule", ...]
    who: str | None = None
    """Whom they let through, in words for the README."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of some rules let it through."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody may; the program alone looks at it."""


Rule: TypeAlias = Everyone | Among | Own | Holds | Told | Through | AnyOf | AllOf | Nobody

EVERYONE = Everyone()
NOBODY = Nobody()


def any_of(*rules: Rule, who: str | None = None) -> AnyOf:
    """Let through what one of some rules does; ``who`` says in words whom that is."""
    return AnyOf(rules, who)


def all_of(*rules: Rule) -> AllOf:
    """Let through what all of some rules do."""
    return AllOf(rules)
