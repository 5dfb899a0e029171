"""An action: what an alliance, or an organisation by a lever of its roadmap, sets out to do."""

from collections.abc import Container, Sequence, Sized
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from domain import identity, link, sheet, text
from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.alliance import Alliance
from domain.assignment import Assignment, SteeringRole
from domain.budget import (
    BudgetAnswered,
    BudgetLine,
    BudgetNotStated,
    BudgetStage,
    Total,
)
from domain.calendar import today
from domain.command import Command, Work, command
from domain.identity import Id
from domain.impact import Impact
from domain.label import Label
from domain.organisation import Organisation, standing_for
from domain.ownership import (
    OWNING,
    ActionOwner,
    beyond_owner,
    free_code,
    owner_named,
    plan_named,
    require_in_roadmap,
)
from domain.part import YEARS
from domain.personal import Personal
from domain.progress import (
    SETTLED,
    TELLING,
    WHOLE,
    ActionSettled,
    DoneBeforeReported,
    DoneMeansWhole,
    ExecutionStatus,
    NotBlocked,
    NotSettled,
    ProgressNotReported,
    ProgressReport,
    StatusOfItsOwn,
    StillBlocked,
)
from domain.refusal import NotFound, Refusal, TooManyItems
from domain.roadmap import AUTHORS, DayStillToCome, Roadmap
from domain.role import INSIDERS, Place, Role, ScopeKind
from domain.sheet import (
    ActionCategory,
    ActionPriority,
    Audience,
    Axis,
    AxisMissing,
    Classification,
    ParticipationLevel,
    Wording,
)
from domain.standing import Standing
from domain.step import Step
from domain.territory import UnknownTerritory
from domain.theme import Theme

ASSIGNMENTS = 200
BUDGET_LINES = 500
STEPS = 200
DOCUMENTS = 200
IMPACTS = 500
"""How many of each an action may have."""


class ActionVisibility(Label):
    """Who may read an action."""

    PUBLIC = "PUBLIC", "publique", "public"
    RESTRICTED = "RESTRICTED", "restreinte", "restricted"


# refusals


class PartOfAnotherPlan(Refusal):
    """{action} has another owner. Name an action of the same alliance or of the same lever."""

    FRENCH = (
        "{action} a un autre propriétaire. Nommez une action de la même alliance ou du même levier."
    )


class PartWithdrawn(Refusal):
    """{id} was withdrawn from this action. Add it anew if it is wanted again."""

    FRENCH = "{id} a été retiré de cette action. Ajoutez-le de nouveau s’il est souhaité."


class Action(Aggregate):
    """An action, from its proposal until it is done or abandoned; after that, its corrections."""

    TOPIC = "action"

    class Event(AggregateEvent, frozen=True):
        """A fact about an action."""

    class Proposed(Event, AggregateCreated, frozen=True, kw_only=True):
        """It was entered in the plan of an alliance or under the lever of a roadmap."""

        TOPIC = "action.proposed"
        owner: ActionOwner
        part_of: UUID | None = None
        code: str | None = None
        wording: Wording
        axis: Axis
        classification: Classification

    class Adopted(Event, frozen=True, kw_only=True):
        """It was taken over from an action elsewhere, as that one stood at a version."""

        TOPIC = "action.adopted"
        origin: UUID
        origin_version: int

    class Reworded(Event, frozen=True, kw_only=True):
        """It says something else from now on; this is all that it says."""

        TOPIC = "action.reworded"
        wording: Wording

        def apply(self, action: "Action") -> None:
            action.wording = self.wording

    class WordingCorrected(Event, frozen=True, kw_only=True):
        """What it says was put right; this is all that it says."""

        TOPIC = "action.wording_corrected"
        wording: Wording
        reason: str

        def apply(self, action: "Action") -> None:
            action.wording = self.wording

    class Recoded(Event, frozen=True, kw_only=True):
        """It bears another code in its plan from now on, or none."""

        TOPIC = "action.recoded"
        code: str | None = None

        def apply(self, action: "Action") -> None:
            action.code = self.code

    class PlacedInAxis(Event, frozen=True, kw_only=True):
        """It stands elsewhere in its plan from now on."""

        TOPIC = "action.placed_in_axis"
        axis: Axis

        def apply(self, action: "Action") -> None:
            action.axis = self.axis

    class Categorised(Event, frozen=True, kw_only=True):
        """It counts under another category from now on, or under none."""

        TOPIC = "action.categorised"
        category: ActionCategory | None = None

        def apply(self, action: "Action") -> None:
            action.classification = replace(action.classification, category=self.category)

    class ThemesSet(Event, frozen=True, kw_only=True):
        """It serves these themes from now on and no others."""

        TOPIC = "action.themes_set"
        themes: tuple[Theme, ...]

        def apply(self, action: "Action") -> None:
            action.classification = replace(action.classification, themes=self.themes)

    class AudiencesSet(Event, frozen=True, kw_only=True):
        """It is for these audiences from now on and no others."""

        TOPIC = "action.audiences_set"
        audiences: tuple[Audience, ...]

        def apply(self, action: "Action") -> None:
            action.classification = replace(action.classification, audiences=self.audiences)

    class TerritoriesSet(Event, frozen=True, kw_only=True):
        """It takes place in these territories from now on and no others."""

        TOPIC = "action.territories_set"
        territories: tuple[str, ...]

        def apply(self, action: "Action") -> None:
            action.classification = replace(action.classification, territories=self.territories)

    class ParticipationSet(Event, frozen=True, kw_only=True):
        """Citizens have another part in it from now on, or it is not stated which."""

        TOPIC = "action.participation_set"
        participation: ParticipationLevel | None = None

        def apply(self, action: "Action") -> None:
            action.classification = replace(action.classification, participation=self.participation)

    class PrioritySet(Event, frozen=True, kw_only=True):
        """It has another priority from now on, or none is stated."""

        TOPIC = "action.priority_set"
        priority: ActionPriority | None = None

        def apply(self, action: "Action") -> None:
            action.classification = replace(action.classification, priority=self.priority)

    class VisibilitySet(Event, frozen=True, kw_only=True):
        """Others may read it from now on than before."""

        TOPIC = "action.visibility_set"
        visibility: ActionVisibility
        reason: str | None = None

        def apply(self, action: "Action") -> None:
            action.visibility = self.visibility

    class PartyNamed(Event, frozen=True, kw_only=True):
        """An organisation, a body or a person has a role in it from now on."""

        TOPIC = "action.party_named"
        assignment: UUID
        role: SteeringRole
        organisation: UUID | None = None
        designation: str | None = None
        person: Personal | None = None

        def apply(self, action: "Action") -> None:
            action.assignments[self.assignment] = Assignment(
                role=self.role,
                organisation=self.organisation,
                designation=self.designation,
                person=self.person is not None,
            )

    class PartyReleased(Event, frozen=True, kw_only=True):
        """A party no longer has its role."""

        TOPIC = "action.party_released"
        assignment: UUID
        reason: str | None = None

        def apply(self, action: "Action") -> None:
            del action.assignments[self.assignment]
            action.withdrawn.add(self.assignment)

    class Scheduled(Event, frozen=True, kw_only=True):
        """Its period was fixed or changed; what is None is not known."""

        TOPIC = "action.scheduled"
        starts_on: date | None = None
        ends_on: date | None = None

        def apply(self, action: "Action") -> None:
            action.period = (self.starts_on, self.ends_on)

    class ScheduleCorrected(Event, frozen=True, kw_only=True):
        """Its period was put right; what is None is not known."""

        TOPIC = "action.schedule_corrected"
        starts_on: date | None = None
        ends_on: date | None = None
        reason: str

        def apply(self, action: "Action") -> None:
            action.period = (self.starts_on, self.ends_on)

    class BudgetLineCommitted(Event, frozen=True, kw_only=True):
        """An amount was committed to it; a reason is given where it was settled already."""

        TOPIC = "action.budget_line_committed"
        budget_line: UUID
        line: BudgetLine
        reason: str | None = None

        def apply(self, action: "Action") -> None:
            action.budget_lines[self.budget_line] = self.line
            action.budget_not_answered = False

    class BudgetLineRevised(Event, frozen=True, kw_only=True):
        """A line of its budget says something else from now on; this is all that it says."""

        TOPIC = "action.budget_line_revised"
        budget_line: UUID
        line: BudgetLine

        def apply(self, action: "Action") -> None:
            action.budget_lines[self.budget_line] = self.line

    class BudgetLineCorrected(Event, frozen=True, kw_only=True):
        """A line of its budget was put right; this is all that it says."""

        TOPIC = "action.budget_line_corrected"
        budget_line: UUID
        line: BudgetLine
        reason: str

        def apply(self, action: "Action") -> None:
            action.budget_lines[self.budget_line] = self.line

    class BudgetLineWithdrawn(Event, frozen=True, kw_only=True):
        """A line of its budget counts no more."""

        TOPIC = "action.budget_line_withdrawn"
        budget_line: UUID
        reason: str

        def apply(self, action: "Action") -> None:
            del action.budget_lines[self.budget_line]
            action.withdrawn.add(self.budget_line)

    class BudgetStated(Event, frozen=True, kw_only=True):
        """It was answered what it costs in all; the later answer at a stage counts."""

        TOPIC = "action.budget_stated"
        stage: BudgetStage
        total: Total

        def apply(self, action: "Action") -> None:
            action.budget_totals[self.stage] = self.total
            action.budget_not_answered = False

    class BudgetCorrected(Event, frozen=True, kw_only=True):
        """What it costs in all was put right."""

        TOPIC = "action.budget_corrected"
        stage: BudgetStage
        total: Total
        reason: str

        def apply(self, action: "Action") -> None:
            action.budget_totals[self.stage] = self.total

    class BudgetNotAnswered(Event, frozen=True, kw_only=True):
        """Its budget was asked for, and there was no answer: it is not known, which is not zero."""

        TOPIC = "action.budget_not_answered"
        note: str | None = None

        def apply(self, action: "Action") -> None:
            action.budget_not_answered = True

    class FundingDescribed(Event, frozen=True, kw_only=True):
        """It was said in words how it is paid for; the later words count."""

        TOPIC = "action.funding_described"
        text: str | None = None

        def apply(self, action: "Action") -> None:
            action.funding = self.text

    class ProgressReported(Event, frozen=True, kw_only=True):
        """It was reported how far it was on a day; the later report for one day counts."""

        TOPIC = "action.progress_reported"
        reported_on: date
        report: ProgressReport

        def apply(self, action: "Action") -> None:
            action.progress[self.reported_on] = self.report

    class ProgressCorrected(Event, frozen=True, kw_only=True):
        """It was put right how far it was on a day."""

        TOPIC = "action.progress_corrected"
        reported_on: date
        report: ProgressReport
        reason: str

        def apply(self, action: "Action") -> None:
            action.progress[self.reported_on] = self.report

    class StatusChanged(Event, frozen=True, kw_only=True):
        """Its execution stands elsewhere from now on."""

        TOPIC = "action.status_changed"
        status: ExecutionStatus

        def apply(self, action: "Action") -> None:
            action.status = self.status

    class Blocked(Event, frozen=True, kw_only=True):
        """Something is in its way, as far as it is known what."""

        TOPIC = "action.blocked"
        obstacle: str | None = None

        def apply(self, action: "Action") -> None:
            if action.status is not ExecutionStatus.BLOCKED:
                action.status_before_block = action.status
            action.status = ExecutionStatus.BLOCKED
            action.obstacle = self.obstacle

    class Unblocked(Event, frozen=True, kw_only=True):
        """Nothing is in its way any more, and it stands where it is told here."""

        TOPIC = "action.unblocked"
        status: ExecutionStatus | None = None

        def apply(self, action: "Action") -> None:
            action.status = self.status
            action.status_before_block = action.obstacle = None

    class Renewed(Event, frozen=True, kw_only=True):
        """It goes on for another year as it is."""

        TOPIC = "action.renewed"
        year: int

        def apply(self, action: "Action") -> None:
            action.renewed.add(self.year)

    class Refocused(Event, frozen=True, kw_only=True):
        """It goes on for another year with another aim, worded as it is here."""

        TOPIC = "action.refocused"
        year: int
        reason: str
        title: str
        description: str | None = None

        def apply(self, action: "Action") -> None:
            action.refocused[self.year] = self.reason
            action.wording = replace(action.wording, title=self.title, description=self.description)

    class Finished(Event, frozen=True, kw_only=True):
        """It was done; that it stands at 100 percent is a fact of its own."""

        TOPIC = "action.finished"
        finished_on: date

        def apply(self, action: "Action") -> None:
            action.status = ExecutionStatus.DONE
            action.settled_on = self.finished_on

    class Abandoned(Event, frozen=True, kw_only=True):
        """It was given up."""

        TOPIC = "action.abandoned"
        abandoned_on: date
        reason: str

        def apply(self, action: "Action") -> None:
            action.status = ExecutionStatus.ABANDONED
            action.settled_on = self.abandoned_on

    class Reopened(Event, frozen=True, kw_only=True):
        """That it was done or abandoned was put right: it goes on."""

        TOPIC = "action.reopened"
        status: ExecutionStatus
        reason: str

        def apply(self, action: "Action") -> None:
            action.status = self.status
            action.settled_on = action.status_before_block = action.obstacle = None

    class NoteAdded(Event, frozen=True, kw_only=True):
        """Something was noted about it."""

        TOPIC = "action.note_added"
        note: UUID
        text: str
        reason: str | None = None

        def apply(self, action: "Action") -> None:
            action.notes.add(self.note)

    class StepAdded(Event, frozen=True, kw_only=True):
        """A step was added below the others."""

        TOPIC = "action.step_added"
        step: UUID
        title: str
        due: date | None = None

        def apply(self, action: "Action") -> None:
            action.steps[self.step] = Step(title=self.title, due=self.due)

    class StepDone(Event, frozen=True, kw_only=True):
        """A step was done; the later word on the day counts."""

        TOPIC = "action.step_done"
        step: UUID
        done_on: date

        def apply(self, action: "Action") -> None:
            action.steps[self.step] = replace(action.steps[self.step], done_on=self.done_on)

    class StepDropped(Event, frozen=True, kw_only=True):
        """A step was given up."""

        TOPIC = "action.step_dropped"
        step: UUID
        reason: str | None = None

        def apply(self, action: "Action") -> None:
            del action.steps[self.step]
            action.withdrawn.add(self.step)

    class DocumentLinked(Event, frozen=True, kw_only=True):
        """Something to read about it is to be found on the web."""

        TOPIC = "action.document_linked"
        document: UUID
        title: str
        url: str
        reason: str | None = None

        def apply(self, action: "Action") -> None:
            action.documents[self.document] = (self.title, self.url)

    class DocumentUnlinked(Event, frozen=True, kw_only=True):
        """What was linked speaks of it no more."""

        TOPIC = "action.document_unlinked"
        document: UUID
        reason: str | None = None

        def apply(self, action: "Action") -> None:
            del action.documents[self.document]
            action.withdrawn.add(self.document)

    class ImpactMeasured(Event, frozen=True, kw_only=True):
        """It was measured what it changed; a reason is given where it was settled already."""

        TOPIC = "action.impact_measured"
        impact: UUID
        finding: Impact
        reason: str | None = None

        def apply(self, action: "Action") -> None:
            action.impacts[self.impact] = self.finding

    class ImpactCorrected(Event, frozen=True, kw_only=True):
        """What was measured was put right; this is all that the finding says."""

        TOPIC = "action.impact_corrected"
        impact: UUID
        finding: Impact
        reason: str

        def apply(self, action: "Action") -> None:
            action.impacts[self.impact] = self.finding

    class ObjectiveLinked(Event, frozen=True, kw_only=True):
        """It serves an impact objective of a roadmap."""

        TOPIC = "action.objective_linked"
        roadmap: UUID
        objective: UUID

        def apply(self, action: "Action") -> None:
            action.serves[self.objective] = self.roadmap

    class ObjectiveUnlinked(Event, frozen=True, kw_only=True):
        """It serves an impact objective no more."""

        TOPIC = "action.objective_unlinked"
        roadmap: UUID
        objective: UUID

        def apply(self, action: "Action") -> None:
            del action.serves[self.objective]

    # decisions

    @classmethod
    def propose(
        cls,
        id: UUID,
        *,
        now: datetime,
        owner: ActionOwner,
        wording: Wording,
        classification: Classification | None = None,
        axis: Axis | None = None,
        code: str | None = None,
        part_of: "Action | None" = None,
    ) -> Self:
        """Enter an action. The caller holds the claim on the code."""
        if part_of is not None and part_of.owner != owner:
            whole = identity.external("action", part_of.id)
            raise PartOfAnotherPlan("part_of", action=whole)
        return cls._create(
            cls.Proposed,
            id=id,
            timestamp=now,
            owner=owner,
            part_of=None if part_of is None else part_of.id,
            code=text.optional_name(code, "code"),
            wording=wording.cleaned(),
            axis=(axis or Axis()).cleaned(),
            classification=(classification or Classification()).cleaned(),
        ).at(now)

    def keep_origin(self, origin: "Action") -> None:
        """Note that it was taken over from an action elsewhere, at the version of that one."""
        self.record(self.Adopted, origin=origin.id, origin_version=origin.version)

    def reword(self, wording: Wording) -> None:
        """Let it say something else."""
        self._require_open()
        if (clean := wording.cleaned()) != self.wording:
            self.record(self.Reworded, wording=clean)

    def correct_wording(self, wording: Wording, reason: str) -> None:
        """Put right what it says, even after it was settled."""
        reason = text.text(reason, "reason")
        if (clean := wording.cleaned()) != self.wording:
            self.record(self.WordingCorrected, wording=clean, reason=reason)

    def recode(self, code: str | None) -> None:
        """Give it another code, or none. The caller holds the claim on it."""
        self._require_open()
        if (clean := text.optional_name(code, "code")) != self.code:
            self.record(self.Recoded, code=clean)

    def place_in_axis(self, axis: Axis) -> None:
        """Give it another place in its plan."""
        self._require_open()
        if (clean := axis.cleaned()) != self.axis:
            self.record(self.PlacedInAxis, axis=clean)

    def categorise(self, category: ActionCategory | None) -> None:
        """Count it under another category."""
        self._require_open()
        if category is not self.classification.category:
            self.record(self.Categorised, category=category)

    def set_themes(self, themes: Sequence[Theme]) -> None:
        """State all the themes that it serves."""
        self._require_open()
        if (clean := sheet.themes(themes)) != self.classification.themes:
            self.record(self.ThemesSet, themes=clean)

    def set_audiences(self, audiences: Sequence[Audience]) -> None:
        """State all the audiences that it is for."""
        self._require_open()
        if (clean := sheet.audiences(audiences)) != self.classification.audiences:
            self.record(self.AudiencesSet, audiences=clean)

    def set_territories(self, territories: Sequence[str]) -> None:
        """State all the territories in which it takes place."""
        self._require_open()
        if (clean := sheet.territories(territories)) != self.classification.territories:
            self.record(self.TerritoriesSet, territories=clean)

    def set_participation(self, participation: ParticipationLevel | None) -> None:
        """State what part citizens have in it."""
        self._require_open()
        if participation is not self.classification.participation:
            self.record(self.ParticipationSet, participation=participation)

    def prioritise(self, priority: ActionPriority | None) -> None:
        """State how much it matters."""
        self._require_open()
        if priority is not self.classification.priority:
            self.record(self.PrioritySet, priority=priority)

    def set_visibility(self, visibility: ActionVisibility, reason: str | None = None) -> None:
        """State who may read it; that can change at any time."""
        reason = text.optional_text(reason, "reason")
        if visibility is not self.visibility:
            self.record(self.VisibilitySet, visibility=visibility, reason=reason)

    def name_party(
        self,
        id: UUID,
        role: SteeringRole,
        *,
        organisation: Organisation | None = None,
        designation: str | None = None,
        person: str | None = None,
    ) -> None:
        """Give an organisation, a body or a person a role in it."""
        self._require_open()
        if id in self.assignments:
            return
        if organisation is not None:
            organisation.require_living()
        named = Assignment(
            role=role,
            organisation=None if organisation is None else organisation.id,
            designation=designation,
            person=person is not None,
        ).cleaned()
        identities = () if organisation is None else organisation.identities
        if any(named.same_as(other, identities) for other in self.assignments.values()):
            return
        _require_room(self.assignments, ASSIGNMENTS)
        self.record(
            self.PartyNamed,
            assignment=id,
            role=role,
            organisation=named.organisation,
            designation=named.designation,
            person=None if person is None else Personal(id, text.name(person, "person")),
        )

    def release_party(self, id: UUID, reason: str | None = None) -> None:
        """Relieve a party of its role."""
        self._require_open()
        reason = text.optional_text(reason, "reason")
        if id not in self.withdrawn:
            self._require_part("assignment", id, self.assignments)
            self.record(self.PartyReleased, assignment=id, reason=reason)

    def schedule(self, starts_on: date | None, ends_on: date | None) -> None:
        """Fix or change its period."""
        self._require_open()
        text.ordered(starts_on, ends_on, "ends_on")
        if (starts_on, ends_on) != self.period:
            self.record(self.Scheduled, starts_on=starts_on, ends_on=ends_on)

    def correct_schedule(self, starts_on: date | None, ends_on: date | None, reason: str) -> None:
        """Put right its period, even after it was settled."""
        reason = text.text(reason, "reason")
        text.ordered(starts_on, ends_on, "ends_on")
        if (starts_on, ends_on) != self.period:
            self.record(self.ScheduleCorrected, starts_on=starts_on, ends_on=ends_on, reason=reason)

    def commit_budget_line(self, id: UUID, line: BudgetLine, reason: str | None = None) -> None:
        """Commit an amount; after it was settled with a reason."""
        reason = text.optional_text(reason, "reason")
        self._require_open_or(reason)
        if id not in self.budget_lines:
            _require_room(self.budget_lines, BUDGET_LINES)
            clean = line.cleaned()
            self.record(self.BudgetLineCommitted, budget_line=id, line=clean, reason=reason)

    def revise_budget_line(self, id: UUID, line: BudgetLine) -> None:
        """Let a line of its budget say something else."""
        self._require_open()
        self._require_part("budget_line", id, self.budget_lines)
        if (clean := line.cleaned()) != self.budget_lines[id]:
            self.record(self.BudgetLineRevised, budget_line=id, line=clean)

    def correct_budget_line(self, id: UUID, line: BudgetLine, reason: str) -> None:
        """Put right a line of its budget, even after it was settled."""
        reason = text.text(reason, "reason")
        self._require_part("budget_line", id, self.budget_lines)
        if (clean := line.cleaned()) != self.budget_lines[id]:
            self.record(self.BudgetLineCorrected, budget_line=id, line=clean, reason=reason)

    def withdraw_budget_line(self, id: UUID, reason: str) -> None:
        """Take a line out of its budget; as that needs a reason, even after it was settled."""
        reason = text.text(reason, "reason")
        if id not in self.withdrawn:
            self._require_part("budget_line", id, self.budget_lines)
            self.record(self.BudgetLineWithdrawn, budget_line=id, reason=reason)

    def state_budget(self, stage: BudgetStage, total: Total) -> None:
        """State what it costs in all."""
        self._require_open()
        if (clean := total.cleaned()) != self.budget_totals.get(stage):
            self.record(self.BudgetStated, stage=stage, total=clean)

    def correct_budget(self, stage: BudgetStage, total: Total, reason: str) -> None:
        """Put right what it costs in all, even after it was settled."""
        reason = text.text(reason, "reason")
        if stage not in self.budget_totals:
            raise BudgetNotStated("stage")
        if (clean := total.cleaned()) != self.budget_totals[stage]:
            self.record(self.BudgetCorrected, stage=stage, total=clean, reason=reason)

    def leave_budget_unanswered(self, note: str | None = None) -> None:
        """Note that its budget was asked for without an answer; it may be answered later."""
        self._require_open()
        note = text.optional_text(note, "note")
        if self.budget_totals or self.budget_lines:
            raise BudgetAnswered("action")
        if not self.budget_not_answered:
            self.record(self.BudgetNotAnswered, note=note)

    def describe_funding(self, words: str | None) -> None:
        """Say how it is paid for."""
        self._require_open()
        if (clean := text.optional_text(words, "text")) != self.funding:
            self.record(self.FundingDescribed, text=clean)

    def report_progress(self, reported_on: date, report: ProgressReport) -> None:
        """Report how far it was on a day, today at the latest."""
        self._require_open()
        self._require_past(reported_on, "reported_on")
        if (clean := report.cleaned()) != self.progress.get(reported_on):
            self.record(self.ProgressReported, reported_on=reported_on, report=clean)

    def correct_progress(self, reported_on: date, report: ProgressReport, reason: str) -> None:
        """Put right what was reported for a day; what is done stays at 100 percent."""
        reason = text.text(reason, "reason")
        clean = report.cleaned()
        if reported_on not in self.progress:
            raise ProgressNotReported("reported_on", day=reported_on)
        if self.status is ExecutionStatus.DONE and reported_on == max(self.progress):
            _require_whole(clean.percent, reported_on)
        if clean != self.progress[reported_on]:
            self.record(
                self.ProgressCorrected, reported_on=reported_on, report=clean, reason=reason
            )

    def change_status(self, status: ExecutionStatus) -> None:
        """State where its execution stands, as far as that is all there is to say."""
        if status is self.status:
            return
        self._require_open()
        _require_plain(status)
        if self.status is ExecutionStatus.BLOCKED:
            raise StillBlocked("status")
        self.record(self.StatusChanged, status=status)

    def block(self, obstacle: str | None = None) -> None:
        """State that something is in its way."""
        self._require_open()
        obstacle = text.optional_text(obstacle, "obstacle")
        if self.status is not ExecutionStatus.BLOCKED or obstacle != self.obstacle:
            self.record(self.Blocked, obstacle=obstacle)

    def unblock(self, status: ExecutionStatus | None = None) -> None:
        """State that nothing is in its way; it goes on as told, or as it stood before."""
        self._require_open()
        if status is not None:
            _require_plain(status)
        if self.status is ExecutionStatus.BLOCKED:
            self.record(self.Unblocked, status=status or self.status_before_block)
        elif status not in (None, self.status):
            raise NotBlocked("action")

    def renew(self, year: int) -> None:
        """Let it go on for another year."""
        self._require_open()
        text.within(year, *YEARS, "year")
        if year not in self.renewed:
            self.record(self.Renewed, year=year)

    def refocus(
        self, year: int, reason: str, *, title: str | None = None, description: str | None = None
    ) -> None:
        """Let it go on for another year with another aim; what is not given stays."""
        self._require_open()
        text.within(year, *YEARS, "year")
        reason = text.text(reason, "reason")
        wording = replace(
            self.wording,
            title=self.wording.title if title is None else title,
            description=self.wording.description if description is None else description,
        ).cleaned()
        if self.refocused.get(year) != reason or wording != self.wording:
            self.record(
                self.Refocused,
                year=year,
                reason=reason,
                title=wording.title,
                description=wording.description,
            )

    def finish(self, finished_on: date | None = None) -> None:
        """State that it is done, and stands at 100 percent since then."""
        if self.status is ExecutionStatus.DONE and finished_on in (None, self.settled_on):
            return
        self._require_open()
        day = finished_on or today(self.now)
        self._require_past(day, "finished_on")
        if self.progress and (last := max(self.progress)) > day:
            percent = self.progress[last].percent
            if percent < WHOLE:
                raise DoneBeforeReported("finished_on", day=last, percent=percent)
        elif not self.progress or self.progress[max(self.progress)].percent < WHOLE:
            report = ProgressReport(percent=WHOLE)
            self.record(self.ProgressReported, reported_on=day, report=report)
        self.record(self.Finished, finished_on=day)

    def abandon(self, reason: str, abandoned_on: date | None = None) -> None:
        """Give it up."""
        reason = text.text(reason, "reason")
        if self.status is ExecutionStatus.ABANDONED and abandoned_on in (None, self.settled_on):
            return
        self._require_open()
        day = abandoned_on or today(self.now)
        self._require_past(day, "abandoned_on")
        self.record(self.Abandoned, abandoned_on=day, reason=reason)

    def reopen(
        self, reason: str, *, status: ExecutionStatus | None = None, percent: int | None = None
    ) -> None:
        """Put right that it was done or abandoned; it goes on, as far as it really is."""
        reason = text.text(reason, "reason")
        status = status or ExecutionStatus.UNDER_WAY
        _require_plain(status)
        if percent is not None:
            text.within(percent, 0, WHOLE, "percent")
        if status is self.status:
            return
        if self.status not in SETTLED:
            raise NotSettled("action")
        self.record(self.Reopened, status=status, reason=reason)
        if percent is not None:
            self.report_progress(today(self.now), ProgressReport(percent=percent))

    def add_note(self, id: UUID, words: str, reason: str | None = None) -> None:
        """Note something about it; after it was settled with a reason."""
        words = text.text(words, "text")
        reason = text.optional_text(reason, "reason")
        self._require_open_or(reason)
        if id not in self.notes:
            self.record(self.NoteAdded, note=id, text=words, reason=reason)

    def add_step(self, id: UUID, step: Step) -> None:
        """Add a step below the others."""
        self._require_open()
        if id not in self.steps:
            _require_room(self.steps, STEPS)
            clean = step.cleaned()
            self.record(self.StepAdded, step=id, title=clean.title, due=clean.due)

    def complete_step(self, id: UUID, done_on: date | None = None) -> None:
        """State that a step is done, today or on the day that is given."""
        self._require_open()
        self._require_part("step", id, self.steps)
        known = self.steps[id].done_on
        day = done_on or known or today(self.now)
        self._require_past(day, "done_on")
        if day != known:
            self.record(self.StepDone, step=id, done_on=day)

    def drop_step(self, id: UUID, reason: str | None = None) -> None:
        """Give up a step."""
        self._require_open()
        reason = text.optional_text(reason, "reason")
        if id not in self.withdrawn:
            self._require_part("step", id, self.steps)
            self.record(self.StepDropped, step=id, reason=reason)

    def link_document(self, id: UUID, title: str, url: str, reason: str | None = None) -> None:
        """Tell where on the web to read about it; after it was settled with a reason."""
        document = (sheet.title(title, "title"), link.link(url, "url"))
        reason = text.optional_text(reason, "reason")
        self._require_open_or(reason)
        if document not in self.documents.values():
            _require_room(self.documents, DOCUMENTS)
            title, url = document
            self.record(self.DocumentLinked, document=id, title=title, url=url, reason=reason)

    def unlink_document(self, id: UUID, reason: str | None = None) -> None:
        """Take back a link; after it was settled with a reason."""
        reason = text.optional_text(reason, "reason")
        self._require_open_or(reason)
        if id not in self.withdrawn:
            self._require_part("document", id, self.documents)
            self.record(self.DocumentUnlinked, document=id, reason=reason)

    def measure_impact(self, id: UUID, impact: Impact, reason: str | None = None) -> None:
        """State what it was found to have changed; after it was settled with a reason."""
        reason = text.optional_text(reason, "reason")
        self._require_open_or(reason)
        clean = self._checked_impact(impact)
        if clean not in self.impacts.values():
            _require_room(self.impacts, IMPACTS)
            self.record(self.ImpactMeasured, impact=id, finding=clean, reason=reason)

    def correct_impact(self, id: UUID, impact: Impact, reason: str) -> None:
        """Put right what was measured, even after it was settled."""
        reason = text.text(reason, "reason")
        self._require_part("impact", id, self.impacts)
        if (clean := self._checked_impact(impact)) != self.impacts[id]:
            self.record(self.ImpactCorrected, impact=id, finding=clean, reason=reason)

    def link_objective(self, roadmap: Roadmap, objective: UUID) -> None:
        """State that it serves an impact objective of a roadmap."""
        self._require_open()
        require_in_roadmap("objective", objective, roadmap, roadmap.objectives)
        if objective not in self.serves:
            self.record(self.ObjectiveLinked, roadmap=roadmap.id, objective=objective)

    def unlink_objective(self, objective: UUID) -> None:
        """State that it serves an impact objective no more."""
        self._require_open()
        if (roadmap := self.serves.get(objective)) is not None:
            self.record(self.ObjectiveUnlinked, roadmap=roadmap, objective=objective)

    def _require_open(self) -> None:
        if self.status in SETTLED:
            raise ActionSettled("action", status=self.status.en, status_in_french=self.status.fr)

    def _require_open_or(self, reason: str | None) -> None:
        """Let something be added after the end, but only with a reason."""
        if reason is None:
            self._require_open()

    def _require_past(self, day: date, path: str) -> None:
        if day > today(self.now):
            raise DayStillToCome(path, day=day)

    def _require_part(self, noun: str, id: UUID, parts: Container[UUID]) -> None:
        named = identity.external(noun, id)
        if id in self.withdrawn:
            raise PartWithdrawn(noun, id=named)
        if id not in parts:
            raise NotFound(noun, id=named, noun=noun)

    def _checked_impact(self, impact: Impact) -> Impact:
        if impact.measured_on is not None:
            self._require_past(impact.measured_on, "measured_on")
        return impact.cleaned()

    # access

    def places(self) -> Sequence[Place]:
        """Itself, and whose it is."""
        return (Place.of(ScopeKind.ACTION, self.id), *self.owner.places())

    async def beyond(self, work: Work) -> Sequence[Place]:
        """Where the alliance or the roadmap lies whose it is."""
        return await beyond_owner(self.owner, work)

    async def open_to(self, standing: Standing, work: Work) -> bool:
        """Tell who may know of it.

        A public one: those who know of its plan. A restricted one: its owner's people, those who
        have a role in it, and who administers or audits them.
        """
        owner, visibility = self.owner, self.visibility
        if visibility is ActionVisibility.PUBLIC:
            if owner.roadmap is None:
                return True
            roadmap = await work.look(Roadmap, owner.roadmap)
            if roadmap is not None and await roadmap.open_to(standing, work):
                return True
        if await standing.knows(self, work):
            return True
        carriers = await self.carriers(work)
        return any(standing.holds_at(INSIDERS, place.scope) for place in carriers)

    async def carriers(self, work: Work) -> Sequence[Place]:
        """The organisations that have a role in it today, as places."""
        named = {assignment.organisation for assignment in self.assignments.values()}
        found = [await standing_for(one, work) for one in sorted(filter(None, named))]
        return [Place.of(ScopeKind.ORGANISATION, one.id) for one in found if one is not None]

    # evolution

    def __init__(
        self,
        owner: ActionOwner,
        code: str | None,
        wording: Wording,
        axis: Axis,
        classification: Classification,
    ) -> None:
        self.owner = owner
        self.code = code
        self.wording = wording
        self.axis = axis
        self.classification = classification
        self.visibility = ActionVisibility.PUBLIC
        self.assignments: dict[UUID, Assignment] = {}
        self.period: tuple[date | None, date | None] = (None, None)
        self.budget_lines: dict[UUID, BudgetLine] = {}
        self.budget_totals: dict[BudgetStage, Total] = {}
        self.budget_not_answered = False
        self.funding: str | None = None
        self.progress: dict[date, ProgressReport] = {}
        self.status: ExecutionStatus | None = None
        self.status_before_block: ExecutionStatus | None = None
        self.obstacle: str | None = None
        self.settled_on: date | None = None
        self.renewed: set[int] = set()
        self.refocused: dict[int, str] = {}
        self.notes: set[UUID] = set()
        self.steps: dict[UUID, Step] = {}
        self.documents: dict[UUID, tuple[str, str]] = {}
        self.impacts: dict[UUID, Impact] = {}
        self.serves: dict[UUID, UUID] = {}
        self.withdrawn: set[UUID] = set()


def _require_plain(status: ExecutionStatus) -> None:
    if status in TELLING:
        raise StatusOfItsOwn("status", status=status.en, status_in_french=status.fr)


def _require_whole(percent: int, day: date) -> None:
    if percent < WHOLE:
        raise DoneMeansWhole("percent", percent=percent, day=day)


def _require_room(parts: Sized, limit: int) -> None:
    if len(parts) >= limit:
        raise TooManyItems("action", length=len(parts) + 1, limit=limit)


# commands

STEERING = (*AUTHORS, Role.ACTION_PILOT)
"""Who keeps the sheet of an action."""
CARRYING = (*STEERING, Role.ORGANISATION_MEMBER)
"""Who tells how an action goes: also the people of the organisations that have a role in it."""


class Told(Command):
    """A command on how an action goes, for those, too, whose organisation has a role in it."""

    async def nearby(self, subject: Action, work: Work) -> Sequence[Place]:
        """The organisations that have a role in the action."""
        return await subject.carriers(work)


@command(
    by=AUTHORS,
    refuses=(*OWNING, PartOfAnotherPlan, AxisMissing, UnknownTerritory),
    creates="action",
)
class ProposeAction(Command):
    """Enter an action in the plan of an alliance, or under a lever of a roadmap."""

    title: Annotated[str, "What is to be done, on one line of 1 to 500 characters."]
    alliance: Annotated[Id | None, "The alliance whose action it is, unless it is a lever's."] = (
        None
    )
    roadmap: Annotated[Id | None, "The roadmap under one of whose levers it stands."] = None
    lever: Annotated[Id | None, "The lever of that roadmap."] = None
    part_of: Annotated[Id | None, "The action of the same owner that it is a part of."] = None
    code: Annotated[str | None, "Its code in the plan, such as 4_12; no other may have it."] = None
    description: Annotated[str | None, "What it consists of, up to 8 000 characters."] = None
    objectives: Annotated[str | None, "What it is to reach, in words."] = None
    expected_effects: Annotated[str | None, "What it is expected to change."] = None
    means: Annotated[str | None, "With what people and things it is done."] = None
    indicators: Annotated[str | None, "By what it is to be followed, in words."] = None
    axis: Annotated[str | None, "The axis of the plan in which it stands, as it is written."] = None
    sub_axis: Annotated[str | None, "The part of that axis."] = None
    sub_sub_axis: Annotated[str | None, "The part of that part."] = None
    category: Annotated[ActionCategory | None, "What it does for jobs and skills."] = None
    themes: Annotated[list[Theme] | None, "The themes that it serves."] = None
    audiences: Annotated[list[Audience] | None, "For whom it is."] = None
    territories: Annotated[list[str] | None, "Where it takes place, such as region:28."] = None
    participation: Annotated[ParticipationLevel | None, "What part citizens have in it."] = None
    priority: Annotated[ActionPriority | None, "How much it matters."] = None

    async def ground(self, work: Work) -> Alliance | Roadmap:
        return await plan_named(work, self.alliance, self.roadmap)

    async def decide(self, work: Work) -> Action:
        owner = await owner_named(work, self.alliance, self.roadmap, self.lever)
        action = Action.propose(
            work.new_id(),
            now=work.now,
            owner=owner,
            wording=Wording(
                title=self.title,
                description=self.description,
                objectives=self.objectives,
                expected_effects=self.expected_effects,
                means=self.means,
                indicators=self.indicators,
            ),
            axis=Axis(axis=self.axis, sub_axis=self.sub_axis, sub_sub_axis=self.sub_sub_axis),
            classification=Classification(
                category=self.category,
                themes=tuple(self.themes or ()),
                audiences=tuple(self.audiences or ()),
                territories=tuple(self.territories or ()),
                participation=self.participation,
                priority=self.priority,
            ),
            code=self.code,
            part_of=None if self.part_of is None else await work.get(Action, self.part_of),
        )
        if (claim := await free_code(work, owner, action.id, action.code)) is not None:
            claim.take(action.id)
        return work.add(action)
