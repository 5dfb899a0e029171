"""How one projection stands, as far as this process knows."""

from api.ports import Hindrance
from infra.projector.lease import Checkpoint
from infra.projector.progress import Progress


class Standing:
    """What was last learnt of a projection: from its worker here, or from the table."""

    def __init__(self, name: str, progress: Progress, goal: int) -> None:
        """``goal`` is the position without which what it shows is not worth serving."""
        self._name = name
        self._progress = progress
        self._goal = goal
        self._hindrance: Hindrance | None = None
        self.stopped = False
        """Whether an event has stopped the projection."""

    def leads(self, position: int) -> None:
        """Take in that the worker of this process folds it, from a position on."""
        self.stopped = False
        self._hindrance = None
        self._progress.reached(self._name, position)

    def seen(self, checkpoint: Checkpoint, shown: int) -> None:
        """Take in what the table says, and how far that shows the log."""
        self.stopped = checkpoint.error is not None
        self._hindrance = None
        if checkpoint.outdated:
            self._hindrance = self._hindered("OUTDATED", "It was not prepared by this code.")
        if self.stopped:
            why = f"It stopped at position {checkpoint.failing_position}: {checkpoint.error}"
            self._hindrance = self._hindered("STOPPED", why)
            self._progress.stopped(self._name, shown)
        else:
            self._progress.reached(self._name, shown)

    def hindrance(self, *, ended: bool) -> Hindrance | None:
        """Give what keeps it from being served; ``ended`` says that its worker is no more."""
        if ended:
            return self._hindered("ENDED", "Its worker in this process has ended.")
        at = self._progress.positions[self._name]
        if self._hindrance is None and at < self._goal:
            return self._hindered("BEHIND", f"It is at position {at} on its way to {self._goal}.")
        return self._hindrance

    def _hindered(self, code: str, reason: str) -> Hindrance:
        return Hindrance(self._name, code, reason)
