"""Choosing: the projections and generations that an operator names."""

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from infra.projector.census import Census, Entry, take_census
from infra.projector.connection import Connection
from infra.projector.generation import Generation
from infra.projector.refusals import (
    FollowsNothing,
    NoSuchGeneration,
    NoSuchStream,
    OfOtherCode,
    UnknownProjection,
)
from projections.projection import Projection

_ID: Final = re.compile("(?:[a-z]{3}_)?([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})")


def named(name: str, projections: Sequence[Projection]) -> Projection:
    """Find a projection by its name.

    Raises:
        UnknownProjection: there is none.
    """
    for projection in projections:
        if projection.name == name:
            return projection
    raise UnknownProjection(name, [projection.name for projection in projections])


def following(name: str, projections: Sequence[Projection]) -> Projection:
    """Find a projection by its name that follows events.

    Raises:
        UnknownProjection, FollowsNothing: there is none.
    """
    projection = named(name, projections)
    if not projection.topics:
        raise FollowsNothing(name)
    return projection


async def chosen(connection: Connection, projection: Projection, number: int | None) -> Generation:
    """Choose a generation by its number; without one, that which this code reads, or builds.

    Raises:
        NoSuchGeneration, OfOtherCode: it cannot be chosen.
    """
    census = await take_census(connection, [projection.name])
    if number is None:
        ours = census.own(projection)
        read = [entry for entry in ours if entry.serves] or ours
        if not read:
            raise NoSuchGeneration(projection.name, None, _numbers(census, projection))
        return Generation(projection, read[-1].number)
    return Generation(projection, own(census, projection, number).number)


def known(census: Census, projection: Projection, number: int) -> Entry:
    """Find a generation by its number. Raises `NoSuchGeneration`."""
    for entry in census.entries.get(projection.name, []):
        if entry.number == number:
            return entry
    raise NoSuchGeneration(projection.name, number, _numbers(census, projection))


def own(census: Census, projection: Projection, number: int) -> Entry:
    """Find a generation of this code by its number.

    Raises:
        NoSuchGeneration, OfOtherCode: it cannot be chosen.
    """
    entry = known(census, projection, number)
    if entry.code_hash != projection.code_hash:
        raise OfOtherCode(Generation(projection, number))
    return entry


def _numbers(census: Census, projection: Projection) -> list[int]:
    return [entry.number for entry in census.entries.get(projection.name, [])]


def stream_id_of(text: str, generation: Generation) -> UUID:
    """Read which stream is meant: by an id as callers see it, or by the UUID that the log tells.

    Raises:
        NoSuchStream: it is neither.
    """
    found = _ID.fullmatch(text)
    if found is None:
        raise NoSuchStream(generation, text)
    return UUID(hex=found[1])
