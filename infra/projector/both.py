"""Both: the schemas in which the present and the past are read."""

from infra.projector.projector import Projector


class Both:
    """Tells in which schemas tables are, those of two projectors."""

    def __init__(self, present: Projector, past: Projector) -> None:
        self._projectors = present, past
        self._paths = "", ""
        self._path = ""

    @property
    def path(self) -> str:
        """Give them as a search path, the present first."""
        present, past = self._projectors
        paths = present.path, past.path
        if paths != self._paths:
            self._paths, self._path = paths, ", ".join(filter(None, paths))
        return self._path

    async def look(self) -> None:
        """Learn whether there are others by now."""
        for projector in self._projectors:
            await projector.look()
