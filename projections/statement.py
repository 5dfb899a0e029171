"""A statement: the text that was rendered for a plan, ready to be run with bound values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """One complete SQL statement; tables stand without a schema, values as ``$1``, ``$2``."""

    text: str
