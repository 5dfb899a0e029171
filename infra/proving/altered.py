"""Altered events: what stands where something else was sealed, and where that was sealed."""

from typing import Final

from infra.keeping.inspection.finding import Findings, Rule
from infra.proving.hashing import Row, leaf_of

_COMPARED: Final = 100
"""Altered events that are compared with each other: each with each, some 30 ms in all."""


class Altered:
    """Events that are not those of the tree, gathered until it can be said whether they moved."""

    def __init__(self, secret: bytes, findings: Findings) -> None:
        self._secret = secret
        self._findings = findings
        self._found: list[tuple[Row, bytes]] = []
        self._more: list[int] = []

    def add(self, event: Row, leaf: bytes) -> None:
        """Take in an event, and the hash of the one that was sealed at its position."""
        if len(self._found) < _COMPARED:
            self._found.append((event, leaf))
        else:
            self._more.append(event.position)

    def report(self) -> None:
        """Tell of each what became of it."""
        for event, _ in self._found:
            before = self._sealed_at(event)
            problem = (
                "the event is not the one that was sealed here"
                if before is None
                else f"here is the event that was sealed at position {before}"
            )
            self._findings.add(Rule.PROOF, problem, event.position)
        for position in self._more:
            problem = "the event is not the one that was sealed here"
            self._findings.add(Rule.PROOF, problem, position)

    def _sealed_at(self, event: Row) -> int | None:
        """Give where an event was sealed before it was moved, if that is among the altered."""
        for other, leaf in self._found:
            if leaf_of(self._secret, event._replace(position=other.position)) == leaf:
                return other.position
        return None
