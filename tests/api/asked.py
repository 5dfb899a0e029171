"""What is asked of the interface."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A document with its variables."""

    text: str
    variables: dict[str, Any] = field(default_factory=dict)
