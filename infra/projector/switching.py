"""Switching: which generation is read from now on, as an operator says."""

import asyncio
from typing import Final, NamedTuple

from infra.projector.activation import activate
from infra.projector.census import Census, Entry, take_census
from infra.projector.choice import own
from infra.projector.connection import Connection
from infra.projector.generation import LOCK, Generation, State
from infra.projector.refusals import (
    ChangedMeanwhile,
    NothingToGoBackTo,
    NothingToSwitchTo,
    NotReady,
)
from projections.projection import Projection

CATCHING_UP: Final = 5.0
"""Seconds for which a switch waits until a generation is as far as the one that is read."""


class Switched(NamedTuple):
    """Which generation is read now, and which was before."""

    number: int
    before: int | None


async def switch(
    connection: Connection,
    projection: Projection,
    number: int | None = None,
    patience: float = CATCHING_UP,
) -> Switched:
    """Let a generation be read: the newest that is ready, unless a ``number`` says another.

    One that is read already stays so. It may have to become as far as the one that is read now:
    ``patience`` are the seconds for which that is waited for.

    Raises:
        NoSuchGeneration, OfOtherCode, NothingToSwitchTo, NotReady: it cannot be.
    """
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        async with connection.transaction():
            await connection.execute(LOCK)
            census = await take_census(connection, [projection.name])
            read = _read(census, projection)
            entry = _wanted(census, projection, number)
            if entry.serves:
                return Switched(entry.number, entry.number)
            if await activate(connection, Generation(projection, entry.number)):
                return Switched(entry.number, None if read is None else read.number)
            if asyncio.get_running_loop().time() > deadline:
                raise NotReady.behind(entry, read)
        await asyncio.sleep(0.05)


async def back(
    connection: Connection, projection: Projection, read: int, patience: float = CATCHING_UP
) -> Switched:
    """Let the generation be read again that was read before the one with the number ``read``.

    Raises:
        ChangedMeanwhile: it is no longer that one which is read.
        NothingToGoBackTo, NotReady: it cannot be.
    """
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        async with connection.transaction():
            await connection.execute(LOCK)
            census = await take_census(connection, [projection.name])
            now = _read(census, projection)
            if now is None or now.number != read:
                raise ChangedMeanwhile(projection.name, now.number if now else read)
            before = [entry for entry in census.own(projection) if entry.before]
            if not before:
                raise NothingToGoBackTo(projection.name)
            (entry,) = before
            _check(entry)
            if await activate(connection, Generation(projection, entry.number)):
                return Switched(entry.number, read)
            if asyncio.get_running_loop().time() > deadline:
                raise NotReady.behind(entry, now)
        await asyncio.sleep(0.05)


def _read(census: Census, projection: Projection) -> Entry | None:
    """Give the generation that this code reads and folds."""
    return next((entry for entry in census.own(projection) if entry.serves), None)


def _wanted(census: Census, projection: Projection, number: int | None) -> Entry:
    """Find the generation to be switched to."""
    if number is not None:
        entry = own(census, projection, number)
        if not entry.serves:
            _check(entry)
        return entry
    read = _read(census, projection)
    newer = [entry for entry in census.own(projection) if not read or entry.number > read.number]
    if not newer:
        raise NothingToSwitchTo(projection.name, None if read is None else read.number)
    ready = [entry for entry in newer if entry.state is State.READY]
    entry = ready[-1] if ready else newer[-1]
    _check(entry)
    return entry


def _check(entry: Entry) -> None:
    """Make sure that a generation can be read."""
    if (refusal := NotReady.as_it_is(entry)) is not None:
        raise refusal
