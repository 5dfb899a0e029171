"""Media types: in which of ours an answer is written, by what a caller accepts."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"
"""A client that accepts it learns from the status whether its request could be executed."""
EVENTS: Final = "text/event-stream"
"""The type of a stream of results."""

_RANGES: Final = {media: (media, "application/*", "*/*") for media in (JSON, GRAPHQL_JSON)}
"""The ranges that a type is in, the nearest one first."""


class Streamed(Enum):
    """What a caller takes as a stream of events."""

    NOTHING = "nothing"
    SUBSCRIPTIONS = "what has several results"
    EVERYTHING = "whatever it is"


@dataclass(frozen=True, slots=True, order=True)
class _Rank:
    """How welcome a type is: the greater, the more."""

    quality: float
    named: bool


@lru_cache(maxsize=256)
def chosen(accept: str) -> str | None:
    """Choose the type that `Accept` ranks first (RFC 9110, 12.5.1), or none where it takes neither.

    Whoever names both alike is given GraphQL's own; whoever says nothing, or takes anything, the
    plain one, which is what a client that knows nothing of GraphQL over HTTP can read.
    """
    if not accept.strip():
        return JSON
    given = qualities(accept)
    plain, own = _rank(JSON, given), _rank(GRAPHQL_JSON, given)
    best = max(plain, own)
    if best.quality <= 0:
        return None
    return GRAPHQL_JSON if own == best and own.named else JSON


@lru_cache(maxsize=256)
def streamed(accept: str) -> Streamed:
    """Tell what `Accept` wants as a stream: only those who name that type want anything so.

    Whoever takes JSON as gladly is given it for what has one result.
    """
    given = qualities(accept)
    events = given.get(EVENTS, 0.0)
    if events <= 0:
        return Streamed.NOTHING
    once = max(_rank(media, given).quality for media in _RANGES)
    return Streamed.EVERYTHING if events > once else Streamed.SUBSCRIPTIONS


def qualities(accept: str) -> dict[str, float]:
    """Read what is accepted, and how gladly: from 0, which is not at all, to 1."""
    given: dict[str, float] = {}
    for choice in accept.lower().split(","):
        name, *parameters = (part.strip() for part in choice.split(";"))
        given[name] = max(given.get(name, 0.0), _quality(parameters))
    return given


def _rank(media: str, given: dict[str, float]) -> _Rank:
    for within in _RANGES[media]:
        if within in given:
            return _Rank(given[within], within == media)
    return _Rank(0.0, named=False)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))  # not a number: none
            except ValueError:
                return 0.0
    return 1.0
