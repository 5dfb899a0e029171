"""Stages: the versions of a roadmap one after the other, with what each changed and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from api.report.asking import Asking
from api.report.happened import Difference, Entry, Version
from api.report.standing import Answer, Roadmap, Submission
from domain import roadmap as domain
from domain.roadmap import RoadmapStatus

_SUBMITTED: Final = domain.Roadmap.Submitted.TOPIC
_PUBLISHED: Final = domain.Roadmap.Published.TOPIC
_OPENED: Final = domain.Roadmap.RevisionOpened.TOPIC
_BEING_WRITTEN: Final = (RoadmapStatus.DRAFT, RoadmapStatus.IN_REVISION)


class _Compared(Answer, frozen=True):
    diff: Difference


class _OfRoadmap(Answer, frozen=True):
    roadmap: _Compared | None


async def stages(
    roadmap: Roadmap, entries: Sequence[Entry], position: int, asking: Asking
) -> list[Version]:
    """Give the versions of a roadmap, the first one first, and last what is being written.

    ``entries`` are what happened to it up to ``position``. Raises what `Asking.ask` does.
    """
    towards = _by_version(entries)
    found, before = [], 0
    for submission in roadmap.submissions:
        after = submission.number
        theirs = [entry for number in range(before + 1, after + 1) for entry in towards[number]]
        difference = await _difference(roadmap, before, {"submission": after}, asking)
        published = _published(towards[after + 1])
        found.append(_stage(submission, before, difference, theirs, published))
        before = after
    if roadmap.status in _BEING_WRITTEN:
        difference = await _difference(roadmap, before, {"position": str(position)}, asking)
        found.append(_stage(None, before, difference, towards[before + 1]))
    return found


async def _difference(
    roadmap: Roadmap, before: int, to: Mapping[str, Any], asking: Asking
) -> Difference | None:
    """Tell what is another than in a version; None where there is no version before."""
    if not before:
        return None
    asked = {"id": roadmap.id, "from": {"submission": before}, "to": to}
    told = await asking.ask("Changes", _OfRoadmap, **asked)
    return None if told.roadmap is None else told.roadmap.diff


def _stage(
    submission: Submission | None,
    before: int,
    difference: Difference | None,
    entries: Sequence[Entry],
    published_on: date | None = None,
) -> Version:
    reasons = [entry.reason for entry in entries if entry.type == _OPENED]
    return Version(
        submission=submission,
        after=before,
        published_on=published_on,
        opened_because=reasons[-1] if reasons else None,
        difference=difference,
        entries=entries,
    )


def _published(since: Sequence[Entry]) -> date | None:
    """Give the day on which a version was published, of what happened since it was handed in."""
    days = (entry.effective_on for entry in since if entry.type == _PUBLISHED)
    return next(days, None)


def _by_version(entries: Sequence[Entry]) -> defaultdict[int, list[Entry]]:
    """Give what happened by the number of the version towards which it did."""
    found = defaultdict[int, list[Entry]](list)
    number = 1
    for entry in entries:
        found[number].append(entry)
        number += entry.type == _SUBMITTED
    return found
