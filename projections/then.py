"""Then: tables as they were, where one statement looks at many moments.

A part of a statement that looks at a moment, such as a lateral one, begins with what stands for the
tables that it reads (`projections.past`). What was closed since is found by what stands at the
beginning of the whole.
"""

from collections.abc import Sequence

from projections.dependence import named
from projections.guard import Viewer
from projections.past import closing, shadow
from projections.rights import of_today


class Then:
    """What stands for tables as they were, to one viewer, in the parts of one statement."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self._closings: dict[str, str | None] = {}
        self._rights: dict[str, None] = {}

    def at(self, moment: str, text: str) -> str:
        """Write a part of the statement so that it reads its tables as they were at a moment."""
        text, parts = of_today(text)
        self._rights |= dict.fromkeys(parts)
        tables = named(text)
        shadows = [shadow(each, moment, closed=self._is_closing(each)) for each in tables]
        return f"with {', '.join(shadows)} {text}" if shadows else text

    def complete(self, text: str, parts: Sequence[str] = ()) -> str:
        """Put before the whole what finds out what was closed since, and some parts of its own."""
        closings = [each for each in self._closings.values() if each is not None]
        found = [*self._rights, *closings, *parts]
        return f"with {', '.join(found)} {text}" if found else text

    def _is_closing(self, table: str) -> bool:
        if table not in self._closings:
            self._closings[table] = closing(table, self.viewer)
        return self._closings[table] is not None
