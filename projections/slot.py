"""Slots: the values of a statement that differ from one asking to the next."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that is bound when the statement runs."""

    number: int
    """1 for the first; its place among the arguments."""
    sql: str
    """Its type in SQL."""

    def __str__(self) -> str:
        """Write it as SQL."""
        return f"${self.number}::{self.sql}"
