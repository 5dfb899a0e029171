"""What happened to a roadmap, and what its versions changed: answers, read into values."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from api.report.standing import Answer, Named, Submission
from domain.role import Role
from projections.difference import PartChange


class OfPart(Answer, frozen=True):
    """The part of which a field is, or the thing itself."""

    noun: str
    id: str | None


class Touched(Answer, frozen=True):
    """A field that a fact made another."""

    part: OfPart
    field: str


class Actor(Answer, frozen=True):
    """As what somebody did something."""

    role: Role | None
    place_name: str | None
    label: str
    """Both in words, in the language of the report."""


class Principal(Answer, frozen=True):
    """Who did something, as far as the reader may know."""

    name: str | None
    label: str | None


class Entry(Answer, frozen=True):
    """A fact, as history tells it."""

    position: int
    type: str
    sentence: str
    recorded_at: datetime
    effective_on: date
    is_late: bool
    is_correction: bool
    actor: Actor
    principal: Principal | None
    on_behalf_of: Named | None
    reason: str | None
    changes: Sequence[Touched]


class FieldChange(Answer, frozen=True):
    """A field that says something else."""

    field: str
    """By the name that it has in queries."""
    label: str
    """What it is called, in the language of the report."""
    before: str | None
    after: str | None


class PartChanged(Answer, frozen=True):
    """A part that came, went, moved or says something else."""

    id: str | None
    noun: str
    label: str
    """What kind of part it is, in the language of the report."""
    title: str | None
    """How it is worded, or was."""
    changes: Sequence[PartChange]
    fields: Sequence[FieldChange]


class Difference(Answer, frozen=True):
    """What is another in a version than in the one before."""

    fields: Sequence[FieldChange]
    parts: Sequence[PartChanged]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was handed in, or what is being written since the last one."""

    submission: Submission | None
    after: int
    """The number of the version before it, 0 for none."""
    published_on: date | None
    """The day on which it was published, where it was."""
    opened_because: str | None
    """Why the revision was opened that led to it."""
    difference: Difference | None
    """None for the first one, and where it is not told."""
    entries: Sequence[Entry]
    """What happened towards it."""
