"""When facts take effect: on which day, in what order, and what a correction puts right.

A fact counts from the day that it states, else from the day of its recording in Paris. A correction
counts from what it corrects: that was wrong from the start. What is stated of a day presupposes
that the thing, and the part of it that is meant, was there by then; what states no day takes effect
no earlier than they are there. And what a version says that was submitted on a day was so by then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Final
from uuid import UUID

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.roadmap import Roadmap


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What is to be known of the facts of one kind, beside what they say."""

    day: str | None = None
    """The field with the day on which they took effect."""
    observes: bool = False
    """Whether that is only the day of which they speak: it presupposes nothing."""
    begins: str | None = None
    """The field with the part that there is from then on."""
    ends: str | None = None
    """The field with the part that there is no more."""
    settles: bool = False
    """Whether whatever was recorded before was so by then, unless it states a day."""
    corrects: tuple[type[AggregateEvent], ...] = ()
    """The kinds of facts of which they put the latest right."""
    by: str | None = None
    """The field that must be the same in the one that is put right."""
    follows: tuple[type[AggregateEvent], ...] = ()
    """The kinds of facts of which they presuppose the latest."""
    outlives: bool = False
    """Whether they may speak of a part that is no more."""

    def stated(self, event: AggregateEvent) -> date | None:
        """Give the day that a fact itself states."""
        found: date | None = None if self.day is None else attrgetter(self.day)(event)
        return found

    def begun(self, event: AggregateEvent) -> UUID | None:
        """Give the part that a fact begins."""
        found: UUID | None = None if self.begins is None else getattr(event, self.begins)
        return found

    def ended(self, event: AggregateEvent) -> UUID | None:
        """Give the part that a fact ends."""
        found: UUID | None = None if self.ends is None else getattr(event, self.ends)
        return found

    def is_of(self, event: AggregateEvent, other: AggregateEvent) -> bool:
        """Tell whether a fact puts another right, if that is the latest of its kinds."""
        same = self.by is None or getattr(event, self.by) == getattr(other, self.by, None)
        return isinstance(other, self.corrects) and same


PLAIN: Final = Effect()
"""Of facts that only take effect."""

_WORDED: Final = (Action.Proposed, Action.Reworded, Action.Refocused, Action.WordingCorrected)
_SCHEDULED: Final = (Action.Scheduled, Action.ScheduleCorrected)
_BUDGETED: Final = (
    Action.BudgetLineCommitted,
    Action.BudgetLineRevised,
    Action.BudgetLineCorrected,
)
_ANSWERED: Final = (Action.BudgetStated, Action.BudgetCorrected)
_REPORTED: Final = (Action.ProgressReported, Action.ProgressCorrected)
_MEASURED: Final = (Action.ImpactMeasured, Action.ImpactCorrected)

EFFECTS: Final[Mapping[type[AggregateEvent], Effect]] = {
    Action.WordingCorrected: Effect(corrects=_WORDED),
    Action.ScheduleCorrected: Effect(corrects=_SCHEDULED),
    Action.PartyNamed: Effect(begins="assignment"),
    Action.PartyReleased: Effect(ends="assignment"),
    Action.BudgetLineCommitted: Effect(begins="budget_line"),
    Action.BudgetLineCorrected: Effect(corrects=_BUDGETED, by="budget_line"),
    Action.BudgetLineWithdrawn: Effect(ends="budget_line"),
    Action.BudgetCorrected: Effect(corrects=_ANSWERED, by="stage"),
    Action.ProgressReported: Effect(day="reported_on"),
    Action.ProgressCorrected: Effect(corrects=_REPORTED, by="reported_on"),
    Action.Finished: Effect(day="finished_on"),
    Action.Abandoned: Effect(day="abandoned_on"),
    Action.Reopened: Effect(corrects=(Action.Finished, Action.Abandoned)),
    Action.StepAdded: Effect(begins="step"),
    Action.StepDone: Effect(day="done_on"),
    Action.StepDropped: Effect(ends="step"),
    Action.DocumentLinked: Effect(begins="document"),
    Action.DocumentUnlinked: Effect(ends="document"),
    Action.ImpactMeasured: Effect(begins="impact", day="finding.measured_on", observes=True),
    Action.ImpactCorrected: Effect(corrects=_MEASURED, by="impact"),
    Action.ObjectiveLinked: Effect(begins="objective"),
    Action.ObjectiveUnlinked: Effect(ends="objective"),
    Roadmap.LeverAdded: Effect(begins="lever"),
    Roadmap.LeverDropped: Effect(ends="lever"),
    Roadmap.ObjectiveAdded: Effect(begins="objective"),
    Roadmap.ObjectiveDropped: Effect(ends="objective"),
    Roadmap.ObjectiveMeasured: Effect(day="measured_on", observes=True),
    Roadmap.PlanItemAdded: Effect(begins="plan_item"),
    Roadmap.PlanItemDropped: Effect(ends="plan_item"),
    Roadmap.EcosystemMobilisationAdded: Effect(begins="ecosystem_mobilisation"),
    Roadmap.EcosystemMobilisationDropped: Effect(ends="ecosystem_mobilisation"),
    Roadmap.Commented: Effect(outlives=True),
    Roadmap.Submitted: Effect(day="submitted_on", settles=True),
    Roadmap.Published: Effect(follows=(Roadmap.Submitted,)),
}
"""The facts of actions and roadmaps that do more than take effect."""


def effect_of(event: AggregateEvent) -> Effect:
    """Tell what is to be known of a fact."""
    return EFFECTS.get(type(event), PLAIN)


def mentioned(event: AggregateEvent) -> Iterator[UUID]:
    """Give the ids that stand in the fields of a fact, by themselves or in a list."""
    for name in event.__struct_fields__:
        if name.startswith("originator"):
            continue
        value = getattr(event, name)
        if isinstance(value, UUID):
            yield value
        elif isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, UUID))
