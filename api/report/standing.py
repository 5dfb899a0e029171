"""A roadmap as it stood at a moment: answers of the interface, read into values."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from domain.part import ImpactScope, RoadmapPart
from domain.roadmap import RoadmapStatus


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An object of an answer."""


class Named(Answer, frozen=True):
    """What has a name."""

    name: str


class Cohort(Named, frozen=True):
    """The cohort within which a roadmap is written."""

    edition: str | None = None


class Objective(Answer, frozen=True):
    """An impact objective."""

    id: str
    wording: str
    scope: ImpactScope | None
    indicator: str | None
    unit: str | None
    baseline: Decimal | None
    target: Decimal | None
    due_year: int | None


class Lever(Answer, frozen=True):
    """A lever with its objectives."""

    id: str
    title: str
    description: str | None
    objectives: Sequence[Objective]


class Titled(Answer, frozen=True):
    """What has an id and a title."""

    id: str
    title: str


class PlanItem(Answer, frozen=True):
    """A line of the action plan."""

    id: str
    title: str
    due: date | None
    action_id: str | None
    action: Titled | None
    """The action that it became, as far as the reader may see that."""
    lever: Titled | None


class Mobilisation(Answer, frozen=True):
    """A way to take others along."""

    id: str
    text: str
    audience: str | None


class OfObjective(Answer, frozen=True):
    """The objective that was measured."""

    wording: str
    unit: str | None


class ObjectiveMeasurement(Answer, frozen=True):
    """Where an objective stood on a day."""

    measured_on: date
    value: Decimal
    source: str | None
    note: str | None
    measured_at: datetime
    superseded_at: datetime | None
    objective: OfObjective | None


class Comment(Answer, frozen=True):
    """What was said about the roadmap or a part of it."""

    about: RoadmapPart
    part_id: str | None
    text: str
    commented_at: datetime


class DroppedPart(Answer, frozen=True):
    """A part that was given up."""

    id: str
    part: RoadmapPart
    wording: str
    reason: str | None
    dropped_at: datetime


class Submission(Answer, frozen=True):
    """A version that was handed in."""

    number: int
    submitted_on: date
    submitted_at: datetime
    published_at: datetime | None


class Roadmap(Answer, frozen=True):
    """The roadmap as it stood."""

    id: str
    version: int
    title: str | None
    horizon: int
    status: RoadmapStatus
    turning_point: str | None
    generative_question: str | None
    new_course: str | None
    published_number: int | None
    revision_because: str | None
    archived_because: str | None
    organisation: Named | None
    cohort: Cohort | None
    alliance: Named | None
    territory: Named | None
    levers: Sequence[Lever]
    plan_items: Sequence[PlanItem]
    ecosystem_mobilisations: Sequence[Mobilisation]
    submissions: Sequence[Submission]
