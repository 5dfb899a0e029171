"""A roadmap: what an organisation or an alliance sets out to become, and by what means."""

from collections.abc import Collection, Container, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from domain import identity, text
from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.calendar import today
from domain.cohort import Cohort
from domain.command import Command, Work, command, places_of
from domain.identity import Id
from domain.label import Label
from domain.organisation import LIVING, Organisation, standing_for
from domain.part import (
    YEARS,
    ImpactScope,
    Lever,
    Objective,
    PartDropped,
    PlanItem,
    PlanItemUnderWay,
    RoadmapPart,
    WrongPart,
)
from domain.participation import NotEnrolled
from domain.quantity import quantity
from domain.refusal import NotFound, Refusal
from domain.role import INSIDERS, REPRESENTATIVES, Place, Role, ScopeKind, around
from domain.standing import Standing

LEVERS = 50
OBJECTIVES = 500
PLAN_ITEMS = 500
MOBILISATIONS = 200
"""How many of each a roadmap may have."""


class RoadmapStatus(Label):
    """Where a roadmap stands. Whether one of its versions is published is another question."""

    DRAFT = "DRAFT", "en cours d’écriture", "being drafted"
    SUBMITTED = "SUBMITTED", "remise", "submitted"
    IN_REVISION = "IN_REVISION", "en révision", "in revision"
    ARCHIVED = "ARCHIVED", "archivée", "archived"


# refusals


class RoadmapExists(Refusal):
    """There is a living roadmap already: {roadmap}. Go on with it, or archive it first."""

    FRENCH = (
        "Une feuille de route est déjà en vigueur : {roadmap}. "
        "Poursuivez-la, ou archivez-la d’abord."
    )


class RoadmapFrozen(Refusal):
    """This roadmap was submitted on {submitted_on} and is frozen. Open a revision to change it."""

    FRENCH = (
        "Cette feuille de route, remise le {submitted_on}, est figée. "
        "Ouvrez une révision pour la modifier."
    )


class RoadmapArchived(Refusal):
    """This roadmap is archived and cannot change any more. Draft a new one."""

    FRENCH = "Cette feuille de route est archivée et ne peut plus changer. Commencez-en une autre."


class RoadmapIncomplete(Refusal):
    """This roadmap cannot be submitted yet. Add what it lacks: {missing}."""

    FRENCH = (
        "Cette feuille de route ne peut pas encore être remise. "
        "Ajoutez ce qui manque : {missing_in_french}."
    )


class NothingSubmitted(Refusal):
    """This roadmap was never submitted: there is nothing to publish or revise. Submit it first."""

    FRENCH = (
        "Cette feuille de route n’a jamais été remise : il n’y a rien à publier ni à réviser. "
        "Remettez-la d’abord."
    )


class SubmissionOutOfOrder(Refusal):
    """Version {number} was submitted on {day}: the next one cannot be older. Correct the day."""

    FRENCH = (
        "La version {number} a été remise le {day} : "
        "la suivante ne peut être plus ancienne. Corrigez la date."
    )


class DayStillToCome(Refusal):
    """{day} is still to come. Give the day on which it happened, today at the latest."""

    FRENCH = "Le {day} est à venir. Donnez le jour où cela s’est produit, au plus tard aujourd’hui."


class IncompleteOrder(Refusal):
    """The order must name each of the {count} levers exactly once. Read them, then order anew."""

    FRENCH = (
        "L’ordre doit citer chacun des {count} leviers une fois et une seule. "
        "Relisez-les, puis ordonnez-les à nouveau."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadmapOwner:
    """Whose roadmap it is: an organisation's within a cohort, or an alliance's for a territory."""

    organisation: UUID | None = None
    cohort: UUID | None = None
    alliance: UUID | None = None
    territory: str | None = None

    def __post_init__(self) -> None:
        participant = (self.organisation is not None, self.cohort is not None)
        alliance = (self.alliance is not None, self.territory is not None)
        if {participant, alliance} != {(True, True), (False, False)}:
            raise ValueError("either an organisation in a cohort, or an alliance for a territory")

    @property
    def claim(self) -> tuple[str, str, str]:
        """The key that only one living roadmap of this owner holds."""
        if self.organisation is not None and self.cohort is not None:
            return "roadmap", self.organisation.hex, self.cohort.hex
        assert self.alliance is not None
        assert self.territory is not None
        return "roadmap", self.alliance.hex, self.territory


class Roadmap(Aggregate):
    """A roadmap, from its draft through each submitted version to the archive.

    Its parts stand in the order in which they were added, levers in the order that was set.
    """

    TOPIC = "roadmap"

    class Event(AggregateEvent, frozen=True):
        """A fact about a roadmap."""

    class Drafted(Event, AggregateCreated, frozen=True, kw_only=True):
        """It was begun, by an organisation in a cohort or by an alliance for a territory."""

        TOPIC = "roadmap.drafted"
        organisation: UUID | None = None
        cohort: UUID | None = None
        alliance: UUID | None = None
        territory: str | None = None
        horizon: int
        title: str | None = None

    class TurningPointTold(Event, frozen=True, kw_only=True):
        """It was told what moved its owner to change; the later telling counts."""

        TOPIC = "roadmap.turning_point_told"
        text: str

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.turning_point = self.text

    class GenerativeQuestionAsked(Event, frozen=True, kw_only=True):
        """The question that opens new ways was asked; the later one counts."""

        TOPIC = "roadmap.generative_question_asked"
        text: str

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.generative_question = self.text

    class NewCourseSet(Event, frozen=True, kw_only=True):
        """It was set down where to be at the horizon; the later course counts."""

        TOPIC = "roadmap.new_course_set"
        text: str

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.new_course = self.text

    class LeverAdded(Event, frozen=True, kw_only=True):
        """A lever was added below the others; its place counts from 1, with gaps after drops."""

        TOPIC = "roadmap.lever_added"
        lever: UUID
        position: int
        title: str
        description: str | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.lowest_position = self.position
            roadmap.levers[self.lever] = Lever(title=self.title, description=self.description)

    class LeverReworded(Event, frozen=True, kw_only=True):
        """A lever says something else from now on."""

        TOPIC = "roadmap.lever_reworded"
        lever: UUID
        title: str
        description: str | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.levers[self.lever] = Lever(title=self.title, description=self.description)

    class LeversReordered(Event, frozen=True, kw_only=True):
        """The levers stand in another order: all of them, at the positions 1, 2, 3 …."""

        TOPIC = "roadmap.levers_reordered"
        levers: tuple[UUID, ...]

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.lowest_position = len(self.levers)
            roadmap.levers = {lever: roadmap.levers[lever] for lever in self.levers}

    class LeverDropped(Event, frozen=True, kw_only=True):
        """A lever was given up; what hung on it was dropped or detached by facts of its own."""

        TOPIC = "roadmap.lever_dropped"
        lever: UUID
        reason: str

        def apply(self, roadmap: "Roadmap") -> None:
            del roadmap.levers[self.lever]
            roadmap.dropped.add(self.lever)

    class ObjectiveAdded(Event, frozen=True, kw_only=True):
        """An impact objective was added to a lever."""

        TOPIC = "roadmap.objective_added"
        objective: UUID
        lever: UUID
        wording: str
        scope: ImpactScope | None = None
        indicator: str | None = None
        unit: str | None = None
        baseline: Decimal | None = None
        target: Decimal | None = None
        due_year: int | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.levers_of[self.objective] = self.lever
            roadmap.objectives[self.objective] = Objective(
                wording=self.wording,
                scope=self.scope,
                indicator=self.indicator,
                unit=self.unit,
                baseline=self.baseline,
                target=self.target,
                due_year=self.due_year,
            )

    class ObjectiveReworded(Event, frozen=True, kw_only=True):
        """An impact objective says something else from now on; this is all that it says."""

        TOPIC = "roadmap.objective_reworded"
        objective: UUID
        wording: str
        scope: ImpactScope | None = None
        indicator: str | None = None
        unit: str | None = None
        baseline: Decimal | None = None
        target: Decimal | None = None
        due_year: int | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.objectives[self.objective] = Objective(
                wording=self.wording,
                scope=self.scope,
                indicator=self.indicator,
                unit=self.unit,
                baseline=self.baseline,
                target=self.target,
                due_year=self.due_year,
            )

    class ObjectiveDropped(Event, frozen=True, kw_only=True):
        """An impact objective was given up."""

        TOPIC = "roadmap.objective_dropped"
        objective: UUID
        reason: str

        def apply(self, roadmap: "Roadmap") -> None:
            del roadmap.objectives[self.objective]
            del roadmap.levers_of[self.objective]
            roadmap.dropped.add(self.objective)

    class ObjectiveMeasured(Event, frozen=True, kw_only=True):
        """It was found where an objective stood on a day.

        The later one of two measurements by one source for one day counts.
        """

        TOPIC = "roadmap.objective_measured"
        objective: UUID
        value: Decimal
        measured_on: date
        source: str | None = None
        note: str | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            day = (self.objective, self.measured_on, self.source)
            roadmap.measurements[day] = (self.value, self.note)

    class PlanItemAdded(Event, frozen=True, kw_only=True):
        """A line was added to the action plan."""

        TOPIC = "roadmap.plan_item_added"
        plan_item: UUID
        title: str
        lever: UUID | None = None
        due: date | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.plan[self.plan_item] = PlanItem(
                title=self.title, lever=self.lever, due=self.due
            )

    class PlanItemReworded(Event, frozen=True, kw_only=True):
        """A line of the action plan says something else from now on; this is all that it says."""

        TOPIC = "roadmap.plan_item_reworded"
        plan_item: UUID
        title: str
        lever: UUID | None = None
        due: date | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.plan[self.plan_item] = PlanItem(
                title=self.title, lever=self.lever, due=self.due
            )

    class PlanItemTurnedIntoAction(Event, frozen=True, kw_only=True):
        """A line of the action plan lives on as an action."""

        TOPIC = "roadmap.plan_item_turned_into_action"
        plan_item: UUID
        action: UUID

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.actions[self.plan_item] = self.action

    class PlanItemDropped(Event, frozen=True, kw_only=True):
        """A line of the action plan was given up."""

        TOPIC = "roadmap.plan_item_dropped"
        plan_item: UUID
        reason: str

        def apply(self, roadmap: "Roadmap") -> None:
            del roadmap.plan[self.plan_item]
            roadmap.dropped.add(self.plan_item)

    class EcosystemMobilisationAdded(Event, frozen=True, kw_only=True):
        """A way to take others along was added."""

        TOPIC = "roadmap.ecosystem_mobilisation_added"
        ecosystem_mobilisation: UUID
        text: str
        audience: str | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.ecosystem_mobilisations.add(self.ecosystem_mobilisation)

    class EcosystemMobilisationDropped(Event, frozen=True, kw_only=True):
        """A way to take others along was given up."""

        TOPIC = "roadmap.ecosystem_mobilisation_dropped"
        ecosystem_mobilisation: UUID
        reason: str | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.ecosystem_mobilisations.remove(self.ecosystem_mobilisation)
            roadmap.dropped.add(self.ecosystem_mobilisation)

    class Commented(Event, frozen=True, kw_only=True):
        """A coordinator commented on it, or on a part of it."""

        TOPIC = "roadmap.commented"
        comment: UUID
        text: str
        about: RoadmapPart
        part: UUID | None = None

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.comments.add(self.comment)

    class Submitted(Event, frozen=True, kw_only=True):
        """What it says at this point was handed in, as a version that stays readable for ever."""

        TOPIC = "roadmap.submitted"
        submission: UUID
        number: int
        submitted_on: date

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.status = RoadmapStatus.SUBMITTED
            roadmap.submissions = self.number
            roadmap.submitted_on = self.submitted_on

    class Published(Event, frozen=True, kw_only=True):
        """A submitted version became public, in the place of any other."""

        TOPIC = "roadmap.published"
        number: int

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.published = self.number

    class RevisionOpened(Event, frozen=True, kw_only=True):
        """It may be changed again, towards its next version."""

        TOPIC = "roadmap.revision_opened"
        reason: str

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.status = RoadmapStatus.IN_REVISION

    class Archived(Event, frozen=True, kw_only=True):
        """It was laid aside and makes room for another one."""

        TOPIC = "roadmap.archived"
        reason: str

        def apply(self, roadmap: "Roadmap") -> None:
            roadmap.status = RoadmapStatus.ARCHIVED

    # decisions

    @classmethod
    def draft(
        cls, id: UUID, *, now: datetime, owner: RoadmapOwner, horizon: int, title: str | None = None
    ) -> Self:
        """Begin a roadmap. The caller holds the claim of its owner."""
        return cls._create(
            cls.Drafted,
            id=id,
            timestamp=now,
            **asdict(owner),
            horizon=text.within(horizon, *YEARS, "horizon"),
            title=text.optional_name(title, "title"),
        ).at(now)

    def tell_turning_point(self, wording: str) -> None:
        """Tell what moved its owner to change."""
        self._require_open()
        if (clean := text.text(wording, "text")) != self.turning_point:
            self.record(self.TurningPointTold, text=clean)

    def ask_generative_question(self, wording: str) -> None:
        """Ask the question that opens new ways."""
        self._require_open()
        if (clean := text.text(wording, "text")) != self.generative_question:
            self.record(self.GenerativeQuestionAsked, text=clean)

    def set_new_course(self, wording: str) -> None:
        """Set down where to be at the horizon."""
        self._require_open()
        if (clean := text.text(wording, "text")) != self.new_course:
            self.record(self.NewCourseSet, text=clean)

    def add_lever(self, id: UUID, lever: Lever) -> None:
        """Add a lever below the others."""
        self._require_open()
        if id not in self.levers:
            text.at_most((*self.levers, id), LEVERS, "roadmap")
            below = self.lowest_position + 1
            self.record(self.LeverAdded, lever=id, position=below, **asdict(lever.cleaned()))

    def reword_lever(self, id: UUID, lever: Lever) -> None:
        """Let a lever say something else."""
        self._require_open()
        self._require_part("lever", id, self.levers)
        if (clean := lever.cleaned()) != self.levers[id]:
            self.record(self.LeverReworded, lever=id, **asdict(clean))

    def reorder_levers(self, order: Sequence[UUID]) -> None:
        """Set the order of all levers."""
        self._require_open()
        levers = text.at_most(order, LEVERS, "levers")
        for lever in levers:
            self._require_part("lever", lever, self.levers, "levers")
        if len(levers) != len(self.levers) or set(levers) != set(self.levers):
            raise IncompleteOrder("levers", count=len(self.levers))
        if levers != tuple(self.levers):
            self.record(self.LeversReordered, levers=levers)

    def drop_lever(self, id: UUID, reason: str) -> None:
        """Give up a lever and its objectives; its plan items stay in the plan without it."""
        self._require_open()
        if id in self.dropped:
            return
        self._require_part("lever", id, self.levers)
        reason = text.text(reason, "reason")
        for objective in [key for key, lever in self.levers_of.items() if lever == id]:
            self.record(self.ObjectiveDropped, objective=objective, reason=reason)
        for key, item in [entry for entry in self.plan.items() if entry[1].lever == id]:
            detached = replace(item, lever=None)
            self.record(self.PlanItemReworded, plan_item=key, **asdict(detached))
        self.record(self.LeverDropped, lever=id, reason=reason)

    def add_objective(self, id: UUID, lever: UUID, objective: Objective) -> None:
        """Add an impact objective to a lever."""
        self._require_open()
        self._require_part("lever", lever, self.levers)
        if id not in self.objectives:
            text.at_most((*self.objectives, id), OBJECTIVES, "roadmap")
            clean = objective.cleaned()
            self.record(self.ObjectiveAdded, objective=id, lever=lever, **asdict(clean))

    def reword_objective(self, id: UUID, objective: Objective) -> None:
        """Let an impact objective say something else."""
        self._require_open()
        self._require_part("objective", id, self.objectives)
        if (clean := objective.cleaned()) != self.objectives[id]:
            self.record(self.ObjectiveReworded, objective=id, **asdict(clean))

    def drop_objective(self, id: UUID, reason: str) -> None:
        """Give up an impact objective."""
        self._require_open()
        if id in self.dropped:
            return
        self._require_part("objective", id, self.objectives)
        self.record(self.ObjectiveDropped, objective=id, reason=text.text(reason, "reason"))

    def measure_objective(
        self,
        id: UUID,
        *,
        value: Decimal,
        measured_on: date,
        source: str | None = None,
        note: str | None = None,
    ) -> None:
        """State where an objective stood on a day, whether the roadmap is frozen or not."""
        self._require_living()
        self._require_part("objective", id, self.objectives)
        self._require_past(measured_on, "measured_on")
        value = quantity(value, "value")
        source = text.optional_name(source, "source")
        note = text.optional_text(note, "note")
        if self.measurements.get((id, measured_on, source)) != (value, note):
            self.record(
                self.ObjectiveMeasured,
                objective=id,
                value=value,
                measured_on=measured_on,
                source=source,
                note=note,
            )

    def add_plan_item(self, id: UUID, item: PlanItem) -> None:
        """Add a line to the action plan."""
        self._require_open()
        self._require_lever_of(item)
        if id not in self.plan:
            text.at_most((*self.plan, id), PLAN_ITEMS, "roadmap")
            self.record(self.PlanItemAdded, plan_item=id, **asdict(item.cleaned()))

    def reword_plan_item(self, id: UUID, item: PlanItem) -> None:
        """Let a line of the action plan say something else."""
        self._require_open()
        self._require_part("plan_item", id, self.plan)
        self._require_no_action(id)
        self._require_lever_of(item)
        if (clean := item.cleaned()) != self.plan[id]:
            self.record(self.PlanItemReworded, plan_item=id, **asdict(clean))

    def turn_plan_item_into_action(self, id: UUID, action: UUID) -> None:
        """Let a line of the plan live on as an action; it says the same, so frozen or not."""
        self._require_living()
        self._require_part("plan_item", id, self.plan)
        if self.actions.get(id) != action:
            self._require_no_action(id)
            self.record(self.PlanItemTurnedIntoAction, plan_item=id, action=action)

    def drop_plan_item(self, id: UUID, reason: str) -> None:
        """Give up a line of the action plan."""
        self._require_open()
        if id in self.dropped:
            return
        self._require_part("plan_item", id, self.plan)
        self._require_no_action(id)
        self.record(self.PlanItemDropped, plan_item=id, reason=text.text(reason, "reason"))

    def add_ecosystem_mobilisation(
        self, id: UUID, wording: str, audience: str | None = None
    ) -> None:
        """Add a way to take others along."""
        self._require_open()
        if id not in self.ecosystem_mobilisations:
            text.at_most((*self.ecosystem_mobilisations, id), MOBILISATIONS, "roadmap")
            self.record(
                self.EcosystemMobilisationAdded,
                ecosystem_mobilisation=id,
                text=text.text(wording, "text"),
                audience=text.optional_name(audience, "audience"),
            )

    def drop_ecosystem_mobilisation(self, id: UUID, reason: str | None = None) -> None:
        """Give up a way to take others along."""
        self._require_open()
        if id in self.dropped:
            return
        self._require_part("ecosystem_mobilisation", id, self.ecosystem_mobilisations)
        self.record(
            self.EcosystemMobilisationDropped,
            ecosystem_mobilisation=id,
            reason=text.optional_text(reason, "reason"),
        )

    def comment(self, id: UUID, wording: str, about: RoadmapPart, part: UUID | None = None) -> None:
        """Comment on it or on a part, a dropped one included, frozen or not."""
        self._require_living()
        if (part is None) != (about.noun is None):
            raise WrongPart("part")
        if part is not None and part not in self.dropped:
            self._require_part(str(about.noun), part, self._parts(about), "part")
        if id not in self.comments:
            self.record(
                self.Commented,
                comment=id,
                text=text.text(wording, "text"),
                about=about,
                part=part,
            )

    def submit(self, id: UUID, submitted_on: date | None = None) -> None:
        """Hand in what it says, as its next version, today or on the day that is given."""
        self._require_living()
        if self.status is RoadmapStatus.SUBMITTED:
            if submitted_on in (None, self.submitted_on):
                return
            raise RoadmapFrozen("submitted_on", submitted_on=self.submitted_on)
        day = submitted_on or today(self.now)
        self._require_past(day, "submitted_on")
        if self.submitted_on is not None and day < self.submitted_on:
            raise SubmissionOutOfOrder(
                "submitted_on", number=self.submissions, day=self.submitted_on
            )
        self._require_complete()
        self.record(self.Submitted, submission=id, number=self.submissions + 1, submitted_on=day)

    def publish(self) -> None:
        """Make the latest submitted version public."""
        self._require_living()
        self._require_submitted()
        if self.published != self.submissions:
            self.record(self.Published, number=self.submissions)

    def open_revision(self, reason: str) -> None:
        """Let what was submitted be changed again."""
        self._require_living()
        self._require_submitted()
        reason = text.text(reason, "reason")
        if self.status is not RoadmapStatus.IN_REVISION:
            self.record(self.RevisionOpened, reason=reason)

    def archive(self, reason: str) -> None:
        """Lay it aside for good."""
        if self.status is not RoadmapStatus.ARCHIVED:
            self.record(self.Archived, reason=text.text(reason, "reason"))

    def _require_living(self) -> None:
        if self.status is RoadmapStatus.ARCHIVED:
            raise RoadmapArchived("roadmap")

    def _require_open(self) -> None:
        self._require_living()
        if self.status is RoadmapStatus.SUBMITTED:
            raise RoadmapFrozen("roadmap", submitted_on=self.submitted_on)

    def _require_submitted(self) -> None:
        if self.submissions == 0:
            raise NothingSubmitted("roadmap")

    def _require_past(self, day: date, path: str) -> None:
        if day > today(self.now):
            raise DayStillToCome(path, day=day)

    def _require_part(
        self, noun: str, id: UUID, parts: Container[UUID], path: str | None = None
    ) -> None:
        named = identity.external(noun, id)
        if id in self.dropped:
            raise PartDropped(path or noun, id=named)
        if id not in parts:
            raise NotFound(path or noun, id=named, noun=noun)

    def _require_lever_of(self, item: PlanItem) -> None:
        if item.lever is not None:
            self._require_part("lever", item.lever, self.levers)

    def _require_no_action(self, plan_item: UUID) -> None:
        if (action := self.actions.get(plan_item)) is not None:
            raise PlanItemUnderWay("plan_item", action=identity.external("action", action))

    def _require_complete(self) -> None:
        missing = [
            (part.en, part.fr)
            for part, said in (
                (RoadmapPart.GENERATIVE_QUESTION, self.generative_question),
                (RoadmapPart.NEW_COURSE, self.new_course),
                (RoadmapPart.LEVER, self.levers),
            )
            if not said
        ]
        served = set(self.levers_of.values())
        missing += [
            (
                f"{RoadmapPart.OBJECTIVE.en} on the lever “{lever.title}”",
                f"{RoadmapPart.OBJECTIVE.fr} pour le levier « {lever.title} »",
            )
            for id, lever in self.levers.items()
            if id not in served
        ]
        if missing:
            english, french = zip(*missing, strict=True)
            raise RoadmapIncomplete(
                "roadmap", missing=", ".join(english), missing_in_french=", ".join(french)
            )

    def _parts(self, about: RoadmapPart) -> Container[UUID]:
        parts: dict[RoadmapPart, Container[UUID]] = {
            RoadmapPart.LEVER: self.levers,
            RoadmapPart.OBJECTIVE: self.objectives,
            RoadmapPart.PLAN_ITEM: self.plan,
            RoadmapPart.ECOSYSTEM_MOBILISATION: self.ecosystem_mobilisations,
        }
        return parts[about]

    # access

    def places(self) -> Sequence[Place]:
        """The alliance whose it is and the territory for which it is, or the cohort."""
        owner = self.owner
        if owner.alliance is not None:
            home = around(owner.territory, ScopeKind.ALLIANCE)
            return (Place.of(ScopeKind.ALLIANCE, owner.alliance), *home)
        assert owner.cohort is not None
        return (Place.of(ScopeKind.COHORT, owner.cohort),)

    async def beyond(self, work: Work) -> Sequence[Place]:
        """The organisation whose it is today, its home, and where the cohort lies."""
        owner = self.owner
        if owner.organisation is None or owner.cohort is None:
            return ()
        organisation = await standing_for(owner.organisation, work)
        own = () if organisation is None else organisation.places()
        return (*own, *await places_of(Cohort, owner.cohort, work))

    async def open_to(self, standing: Standing, work: Work) -> bool:
        """Tell who may know of it.

        A draft: its owners and those who coach, coordinate, administer or audit them. What was
        submitted: also those who take part beside them. What was published: everybody.
        """
        owner, submitted = self.owner, self.submissions > 0
        if self.published is not None or await standing.knows(self, work):
            return True
        if not submitted:
            return False
        fellows = frozenset(await _fellows(owner, work))
        for scope in standing.scopes(INSIDERS, ScopeKind.ORGANISATION):
            own = await work.look(Organisation, scope.uuid)
            if own is not None and own.survivor is None and not fellows.isdisjoint(own.identities):
                return True
        return False

    # evolution

    def __init__(
        self,
        organisation: UUID | None,
        cohort: UUID | None,
        alliance: UUID | None,
        territory: str | None,
    ) -> None:
        self.owner = RoadmapOwner(
            organisation=organisation, cohort=cohort, alliance=alliance, territory=territory
        )
        self.status = RoadmapStatus.DRAFT
        self.turning_point: str | None = None
        self.generative_question: str | None = None
        self.new_course: str | None = None
        self.levers: dict[UUID, Lever] = {}
        self.lowest_position = 0
        self.objectives: dict[UUID, Objective] = {}
        self.levers_of: dict[UUID, UUID] = {}
        self.measurements: dict[tuple[UUID, date, str | None], tuple[Decimal, str | None]] = {}
        self.plan: dict[UUID, PlanItem] = {}
        self.actions: dict[UUID, UUID] = {}
        self.ecosystem_mobilisations: set[UUID] = set()
        self.comments: set[UUID] = set()
        self.dropped: set[UUID] = set()
        self.submissions = 0
        self.submitted_on: date | None = None
        self.published: int | None = None


async def _fellows(owner: RoadmapOwner, work: Work) -> Collection[UUID]:
    """The organisations that take part in the cohort or the alliance of a roadmap."""
    if owner.cohort is not None:
        cohort = await work.look(Cohort, owner.cohort)
        return () if cohort is None else cohort.enrolled
    # Alliances know what a roadmap is, and are imported here, not above.
    from domain.alliance import Alliance

    assert owner.alliance is not None
    alliance = await work.look(Alliance, owner.alliance)
    if alliance is None:
        return ()
    return [member for member, kind in alliance.members.items() if kind is not None]


# commands

AUTHORS = (*REPRESENTATIVES, Role.ALLIANCE_COORDINATOR)
"""Who writes a roadmap, and enters actions in a plan: for an organisation or for an alliance."""

EDITING = (RoadmapArchived, RoadmapFrozen)
"""What refuses any change to what a roadmap says."""


@command(by=REPRESENTATIVES, refuses=(*LIVING, NotEnrolled, RoadmapExists), creates="roadmap")
class DraftRoadmap(Command):
    """Begin the roadmap of an organisation that is enrolled in a cohort."""

    organisation: Annotated[Id, "The organisation whose roadmap it is."]
    cohort: Annotated[Id, "The cohort in which it is written."]
    horizon: Annotated[int, "The year to which it looks, such as 2030."]
    title: Annotated[str | None, "Its title, 1 to 200 characters."] = None

    async def ground(self, work: Work) -> Organisation:
        return await work.get(Organisation, self.organisation)

    async def decide(self, work: Work) -> Roadmap:
        organisation = await work.get(Organisation, self.organisation)
        organisation.require_living()
        cohort = await work.get(Cohort, self.cohort)
        party = cohort.known_as(organisation)
        if party not in cohort.enrolled:
            raise NotEnrolled("organisation", organisation=self.organisation, cohort=self.cohort)
        owner = RoadmapOwner(organisation=party, cohort=cohort.id)
        roadmap = Roadmap.draft(
            work.new_id(), now=work.now, owner=owner, horizon=self.horizon, title=self.title
        )
        claim = await work.claim(*owner.claim)
        if claim.held_by_another(roadmap.id):
            assert claim.holder is not None
            raise RoadmapExists("organisation", roadmap=identity.external("roadmap", claim.holder))
        claim.take(roadmap.id)
        return work.add(roadmap)


@command(by=AUTHORS, refuses=EDITING)
class TellTurningPoint(Command):
    """Tell what moved the owner of a roadmap to change. A later telling replaces it."""

    roadmap: Annotated[Id, "The roadmap."]
    text: Annotated[str, "The turning point, 1 to 8 000 characters."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.tell_turning_point(self.text)
        return roadmap


@command(by=AUTHORS, refuses=EDITING)
class AskGenerativeQuestion(Command):
    """Ask the question that opens new ways. A later one replaces it."""

    roadmap: Annotated[Id, "The roadmap."]
    text: Annotated[str, "The question, 1 to 8 000 characters."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.ask_generative_question(self.text)
        return roadmap


@command(by=AUTHORS, refuses=EDITING)
class SetNewCourse(Command):
    """Set down where the owner of a roadmap is to be at the horizon. A later course replaces it."""

    roadmap: Annotated[Id, "The roadmap."]
    text: Annotated[str, "The course, 1 to 8 000 characters."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.set_new_course(self.text)
        return roadmap


@command(
    by=(Role.COHORT_COORDINATOR, Role.FACILITATOR, *AUTHORS),
    refuses=(RoadmapArchived, WrongPart),
    creates="comment",
)
class CommentOnRoadmap(Command):
    """Comment on a roadmap or on one of its parts, frozen or not."""

    roadmap: Annotated[Id, "The roadmap."]
    text: Annotated[str, "The comment, 1 to 8 000 characters."]
    about: Annotated[RoadmapPart, "What the comment is about."] = RoadmapPart.ROADMAP
    part: Annotated[
        Id | None, "The lever, objective, plan item or ecosystem mobilisation that is meant."
    ] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        part = None
        if self.part is not None:
            if self.about.noun is None:
                raise WrongPart("part")
            part = identity.internal(self.about.noun, self.part)
        roadmap.comment(work.new_id(), self.text, self.about, part)
        return roadmap


@command(
    by=(Role.ORGANISATION_LEADER, Role.ALLIANCE_COORDINATOR),
    refuses=(
        RoadmapArchived,
        RoadmapFrozen,
        RoadmapIncomplete,
        DayStillToCome,
        SubmissionOutOfOrder,
    ),
)
class SubmitRoadmap(Command):
    """Hand in what a roadmap says, as its next numbered version; it is frozen from then on."""

    roadmap: Annotated[Id, "The roadmap."]
    submitted_on: Annotated[
        date | None, "The day on which it was handed in; by default effectiveOn, or today."
    ] = None
    effective_on: Annotated[
        date | None, "The day on which it took effect, where that is not the day of recording."
    ] = None

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.submit(work.new_id(), self.submitted_on or self.effective_on)
        return roadmap


@command(
    by=(Role.COHORT_COORDINATOR, Role.ORGANISATION_LEADER, Role.ALLIANCE_COORDINATOR),
    refuses=(RoadmapArchived, NothingSubmitted),
)
class PublishRoadmap(Command):
    """Make the latest submitted version of a roadmap public."""

    roadmap: Annotated[Id, "The roadmap."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.publish()
        return roadmap


@command(
    by=(Role.COHORT_COORDINATOR, Role.ORGANISATION_LEADER, Role.ALLIANCE_COORDINATOR),
    refuses=(RoadmapArchived, NothingSubmitted),
)
class OpenRevision(Command):
    """Let a submitted roadmap be changed again, towards its next version."""

    roadmap: Annotated[Id, "The roadmap."]
    reason: Annotated[str, "Why it is to change."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.open_revision(self.reason)
        return roadmap


@command(by=(Role.COHORT_COORDINATOR, Role.ORGANISATION_LEADER, Role.ALLIANCE_COORDINATOR))
class ArchiveRoadmap(Command):
    """Lay a roadmap aside for good; its owner may draft another one."""

    roadmap: Annotated[Id, "The roadmap."]
    reason: Annotated[str, "Why it is laid aside."]

    async def decide(self, work: Work) -> Roadmap:
        roadmap = await work.get(Roadmap, self.roadmap)
        roadmap.archive(self.reason)
        (await work.claim(*roadmap.owner.claim)).release(roadmap.id)
        return roadmap
