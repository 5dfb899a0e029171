"""An alliance: those of a territory who work on its transition together."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self, TypeVar
from uuid import UUID

from domain import calendar, identity, link, text
from domain import territory as reference
from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.command import Command, Work, command
from domain.conclusion import Conclusion
from domain.identity import Id
from domain.indicator import (
    YEARS,
    Baseline,
    Definition,
    Indicator,
    IndicatorExists,
    IndicatorNotInUse,
    Measurement,
    MeasurementExists,
    MeasurementSubject,
    MeasurementVoid,
    NothingToCorrect,
    Reading,
    Source,
)
from domain.label import Label
from domain.meeting import Holding, Meeting, MeetingKind, MeetingNotHeld, WorkingGroupOver
from domain.membership import (
    AlreadyMember,
    Contribution,
    MemberCount,
    MembershipKind,
    NotAMember,
    check_theme,
    contributions,
)
from domain.organisation import HeldInTheFuture, Organisation, OrganisationKind
from domain.party import Party
from domain.prioritisation import (
    ARGUMENTS,
    CRITERIA,
    OPTIONS,
    SCORES,
    Argument,
    CriterionEntry,
    CriterionMissing,
    Decision,
    OptionEntry,
    Prioritisation,
)
from domain.refusal import NotFound, Refusal
from domain.review import (
    Figures,
    Finding,
    Review,
    ReviewExists,
    ReviewNotPublished,
    StatedProgress,
    ThemeFigures,
)
from domain.roadmap import DayStillToCome
from domain.role import Place, Role, ScopeKind, around
from domain.session import AlreadyCancelled, AlreadyHeld
from domain.survey import (
    QUESTIONS,
    AnswerMissing,
    MembersOnly,
    Returns,
    Survey,
    SurveyShortened,
)
from domain.theme import Theme

P = TypeVar("P")

HORIZONS = (2000, 2100)
"""The first and the last year that a horizon may name."""

GROUP_MEMBERS = 1_000
"""How many organisations a working group or a review may name."""


class AllianceKind(Label):
    """What an alliance is made for."""

    ALLIANCE = "ALLIANCE", "alliance territoriale", "territorial alliance"
    REGIONAL_COP = "REGIONAL_COP", "COP régionale", "regional COP"
    WORKING_GROUP = "WORKING_GROUP", "groupe de travail", "working group"


# refusals


class AllianceClosed(Refusal):
    """This alliance is closed: nothing changes any more but by a correction, with a reason."""

    FRENCH = "Cette alliance est close : seule une correction, motivée, peut encore la changer."


class AllianceNotClosed(Refusal):
    """This alliance is not closed and has no conclusion yet. Close it with its conclusion."""

    FRENCH = "Cette alliance n’est pas close et n’a pas de conclusion. Clôturez-la avec la sienne."


class Alliance(Aggregate):
    """An alliance: its members and themes, what it asks, measures, weighs and reviews."""

    TOPIC = "alliance"

    class Event(AggregateEvent, frozen=True):
        """A fact about an alliance."""

    class Launched(Event, AggregateCreated, frozen=True, kw_only=True):
        """It was launched for a territory, with a purpose and a horizon as far as they are set."""

        TOPIC = "alliance.launched"
        name: str
        kind: AllianceKind
        territory: str
        launched_on: date | None = None
        horizon: int | None = None
        purpose: str | None = None
        parent: UUID | None = None

    class MemberJoined(Event, frozen=True, kw_only=True):
        """An organisation became a member, maybe once more."""

        TOPIC = "alliance.member_joined"
        organisation: UUID
        kind: MembershipKind

        def apply(self, alliance: "Alliance") -> None:
            alliance.members[self.organisation] = self.kind

    class MembershipChanged(Event, frozen=True, kw_only=True):
        """A member belongs to it in another way from now on."""

        TOPIC = "alliance.membership_changed"
        organisation: UUID
        kind: MembershipKind
        reason: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.members[self.organisation] = self.kind

    class MemberLeft(Event, frozen=True, kw_only=True):
        """A member left; its commitments end, and it is in no working group any more."""

        TOPIC = "alliance.member_left"
        organisation: UUID
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            alliance.members[self.organisation] = None
            for key in [key for key in alliance.commitments if key[0] == self.organisation]:
                del alliance.commitments[key]
            for group, organisations in alliance.working_groups.items():
                if organisations is not None:
                    alliance.working_groups[group] = organisations - {self.organisation}

    class MembersCounted(Event, frozen=True, kw_only=True):
        """It has so many members beside those known by name; the later count of a kind holds."""

        TOPIC = "alliance.members_counted"
        kind: OrganisationKind | None = None
        counted: MemberCount

        def apply(self, alliance: "Alliance") -> None:
            alliance.counted[self.kind] = self.counted

    class ThemeOpened(Event, frozen=True, kw_only=True):
        """It works on a theme from now on, under a title of its own if it has one."""

        TOPIC = "alliance.theme_opened"
        theme: Theme
        title: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.themes[self.theme] = self.title

    class ThemeClosed(Event, frozen=True, kw_only=True):
        """It does not work on a theme any more; the commitments to it end."""

        TOPIC = "alliance.theme_closed"
        theme: Theme
        reason: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            del alliance.themes[self.theme]
            for key in [key for key in alliance.commitments if key[1] is self.theme]:
                del alliance.commitments[key]

    class CommitmentMade(Event, frozen=True, kw_only=True):
        """A member committed itself to a theme; this is all that it gives from now on."""

        TOPIC = "alliance.commitment_made"
        organisation: UUID
        theme: Theme
        contributions: tuple[Contribution, ...]

        def apply(self, alliance: "Alliance") -> None:
            alliance.commitments[self.organisation, self.theme] = self.contributions

    class CommitmentWithdrawn(Event, frozen=True, kw_only=True):
        """A member is not committed to a theme any more."""

        TOPIC = "alliance.commitment_withdrawn"
        organisation: UUID
        theme: Theme
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            del alliance.commitments[self.organisation, self.theme]

    class ExpertAssociated(Event, frozen=True, kw_only=True):
        """An organisation or a person by role helps with a theme, or with all of the work."""

        TOPIC = "alliance.expert_associated"
        expert: UUID
        party: Party
        theme: Theme | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.experts[self.expert] = (self.party, self.theme)

    class ExpertReleased(Event, frozen=True, kw_only=True):
        """An expert does not help any more."""

        TOPIC = "alliance.expert_released"
        expert: UUID
        reason: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.experts[self.expert] = None

    class WorkingGroupFormed(Event, frozen=True, kw_only=True):
        """Members took on a mandate together."""

        TOPIC = "alliance.working_group_formed"
        working_group: UUID
        name: str
        mandate: str
        theme: Theme | None = None
        organisations: tuple[UUID, ...] = ()

        def apply(self, alliance: "Alliance") -> None:
            alliance.working_groups[self.working_group] = frozenset(self.organisations)

    class WorkingGroupRegrouped(Event, frozen=True, kw_only=True):
        """A working group goes on with these members and no others."""

        TOPIC = "alliance.working_group_regrouped"
        working_group: UUID
        organisations: tuple[UUID, ...]

        def apply(self, alliance: "Alliance") -> None:
            alliance.working_groups[self.working_group] = frozenset(self.organisations)

    class WorkingGroupEnded(Event, frozen=True, kw_only=True):
        """A working group is done with its mandate, or was given up."""

        TOPIC = "alliance.working_group_ended"
        working_group: UUID
        outcome: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.working_groups[self.working_group] = None

    class MeetingScheduled(Event, frozen=True, kw_only=True):
        """A meeting was planned, on a day or within a span as far as that was known."""

        TOPIC = "alliance.meeting_scheduled"
        meeting: UUID
        kind: MeetingKind
        title: str | None = None
        theme: Theme | None = None
        working_group: UUID | None = None
        number: int | None = None
        day: date | None = None
        not_before: date | None = None
        not_after: date | None = None
        place: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.meetings[self.meeting] = Meeting(
                kind=self.kind,
                theme=self.theme,
                working_group=self.working_group,
                number=self.number,
                day=self.day,
                not_before=self.not_before,
                not_after=self.not_after,
                place=self.place,
            )

    class MeetingMoved(Event, frozen=True, kw_only=True):
        """A meeting got another time or place; all that holds from now on is repeated here."""

        TOPIC = "alliance.meeting_moved"
        meeting: UUID
        day: date | None = None
        not_before: date | None = None
        not_after: date | None = None
        place: str | None = None
        reason: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.meetings[self.meeting] = replace(
                alliance.meetings[self.meeting],
                day=self.day,
                not_before=self.not_before,
                not_after=self.not_after,
                place=self.place,
            )

    class MeetingCancelled(Event, frozen=True, kw_only=True):
        """A meeting will not take place; its number is free again."""

        TOPIC = "alliance.meeting_cancelled"
        meeting: UUID
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            meeting = alliance.meetings[self.meeting]
            alliance.meetings[self.meeting] = replace(meeting, cancelled=True)

    class MeetingHeld(Event, frozen=True, kw_only=True):
        """A meeting took place."""

        TOPIC = "alliance.meeting_held"
        meeting: UUID
        holding: Holding

        def apply(self, alliance: "Alliance") -> None:
            meeting = alliance.meetings[self.meeting]
            alliance.meetings[self.meeting] = replace(meeting, holding=self.holding)

    class MeetingCorrected(Event, frozen=True, kw_only=True):
        """What is known of a meeting that took place was put right; this is all of it."""

        TOPIC = "alliance.meeting_corrected"
        meeting: UUID
        holding: Holding
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            meeting = alliance.meetings[self.meeting]
            alliance.meetings[self.meeting] = replace(meeting, holding=self.holding)

    class SurveyOpened(Event, frozen=True, kw_only=True):
        """A survey was announced: it takes answers from one day to another, both included."""

        TOPIC = "alliance.survey_opened"
        survey: UUID
        title: str
        opens_on: date
        closes_on: date
        open_to_contributors: bool = False
        note: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.surveys[self.survey] = Survey(
                opens_on=self.opens_on,
                closes_on=self.closes_on,
                open_to_contributors=self.open_to_contributors,
            )

    class QuestionAdded(Event, frozen=True, kw_only=True):
        """A question was added to a survey, below the others."""

        TOPIC = "alliance.question_added"
        survey: UUID
        question: UUID
        number: int
        text: str

        def apply(self, alliance: "Alliance") -> None:
            alliance.surveys[self.survey].questions.add(self.question)

    class SurveyExtended(Event, frozen=True, kw_only=True):
        """A survey takes answers for longer."""

        TOPIC = "alliance.survey_extended"
        survey: UUID
        closes_on: date
        reason: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.surveys[self.survey].closes_on = self.closes_on

    class SurveyAnswered(Event, frozen=True, kw_only=True):
        """A member or a contributor answered a question; the later answer counts."""

        TOPIC = "alliance.survey_answered"
        survey: UUID
        question: UUID
        party: Party
        text: str
        answered_on: date

        def apply(self, alliance: "Alliance") -> None:
            alliance.surveys[self.survey].answers[self.question, self.party] = self.text

    class ReturnsCounted(Event, frozen=True, kw_only=True):
        """It was counted outside how much a survey brought in; the later count holds."""

        TOPIC = "alliance.returns_counted"
        survey: UUID
        returns: Returns

        def apply(self, alliance: "Alliance") -> None:
            alliance.surveys[self.survey].returns = self.returns

    class SurveyClosed(Event, frozen=True, kw_only=True):
        """A survey takes no answers any more, whatever its days."""

        TOPIC = "alliance.survey_closed"
        survey: UUID
        reason: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.surveys[self.survey].closed = True

    class IndicatorDefined(Event, frozen=True, kw_only=True):
        """It was settled what is measured, in which unit, and which way is good."""

        TOPIC = "alliance.indicator_defined"
        indicator: UUID
        definition: Definition

        def apply(self, alliance: "Alliance") -> None:
            alliance.indicators[self.indicator] = Indicator(definition=self.definition)

    class IndicatorDropped(Event, frozen=True, kw_only=True):
        """An indicator is not used any more; what was measured stays."""

        TOPIC = "alliance.indicator_dropped"
        indicator: UUID
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            alliance.indicators[self.indicator].dropped = True

    class BaselineRecorded(Event, frozen=True, kw_only=True):
        """It was found where an indicator stood at the start; the later finding counts."""

        TOPIC = "alliance.baseline_recorded"
        indicator: UUID
        organisation: UUID | None = None
        baseline: Baseline

        def apply(self, alliance: "Alliance") -> None:
            baselines = alliance.indicators[self.indicator].baselines
            baselines[self.organisation] = self.baseline

    class TargetSet(Event, frozen=True, kw_only=True):
        """It was settled where an indicator is to be in a year; the later target counts."""

        TOPIC = "alliance.target_set"
        indicator: UUID
        organisation: UUID | None = None
        due_year: int
        reading: Reading

        def apply(self, alliance: "Alliance") -> None:
            targets = alliance.indicators[self.indicator].targets
            targets[self.organisation, self.due_year] = self.reading

    class TargetDropped(Event, frozen=True, kw_only=True):
        """A target was given up."""

        TOPIC = "alliance.target_dropped"
        indicator: UUID
        organisation: UUID | None = None
        due_year: int
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            del alliance.indicators[self.indicator].targets[self.organisation, self.due_year]

    class MeasurementReported(Event, frozen=True, kw_only=True):
        """A source found what an indicator was over a period, of a member or of all together."""

        TOPIC = "alliance.measurement_reported"
        measurement: UUID
        subject: MeasurementSubject
        reading: Reading
        note: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            measurement = Measurement(subject=self.subject, reading=self.reading)
            alliance.measurements[self.measurement] = measurement
            alliance.measured[self.subject] = self.measurement

    class MeasurementCorrected(Event, frozen=True, kw_only=True):
        """A measurement was put right; what it said before stays in the history."""

        TOPIC = "alliance.measurement_corrected"
        measurement: UUID
        reading: Reading
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            known = alliance.measurements[self.measurement]
            corrected = replace(known, reading=self.reading, reason=self.reason)
            alliance.measurements[self.measurement] = corrected

    class MeasurementWithdrawn(Event, frozen=True, kw_only=True):
        """A measurement does not count any more."""

        TOPIC = "alliance.measurement_withdrawn"
        measurement: UUID
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            known = alliance.measurements[self.measurement]
            alliance.measurements[self.measurement] = replace(known, withdrawn=True)
            del alliance.measured[known.subject]

    class PrioritisationOpened(Event, frozen=True, kw_only=True):
        """It was asked what comes first; scores lie between two whole numbers."""

        TOPIC = "alliance.prioritisation_opened"
        prioritisation: UUID
        title: str
        question: str | None = None
        least_score: int
        most_score: int

        def apply(self, alliance: "Alliance") -> None:
            alliance.prioritisations[self.prioritisation] = Prioritisation(
                least=self.least_score, most=self.most_score
            )

    class CriterionAdded(Event, frozen=True, kw_only=True):
        """The options are held against a further criterion."""

        TOPIC = "alliance.criterion_added"
        prioritisation: UUID
        criterion: UUID
        name: str
        description: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.prioritisations[self.prioritisation].criteria.add(self.criterion)

    class OptionAdded(Event, frozen=True, kw_only=True):
        """There is a further option to choose."""

        TOPIC = "alliance.option_added"
        prioritisation: UUID
        option: UUID
        title: str
        theme: Theme | None = None
        description: str | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.prioritisations[self.prioritisation].options[self.option] = True

    class OptionWithdrawn(Event, frozen=True, kw_only=True):
        """An option cannot be chosen any more."""

        TOPIC = "alliance.option_withdrawn"
        prioritisation: UUID
        option: UUID
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            alliance.prioritisations[self.prioritisation].options[self.option] = False

    class ArgumentRecorded(Event, frozen=True, kw_only=True):
        """Something speaks for or against an option, or the whole where none is named."""

        TOPIC = "alliance.argument_recorded"
        prioritisation: UUID
        argument: UUID
        said: Argument

        def apply(self, alliance: "Alliance") -> None:
            alliance.prioritisations[self.prioritisation].arguments.add(self.said)

    class OptionScored(Event, frozen=True, kw_only=True):
        """A member said how well an option meets a criterion; the later score counts."""

        TOPIC = "alliance.option_scored"
        prioritisation: UUID
        option: UUID
        criterion: UUID
        organisation: UUID
        score: int

        def apply(self, alliance: "Alliance") -> None:
            scores = alliance.prioritisations[self.prioritisation].scores
            scores[self.option, self.criterion, self.organisation] = self.score

    class PrioritiesDecided(Event, frozen=True, kw_only=True):
        """It was decided what comes first, among the options that were open."""

        TOPIC = "alliance.priorities_decided"
        prioritisation: UUID
        decision: Decision

        def apply(self, alliance: "Alliance") -> None:
            alliance.prioritisations[self.prioritisation].decision = self.decision

    class ReviewOpened(Event, frozen=True, kw_only=True):
        """The review of a year began: who is expected to contribute, and until when."""

        TOPIC = "alliance.review_opened"
        review: UUID
        year: int
        organisations: tuple[UUID, ...] = ()
        expected: int | None = None
        closes_on: date | None = None

        def apply(self, alliance: "Alliance") -> None:
            alliance.reviews[self.review] = Review(year=self.year)

    class StandingSet(Event, frozen=True, kw_only=True):
        """A review found where an action stands; the later finding counts."""

        TOPIC = "alliance.standing_set"
        review: UUID
        action: UUID
        finding: Finding

        def apply(self, alliance: "Alliance") -> None:
            alliance.reviews[self.review].findings[self.action] = self.finding

    class ThemeProgressStated(Event, frozen=True, kw_only=True):
        """The average progress of a theme was stated, not computed; the later figure counts."""

        TOPIC = "alliance.theme_progress_stated"
        review: UUID
        theme: Theme
        stated: StatedProgress

        def apply(self, alliance: "Alliance") -> None:
            alliance.reviews[self.review].stated[self.theme] = self.stated

    class ReviewPublished(Event, frozen=True, kw_only=True):
        """A review became public, with its figures as they were at this point of the log."""

        TOPIC = "alliance.review_published"
        review: UUID
        published_on: date
        figures: Figures
        themes: tuple[ThemeFigures, ...]

        def apply(self, alliance: "Alliance") -> None:
            alliance.reviews[self.review].published = True

    class ReviewReopened(Event, frozen=True, kw_only=True):
        """A published review may be changed again, and published anew; its figures are kept."""

        TOPIC = "alliance.review_reopened"
        review: UUID
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            alliance.reviews[self.review].published = False

    class Closed(Event, frozen=True, kw_only=True):
        """The work together ended, with a conclusion as far as there is one."""

        TOPIC = "alliance.closed"
        closed_on: date
        conclusion: Conclusion

        def apply(self, alliance: "Alliance") -> None:
            alliance.closed_on = self.closed_on
            alliance.conclusion = self.conclusion

    class ConclusionCorrected(Event, frozen=True, kw_only=True):
        """The conclusion was put right; this replaces what was stated at the closing."""

        TOPIC = "alliance.conclusion_corrected"
        conclusion: Conclusion
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            alliance.conclusion = self.conclusion

    class ErratumNoted(Event, frozen=True, kw_only=True):
        """What is recorded of a subject is wrong in words that say how; nothing is erased."""

        TOPIC = "alliance.erratum_noted"
        subject: str
        correction: str
        reason: str

        def apply(self, alliance: "Alliance") -> None:
            alliance.errata.add((self.subject, self.correction))

    # decisions

    @classmethod
    def launch(
        cls,
        id: UUID,
        *,
        now: datetime,
        name: str,
        kind: AllianceKind,
        territory: str,
        launched_on: date | None = None,
        horizon: int | None = None,
        purpose: str | None = None,
        parent: UUID | None = None,
    ) -> Self:
        """Launch an alliance. The caller has checked that what it is a part of exists."""
        if launched_on is not None and launched_on > calendar.today(now):
            raise DayStillToCome("launched_on", day=launched_on)
        if horizon is not None:
            text.within(horizon, *HORIZONS, "horizon")
        return cls._create(
            cls.Launched,
            id=id,
            timestamp=now,
            name=text.name(name, "name"),
            kind=kind,
            territory=reference.known(territory, "territory"),
            launched_on=launched_on,
            horizon=horizon,
            purpose=text.optional_text(purpose, "purpose"),
            parent=parent,
        ).at(now)

    def join(self, organisation: Organisation, kind: MembershipKind) -> None:
        """Let an organisation become a member, or become one again."""
        self.require_open()
        organisation.require_living()
        party = self.known_as(organisation)
        current = self.members.get(party)
        if current is kind:
            return
        if current is not None:
            raise AlreadyMember(
                "organisation",
                organisation=_shown(organisation.id),
                kind=current.en,
                kind_in_french=current.fr,
            )
        self.record(self.MemberJoined, organisation=party, kind=kind)

    def change_membership(
        self, organisation: UUID, kind: MembershipKind, reason: str | None = None
    ) -> None:
        """Let a member belong to it in another way."""
        self.require_open()
        self._require_member(organisation)
        reason = text.optional_text(reason, "reason")
        if self.members[organisation] is not kind:
            self.record(self.MembershipChanged, organisation=organisation, kind=kind, reason=reason)

    def leave(self, organisation: Organisation, reason: str) -> None:
        """Let a member go, and all that it absorbed."""
        self.require_open()
        reason = text.text(reason, "reason")
        parties = [one for one in organisation.identities if one in self.members]
        if not parties:
            raise NotAMember("organisation", organisation=_shown(organisation.id))
        for party in parties:
            if self.members[party] is not None:
                self.record(self.MemberLeft, organisation=party, reason=reason)

    def count_members(self, kind: OrganisationKind | None, counted: MemberCount) -> None:
        """State how many members of a kind there are beside those known by name."""
        self.require_open()
        counted = counted.checked()
        if self.counted.get(kind) != counted:
            self.record(self.MembersCounted, kind=kind, counted=counted)

    def open_theme(self, theme: Theme, title: str | None = None) -> None:
        """Work on a theme, or go on with it under another title."""
        self.require_open()
        title = text.optional_name(title, "title")
        if theme not in self.themes or self.themes[theme] != title:
            self.record(self.ThemeOpened, theme=theme, title=title)

    def close_theme(self, theme: Theme, reason: str | None = None) -> None:
        """Do not work on a theme any more."""
        self.require_open()
        reason = text.optional_text(reason, "reason")
        if theme in self.themes:
            self.record(self.ThemeClosed, theme=theme, reason=reason)

    def commit(self, organisation: UUID, theme: Theme, given: Sequence[Contribution]) -> None:
        """Commit a member to a theme; what it gives replaces what it gave."""
        self.require_open()
        self._require_member(organisation)
        check_theme(theme, self.themes)
        ordered = contributions(given, "contributions")
        if self.commitments.get((organisation, theme)) != ordered:
            self.record(
                self.CommitmentMade, organisation=organisation, theme=theme, contributions=ordered
            )

    def withdraw_commitment(self, organisation: UUID, theme: Theme, reason: str) -> None:
        """Let a member off what it committed itself to."""
        self.require_open()
        self._require_member(organisation)
        reason = text.text(reason, "reason")
        if (organisation, theme) in self.commitments:
            self.record(
                self.CommitmentWithdrawn, organisation=organisation, theme=theme, reason=reason
            )

    def associate_expert(self, expert: UUID, party: Party, theme: Theme | None = None) -> None:
        """Let somebody help with a theme, or with all of the work where none is named."""
        self.require_open()
        party = party.cleaned()
        check_theme(theme, self.themes)
        if (party, theme) not in self.experts.values():
            self.record(self.ExpertAssociated, expert=expert, party=party, theme=theme)

    def release_expert(self, expert: UUID, reason: str | None = None) -> None:
        """Let an expert off."""
        self.require_open()
        reason = text.optional_text(reason, "reason")
        if _part("expert", expert, self.experts) is not None:
            self.record(self.ExpertReleased, expert=expert, reason=reason)

    def form_working_group(
        self,
        working_group: UUID,
        *,
        name: str,
        mandate: str,
        theme: Theme | None = None,
        organisations: Sequence[UUID] = (),
    ) -> None:
        """Give a mandate to members who take it on together."""
        self.require_open()
        check_theme(theme, self.themes)
        if working_group not in self.working_groups:
            self.record(
                self.WorkingGroupFormed,
                working_group=working_group,
                name=text.name(name, "name"),
                mandate=text.text(mandate, "mandate"),
                theme=theme,
                organisations=self._checked_members(organisations),
            )

    def regroup_working_group(self, working_group: UUID, organisations: Sequence[UUID]) -> None:
        """Let a working group go on with these members and no others."""
        self.require_open()
        before = self._require_working_group(working_group)
        after = self._checked_members(organisations)
        if frozenset(after) != before:
            self.record(
                self.WorkingGroupRegrouped, working_group=working_group, organisations=after
            )

    def end_working_group(self, working_group: UUID, outcome: str | None = None) -> None:
        """State that a working group is done, and what came of its mandate."""
        self.require_open()
        outcome = text.optional_text(outcome, "outcome")
        if _part("working_group", working_group, self.working_groups) is not None:
            self.record(self.WorkingGroupEnded, working_group=working_group, outcome=outcome)

    def schedule_meeting(self, id: UUID, meeting: Meeting, title: str | None = None) -> None:
        """Plan a meeting, as far as its time and place are known."""
        self.require_open()
        title = text.optional_name(title, "title")
        meeting = meeting.cleaned()
        check_theme(meeting.theme, self.themes)
        if meeting.working_group is not None:
            self._require_working_group(meeting.working_group)
        if id in self.meetings:
            return
        meeting.check_beside(self.meetings.values())
        self.record(
            self.MeetingScheduled,
            meeting=id,
            kind=meeting.kind,
            title=title,
            theme=meeting.theme,
            working_group=meeting.working_group,
            number=meeting.number,
            day=meeting.day,
            not_before=meeting.not_before,
            not_after=meeting.not_after,
            place=meeting.place,
        )

    def move_meeting(
        self,
        id: UUID,
        *,
        day: date | None = None,
        not_before: date | None = None,
        not_after: date | None = None,
        place: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Give a meeting another time or place; what is not given stays."""
        self.require_open()
        reason = text.optional_text(reason, "reason")
        known = self._require_pending_meeting(id)
        moved = known.moved(day=day, not_before=not_before, not_after=not_after, place=place)
        if moved != known:
            self.record(
                self.MeetingMoved,
                meeting=id,
                day=moved.day,
                not_before=moved.not_before,
                not_after=moved.not_after,
                place=moved.place,
                reason=reason,
            )

    def cancel_meeting(self, id: UUID, reason: str) -> None:
        """State that a meeting will not take place."""
        self.require_open()
        reason = text.text(reason, "reason")
        if not _part("meeting", id, self.meetings).cancelled:
            self._require_pending_meeting(id)
            self.record(self.MeetingCancelled, meeting=id, reason=reason)

    def hold_meeting(self, id: UUID, holding: Holding) -> None:
        """State that a meeting took place; its day may never have been told."""
        self.require_open()
        known = _part("meeting", id, self.meetings)
        holding = self._checked_holding(known, holding)
        if known.holding != holding:
            self._require_pending_meeting(id)
            self.record(self.MeetingHeld, meeting=id, holding=holding)

    def correct_meeting(self, id: UUID, holding: Holding, reason: str) -> None:
        """Put right what is known of a meeting that took place, even after the closing."""
        reason = text.text(reason, "reason")
        known = _part("meeting", id, self.meetings)
        if known.holding is None:
            raise MeetingNotHeld("meeting")
        holding = self._checked_holding(known, holding)
        if known.holding != holding:
            self.record(self.MeetingCorrected, meeting=id, holding=holding, reason=reason)

    def open_survey(
        self,
        survey: UUID,
        *,
        title: str,
        opens_on: date,
        closes_on: date,
        questions: Mapping[UUID, str],
        open_to_contributors: bool = False,
        note: str | None = None,
    ) -> None:
        """Announce a survey, with the questions that are settled."""
        self.require_open()
        text.ordered(opens_on, closes_on, "closes_on")
        title = text.name(title, "title")
        note = text.optional_text(note, "note")
        text.at_most(tuple(questions), QUESTIONS, "questions")
        asked = [
            (question, text.text(wording, f"questions.{index}"))
            for index, (question, wording) in enumerate(questions.items())
        ]
        if survey in self.surveys:
            return
        self.record(
            self.SurveyOpened,
            survey=survey,
            title=title,
            opens_on=opens_on,
            closes_on=closes_on,
            open_to_contributors=open_to_contributors,
            note=note,
        )
        for question, wording in asked:
            self._record_question(survey, question, wording)

    def add_question(
        self, survey: UUID, question: UUID, wording: str, added_on: date | None = None
    ) -> None:
        """Ask a further question, on a day before answers may come."""
        self.require_open()
        known = _part("survey", survey, self.surveys)
        wording = text.text(wording, "text")
        if question in known.questions:
            return
        known.check_unopened(self._past(added_on, "effective_on"))
        text.at_most((*known.questions, question), QUESTIONS, "survey")
        self._record_question(survey, question, wording)

    def extend_survey(self, survey: UUID, closes_on: date, reason: str | None = None) -> None:
        """Let a survey take answers for longer."""
        self.require_open()
        reason = text.optional_text(reason, "reason")
        known = _part("survey", survey, self.surveys)
        known.require_unclosed()
        if closes_on == known.closes_on:
            return
        if closes_on < known.closes_on:
            raise SurveyShortened("closes_on", closes_on=known.closes_on)
        self.record(self.SurveyExtended, survey=survey, closes_on=closes_on, reason=reason)

    def answer_survey(
        self,
        survey: UUID,
        party: Party,
        answers: Sequence[tuple[UUID, str]],
        answered_on: date | None = None,
    ) -> None:
        """Answer questions of a survey on one of its days, today or a day that is past."""
        self.require_open()
        known = _part("survey", survey, self.surveys)
        party = party.cleaned()
        if party.organisation is not None:
            self._require_member(party.organisation)
        elif not known.open_to_contributors:
            raise MembersOnly("organisation")
        day = self._past(answered_on, "answered_on")
        known.check_answerable(day, "answered_on")
        given = {}
        for index, (question, answer) in enumerate(text.at_most(answers, QUESTIONS, "answers")):
            if question not in known.questions:
                _missing(f"answers.{index}.question", "question", question)
            given[question] = text.text(answer, f"answers.{index}.text")
        if not given:
            raise AnswerMissing("answers")
        for question, answer in given.items():
            if known.answers.get((question, party)) != answer:
                self.record(
                    self.SurveyAnswered,
                    survey=survey,
                    question=question,
                    party=party,
                    text=answer,
                    answered_on=day,
                )

    def count_returns(self, survey: UUID, returns: Returns) -> None:
        """State how much a survey brought in, as counted outside."""
        self.require_open()
        returns = returns.checked()
        if _part("survey", survey, self.surveys).returns != returns:
            self.record(self.ReturnsCounted, survey=survey, returns=returns)

    def close_survey(self, survey: UUID, reason: str | None = None) -> None:
        """Take no answers any more, whatever the days."""
        self.require_open()
        reason = text.optional_text(reason, "reason")
        if not _part("survey", survey, self.surveys).closed:
            self.record(self.SurveyClosed, survey=survey, reason=reason)

    def define_indicator(self, id: UUID, definition: Definition) -> None:
        """Settle what is measured; the name is its own among the indicators in use."""
        self.require_open()
        definition = definition.cleaned()
        check_theme(definition.theme, self.themes)
        if id in self.indicators:
            return
        folded = text.folded(definition.name)
        for other, known in self.indicators.items():
            if not known.dropped and text.folded(known.definition.name) == folded:
                raise IndicatorExists("name", indicator=identity.external("indicator", other))
        self.record(self.IndicatorDefined, indicator=id, definition=definition)

    def drop_indicator(self, id: UUID, reason: str) -> None:
        """Use an indicator no more."""
        self.require_open()
        reason = text.text(reason, "reason")
        if not _part("indicator", id, self.indicators).dropped:
            self.record(self.IndicatorDropped, indicator=id, reason=reason)

    def record_baseline(
        self,
        indicator: UUID,
        *,
        year: int,
        value: Decimal,
        unit: str | None = None,
        organisation: UUID | None = None,
        source: Source | None = None,
    ) -> None:
        """State where an indicator stood at the start, for a member or for all."""
        known = self._require_measurable(indicator, organisation)
        text.within(year, *YEARS, "year")
        source = source.checked() if source else None
        baseline = Baseline(year=year, reading=known.read(value, unit), source=source)
        if known.baselines.get(organisation) != baseline:
            self.record(
                self.BaselineRecorded,
                indicator=indicator,
                organisation=organisation,
                baseline=baseline,
            )

    def set_target(
        self,
        indicator: UUID,
        *,
        due_year: int,
        value: Decimal,
        unit: str | None = None,
        organisation: UUID | None = None,
    ) -> None:
        """Settle where an indicator is to be in a year, for a member or for all."""
        known = self._require_measurable(indicator, organisation)
        text.within(due_year, *YEARS, "due_year")
        reading = known.read(value, unit)
        if known.targets.get((organisation, due_year)) != reading:
            self.record(
                self.TargetSet,
                indicator=indicator,
                organisation=organisation,
                due_year=due_year,
                reading=reading,
            )

    def drop_target(
        self, indicator: UUID, due_year: int, reason: str, organisation: UUID | None = None
    ) -> None:
        """Give a target up."""
        self.require_open()
        reason = text.text(reason, "reason")
        known = _part("indicator", indicator, self.indicators)
        if (organisation, due_year) in known.targets:
            self.record(
                self.TargetDropped,
                indicator=indicator,
                organisation=organisation,
                due_year=due_year,
                reason=reason,
            )

    def report_measurement(
        self,
        measurement: UUID,
        subject: MeasurementSubject,
        *,
        value: Decimal,
        unit: str | None = None,
        note: str | None = None,
    ) -> None:
        """State what a source found of an indicator over a period that is past."""
        known = self._require_measurable(subject.indicator, subject.organisation)
        text.ordered(subject.starts_on, subject.ends_on, "ends_on")
        self._past(subject.ends_on, "ends_on")
        subject = replace(subject, source=subject.source.checked())
        reading = known.read(value, unit)
        note = text.optional_text(note, "note")
        if (other := self.measured.get(subject)) is not None:
            if self.measurements[other].reading == reading:
                return
            raise MeasurementExists("source", value=self.measurements[other].reading.value)
        self.record(
            self.MeasurementReported,
            measurement=measurement,
            subject=subject,
            reading=reading,
            note=note,
        )

    def correct_measurement(
        self, id: UUID, value: Decimal, reason: str, unit: str | None = None
    ) -> None:
        """Put a measurement right, even after the closing."""
        reason = text.text(reason, "reason")
        known = _part("measurement", id, self.measurements)
        if known.withdrawn:
            raise MeasurementVoid("measurement")
        reading = self.indicators[known.subject.indicator].read(value, unit)
        if reading != known.reading:
            self.record(self.MeasurementCorrected, measurement=id, reading=reading, reason=reason)
        elif reason != known.reason:
            raise NothingToCorrect("value", value=reading.value)

    def withdraw_measurement(self, id: UUID, reason: str) -> None:
        """Let a measurement count no more, even after the closing."""
        reason = text.text(reason, "reason")
        if not _part("measurement", id, self.measurements).withdrawn:
            self.record(self.MeasurementWithdrawn, measurement=id, reason=reason)

    def open_prioritisation(
        self,
        prioritisation: UUID,
        *,
        title: str,
        question: str | None = None,
        least_score: int = 1,
        most_score: int = 5,
        criteria: Mapping[UUID, CriterionEntry],
        options: Mapping[UUID, OptionEntry],
    ) -> None:
        """Ask what comes first, against criteria and among the options that are known."""
        self.require_open()
        title = text.name(title, "title")
        question = text.optional_text(question, "question")
        text.within(least_score, SCORES[0], SCORES[1] - 1, "least_score")
        text.within(most_score, least_score + 1, SCORES[1], "most_score")
        if not criteria:
            raise CriterionMissing("criteria")
        text.at_most(tuple(criteria), CRITERIA, "criteria")
        text.at_most(tuple(options), OPTIONS, "options")
        held_against = [
            (id, entry.checked(f"criteria.{index}."))
            for index, (id, entry) in enumerate(criteria.items())
        ]
        choices = [
            (id, entry.checked(f"options.{index}."))
            for index, (id, entry) in enumerate(options.items())
        ]
        if prioritisation in self.prioritisations:
            return
        self.record(
            self.PrioritisationOpened,
            prioritisation=prioritisation,
            title=title,
            question=question,
            least_score=least_score,
            most_score=most_score,
        )
        for id, criterion in held_against:
            self._record_criterion(prioritisation, id, criterion)
        for id, option in choices:
            self._record_option(prioritisation, id, option)

    def add_criterion(self, prioritisation: UUID, id: UUID, criterion: CriterionEntry) -> None:
        """Hold the options against a further criterion."""
        known = self._require_undecided(prioritisation)
        criterion = criterion.checked()
        if id not in known.criteria:
            text.at_most((*known.criteria, id), CRITERIA, "prioritisation")
            self._record_criterion(prioritisation, id, criterion)

    def add_option(self, prioritisation: UUID, id: UUID, option: OptionEntry) -> None:
        """Add an option to those that can be chosen."""
        known = self._require_undecided(prioritisation)
        option = option.checked()
        if id not in known.options:
            text.at_most((*known.options, id), OPTIONS, "prioritisation")
            self._record_option(prioritisation, id, option)

    def withdraw_option(self, prioritisation: UUID, option: UUID, reason: str) -> None:
        """Take an option out of those that can be chosen."""
        known = self._require_undecided(prioritisation)
        reason = text.text(reason, "reason")
        if _part("option", option, known.options):
            self.record(
                self.OptionWithdrawn, prioritisation=prioritisation, option=option, reason=reason
            )

    def record_argument(self, prioritisation: UUID, id: UUID, argument: Argument) -> None:
        """Note what speaks for or against an option, or the whole where none is named."""
        known = self._require_undecided(prioritisation)
        said = argument.cleaned()
        if said.option is not None:
            known.check_option(said.option)
        if said.criterion is not None:
            known.check_criterion(said.criterion)
        if said not in known.arguments:
            text.at_most((*known.arguments, said), ARGUMENTS, "prioritisation")
            self.record(
                self.ArgumentRecorded, prioritisation=prioritisation, argument=id, said=said
            )

    def score_option(
        self,
        prioritisation: UUID,
        *,
        option: UUID,
        criterion: UUID,
        organisation: UUID,
        score: int,
    ) -> None:
        """Let a member say how well an option meets a criterion."""
        known = self._require_undecided(prioritisation)
        self._require_member(organisation)
        known.check_option(option)
        known.check_criterion(criterion)
        text.within(score, known.least, known.most, "score")
        if known.scores.get((option, criterion, organisation)) != score:
            self.record(
                self.OptionScored,
                prioritisation=prioritisation,
                option=option,
                criterion=criterion,
                organisation=organisation,
                score=score,
            )

    def decide_priorities(
        self,
        prioritisation: UUID,
        options: Sequence[UUID],
        rationale: str,
        decided_on: date | None = None,
    ) -> None:
        """Choose among the open options, in order, today or on the day that is given."""
        self.require_open()
        known = _part("prioritisation", prioritisation, self.prioritisations)
        decision = Decision(
            chosen=known.check_chosen(options),
            among=known.open_options,
            rationale=text.text(rationale, "rationale"),
            decided_on=self._past(decided_on, "decided_on"),
        )
        if known.decision != decision:
            known.require_undecided()
            self.record(self.PrioritiesDecided, prioritisation=prioritisation, decision=decision)

    def open_review(
        self,
        review: UUID,
        *,
        year: int,
        organisations: Sequence[UUID] = (),
        expected: int | None = None,
        closes_on: date | None = None,
    ) -> None:
        """Begin the review of a year; each year has one."""
        self.require_open()
        text.within(year, *HORIZONS, "year")
        named = self._checked_members(organisations)
        if expected is not None:
            text.within(expected, len(named), GROUP_MEMBERS, "expected")
        if review in self.reviews:
            return
        for other, known in self.reviews.items():
            if known.year == year:
                found = identity.external("review", other)
                raise ReviewExists("year", year=year, review=found)
        self.record(
            self.ReviewOpened,
            review=review,
            year=year,
            organisations=named,
            expected=expected,
            closes_on=closes_on,
        )

    def set_standing(self, review: UUID, action: UUID, finding: Finding) -> None:
        """State where an action stands. The caller has checked that it is one of its own."""
        known = self._require_unpublished(review)
        finding = finding.cleaned()
        check_theme(finding.theme, self.themes)
        if known.findings.get(action) != finding:
            self.record(self.StandingSet, review=review, action=action, finding=finding)

    def state_theme_progress(self, review: UUID, theme: Theme, stated: StatedProgress) -> None:
        """State the average progress of a theme where only that was told."""
        known = self._require_unpublished(review)
        stated = stated.cleaned()
        check_theme(theme, self.themes)
        if known.stated.get(theme) != stated:
            self.record(self.ThemeProgressStated, review=review, theme=theme, stated=stated)

    def publish_review(self, review: UUID, published_on: date | None = None) -> None:
        """Make a review public, and freeze its figures."""
        self.require_open()
        known = _part("review", review, self.reviews)
        day = self._past(published_on, "published_on")
        if not known.published:
            self.record(
                self.ReviewPublished,
                review=review,
                published_on=day,
                figures=known.figures(),
                themes=known.by_theme(),
            )

    def reopen_review(self, review: UUID, reason: str) -> None:
        """Let a published review be changed, and published anew."""
        self.require_open()
        reason = text.text(reason, "reason")
        if not _part("review", review, self.reviews).published:
            raise ReviewNotPublished("review")
        self.record(self.ReviewReopened, review=review, reason=reason)

    def close(self, closed_on: date, conclusion: Conclusion) -> None:
        """End the work together, with its conclusion."""
        conclusion = conclusion.checked()
        if (closed_on, conclusion) == (self.closed_on, self.conclusion):
            return
        self.require_open()
        text.ordered(self.launched_on, closed_on, "closed_on")
        self._past(closed_on, "closed_on")
        self.record(self.Closed, closed_on=closed_on, conclusion=conclusion)

    def correct_conclusion(self, conclusion: Conclusion, reason: str) -> None:
        """Put the conclusion right that stands since the closing."""
        reason = text.text(reason, "reason")
        conclusion = conclusion.checked()
        if self.conclusion is None:
            raise AllianceNotClosed("alliance")
        if conclusion != self.conclusion:
            self.record(self.ConclusionCorrected, conclusion=conclusion, reason=reason)

    def note_erratum(self, subject: str, correction: str, reason: str) -> None:
        """Say in words what is wrong in what is recorded, even after the closing."""
        subject = text.name(subject, "subject")
        correction = text.text(correction, "correction")
        reason = text.text(reason, "reason")
        if (subject, correction) not in self.errata:
            self.record(self.ErratumNoted, subject=subject, correction=correction, reason=reason)

    def require_open(self, path: str = "alliance") -> None:
        """Refuse what is addressed to an alliance that is closed."""
        if self.closed_on is not None:
            raise AllianceClosed(path)

    def _past(self, day: date | None, path: str) -> date:
        """A day that is not to come: the one that is given, or today."""
        today = calendar.today(self.now)
        if day is not None and day > today:
            raise DayStillToCome(path, day=day)
        return day or today

    def _require_member(self, organisation: UUID, path: str = "organisation") -> None:
        if self.members.get(organisation) is None:
            raise NotAMember(path, organisation=_shown(organisation))

    def _checked_members(self, organisations: Sequence[UUID]) -> tuple[UUID, ...]:
        """Members, each once."""
        distinct = tuple(dict.fromkeys(text.at_most(organisations, GROUP_MEMBERS, "organisations")))
        for index, organisation in enumerate(distinct):
            self._require_member(organisation, f"organisations.{index}")
        return distinct

    def _require_working_group(self, working_group: UUID) -> frozenset[UUID]:
        organisations = _part("working_group", working_group, self.working_groups)
        if organisations is None:
            raise WorkingGroupOver("working_group")
        return organisations

    def _require_pending_meeting(self, id: UUID) -> Meeting:
        known = _part("meeting", id, self.meetings)
        if known.cancelled:
            raise AlreadyCancelled("meeting")
        if known.holding is not None:
            raise AlreadyHeld("meeting")
        return known

    def _checked_holding(self, meeting: Meeting, holding: Holding) -> Holding:
        """That a meeting took place, on its own day where no other is given; never to come."""
        holding = replace(holding.cleaned(), held_on=holding.held_on or meeting.day)
        earliest = holding.held_on or meeting.not_before
        if earliest is not None and earliest > calendar.today(self.now):
            raise HeldInTheFuture("held_on", day=earliest)
        return holding

    def _require_measurable(self, indicator: UUID, organisation: UUID | None) -> Indicator:
        self.require_open()
        known = _part("indicator", indicator, self.indicators)
        if known.dropped:
            raise IndicatorNotInUse("indicator")
        if organisation is not None:
            self._require_member(organisation)
        return known

    def _record_question(self, survey: UUID, question: UUID, wording: str) -> None:
        number = len(self.surveys[survey].questions) + 1
        self.record(
            self.QuestionAdded, survey=survey, question=question, number=number, text=wording
        )

    def _require_undecided(self, prioritisation: UUID) -> Prioritisation:
        self.require_open()
        known = _part("prioritisation", prioritisation, self.prioritisations)
        known.require_undecided()
        return known

    def _record_criterion(self, prioritisation: UUID, id: UUID, entry: CriterionEntry) -> None:
        self.record(
            self.CriterionAdded, prioritisation=prioritisation, criterion=id, **asdict(entry)
        )

    def _record_option(self, prioritisation: UUID, id: UUID, entry: OptionEntry) -> None:
        self.record(self.OptionAdded, prioritisation=prioritisation, option=id, **asdict(entry))

    def _require_unpublished(self, review: UUID) -> Review:
        self.require_open()
        known = _part("review", review, self.reviews)
        known.require_unpublished()
        return known

    # access

    def places(self) -> Sequence[Place]:
        """Itself, and its territory."""
        home = around(self.territory, ScopeKind.ALLIANCE)
        return (Place.of(ScopeKind.ALLIANCE, self.id), *home)

    # evolution

    def __init__(self, territory: str, launched_on: date | None) -> None:
        self.territory = territory
        self.launched_on = launched_on
        self.members: dict[UUID, MembershipKind | None] = {}
        self.counted: dict[OrganisationKind | None, MemberCount] = {}
        self.themes: dict[Theme, str | None] = {}
        self.commitments: dict[tuple[UUID, Theme], tuple[Contribution, ...]] = {}
        self.experts: dict[UUID, tuple[Party, Theme | None] | None] = {}
        self.working_groups: dict[UUID, frozenset[UUID] | None] = {}
        self.meetings: dict[UUID, Meeting] = {}
        self.surveys: dict[UUID, Survey] = {}
        self.indicators: dict[UUID, Indicator] = {}
        self.measurements: dict[UUID, Measurement] = {}
        self.measured: dict[MeasurementSubject, UUID] = {}
        self.prioritisations: dict[UUID, Prioritisation] = {}
        self.reviews: dict[UUID, Review] = {}
        self.closed_on: date | None = None
        self.conclusion: Conclusion | None = None
        self.errata: set[tuple[str, str]] = set()

    def known_as(self, organisation: Organisation) -> UUID:
        """The id under which an organisation is a member: its own, or that of one it absorbed.

        The facts of an alliance go on naming an organisation as they named it first.
        """
        known = [one for one in organisation.identities if one in self.members]
        known.sort(key=lambda one: self.members[one] is None)
        return known[0] if known else organisation.id


def _part(noun: str, id: UUID, parts: Mapping[UUID, P]) -> P:
    if id not in parts:
        _missing(noun, noun, id)
    return parts[id]


def _missing(path: str, noun: str, id: UUID) -> None:
    raise NotFound(path, id=identity.external(noun, id), noun=noun)


def _shown(organisation: UUID) -> Id:
    return identity.external("organisation", organisation)


# commands


async def member(organisation: Id, alliance: Alliance, work: Work) -> UUID:
    """The id under which an organisation is a member, which may be that of one it absorbed."""
    named = identity.internal("organisation", organisation)
    if named in alliance.members:
        return named
    return alliance.known_as(await work.get(Organisation, organisation))


@command(
    by=(Role.TERRITORY_ADMINISTRATOR, Role.ALLIANCE_COORDINATOR),
    refuses=(reference.UnknownTerritory, DayStillToCome, AllianceClosed),
    creates="alliance",
)
class LaunchAlliance(Command):
    """Launch an alliance for a territory; it may be a part of another one."""

    name: Annotated[str, "Its name, 1 to 200 characters."]
    kind: Annotated[AllianceKind, "What it is made for."] = AllianceKind.ALLIANCE
    territory: Annotated[str, "Its territory, such as epci:246300701 or region:28."]
    launched_on: Annotated[date | None, "The day on which it was launched, if known."] = None
    horizon: Annotated[int | None, "The year to which it looks, such as 2026."] = None
    purpose: Annotated[str | None, "What it is for, up to 8 000 characters."] = None
    parent: Annotated[Id | None, "The alliance of which it is a part."] = None

    async def places(self, work: Work) -> Sequence[Place]:  # noqa: ARG002
        return around(reference.known(self.territory, "territory"), ScopeKind.ALLIANCE)

    async def decide(self, work: Work) -> Alliance:
        whole = None
        if self.parent is not None:
            parent = await work.get(Alliance, self.parent)
            parent.require_open("parent")
            whole = parent.id
        return work.add(
            Alliance.launch(
                work.new_id(),
                now=work.now,
                name=self.name,
                kind=self.kind,
                territory=self.territory,
                launched_on=self.launched_on,
                horizon=self.horizon,
                purpose=self.purpose,
                parent=whole,
            )
        )


@command(
    by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed, DayStillToCome, link.InvalidLink)
)
class CloseAlliance(Command):
    """End the work of an alliance, with the objectives and common actions that it agreed on."""

    alliance: Annotated[Id, "The alliance."]
    closed_on: Annotated[date, "The day on which it ended, not in the future."]
    conclusion: Annotated[Conclusion | None, "What it agreed on, as far as that is told."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.close(self.closed_on, self.conclusion or Conclusion())
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceNotClosed, link.InvalidLink))
class CorrectConclusion(Command):
    """Put the conclusion of a closed alliance right; the one before stays in its history."""

    alliance: Annotated[Id, "The alliance."]
    conclusion: Annotated[Conclusion, "The whole conclusion as it should have been."]
    reason: Annotated[str, "Why the former was wrong."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.correct_conclusion(self.conclusion, self.reason)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,))
class NoteAllianceErratum(Command):
    """Say in words what is wrong in what is recorded of an alliance, even after its closing."""

    alliance: Annotated[Id, "The alliance."]
    subject: Annotated[str, "What is wrong, such as: opening day of the survey."]
    correction: Annotated[str, "How it should read."]
    reason: Annotated[str, "How the mistake came about, or how it was found."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.note_erratum(self.subject, self.correction, self.reason)
        return alliance
