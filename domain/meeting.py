"""Meetings of an alliance and its working groups: what its rules know of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self
from uuid import UUID

from domain import text
from domain.label import Label
from domain.refusal import Refusal
from domain.theme import Theme


class MeetingKind(Label):
    """What an alliance meets for. Only a working session is a step of the work on a theme."""

    WORKING_SESSION = "WORKING_SESSION", "séance de travail", "working session"
    LAUNCH = "LAUNCH", "réunion de lancement", "launch meeting"
    CLOSING = "CLOSING", "réunion conclusive", "closing meeting"


# refusals


class MeetingNumberTaken(Refusal):
    """There is a meeting {number} of this kind on this theme already. Take another number."""

    FRENCH = (
        "Une réunion {number} de ce type existe déjà sur cette thématique. Prenez un autre numéro."
    )


class DayOrSpan(Refusal):
    """Give either the day of the meeting or, while it is not known, the span in which it lies."""

    FRENCH = (
        "Donnez soit le jour de la réunion, soit la période où elle se situe "
        "tant que le jour n’est pas connu."
    )


class MeetingNotHeld(Refusal):
    """This meeting is not known to be held: there is nothing to correct. Hold it first."""

    FRENCH = (
        "Cette réunion n’est pas constatée : il n’y a rien à corriger. Constatez d’abord sa tenue."
    )


class WorkingGroupOver(Refusal):
    """This working group has ended. Form another one."""

    FRENCH = "Ce groupe de travail est terminé. Formez-en un autre."


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """That a meeting took place: when, before how many people, and what came of it."""

    held_on: date | None = None
    attendance: int | None = None
    outcome: str | None = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        if self.attendance is not None:
            text.within(self.attendance, 0, 100_000, "attendance")
        return replace(self, outcome=text.optional_text(self.outcome, "outcome"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting: its place in the work, when and where it is, and whether it took place."""

    kind: MeetingKind
    theme: Theme | None = None
    working_group: UUID | None = None
    number: int | None = None
    day: date | None = None
    not_before: date | None = None
    not_after: date | None = None
    place: str | None = None
    holding: Holding | None = None
    cancelled: bool = False

    def cleaned(self) -> Self:
        """Refuse a meeting that contradicts itself, and give it as it is stored."""
        if self.number is not None:
            text.within(self.number, 1, 1_000, "number")
        if self.day is not None and (self.not_before is not None or self.not_after is not None):
            raise DayOrSpan("day")
        text.ordered(self.not_before, self.not_after, "not_after")
        return replace(self, place=text.optional_name(self.place, "place"))

    def moved(
        self,
        *,
        day: date | None = None,
        not_before: date | None = None,
        not_after: date | None = None,
        place: str | None = None,
    ) -> Self:
        """Itself at another time or place; what is not given stays, and a day replaces a span."""
        when = (day, not_before, not_after)
        if when == (None, None, None):
            when = (self.day, self.not_before, self.not_after)
        return replace(
            self,
            day=when[0],
            not_before=when[1],
            not_after=when[2],
            place=self.place if place is None else place,
        ).cleaned()

    def check_beside(self, others: Iterable["Meeting"]) -> None:
        """Refuse a number that a living meeting of the same kind and subject has."""
        if self.number is not None and self.step in {
            other.step for other in others if not other.cancelled
        }:
            raise MeetingNumberTaken("number", number=self.number)

    @property
    def step(self) -> tuple[MeetingKind, Theme | None, UUID | None, int | None]:
        """Its place in the work: two living meetings with a number do not share it."""
        return self.kind, self.theme, self.working_group, self.number
