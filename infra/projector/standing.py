"""How one generation stands, as far as this process knows."""

from collections.abc import Callable, Mapping

from infra.projector.census import Entry


class Standing:
    """What was last learnt of a generation: from its worker here, or from the tables."""

    def __init__(self, number: int, tell: Callable[[], None]) -> None:
        """``tell`` is called whenever something was learnt."""
        self._tell = tell
        self.number = number
        self.position = 0
        """Up to here it shows the log."""
        self.moved: Mapping[str, int] = {}
        """By table, a number that grows with each change of it, up to that position."""
        self.leads = False
        """Whether the worker of this process folds it."""
        self.trouble: tuple[str, str] | None = None
        """What keeps it from going on, as a code and a sentence."""

    def led(self, position: int, moved: Mapping[str, int]) -> None:
        """Take in what the worker of this process has come to, who folds it."""
        self.leads = True
        self.trouble = None
        self._learn(position, moved)

    def let_go(self) -> None:
        """Take in that no worker of this process folds it any more."""
        self.leads = False

    def seen(self, entry: Entry, shown: int) -> None:
        """Take in what the tables say, and how far that shows the log."""
        if self.leads:
            return
        self.trouble = None
        if entry.error is not None:
            why = f"It stopped at position {entry.failing_position}: {entry.error}"
            self.trouble = ("STOPPED", why)
        elif entry.paused:
            self.trouble = ("PAUSED", f"It was paused at position {entry.position}.")
        self._learn(shown, entry.moved)

    def _learn(self, position: int, moved: Mapping[str, int]) -> None:
        # What the tables say may be older than what was learnt here a moment ago.
        self.position = max(position, self.position)
        self.moved = {
            table: max(moved.get(table, 0), self.moved.get(table, 0))
            for table in moved.keys() | self.moved.keys()
        }
        self._tell()
