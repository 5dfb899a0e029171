"""A cohort: organisations that go a way together, from session to session."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from domain import calendar, delegation, identity, link, text
from domain import territory as reference
from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.command import Command, Work, command
from domain.delegation import Delegate
from domain.identity import Id
from domain.label import Label
from domain.organisation import HeldInTheFuture, Organisation
from domain.participation import (
    PLACES,
    AlreadyEnrolled,
    AlreadyInCamp,
    CampDissolved,
    CapacityBelowTaken,
    CohortFull,
    NotAdmitted,
    NotApplied,
    NotEnrolled,
    NotMerged,
    PlacesNotHeld,
    Standing,
    StandsForSurvivor,
)
from domain.refusal import NotFound, Refusal
from domain.report import Report
from domain.role import Place, Role, ScopeKind, around
from domain.session import (
    AlreadyCancelled,
    AlreadyHeld,
    DayOutsidePeriod,
    NotHeldYet,
    Session,
    SessionOutsidePeriod,
    SessionUndated,
    Turnout,
    Webinar,
    check_day,
)


class ResourceKind(Label):
    """What a cohort shares to go deeper."""

    DOCUMENTARY = "DOCUMENTARY", "documentaire", "documentary"
    ARTICLE = "ARTICLE", "article", "article"
    CONFERENCE = "CONFERENCE", "conférence", "conference"
    BOOK = "BOOK", "livre", "book"
    PODCAST = "PODCAST", "podcast", "podcast"
    PRESENTATION = "PRESENTATION", "support de présentation", "presentation"
    TOOL = "TOOL", "outil", "tool"
    OTHER = "OTHER", "autre", "other"


# refusals


class TerritoryMissing(Refusal):
    """A cohort belongs to a territory. Name at least one, such as region:28."""

    FRENCH = "Une promotion a un territoire. Indiquez-en au moins un, par exemple region:28."


class LineageIncomplete(Refusal):
    """A lever is named without its roadmap, or another roadmap's. Name the two together."""

    FRENCH = "Un levier est nommé sans sa feuille de route, ou avec une autre. Nommez les deux."


class CohortClosed(Refusal):
    """This cohort is closed: nothing changes any more but by a correction, with a reason."""

    FRENCH = "Cette promotion est close : seule une correction, motivée, peut encore la changer."


class AlreadyStarted(Refusal):
    """This cohort started on {day} already. Note an erratum if that is wrong."""

    FRENCH = "Cette promotion a déjà débuté le {day}. Si c’est faux, notez un erratum."


class NotStarted(Refusal):
    """This cohort has not started. State first when it did."""

    FRENCH = "Cette promotion n’a pas débuté. Indiquez d’abord quand elle l’a fait."


class NotClosed(Refusal):
    """This cohort is not closed and has no report yet. Close it with its report."""

    FRENCH = "Cette promotion n’est pas close et n’a pas encore de rapport. Clôturez-la avec lui."


class SessionPending(Refusal):
    """Session {number} was neither held nor cancelled. State which, then close the cohort."""

    FRENCH = (
        "La session {number} n’est ni constatée ni annulée. "
        "Indiquez ce qu’il en est, puis clôturez la promotion."
    )


class Cohort(Aggregate):
    """A cohort, its sessions and webinars, and the organisations that take part in it."""

    TOPIC = "cohort"

    class Event(AggregateEvent, frozen=True):
        """A fact about a cohort."""

    class Opened(Event, AggregateCreated, frozen=True, kw_only=True):
        """A cohort was announced for one or more territories; it may spring from another."""

        TOPIC = "cohort.opened"
        name: str
        edition: str | None = None
        territories: tuple[str, ...]
        capacity: int | None = None
        starts_on: date | None = None
        ends_on: date | None = None
        springs_from_cohort: UUID | None = None
        springs_from_roadmap: UUID | None = None
        springs_from_lever: UUID | None = None

    class PeriodSet(Event, frozen=True, kw_only=True):
        """Its period was fixed or changed; what is None is not known."""

        TOPIC = "cohort.period_set"
        starts_on: date | None = None
        ends_on: date | None = None

        def apply(self, cohort: "Cohort") -> None:
            cohort.starts_on = self.starts_on
            cohort.ends_on = self.ends_on

    class CapacitySet(Event, frozen=True, kw_only=True):
        """The number of its places was fixed or changed."""

        TOPIC = "cohort.capacity_set"
        capacity: int

        def apply(self, cohort: "Cohort") -> None:
            cohort.capacity = self.capacity

    class SessionScheduled(Event, frozen=True, kw_only=True):
        """A session was planned, as far as its time and place were known."""

        TOPIC = "cohort.session_scheduled"
        session: UUID
        number: int
        name: str | None = None
        town: str | None = None
        starts_on: date | None = None
        ends_on: date | None = None
        expected_month: str | None = None
        days: int | None = None

        def apply(self, cohort: "Cohort") -> None:
            cohort.sessions[self.session] = Session(
                number=self.number,
                town=self.town,
                starts_on=self.starts_on,
                ends_on=self.ends_on,
                expected_month=self.expected_month,
                days=self.days,
            )

    class SessionMoved(Event, frozen=True, kw_only=True):
        """A session got another time or place; all that holds from now on is repeated here."""

        TOPIC = "cohort.session_moved"
        session: UUID
        town: str | None = None
        starts_on: date | None = None
        ends_on: date | None = None
        expected_month: str | None = None
        days: int | None = None
        reason: str | None = None

        def apply(self, cohort: "Cohort") -> None:
            cohort.sessions[self.session] = replace(
                cohort.sessions[self.session],
                town=self.town,
                starts_on=self.starts_on,
                ends_on=self.ends_on,
                expected_month=self.expected_month,
                days=self.days,
            )

    class SessionCancelled(Event, frozen=True, kw_only=True):
        """A session will not take place; its number is free again."""

        TOPIC = "cohort.session_cancelled"
        session: UUID
        reason: str

        def apply(self, cohort: "Cohort") -> None:
            session = cohort.sessions[self.session]
            cohort.sessions[self.session] = replace(session, cancelled=True)

    class SessionHeld(Event, frozen=True, kw_only=True):
        """A session took place, with those who came for each organisation."""

        TOPIC = "cohort.session_held"
        session: UUID
        turnout: Turnout

        def apply(self, cohort: "Cohort") -> None:
            session = cohort.sessions[self.session]
            cohort.sessions[self.session] = replace(session, turnout=self.turnout)

    class AttendanceCorrected(Event, frozen=True, kw_only=True):
        """Who came to a session was put right; this replaces what was stated before."""

        TOPIC = "cohort.attendance_corrected"
        session: UUID
        turnout: Turnout
        reason: str

        def apply(self, cohort: "Cohort") -> None:
            session = cohort.sessions[self.session]
            cohort.sessions[self.session] = replace(session, turnout=self.turnout)

    class WebinarScheduled(Event, frozen=True, kw_only=True):
        """A webinar was planned."""

        TOPIC = "cohort.webinar_scheduled"
        webinar: UUID
        title: str
        day: date

        def apply(self, cohort: "Cohort") -> None:
            cohort.webinars[self.webinar] = Webinar(day=self.day)

    class WebinarMoved(Event, frozen=True, kw_only=True):
        """A webinar got another day."""

        TOPIC = "cohort.webinar_moved"
        webinar: UUID
        day: date
        reason: str | None = None

        def apply(self, cohort: "Cohort") -> None:
            webinar = cohort.webinars[self.webinar]
            cohort.webinars[self.webinar] = replace(webinar, day=self.day)

    class WebinarCancelled(Event, frozen=True, kw_only=True):
        """A webinar will not take place."""

        TOPIC = "cohort.webinar_cancelled"
        webinar: UUID
        reason: str

        def apply(self, cohort: "Cohort") -> None:
            webinar = cohort.webinars[self.webinar]
            cohort.webinars[self.webinar] = replace(webinar, cancelled=True)

    class WebinarHeld(Event, frozen=True, kw_only=True):
        """A webinar took place."""

        TOPIC = "cohort.webinar_held"
        webinar: UUID
        attendance: int | None = None

        def apply(self, cohort: "Cohort") -> None:
            webinar = cohort.webinars[self.webinar]
            held = replace(webinar, held=True, attendance=self.attendance)
            cohort.webinars[self.webinar] = held

    class BaseCampFormed(Event, frozen=True, kw_only=True):
        """A coach and a facilitator took organisations under their wing between sessions."""

        TOPIC = "cohort.base_camp_formed"
        camp: UUID
        name: str
        coach: str
        facilitator: str
        organisations: tuple[UUID, ...] = ()

        def apply(self, cohort: "Cohort") -> None:
            cohort.camps[self.camp] = frozenset(self.organisations)

    class BaseCampRegrouped(Event, frozen=True, kw_only=True):
        """A base camp goes on with these organisations and no others."""

        TOPIC = "cohort.base_camp_regrouped"
        camp: UUID
        organisations: tuple[UUID, ...]

        def apply(self, cohort: "Cohort") -> None:
            cohort.camps[self.camp] = frozenset(self.organisations)

    class BaseCampDissolved(Event, frozen=True, kw_only=True):
        """A base camp is no more; its organisations are free for another."""

        TOPIC = "cohort.base_camp_dissolved"
        camp: UUID
        reason: str | None = None

        def apply(self, cohort: "Cohort") -> None:
            cohort.camps[self.camp] = None

    class OrganisationApplied(Event, frozen=True, kw_only=True):
        """An organisation asked to take part."""

        TOPIC = "cohort.organisation_applied"
        organisation: UUID

        def apply(self, cohort: "Cohort") -> None:
            cohort.participants[self.organisation] = Standing.APPLIED

    class OrganisationAdmitted(Event, frozen=True, kw_only=True):
        """An organisation was accepted; it does not take a place yet."""

        TOPIC = "cohort.organisation_admitted"
        organisation: UUID

        def apply(self, cohort: "Cohort") -> None:
            cohort.participants[self.organisation] = Standing.ADMITTED

    class OrganisationEnrolled(Event, frozen=True, kw_only=True):
        """An organisation took a place, maybe one that was held for it."""

        TOPIC = "cohort.organisation_enrolled"
        organisation: UUID
        held_place: bool = False

        def apply(self, cohort: "Cohort") -> None:
            cohort.participants[self.organisation] = Standing.ENROLLED
            cohort.once_enrolled.add(self.organisation)
            cohort.places_held -= self.held_place

    class OrganisationWithdrew(Event, frozen=True, kw_only=True):
        """An organisation left; its place is free, its delegation and its base camp are void."""

        TOPIC = "cohort.organisation_withdrew"
        organisation: UUID
        reason: str

        def apply(self, cohort: "Cohort") -> None:
            cohort.participants[self.organisation] = Standing.WITHDRAWN
            cohort.delegations.pop(self.organisation, None)
            for camp, organisations in cohort.camps.items():
                if organisations is not None:
                    cohort.camps[camp] = organisations - {self.organisation}

    class ParticipantMerged(Event, frozen=True, kw_only=True):
        """Two that became one take one place: the other stands for this one from now on."""

        TOPIC = "cohort.participant_merged"
        organisation: UUID
        into: UUID

        def apply(self, cohort: "Cohort") -> None:
            cohort.participants[self.organisation] = Standing.WITHDRAWN
            cohort.delegations.pop(self.organisation, None)
            for camp, organisations in cohort.camps.items():
                if organisations is not None and self.organisation in organisations:
                    cohort.camps[camp] = organisations - {self.organisation} | {self.into}

    class PlacesHeld(Event, frozen=True, kw_only=True):
        """Further places are taken by organisations known by number only."""

        TOPIC = "cohort.places_held"
        count: int
        note: str | None = None

        def apply(self, cohort: "Cohort") -> None:
            cohort.places_held += self.count

    class PlacesReleased(Event, frozen=True, kw_only=True):
        """Places that were held are free again."""

        TOPIC = "cohort.places_released"
        count: int
        reason: str | None = None

        def apply(self, cohort: "Cohort") -> None:
            cohort.places_held -= self.count

    class DelegationSet(Event, frozen=True, kw_only=True):
        """These stand for an organisation from now on; they replace those before."""

        TOPIC = "cohort.delegation_set"
        organisation: UUID
        delegates: tuple[Delegate, ...]

        def apply(self, cohort: "Cohort") -> None:
            cohort.delegations[self.organisation] = self.delegates

    class ResourceShared(Event, frozen=True, kw_only=True):
        """Something to read, to see or to use was shared with the cohort."""

        TOPIC = "cohort.resource_shared"
        resource: UUID
        title: str
        kind: ResourceKind
        url: str | None = None
        shared_on: date

        def apply(self, cohort: "Cohort") -> None:
            cohort.resources.add((text.folded(self.title), self.kind, self.url))

    class Started(Event, frozen=True, kw_only=True):
        """The way together began."""

        TOPIC = "cohort.started"
        started_on: date

        def apply(self, cohort: "Cohort") -> None:
            cohort.started_on = self.started_on

    class Closed(Event, frozen=True, kw_only=True):
        """The way together ended, with a report as far as there is one."""

        TOPIC = "cohort.closed"
        closed_on: date
        report: Report

        def apply(self, cohort: "Cohort") -> None:
            cohort.closed_on = self.closed_on
            cohort.report = self.report

    class ReportCorrected(Event, frozen=True, kw_only=True):
        """The report was put right; this replaces what was stated at the closing."""

        TOPIC = "cohort.report_corrected"
        report: Report
        reason: str

        def apply(self, cohort: "Cohort") -> None:
            cohort.report = self.report

    class ErratumNoted(Event, frozen=True, kw_only=True):
        """What is recorded of a subject is wrong in words that say how; nothing is erased."""

        TOPIC = "cohort.erratum_noted"
        subject: str
        correction: str
        reason: str

        def apply(self, cohort: "Cohort") -> None:
            cohort.errata.add((self.subject, self.correction))

    # decisions

    @classmethod
    def open(
        cls,
        id: UUID,
        *,
        now: datetime,
        name: str,
        territories: Sequence[str],
        edition: str | None = None,
        capacity: int | None = None,
        starts_on: date | None = None,
        ends_on: date | None = None,
        springs_from_cohort: UUID | None = None,
        springs_from_roadmap: UUID | None = None,
        springs_from_lever: UUID | None = None,
    ) -> Self:
        """Announce a cohort. The caller has checked that what it springs from exists."""
        text.ordered(starts_on, ends_on, "ends_on")
        if not territories:
            raise TerritoryMissing("territories")
        known = [
            reference.known(key, f"territories.{index}")
            for index, key in enumerate(text.at_most(territories, 20, "territories"))
        ]
        if capacity is not None:
            text.within(capacity, 1, PLACES, "capacity")
        return cls._create(
            cls.Opened,
            id=id,
            timestamp=now,
            name=text.name(name, "name"),
            edition=text.optional_name(edition, "edition"),
            territories=tuple(dict.fromkeys(known)),
            capacity=capacity,
            starts_on=starts_on,
            ends_on=ends_on,
            springs_from_cohort=springs_from_cohort,
            springs_from_roadmap=springs_from_roadmap,
            springs_from_lever=springs_from_lever,
        ).at(now)

    def set_period(self, starts_on: date | None, ends_on: date | None) -> None:
        """Fix or change its period: its start, sessions and webinars have to lie in it."""
        self._require_open()
        text.ordered(starts_on, ends_on, "ends_on")
        for session in self._living_sessions():
            session.check_period(starts_on, ends_on, "starts_on")
        for webinar in self.webinars.values():
            if not webinar.cancelled:
                check_day(webinar.day, starts_on, ends_on, "starts_on")
        if self.started_on is not None:
            check_day(self.started_on, starts_on, ends_on, "starts_on")
        if (starts_on, ends_on) != (self.starts_on, self.ends_on):
            self.record(self.PeriodSet, starts_on=starts_on, ends_on=ends_on)

    def set_capacity(self, capacity: int) -> None:
        """Fix or change the number of its places, never below what is taken."""
        self._require_open()
        text.within(capacity, 1, PLACES, "capacity")
        if capacity < self.taken:
            raise CapacityBelowTaken("capacity", capacity=capacity, taken=self.taken)
        if capacity != self.capacity:
            self.record(self.CapacitySet, capacity=capacity)

    def schedule_session(
        self,
        session: UUID,
        *,
        number: int,
        name: str | None = None,
        town: str | None = None,
        starts_on: date | None = None,
        ends_on: date | None = None,
        expected_month: str | None = None,
        days: int | None = None,
    ) -> None:
        """Plan a session, as far as its time and place are known."""
        self._require_open()
        if session in self.sessions:
            return
        name = text.optional_name(name, "name")
        scheduled = Session(
            number=number,
            town=text.optional_name(town, "town"),
            starts_on=starts_on,
            ends_on=ends_on,
            expected_month=expected_month,
            days=days,
        )
        self._check_placed(scheduled, self._living_sessions())
        self.record(
            self.SessionScheduled,
            session=session,
            number=number,
            name=name,
            town=scheduled.town,
            starts_on=starts_on,
            ends_on=ends_on,
            expected_month=expected_month,
            days=days,
        )

    def move_session(
        self,
        session: UUID,
        *,
        town: str | None = None,
        starts_on: date | None = None,
        ends_on: date | None = None,
        expected_month: str | None = None,
        days: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Give a session another time or place; what is not given stays."""
        self._require_open()
        known = self._require_pending_session(session)
        reason = text.optional_text(reason, "reason")
        moved = known.moved(
            town=text.optional_name(town, "town"),
            starts_on=starts_on,
            ends_on=ends_on,
            expected_month=expected_month,
            days=days,
        )
        self._check_placed(moved, (one for one in self._living_sessions() if one is not known))
        if moved != known:
            self.record(
                self.SessionMoved,
                session=session,
                town=moved.town,
                starts_on=moved.starts_on,
                ends_on=moved.ends_on,
                expected_month=moved.expected_month,
                days=moved.days,
                reason=reason,
            )

    def cancel_session(self, session: UUID, reason: str) -> None:
        """State that a session will not take place."""
        self._require_open()
        reason = text.text(reason, "reason")
        if not self._require_session(session).cancelled:
            self._require_pending_session(session)
            self.record(self.SessionCancelled, session=session, reason=reason)

    def hold_session(self, session: UUID, turnout: Turnout) -> None:
        """State that a session took place, and who came."""
        self._require_open()
        turnout = self._checked_turnout(turnout)
        known = self._require_session(session)
        if known.turnout == turnout:
            return
        self._require_pending_session(session)
        if known.last_day is None:
            raise SessionUndated("session", number=known.number)
        self._require_past(known.last_day, "session")
        self.record(self.SessionHeld, session=session, turnout=turnout)

    def correct_attendance(self, session: UUID, turnout: Turnout, reason: str) -> None:
        """Put right who came to a session that was held, even after the closing."""
        reason = text.text(reason, "reason")
        turnout = self._checked_turnout(turnout)
        known = self._require_session(session)
        if known.turnout is None:
            raise NotHeldYet("session", number=known.number)
        if known.turnout != turnout:
            self.record(self.AttendanceCorrected, session=session, turnout=turnout, reason=reason)

    def schedule_webinar(self, webinar: UUID, *, title: str, day: date) -> None:
        """Plan a webinar, inside the period as far as that is known."""
        self._require_open()
        if webinar not in self.webinars:
            title = text.name(title, "title")
            check_day(day, self.starts_on, self.ends_on, "day")
            self.record(self.WebinarScheduled, webinar=webinar, title=title, day=day)

    def move_webinar(self, webinar: UUID, day: date, reason: str | None = None) -> None:
        """Give a webinar another day."""
        self._require_open()
        reason = text.optional_text(reason, "reason")
        if self._require_pending_webinar(webinar).day != day:
            check_day(day, self.starts_on, self.ends_on, "day")
            self.record(self.WebinarMoved, webinar=webinar, day=day, reason=reason)

    def cancel_webinar(self, webinar: UUID, reason: str) -> None:
        """State that a webinar will not take place."""
        self._require_open()
        reason = text.text(reason, "reason")
        if not self._require_webinar(webinar).cancelled:
            self._require_pending_webinar(webinar)
            self.record(self.WebinarCancelled, webinar=webinar, reason=reason)

    def hold_webinar(self, webinar: UUID, attendance: int | None = None) -> None:
        """State that a webinar took place."""
        self._require_open()
        if attendance is not None:
            text.within(attendance, 0, PLACES, "attendance")
        known = self._require_webinar(webinar)
        if known.held and known.attendance == attendance:
            return
        self._require_pending_webinar(webinar)
        self._require_past(known.day, "webinar")
        self.record(self.WebinarHeld, webinar=webinar, attendance=attendance)

    def form_base_camp(
        self,
        camp: UUID,
        *,
        name: str,
        coach: str,
        facilitator: str,
        organisations: Sequence[UUID] = (),
    ) -> None:
        """Put organisations under the wing of a coach and a facilitator."""
        self._require_open()
        if camp not in self.camps:
            self.record(
                self.BaseCampFormed,
                camp=camp,
                name=text.name(name, "name"),
                coach=text.name(coach, "coach"),
                facilitator=text.name(facilitator, "facilitator"),
                organisations=self._checked_camp(camp, organisations),
            )

    def regroup_base_camp(self, camp: UUID, organisations: Sequence[UUID]) -> None:
        """Let a base camp go on with these organisations and no others."""
        self._require_open()
        before = self._require_camp(camp)
        if before is None:
            raise CampDissolved("camp")
        after = self._checked_camp(camp, organisations)
        if frozenset(after) != before:
            self.record(self.BaseCampRegrouped, camp=camp, organisations=after)

    def dissolve_base_camp(self, camp: UUID, reason: str | None = None) -> None:
        """Give up a base camp."""
        self._require_open()
        reason = text.optional_text(reason, "reason")
        if self._require_camp(camp) is not None:
            self.record(self.BaseCampDissolved, camp=camp, reason=reason)

    def receive_application(self, organisation: Organisation) -> None:
        """Note that an organisation asks to take part; it may ask again after it withdrew."""
        self._require_open()
        organisation.require_living()
        party = self.known_as(organisation)
        self._require_not_enrolled(party)
        if self.participants.get(party) in (None, Standing.WITHDRAWN):
            self.record(self.OrganisationApplied, organisation=party)

    def admit(self, organisation: Organisation) -> None:
        """Accept an organisation that applied; it takes a place when it enrols."""
        self._require_open()
        organisation.require_living()
        party = self.known_as(organisation)
        self._require_not_enrolled(party)
        standing = self.participants.get(party)
        if standing in (None, Standing.WITHDRAWN):
            raise NotApplied("organisation", organisation=_shown(organisation.id))
        if standing is not Standing.ADMITTED:
            self.record(self.OrganisationAdmitted, organisation=party)

    def enrol(self, organisation: Organisation, *, held_place: bool = False) -> None:
        """Give an admitted organisation a place, a free one or one of those held."""
        self._require_open()
        organisation.require_living()
        party = self.known_as(organisation)
        self._require_not_enrolled(party)
        if self.participants.get(party) is not Standing.ADMITTED:
            raise NotAdmitted("organisation", organisation=_shown(organisation.id))
        if not held_place:
            self._require_free(1, "organisation")
        elif self.places_held < 1:
            raise PlacesNotHeld("held_place", held=self.places_held, count=1)
        self.record(self.OrganisationEnrolled, organisation=party, held_place=held_place)

    def withdraw(self, organisation: Organisation, reason: str) -> None:
        """Let an organisation go, wherever it stands, and all that it absorbed."""
        self._require_open()
        organisation.require_unmerged()
        reason = text.text(reason, "reason")
        parties = [one for one in organisation.identities if one in self.participants]
        if not parties:
            raise NotApplied("organisation", organisation=_shown(organisation.id))
        for party in parties:
            if self.participants[party] is not Standing.WITHDRAWN:
                self.record(self.OrganisationWithdrew, organisation=party, reason=reason)

    def acknowledge_merger(self, merged: Organisation, survivor: Organisation) -> None:
        """Free the place of one that went up in another, where that has a place itself.

        ``survivor`` is the one that stands for it now, at whatever remove.
        """
        self._require_open()
        if merged.survivor is None:
            raise NotMerged("organisation", organisation=_shown(merged.id))
        parties = [one for one in merged.identities if one in self.participants]
        if not parties:
            raise NotApplied("organisation", organisation=_shown(merged.id))
        leaving = [one for one in parties if self.participants[one] is not Standing.WITHDRAWN]
        if not leaving:
            return
        others = [
            one
            for one in survivor.identities
            if one in self.participants and one not in merged.identities
        ]
        into = max(others, key=self._progress, default=None)
        if into is None or self._progress(into) < max(map(self._progress, leaving)):
            raise StandsForSurvivor(
                "organisation", organisation=_shown(merged.id), survivor=_shown(survivor.id)
            )
        for party in leaving:
            self.record(self.ParticipantMerged, organisation=party, into=into)

    def hold_places(self, count: int, note: str | None = None) -> None:
        """Hold further places for organisations that are known by number only."""
        self._require_open()
        note = text.optional_text(note, "note")
        text.within(count, 1, PLACES, "count")
        self._require_free(count, "count")
        self.record(self.PlacesHeld, count=count, note=note)

    def release_places(self, count: int, reason: str | None = None) -> None:
        """Let go of places that were held."""
        self._require_open()
        reason = text.optional_text(reason, "reason")
        text.within(count, 1, PLACES, "count")
        if count > self.places_held:
            raise PlacesNotHeld("count", held=self.places_held, count=count)
        self.record(self.PlacesReleased, count=count, reason=reason)

    def set_delegation(self, organisation: Organisation, delegates: Sequence[Delegate]) -> None:
        """State who stands for an enrolled organisation, a leader among them."""
        self._require_open()
        party = self.known_as(organisation)
        self._require_enrolled(party, "organisation")
        checked = delegation.delegation(delegates, "delegates")
        delegation.check_contacts(checked, organisation.contacts, "delegates")
        if self.delegations.get(party) != checked:
            self.record(self.DelegationSet, organisation=party, delegates=checked)

    def share_resource(
        self,
        resource: UUID,
        *,
        title: str,
        kind: ResourceKind,
        shared_on: date,
        url: str | None = None,
    ) -> None:
        """Share something with the cohort; what was shared before is not shared again."""
        self._require_open()
        title = text.name(title, "title")
        url = link.optional_link(url, "url")
        self._require_past(shared_on, "shared_on")
        if (text.folded(title), kind, url) not in self.resources:
            self.record(
                self.ResourceShared,
                resource=resource,
                title=title,
                kind=kind,
                url=url,
                shared_on=shared_on,
            )

    def start(self, started_on: date) -> None:
        """State that the way together began, inside the period as far as that is known."""
        self._require_open()
        if started_on == self.started_on:
            return
        if self.started_on is not None:
            raise AlreadyStarted("started_on", day=self.started_on)
        self._require_past(started_on, "started_on")
        check_day(started_on, self.starts_on, self.ends_on, "started_on")
        self.record(self.Started, started_on=started_on)

    def close(self, closed_on: date, report: Report) -> None:
        """End it, with its report, once every session was held or cancelled."""
        report = report.checked()
        if (closed_on, report) == (self.closed_on, self.report):
            return
        self._require_open()
        if self.started_on is None:
            raise NotStarted("cohort")
        text.ordered(self.started_on, closed_on, "closed_on")
        for session in self._living_sessions():
            if session.turnout is None:
                raise SessionPending("cohort", number=session.number)
            text.ordered(session.last_day, closed_on, "closed_on")
        self._require_past(closed_on, "closed_on")
        self.record(self.Closed, closed_on=closed_on, report=report)

    def correct_report(self, report: Report, reason: str) -> None:
        """Put the report right that stands since the closing."""
        reason = text.text(reason, "reason")
        report = report.checked()
        if self.report is None:
            raise NotClosed("cohort")
        if report != self.report:
            self.record(self.ReportCorrected, report=report, reason=reason)

    def note_erratum(self, subject: str, correction: str, reason: str) -> None:
        """Say in words what is wrong in what is recorded, even after the closing."""
        subject = text.name(subject, "subject")
        correction = text.text(correction, "correction")
        reason = text.text(reason, "reason")
        if (subject, correction) not in self.errata:
            self.record(self.ErratumNoted, subject=subject, correction=correction, reason=reason)

    def _require_open(self) -> None:
        if self.closed_on is not None:
            raise CohortClosed("cohort")

    def _require_past(self, day: date, path: str) -> None:
        if day > calendar.today(self.now):
            raise HeldInTheFuture(path, day=day)

    def _require_free(self, count: int, path: str) -> None:
        if self.capacity is not None and self.taken + count > self.capacity:
            raise CohortFull(path, capacity=self.capacity, taken=self.taken)

    def _require_enrolled(self, organisation: UUID, path: str) -> None:
        if organisation not in self.enrolled:
            raise NotEnrolled(path, organisation=_shown(organisation))

    def _require_not_enrolled(self, organisation: UUID) -> None:
        if organisation in self.enrolled:
            raise AlreadyEnrolled("organisation", organisation=_shown(organisation))

    def _require_session(self, session: UUID) -> Session:
        if session not in self.sessions:
            raise NotFound("session", id=identity.external("session", session), noun="session")
        return self.sessions[session]

    def _require_pending_session(self, session: UUID) -> Session:
        known = self._require_session(session)
        if known.cancelled:
            raise AlreadyCancelled("session")
        if known.turnout is not None:
            raise AlreadyHeld("session")
        return known

    def _require_webinar(self, webinar: UUID) -> Webinar:
        if webinar not in self.webinars:
            raise NotFound("webinar", id=identity.external("webinar", webinar), noun="webinar")
        return self.webinars[webinar]

    def _require_pending_webinar(self, webinar: UUID) -> Webinar:
        known = self._require_webinar(webinar)
        if known.cancelled:
            raise AlreadyCancelled("webinar")
        if known.held:
            raise AlreadyHeld("webinar")
        return known

    def _require_camp(self, camp: UUID) -> frozenset[UUID] | None:
        if camp not in self.camps:
            raise NotFound("camp", id=identity.external("camp", camp), noun="camp")
        return self.camps[camp]

    def _check_placed(self, session: Session, others: Iterable[Session]) -> None:
        session.check()
        session.check_period(self.starts_on, self.ends_on, "starts_on")
        session.check_beside(others, "starts_on")

    def _checked_turnout(self, turnout: Turnout) -> Turnout:
        """Who came; an organisation that withdrew since may have come before."""
        turnout = turnout.checked()
        for index, one in enumerate(turnout.attendance):
            if one.organisation not in self.once_enrolled:
                path = f"attendance.{index}.organisation"
                raise NotEnrolled(path, organisation=_shown(one.organisation))
        return turnout

    def _checked_camp(self, camp: UUID, organisations: Sequence[UUID]) -> tuple[UUID, ...]:
        """The organisations of a base camp: enrolled, each in one camp only."""
        distinct = tuple(dict.fromkeys(text.at_most(organisations, 100, "organisations")))
        for index, organisation in enumerate(distinct):
            path = f"organisations.{index}"
            self._require_enrolled(organisation, path)
            for other, members in self.camps.items():
                if other != camp and members is not None and organisation in members:
                    raise AlreadyInCamp(
                        path,
                        organisation=_shown(organisation),
                        camp=identity.external("camp", other),
                    )
        return distinct

    # access

    def places(self) -> Sequence[Place]:
        """Itself, and its territories."""
        return (
            Place.of(ScopeKind.COHORT, self.id),
            *(place for key in self.territories for place in around(key, ScopeKind.COHORT)),
        )

    # evolution

    def __init__(
        self,
        territories: tuple[str, ...],
        capacity: int | None,
        starts_on: date | None,
        ends_on: date | None,
    ) -> None:
        self.territories = territories
        self.capacity = capacity
        self.starts_on = starts_on
        self.ends_on = ends_on
        self.sessions: dict[UUID, Session] = {}
        self.webinars: dict[UUID, Webinar] = {}
        self.camps: dict[UUID, frozenset[UUID] | None] = {}
        self.participants: dict[UUID, Standing] = {}
        self.once_enrolled: set[UUID] = set()
        self.places_held = 0
        self.delegations: dict[UUID, tuple[Delegate, ...]] = {}
        self.resources: set[tuple[str, ResourceKind, str | None]] = set()
        self.started_on: date | None = None
        self.closed_on: date | None = None
        self.report: Report | None = None
        self.errata: set[tuple[str, str]] = set()

    def known_as(self, organisation: Organisation) -> UUID:
        """The id under which an organisation takes part: its own, or that of one it absorbed.

        The facts of a cohort go on naming an organisation as they named it first; of several
        that became one, the one that is furthest stands for all.
        """
        known = [one for one in organisation.identities if one in self.participants]
        return max(known, key=self._progress, default=organisation.id)

    @property
    def enrolled(self) -> frozenset[UUID]:
        """The organisations that have a place."""
        return frozenset(
            organisation
            for organisation, standing in self.participants.items()
            if standing is Standing.ENROLLED
        )

    @property
    def taken(self) -> int:
        """How many places are taken, by organisations enrolled and by places held."""
        return len(self.enrolled) + self.places_held

    def _progress(self, organisation: UUID) -> int:
        return self.participants[organisation].progress

    def _living_sessions(self) -> Iterable[Session]:
        return [session for session in self.sessions.values() if not session.cancelled]


def _shown(organisation: UUID) -> Id:
    return identity.external("organisation", organisation)


# commands


@command(
    by=(Role.TERRITORY_ADMINISTRATOR, Role.COHORT_COORDINATOR),
    refuses=(reference.UnknownTerritory, TerritoryMissing, LineageIncomplete),
    creates="cohort",
)
class OpenCohort(Command):
    """Announce a cohort for one or more territories."""

    name: Annotated[str, "Its name, such as CEC Ouest, 1 to 200 characters."]
    edition: Annotated[str | None, "Its edition, such as 2023 or 2025-26."] = None
    territories: Annotated[list[str], "Its territories, 1 to 20, such as region:28."]
    capacity: Annotated[int | None, "How many organisations it takes, if that is settled."] = None
    starts_on: Annotated[date | None, "The first day of its period, if known."] = None
    ends_on: Annotated[date | None, "The last day of its period, if known."] = None
    springs_from_cohort: Annotated[Id | None, "The cohort from which it springs."] = None
    springs_from_roadmap: Annotated[Id | None, "The roadmap from which it springs."] = None
    springs_from_lever: Annotated[
        Id | None, "The lever from which it springs; its roadmap is named with it."
    ] = None

    async def places(self, work: Work) -> Sequence[Place]:  # noqa: ARG002
        known = [
            reference.known(territory, f"territories.{index}")
            for index, territory in enumerate(self.territories)
        ]
        return [place for key in known for place in around(key, ScopeKind.COHORT)]

    async def decide(self, work: Work) -> Cohort:
        cohort = roadmap = lever = None
        if self.springs_from_cohort is not None:
            cohort = (await work.get(Cohort, self.springs_from_cohort)).id
        if self.springs_from_lever is not None:
            lever = identity.internal("lever", self.springs_from_lever)
        if self.springs_from_roadmap is not None:
            roadmap = await _roadmap(self.springs_from_roadmap, lever, work)
        elif lever is not None:
            raise LineageIncomplete("springs_from_roadmap")
        return work.add(
            Cohort.open(
                work.new_id(),
                now=work.now,
                name=self.name,
                edition=self.edition,
                territories=self.territories,
                capacity=self.capacity,
                starts_on=self.starts_on,
                ends_on=self.ends_on,
                springs_from_cohort=cohort,
                springs_from_roadmap=roadmap,
                springs_from_lever=lever,
            )
        )


@command(
    by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, DayOutsidePeriod, SessionOutsidePeriod)
)
class SetCohortPeriod(Command):
    """Fix or change the period of a cohort: its start, sessions and webinars have to lie in it."""

    cohort: Annotated[Id, "The cohort."]
    starts_on: Annotated[date | None, "The first day; not known when left out."] = None
    ends_on: Annotated[date | None, "The last day; not known when left out."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.set_period(self.starts_on, self.ends_on)
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(CohortClosed, CapacityBelowTaken))
class SetCohortCapacity(Command):
    """Fix or change the number of places of a cohort, never below what is taken."""

    cohort: Annotated[Id, "The cohort."]
    capacity: Annotated[int, "How many organisations it takes, 1 to 10 000."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.set_capacity(self.capacity)
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR, Role.FACILITATOR),
    refuses=(CohortClosed, HeldInTheFuture, link.InvalidLink),
    creates="resource",
)
class ShareResource(Command):
    """Share something to read, to see or to use with a cohort."""

    cohort: Annotated[Id, "The cohort."]
    title: Annotated[str, "Its title, 1 to 200 characters."]
    kind: Annotated[ResourceKind, "What it is."]
    shared_on: Annotated[date, "The day on which it was shared."]
    url: Annotated[str | None, "Where it is to be found, by http or https."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.share_resource(
            work.new_id(),
            title=self.title,
            kind=self.kind,
            shared_on=self.shared_on,
            url=self.url,
        )
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR,),
    refuses=(CohortClosed, AlreadyStarted, DayOutsidePeriod, HeldInTheFuture),
)
class StartCohort(Command):
    """State that the way together began."""

    cohort: Annotated[Id, "The cohort."]
    started_on: Annotated[date, "The day on which it began: in its period, not in the future."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.start(self.started_on)
        return cohort


@command(
    by=(Role.COHORT_COORDINATOR,),
    refuses=(CohortClosed, NotStarted, SessionPending, HeldInTheFuture, link.InvalidLink),
)
class CloseCohort(Command):
    """End a cohort, with its report, once every session was held or cancelled."""

    cohort: Annotated[Id, "The cohort."]
    closed_on: Annotated[date, "The day on which it ended, not in the future."]
    report: Annotated[Report | None, "What it came to, as far as there is a report."] = None

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.close(self.closed_on, self.report or Report())
        return cohort


@command(by=(Role.COHORT_COORDINATOR,), refuses=(NotClosed, link.InvalidLink))
class CorrectReport(Command):
    """Put the report of a closed cohort right; the one before stays in its history."""

    cohort: Annotated[Id, "The cohort."]
    report: Annotated[Report, "The whole report as it should have been."]
    reason: Annotated[str, "Why the former was wrong."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.correct_report(self.report, self.reason)
        return cohort


@command(by=(Role.COHORT_COORDINATOR,))
class NoteErratum(Command):
    """Say in words what is wrong in what is recorded of a cohort, even after its closing."""

    cohort: Annotated[Id, "The cohort."]
    subject: Annotated[str, "What is wrong, such as: town of session 2."]
    correction: Annotated[str, "How it should read."]
    reason: Annotated[str, "How the mistake came about, or how it was found."]

    async def decide(self, work: Work) -> Cohort:
        cohort = await work.get(Cohort, self.cohort)
        cohort.note_erratum(self.subject, self.correction, self.reason)
        return cohort


async def _roadmap(id: Id, lever: UUID | None, work: Work) -> UUID:
    # Roadmaps know the cohorts in which they are drafted, and are imported here, not above.
    from domain.roadmap import Roadmap

    roadmap = await work.get(Roadmap, id)
    if lever is not None and lever not in roadmap.levers:
        raise LineageIncomplete("springs_from_lever")
    return roadmap.id
