"""Surveys: questions to the members of an alliance, and the days on which they may answer."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from domain import text
from domain.command import value
from domain.party import Party
from domain.refusal import Refusal

QUESTIONS = 200
"""How many questions a survey may ask."""


class SurveyNotOpenYet(Refusal):
    """This survey takes answers from {opens_on} on, not on {day}. Wait, or correct the day."""

    FRENCH = (
        "Ce questionnaire reçoit les réponses à partir du {opens_on}, pas le {day}. "
        "Attendez, ou corrigez le jour."
    )


class SurveyOver(Refusal):
    """This survey took answers until {closes_on}, not on {day}. Correct the day if it is wrong."""

    FRENCH = (
        "Ce questionnaire recevait les réponses jusqu’au {closes_on}, pas le {day}. "
        "Corrigez le jour s’il est faux."
    )


class SurveyIsClosed(Refusal):
    """This survey was closed and does not change any more. Open another one."""

    FRENCH = "Ce questionnaire est clos et ne change plus. Ouvrez-en un autre."


class SurveyUnderWay(Refusal):
    """This survey takes answers since {opens_on}: its questions stand. Ask in another survey."""

    FRENCH = (
        "Ce questionnaire reçoit des réponses depuis le {opens_on} : ses questions sont fixées. "
        "Posez la vôtre dans un autre."
    )


class SurveyShortened(Refusal):
    """This survey stays open until {closes_on} already. Give a later day, or close it."""

    FRENCH = (
        "Ce questionnaire reste déjà ouvert jusqu’au {closes_on}. "
        "Donnez un jour plus tardif, ou clôturez-le."
    )


class MembersOnly(Refusal):
    """This survey asks members only. Name the member organisation that answers."""

    FRENCH = (
        "Ce questionnaire s’adresse aux seuls membres. Indiquez l’organisation membre qui répond."
    )


class AnswerMissing(Refusal):
    """There is no answer in this. Answer at least one question."""

    FRENCH = "Il n’y a pas de réponse ici. Répondez à une question au moins."


@value
class Returns:
    """How much a survey brought in, as counted outside."""

    sheets: Annotated[int, "How many sheets came in."]
    contributors: Annotated[int | None, "From how many contributors, where that is known."] = None
    note: Annotated[str | None, "What one should know about these numbers."] = None

    def checked(self) -> "Returns":
        """Itself with a clean text."""
        text.within(self.sheets, 0, 100_000, "sheets")
        if self.contributors is not None:
            text.within(self.contributors, 0, 100_000, "contributors")
        return Returns(
            sheets=self.sheets,
            contributors=self.contributors,
            note=text.optional_text(self.note, "note"),
        )


@dataclass(slots=True, kw_only=True)
class Survey:
    """What the rules know of a survey: its days, its questions, and the answers that count."""

    opens_on: date
    closes_on: date
    open_to_contributors: bool = False
    closed: bool = False
    questions: set[UUID] = field(default_factory=set)
    answers: dict[tuple[UUID, Party], str] = field(default_factory=dict)
    returns: Returns | None = None

    def require_unclosed(self) -> None:
        """Refuse what comes after it was closed for good."""
        if self.closed:
            raise SurveyIsClosed("survey")

    def check_answerable(self, day: date, path: str) -> None:
        """Refuse an answer on a day that is not one of its days."""
        self.require_unclosed()
        if day < self.opens_on:
            raise SurveyNotOpenYet(path, opens_on=self.opens_on, day=day)
        if day > self.closes_on:
            raise SurveyOver(path, closes_on=self.closes_on, day=day)

    def check_unopened(self, today: date) -> None:
        """Refuse to change what is asked once answers may come."""
        self.require_unclosed()
        if today >= self.opens_on:
            raise SurveyUnderWay("survey", opens_on=self.opens_on)
