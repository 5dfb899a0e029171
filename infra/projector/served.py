"""Which generation of one projection this process reads, and how far that shows the log."""

from collections.abc import Callable, Iterator

from api.ports import Hindrance
from infra.projector.census import Census, Entry
from infra.projector.generation import State, schema_of
from infra.projector.progress import Progress
from infra.projector.standing import Standing
from projections.projection import Projection


class Served:
    """The generations of one projection that concern this process.

    When another is to be read, it takes the place of the one before as soon as it is as far as
    callers have been told that one was.
    """

    def __init__(
        self, projection: Projection, progress: Progress, goal: int, changed: Callable[[], None]
    ) -> None:
        """``goal`` is the position without which what it shows is not worth serving.

        ``changed`` is called when another is read.
        """
        self.projection = projection
        self._progress = progress
        self._goal = goal
        self._changed = changed
        self._standings: dict[int, Standing] = {}
        self._wanted: int | None = None
        self._next: Entry | None = None
        self.current: Standing | None = None
        """The one that is read, None while there is none."""

    @property
    def schema(self) -> str | None:
        """The schema that holds the tables that are read."""
        if self.current is None:
            return None
        return schema_of(self.projection.name, self.current.number)

    @property
    def settled(self) -> bool:
        """Whether the generation that is to be read is the one that is read."""
        return self.current is not None and self.current.number == self._wanted

    @property
    def known(self) -> bool:
        """Whether this process needs nobody to tell how far it is."""
        current = self.current
        return (
            self.settled and current is not None and (current.leads or current.trouble is not None)
        )

    def standing(self, number: int) -> Standing:
        """Give what is known of a generation."""
        if number not in self._standings:
            self._standings[number] = Standing(number, self._settle)
        return self._standings[number]

    def concern(self, census: Census) -> None:
        """Take in which generations there are, and which is to be read."""
        wanted = census.served(self.projection)
        self._wanted = None if wanted is None else wanted.number
        self._next = next((each for each in census.own(self.projection) if each.automatic), None)
        there = {entry.number for entry in census.entries.get(self.projection.name, ())}
        self._standings = {
            number: standing for number, standing in self._standings.items() if number in there
        }
        if self.current is not None and self.current.number not in there:
            self.current = None
            self._changed()
        self._settle()

    def followed(self) -> Iterator[int]:
        """Name the generations whose standing matters here."""
        if self._wanted is not None:
            yield self._wanted
        if self.current is not None and self.current.number != self._wanted:
            yield self.current.number

    def moved(self, table: str) -> tuple[int, int]:
        """Give what changes whenever a table does: its generation, and a number that grows."""
        if self.current is None:
            return (0, 0)
        return (self.current.number, self.current.moved.get(table, 0))

    def hindrance(self, *, ended: bool) -> Hindrance | None:
        """Give what keeps it from being served; ``ended`` says that its worker is no more."""
        name = self.projection.name
        if self._next is not None and self._next.error is not None:
            return Hindrance(name, *_kept_from_being_read(self._next))
        if self.current is None:
            return Hindrance(name, "BUILDING", _on_its_way(self._next))
        if ended:
            return Hindrance(name, "ENDED", "Its worker in this process has ended.")
        if self.current.trouble is not None:
            return Hindrance(name, *self.current.trouble, everywhere=True)
        at = self._told
        if at is not None and at < self._goal:
            return Hindrance(name, "BEHIND", f"It is at position {at} on its way to {self._goal}.")
        return None

    @property
    def _told(self) -> int | None:
        """How far callers have been told that it is, None where it follows no events."""
        return self._progress.positions.get(self.projection.name)

    def _settle(self) -> None:
        wanted = self._standings.get(self._wanted or 0)
        if wanted is not None and wanted.position >= (self._told or 0):
            if wanted is not self.current:
                self._changed()
            self.current = wanted
        if self.current is not None and self._told is not None:
            stopped = self.current.trouble is not None
            self._progress.reached(self.projection.name, self.current.position, stopped=stopped)


def _on_its_way(entry: Entry | None) -> str:
    """Say how far a generation is that this code will read."""
    if entry is None:
        return "Its tables are being made for this code."
    return f"Its tables are being made for this code, and are at position {entry.position}."


def _kept_from_being_read(entry: Entry) -> tuple[str, str]:
    """Say why a generation does not get ready that this code would read."""
    which = f"Generation {entry.number}, which is to be read by this code,"
    if entry.state is State.FAILED:
        return "FAILED", f"{which} could not be built: {entry.error}"
    return "STOPPED", f"{which} stopped at position {entry.failing_position}: {entry.error}"
