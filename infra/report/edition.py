"""An edition: what a report says in words that can be printed, whatever prints them.

Both the page and the PDF are made from it. All in it is plain text: nothing is markup.
"""

from collections.abc import Sequence

import msgspec

from infra.report.evidence import Evidence
from infra.report.happened import Correction, Happening
from infra.report.words import Phrases


class Text(msgspec.Struct, frozen=True):
    """A text under its title."""

    title: str
    paragraphs: Sequence[str]


class Goal(msgspec.Struct, frozen=True):
    """An impact objective, and its figures."""

    wording: str
    figures: str


class Means(msgspec.Struct, frozen=True):
    """A lever."""

    title: str
    description: Sequence[str]
    objectives: Sequence[Goal]


class Field(msgspec.Struct, frozen=True):
    """A field that says something else: pieces of text, each SAME, ADDED or REMOVED."""

    label: str
    pieces: Sequence[tuple[str, str]]
    short: bool
    """Whether it fits on a line with its label."""


class Why(msgspec.Struct, frozen=True):
    """A reason, and who gave it."""

    text: str
    by: str


class Change(msgspec.Struct, frozen=True):
    """What became of a part, or of the roadmap itself."""

    what: str
    became: str
    fields: Sequence[Field]
    why: Sequence[Why]


class Stage(msgspec.Struct, frozen=True):
    """A version, and what it changed."""

    title: str
    dates: str
    reason: Sequence[str]
    changes: Sequence[Change]
    nothing: str
    """What is said where it changed nothing."""


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is printed."""

    language: str
    region: str
    words: Phrases
    title: str
    kind: str
    owner: str
    moment: str
    day: tuple[int, int, int]
    """Year, month and day of the moment."""
    cover: Sequence[tuple[str, str]]
    texts: Sequence[Text]
    levers: Sequence[Means]
    measurements: Sequence[Sequence[str]]
    plan: Sequence[Sequence[str]]
    mobilisations: Sequence[Sequence[str]]
    comments: Sequence[Sequence[str]]
    dropped: Sequence[Sequence[str]]
    versions: Sequence[Stage]
    timeline: Sequence[Happening]
    people: Sequence[Sequence[str]]
    corrections: Sequence[Correction]
    proof: Evidence
