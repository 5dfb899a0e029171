"""Questionnaires: how an alliance asks its members, and how they answer."""

from datetime import date
from typing import Annotated

from domain import identity, text
from domain.alliance import Alliance, AllianceClosed, member
from domain.command import Command, Work, command, value
from domain.identity import Id
from domain.membership import NotAMember
from domain.party import Party, PartyUnclear
from domain.roadmap import DayStillToCome
from domain.role import PEOPLE, Role
from domain.survey import (
    QUESTIONS,
    AnswerMissing,
    MembersOnly,
    Returns,
    SurveyIsClosed,
    SurveyNotOpenYet,
    SurveyOver,
    SurveyShortened,
    SurveyUnderWay,
)


@value
class AnswerEntry:
    """An answer to a question of a survey."""

    question: Annotated[Id, "The question."]
    text: Annotated[str, "The answer, 1 to 8 000 characters."]


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed,), creates="survey")
class OpenSurvey(Command):
    """Announce a survey that takes answers from one day to another, both included."""

    alliance: Annotated[Id, "The alliance."]
    title: Annotated[str, "Its title, 1 to 200 characters."]
    opens_on: Annotated[date, "The first day on which it takes answers."]
    closes_on: Annotated[date, "The last day on which it takes answers."]
    questions: Annotated[list[str] | None, "What it asks, in order, 200 questions at most."] = None
    open_to_contributors: Annotated[
        bool, "Whether people may answer who are known by role, beside the members."
    ] = False
    note: Annotated[str | None, "What one should know about it, such as a doubt on its days."] = (
        None
    )

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        asked = text.at_most(self.questions or (), QUESTIONS, "questions")
        alliance.open_survey(
            work.new_id(),
            title=self.title,
            opens_on=self.opens_on,
            closes_on=self.closes_on,
            questions={work.new_id(): wording for wording in asked},
            open_to_contributors=self.open_to_contributors,
            note=self.note,
        )
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    refuses=(AllianceClosed, SurveyIsClosed, SurveyUnderWay, DayStillToCome),
    creates="question",
)
class AddQuestion(Command):
    """Ask a further question in a survey, before it takes answers.

    A question that was asked then and is recorded only now says so by effectiveOn.
    """

    alliance: Annotated[Id, "The alliance."]
    survey: Annotated[Id, "The survey."]
    text: Annotated[str, "The question, 1 to 8 000 characters."]
    effective_on: Annotated[
        date | None, "The day on which it was asked, before the opening; today when left out."
    ] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        survey = identity.internal("survey", self.survey)
        alliance.add_question(survey, work.new_id(), self.text, self.effective_on)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed, SurveyIsClosed, SurveyShortened))
class ExtendSurvey(Command):
    """Let a survey take answers for longer."""

    alliance: Annotated[Id, "The alliance."]
    survey: Annotated[Id, "The survey."]
    closes_on: Annotated[date, "The last day on which it takes answers from now on."]
    reason: Annotated[str | None, "Why it is open for longer."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        survey = identity.internal("survey", self.survey)
        alliance.extend_survey(survey, self.closes_on, self.reason)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=PEOPLE,
    by_contributor=(Role.ALLIANCE_MEMBER,),
    refuses=(
        AllianceClosed,
        NotAMember,
        MembersOnly,
        PartyUnclear,
        DayStillToCome,
        SurveyNotOpenYet,
        SurveyOver,
        SurveyIsClosed,
        AnswerMissing,
    ),
)
class AnswerSurvey(Command):
    """Answer questions of a survey on one of its days; a later answer replaces an earlier one."""

    alliance: Annotated[Id, "The alliance."]
    survey: Annotated[Id, "The survey."]
    organisation: Annotated[Id | None, "The member that answers."] = None
    role: Annotated[str | None, "The contributor who answers, by role, where no member does."] = (
        None
    )
    answers: Annotated[list[AnswerEntry], "The answers, 1 to 200."]
    answered_on: Annotated[
        date | None, "The day of the answer; by default effectiveOn, or today."
    ] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        organisation = None
        if self.organisation is not None:
            organisation = await member(self.organisation, alliance, work)
        answers = text.at_most(self.answers, QUESTIONS, "answers")
        alliance.answer_survey(
            identity.internal("survey", self.survey),
            Party(organisation=organisation, role=self.role),
            [(identity.internal("question", one.question), one.text) for one in answers],
            self.answered_on or self.effective_on,
        )
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed,))
class CountReturns(Command):
    """State how many sheets a survey brought in, and from how many contributors."""

    alliance: Annotated[Id, "The alliance."]
    survey: Annotated[Id, "The survey."]
    sheets: Annotated[int, "How many sheets came in."]
    contributors: Annotated[int | None, "From how many contributors, where that is known."] = None
    note: Annotated[str | None, "What one should know about these numbers."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        returns = Returns(sheets=self.sheets, contributors=self.contributors, note=self.note)
        alliance.count_returns(identity.internal("survey", self.survey), returns)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed,))
class CloseSurvey(Command):
    """Let a survey take no answers any more, whatever its days."""

    alliance: Annotated[Id, "The alliance."]
    survey: Annotated[Id, "The survey."]
    reason: Annotated[str | None, "Why it is closed."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.close_survey(identity.internal("survey", self.survey), self.reason)
        return alliance
