"""Subjects: under which name each public event goes to the broker.

    cordee.events.region:28.departement:76.action.finished.v1

They name the stream, the region, the territory, and the type of the event. A region and all that
lies in it is ``cordee.events.region:28.>``, one territory ``cordee.events.*.departement:76.>``, one
kind of thing ``cordee.events.*.*.action.>``.

An event has one subject, since it has one id, by which the broker knows it again: what lies in
several territories stands under the smallest that holds them all. Where that is the country, it is
named in the place of the region as well; what lies in none is at ``none.none``.
"""

from typing import Final

from api.publication.published import NAMESPACE
from api.publication.whereabouts import region

_NONE: Final = "none"


def events(stream: str) -> str:
    """Give the subject that stands for those of all events."""
    return f"{stream}.events.>"


def head(stream: str) -> str:
    """Give the subject under which processes tell each other how far the log is."""
    return f"{stream}.head"


def subject(stream: str, territory: str | None, type: str) -> str:
    """Give the subject of an event of a type, by the key of the territory where it happened."""
    where = (_NONE, _NONE) if territory is None else (region(territory), territory)
    return ".".join((stream, "events", *where, type.removeprefix(f"{NAMESPACE}.")))
