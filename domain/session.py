"""Sessions and webinars of a cohort: what its rules know of them, and when they may be."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

from domain import calendar, delegation, text
from domain.command import value
from domain.delegation import Attendance
from domain.refusal import Refusal


class SessionNumberTaken(Refusal):
    """This cohort has a session {number} already. Take another number, or cancel that session."""

    FRENCH = (
        "Cette promotion a déjà une session {number}. "
        "Prenez un autre numéro, ou annulez cette session."
    )


class SessionOutsidePeriod(Refusal):
    """Session {number} would lie outside the cohort's period, {period}. Move one of the two."""

    FRENCH = (
        "La session {number} serait hors de la période de la promotion, {period}. "
        "Déplacez l’une ou l’autre."
    )


class DayOutsidePeriod(Refusal):
    """{day} lies outside the cohort's period, {period}. Choose a day within, or set the period."""

    FRENCH = (
        "Le {day} est hors de la période de la promotion, {period}. "
        "Choisissez un jour qui s’y trouve, ou modifiez la période."
    )


class SessionsOutOfOrder(Refusal):
    """Session {first} would come after session {second}. Let the dates follow the numbers."""

    FRENCH = (
        "La session {first} viendrait après la session {second}. "
        "Les dates doivent suivre les numéros."
    )


class SessionsOverlap(Refusal):
    """Sessions {first} and {second} would share a day. Move one of them."""

    FRENCH = "Les sessions {first} et {second} auraient un jour en commun. Déplacez l’une d’elles."


class DayOrMonth(Refusal):
    """Give either the days of the session or, while they are not known, its month."""

    FRENCH = "Donnez soit les jours de la session, soit son mois tant qu’ils ne sont pas connus."


class FirstDayMissing(Refusal):
    """The last day is given without the first. Give the first day, too."""

    FRENCH = "Le dernier jour est donné sans le premier. Donnez aussi le premier jour."


class SessionUndated(Refusal):
    """It is not known on which days session {number} takes place. Move it to its days first."""

    FRENCH = (
        "On ne sait pas quels jours se tient la session {number}. Donnez-lui d’abord ses dates."
    )


class AlreadyHeld(Refusal):
    """This was held already and stays as it is. Correct what is wrong in it, with a reason."""

    FRENCH = "Ceci a déjà eu lieu et reste tel quel. Corrigez ce qui est faux, avec un motif."


class AlreadyCancelled(Refusal):
    """This was cancelled. Schedule another one in its place."""

    FRENCH = "Ceci a été annulé. Programmez-en un autre à la place."


class NotHeldYet(Refusal):
    """Session {number} is not known to be held. State first that it was."""

    FRENCH = "La session {number} n’est pas constatée. Constatez d’abord sa tenue."


@value
class Turnout:
    """Who came to a session, and how many in all where that is known."""

    attendance: Annotated[tuple[Attendance, ...], "Who came, by organisation."] = ()
    headcount: Annotated[int | None, "How many came in all, those not named included."] = None

    def checked(self) -> "Turnout":
        """Itself with clean texts; no fewer came than are named."""
        came = delegation.attendance(self.attendance, "attendance")
        if self.headcount is not None:
            named = sum(len(one.delegates) for one in came)
            text.within(self.headcount, named, 100_000, "headcount")
        return Turnout(attendance=came, headcount=self.headcount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session: its number, what is known of when and where, and whether it took place."""

    number: int
    town: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    expected_month: str | None = None
    days: int | None = None
    turnout: Turnout | None = None
    cancelled: bool = False

    @property
    def last_day(self) -> date | None:
        """The last day that is known."""
        return self.ends_on or self.starts_on

    @property
    def month(self) -> str | None:
        """The month in which it starts, as far as anybody knows."""
        return calendar.month_of(self.starts_on) if self.starts_on else self.expected_month

    def moved(
        self,
        *,
        starts_on: date | None = None,
        ends_on: date | None = None,
        expected_month: str | None = None,
        days: int | None = None,
        town: str | None = None,
    ) -> "Session":
        """Itself at another time or place; what is not given stays.

        Days replace a month and a month replaces days: one of the two is known.
        """
        when = (starts_on, ends_on, expected_month)
        if when == (None, None, None):
            when = (self.starts_on, self.ends_on, self.expected_month)
        return replace(
            self,
            town=self.town if town is None else town,
            starts_on=when[0],
            ends_on=when[1],
            expected_month=when[2],
            days=self.days if days is None else days,
        )

    def check(self) -> None:
        """Refuse a session that contradicts itself."""
        text.within(self.number, 1, 100, "number")
        if self.ends_on and not self.starts_on:
            raise FirstDayMissing("starts_on")
        text.ordered(self.starts_on, self.ends_on, "ends_on")
        if self.expected_month is not None:
            calendar.month(self.expected_month, "expected_month")
            if self.starts_on:
                raise DayOrMonth("expected_month")
        if self.days is not None:
            span = 31
            if self.starts_on and self.ends_on:
                span = min(span, (self.ends_on - self.starts_on).days + 1)
            text.within(self.days, 1, span, "days")

    def check_period(self, starts_on: date | None, ends_on: date | None, path: str) -> None:
        """Refuse a session outside a period, as far as both are known."""
        if self.starts_on and self.last_day:
            early = starts_on is not None and self.starts_on < starts_on
            late = ends_on is not None and self.last_day > ends_on
        elif self.month:
            early = starts_on is not None and self.month < calendar.month_of(starts_on)
            late = ends_on is not None and self.month > calendar.month_of(ends_on)
        else:
            return
        if early or late:
            period = _period(starts_on, ends_on)
            raise SessionOutsidePeriod(path, number=self.number, period=period)

    def check_beside(self, others: Iterable["Session"], path: str) -> None:
        """Refuse a session whose number is taken, or whose days do not follow the numbers."""
        for other in others:
            if other.number == self.number:
                raise SessionNumberTaken("number", number=self.number)
            first, second = sorted((self, other), key=lambda session: session.number)
            _check_order(first, second, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webinar:
    """A webinar: its day, and whether it took place."""

    day: date
    held: bool = False
    attendance: int | None = None
    cancelled: bool = False


def check_day(day: date, starts_on: date | None, ends_on: date | None, path: str) -> None:
    """Refuse a day outside a period, as far as that is known."""
    if (starts_on and day < starts_on) or (ends_on and day > ends_on):
        raise DayOutsidePeriod(path, day=day, period=_period(starts_on, ends_on))


def _period(starts_on: date | None, ends_on: date | None) -> str:
    return f"{starts_on or '…'} – {ends_on or '…'}"


def _check_order(first: Session, second: Session, path: str) -> None:
    """Refuse two sessions, in the order of their numbers, whose time is not in that order."""
    numbers = {"first": first.number, "second": second.number}
    if first.starts_on and first.last_day and second.starts_on and second.last_day:
        if first.starts_on <= second.last_day and second.starts_on <= first.last_day:
            raise SessionsOverlap(path, **numbers)
        if first.starts_on > second.starts_on:
            raise SessionsOutOfOrder(path, **numbers)
    elif first.month and second.month and first.month > second.month:
        raise SessionsOutOfOrder(path, **numbers)
