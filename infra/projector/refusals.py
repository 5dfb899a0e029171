"""What an operator asks for and cannot have, each with a message that says what to do."""

from collections.abc import Collection
from typing import Self

from infra.projector.census import Entry
from infra.projector.generation import Generation, State


class NotPossible(Exception):
    """What an operator asks for cannot be done; the message says what can."""


class UnknownProjection(NotPossible):
    """There is no projection of that name."""

    def __init__(self, name: str, names: Collection[str]) -> None:
        super().__init__(f"There is no read model {name}. There are: {', '.join(names)}.")


class FollowsNothing(NotPossible):
    """No event changes a projection."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} follows no events: its rows come with the program, and a version with other"
            " ones makes them anew at its start. There is nothing to fold, to hold up or to verify."
        )


class NoSuchGeneration(NotPossible):
    """There is no generation of that number, or none that is read."""

    def __init__(self, name: str, number: int | None, numbers: Collection[int]) -> None:
        which = "that this version reads" if number is None else f"{number}"
        known = ", ".join(map(str, numbers)) or "none; `cordee serve` makes one"
        super().__init__(f"There is no generation {which} of {name}. There are: {known}.")


class NothingToSwitchTo(NotPossible):
    """No generation is newer than the one that is read."""

    def __init__(self, name: str, number: int | None) -> None:
        read = "No generation is read" if number is None else f"Generation {number} is read"
        super().__init__(
            f"{read} of {name}, and there is none newer: `cordee projections rebuild {name}` makes"
            " one; to read an older one again, use `back`, or name it by --generation."
        )


class NothingToGoBackTo(NotPossible):
    """None was read before the one that is read, or it is gone."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no generation of {name} that was read before and was kept. `cordee"
            f" projections list {name}` shows what there is; `switch --generation` reads one of"
            " them."
        )


class NotReady(NotPossible):
    """A generation cannot be read as it is."""

    @classmethod
    def as_it_is(cls, entry: Entry) -> Self | None:
        """Say why a generation cannot be read, None where it can."""
        which = f"Generation {entry.number} of {entry.projection}"
        option = f"{entry.projection} --generation {entry.number}"
        if entry.state is State.FAILED:
            return cls(
                f"{which} could not be built: {entry.error}. When the cause is mended, `cordee"
                f" projections retry {option}` builds it again."
            )
        if entry.error is not None:
            return cls(
                f"{which} has stopped at position {entry.failing_position}: {entry.error}. Mend it"
                f" and `cordee projections retry {option}`, or set the stream aside by `park"
                " --failing`."
            )
        if entry.paused:
            return cls(f"{which} is paused: `cordee projections resume {option}` lets it catch up.")
        if entry.state is State.BUILDING:
            return cls(
                f"{which} is still being built, and is at position {entry.position}: see `cordee"
                " projections status --watch`."
            )
        return None

    @classmethod
    def behind(cls, entry: Entry, read: Entry | None) -> Self:
        """Say that a generation is less far than the one that is read."""
        there = 0 if read is None else read.position
        return cls(
            f"Generation {entry.number} of {entry.projection} is at position {entry.position}, and"
            f" what is read is at {there}, and no position goes back. Try again when it has"
            " caught up, for which a process must fold it (`cordee work`, or `cordee serve`)."
        )


class OfOtherCode(NotPossible):
    """A generation belongs to another version of the program."""

    def __init__(self, generation: Generation) -> None:
        super().__init__(
            f"{str(generation).capitalize()} was made by another version of the program: start"
            " that version to read or to mend it."
        )


class InUse(NotPossible):
    """A generation is read or folded by somebody."""

    @classmethod
    def by_somebody(cls, entry: Entry, *, own: bool) -> Self | None:
        """Say who needs a generation, None where nobody does; it may be of one's ``own`` code."""
        which = f"Generation {entry.number} of {entry.projection}"
        if entry.serves and own:
            return cls(f"{which} is read: switch to another one first.")
        if entry.serves:
            return cls(
                f"{which} is what another version of the program reads. It goes by itself when a"
                " third version is read, and nobody folds it any more."
            )
        if not own and entry.led:
            return cls(f"{which} is folded by another version of the program: stop that one first.")
        return None

    @classmethod
    def looked_at(cls, generation: Generation) -> Self:
        """Say that queries are not through with a generation."""
        return cls(
            f"{str(generation).capitalize()} is still looked at by queries that began a while ago:"
            " nothing was dropped; try again when they have ended."
        )


class ChangedMeanwhile(NotPossible):
    """Somebody else has switched at the same moment."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(
            f"Somebody else has just let generation {number} of {name} be read: see `cordee"
            f" projections list {name}`, and ask again if it is not the one that you want."
        )


class NotFailing(NotPossible):
    """No event has stopped a generation."""

    def __init__(self, generation: Generation) -> None:
        super().__init__(
            f"No event has stopped {generation}: name the stream that is to be set aside."
        )


class NoSuchStream(NotPossible):
    """A projection follows no events of a stream."""

    def __init__(self, generation: Generation, stream: str) -> None:
        super().__init__(
            f"{generation.name} follows no event of a stream {stream}: write an id as callers see"
            " it, such as org_…, or the UUID that the log tells."
        )


class NeverSetAside(NotPossible):
    """That a person was forgotten is set aside nowhere."""

    def __init__(self) -> None:
        super().__init__(
            "What says that a person was forgotten is never set aside: mend the projection, and"
            " `retry`."
        )


class NotTakenBack(NotPossible):
    """The past of a stream cannot be told after the past of others was."""

    def __init__(self, generation: Generation) -> None:
        super().__init__(
            f"{str(generation).capitalize()} tells what was, which is not changed any more. What"
            " was set aside comes into it when it is made anew:"
            f" `cordee projections rebuild {generation.name} --switch`."
        )


class NotParked(NotPossible):
    """A generation does not set a stream aside."""

    def __init__(self, generation: Generation, streams: Collection[object]) -> None:
        known = ", ".join(map(str, streams)) or "none"
        super().__init__(f"That stream is not set aside of {generation}. These are: {known}.")


class StillParked(NotPossible):
    """A stream could not be taken in again."""

    def __init__(self, generation: Generation, stream: object, error: str) -> None:
        super().__init__(
            f"The stream {stream} could not be folded, and stays aside of {generation}: {error}"
        )


class WhichStream(NotPossible):
    """None or several streams are set aside."""

    def __init__(self, generation: Generation, streams: Collection[object]) -> None:
        super().__init__(
            f"Which stream is {generation} to take in again? Name one of"
            f" {', '.join(map(str, streams))}."
            if streams
            else f"No stream is set aside of {generation}."
        )


class NotPrepared(NotPossible):
    """The database has no read models."""

    def __init__(self) -> None:
        super().__init__(
            "There are no read models in this database yet: `cordee serve` makes them."
        )
