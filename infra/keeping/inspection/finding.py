"""Findings: what a check has found to be wrong, each with where it stands."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

TOLD: Final = 50
"""Findings of one kind that are told one by one; the others are counted."""


class Rule(StrEnum):
    """What holds in a database that is whole."""

    POSITIONS = "positions"
    """They run from 1 without a gap, and time never runs back."""
    VERSIONS = "versions"
    """Those of each stream run on without a gap."""
    COMMANDS = "commands"
    """Each event has its command, and each command says what became of it."""
    EVENTS = "events"
    """Each can be read, brought up to its newest shape, and taken by its aggregate."""
    REFERENCES = "references"
    """What an event names is there, and is what it is named as."""
    CLAIMS = "claims"
    """Who has a key that only one may have holds the claim on it, and no other does."""
    KEYS = "keys"
    """Each personal text has the key of its person, unless the person was forgotten."""
    PROOF = "proof"
    """Each sealed event is what its hash in the tree says, and each head of that is signed."""
    READ_MODELS = "read models"
    """They show what a fresh fold of the log shows."""


class Finding(NamedTuple):
    """Something that breaks a rule."""

    rule: Rule
    problem: str
    position: int | None = None
    """The event at which it was noticed, if it was at one."""

    def __str__(self) -> str:
        at = "" if self.position is None else f" at position {self.position}"
        return f"{self.rule}{at}: {self.problem}"


class Findings:
    """Gathers findings, and passes the first of each kind on at once."""

    def __init__(self, tell: Callable[[Finding], None]) -> None:
        self._tell = tell
        self.counted: Counter[Rule] = Counter()

    def add(self, rule: Rule, problem: str, position: int | None = None) -> None:
        """Take in a finding."""
        self.counted[rule] += 1
        if self.counted[rule] <= TOLD:
            self._tell(Finding(rule, problem, position))

    def untold(self) -> dict[Rule, int]:
        """Count the findings of each kind that were not passed on."""
        return {rule: n - TOLD for rule, n in self.counted.items() if n > TOLD}
