"""What building has come to, in words for an operator."""

from collections.abc import Iterator

from infra.projector.building.builder import Outcome
from infra.projector.building.comparison import Different, TableComparison
from infra.projector.building.difference import Difference
from infra.projector.building.estimate import Estimate
from infra.projector.building.verification import Verified
from infra.projector.generation import Generation
from infra.projector.switching import Switched


def built(outcome: Outcome) -> str:
    """Tell what was built."""
    did, peak = outcome.built, outcome.built.peak >> 20
    spilled = f", its rows were written out {did.spills} times on the way" if did.spills else ""
    return (
        f"{_named(outcome.generation)} is ready at position {outcome.position}: {did.events}"
        f" events, {peak} MB of memory{spilled}; {outcome.sampled.folded} aggregates were folded by"
        " themselves and are the same."
    )


def stopped(name: str) -> str:
    """Tell what became of a rebuild that was stopped."""
    return (
        f"Stopped: what is built of {name} is stored, and waits. `cordee projections rebuild"
        f" {name}` goes on with it."
    )


def waiting(name: str, number: int) -> str:
    """Tell that there is a generation already that can be switched to."""
    return (
        f"Generation {number} of {name} is ready already, and not read yet: `cordee projections"
        f" rebuild {name}` makes another."
    )


def switched(name: str, change: Switched) -> str:
    """Tell which generation is read."""
    if change.before in (None, change.number):
        return f"Generation {change.number} of {name} is read now."
    return (
        f"Generation {change.number} of {name} is read now; `cordee projections back {name}`"
        f" goes back to {change.before}."
    )


def estimate(name: str, expected: Estimate) -> str:
    """Tell what a rebuild is expected to take."""
    return (
        f"{name}: {expected.events} events, about {_duration(expected.seconds)} and"
        f" {_size(expected.space)}."
    )


def verified(found: Verified) -> Iterator[str]:
    """Tell what a verification has found, what is wrong last."""
    rows = sum(table.rows.after or 0 for table in found.tables)
    alone = found.sampled.folded
    if found.right:
        yield (
            f"{_named(found.generation)} is what the events say up to position {found.position}:"
            f" {len(found.tables)} tables, {rows} rows; {alone} aggregates folded one by one."
        )
        return
    yield f"{_named(found.generation)} is NOT what the events say up to position {found.position}:"
    for table in found.tables:
        if not table.same:
            yield from _told(table, gone="missing", added="too many", changed="wrong")
    for wrong in found.sampled.wrong:
        yield f"  {wrong}, folded by itself, has other rows"
    yield f"`cordee projections rebuild {found.generation.name} --switch` makes it right."


def difference(name: str, before: int, after: int, found: Difference) -> Iterator[str]:
    """Tell what would change by switching from one generation to another."""
    at = f"at position {found.position}"
    if all(table.same for table in found.tables):
        yield f"Generations {before} and {after} of {name} are the same {at}."
        return
    yield f"From generation {before} of {name} to {after}, {at}:"
    for table in found.tables:
        if not table.same:
            yield from _told(table, gone="gone", added="added", changed="changed")


def _named(generation: Generation) -> str:
    return f"Generation {generation.number} of {generation.name}"


def _told(table: TableComparison, *, gone: str, added: str, changed: str) -> Iterator[str]:
    if table.rows.before is None:
        yield f"  {table.table}: a new table, {table.rows.after} rows"
        return
    if table.rows.after is None:
        yield f"  {table.table}: no such table any more, {table.rows.before} rows"
        return
    words = {"gone": gone, "added": added, "changed": changed}
    counts = {"gone": table.gone, "added": table.added, "changed": table.changed}
    told = [f"{count} {words[kind]}" for kind, count in counts.items() if count]
    told += [f"without the column {column}" for column in table.only_before]
    told += [f"with the column {column}" for column in table.only_after]
    yield f"  {table.table} ({table.rows.before} rows, then {table.rows.after}): {', '.join(told)}"
    for kind, row in table.samples:
        yield f"    {words[kind]}: {_row(row)}"


def _row(row: Different) -> str:
    key = ", ".join(f"{column} {value}" for column, value in row.key.items())
    changes = [f"{column}: {it.before!r} → {it.after!r}" for column, it in row.columns.items()]
    return f"{key}; {'; '.join(changes)}" if changes else key


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min"


def _size(size: int) -> str:
    return f"{max(size / 2**20, 1):.0f} MB"
