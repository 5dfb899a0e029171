"""The surveys of an alliance: who may answer, what, and on which days."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.alliance import Alliance
from domain.allies import LeaveAlliance
from domain.identity import Id
from domain.membership import NotAMember
from domain.party import PartyUnclear
from domain.questionnaire import (
    AddQuestion,
    AnswerEntry,
    AnswerSurvey,
    CloseSurvey,
    CountReturns,
    ExtendSurvey,
    OpenSurvey,
)
from domain.refusal import DatesReversed, InvalidNumber, NotFound, TooManyItems
from domain.roadmap import DayStillToCome
from domain.survey import (
    AnswerMissing,
    MembersOnly,
    SurveyIsClosed,
    SurveyNotOpenYet,
    SurveyOver,
    SurveyShortened,
    SurveyUnderWay,
)
from tests.domain.alliances import CLOSES, OPENS, TODAY, TOMORROW, YESTERDAY, Assembly


def answer(world: Assembly, survey: Id, question: Id, **fields: Any) -> AnswerSurvey:
    """An answer of the member, given today unless told otherwise."""
    given: dict[str, Any] = {"organisation": world.member, **fields}
    return AnswerSurvey(
        alliance=world.alliance,
        survey=survey,
        answers=[AnswerEntry(question=question, text="Un plan vélo")],
        **given,
    )


# opening


def test_a_survey_is_opened_with_its_questions_in_order() -> None:
    world = Assembly()
    events = world.send(
        OpenSurvey(
            alliance=world.alliance,
            title="Questionnaire initial",
            opens_on=OPENS,
            closes_on=CLOSES,
            questions=["Quelles actions ?", "Quels objectifs ?"],
        )
    )

    asked = [event for event in events if isinstance(event, Alliance.QuestionAdded)]
    assert [(one.number, one.text) for one in asked] == [
        (1, "Quelles actions ?"),
        (2, "Quels objectifs ?"),
    ]


def test_days_that_look_like_a_slip_are_kept_and_may_be_noted() -> None:
    world = Assembly()
    opens = OpenSurvey(
        alliance=world.alliance,
        title="Recensement des actions",
        opens_on=date(2025, 1, 12),
        closes_on=date(2026, 2, 4),
        note="L’année d’ouverture est sans doute 2026 ; elle est gardée telle qu’écrite.",
    )

    assert world.only(opens, Alliance.SurveyOpened).opens_on == date(2025, 1, 12)


def test_a_survey_does_not_close_before_it_opens() -> None:
    world = Assembly()
    with world.refuses(DatesReversed, "closes_on"):
        world.survey(opens_on=CLOSES, closes_on=OPENS)


def test_a_survey_of_endless_questions_is_refused() -> None:
    world = Assembly()
    with world.refuses(TooManyItems, "questions"):
        world.survey(questions=["Encore ?"] * 201)


def test_a_question_is_added_before_the_opening() -> None:
    world = Assembly()
    survey = world.survey(opens_on=TOMORROW)
    adds = AddQuestion(alliance=world.alliance, survey=survey, text="Quels moyens ?")

    assert world.only(adds, Alliance.QuestionAdded).number == 1


@pytest.mark.parametrize("opens_on", [TODAY, YESTERDAY])
def test_a_question_is_not_added_once_answers_may_come(opens_on: date) -> None:
    world = Assembly()
    survey = world.survey(opens_on=opens_on)
    with world.refuses(SurveyUnderWay, "survey"):
        world.send(AddQuestion(alliance=world.alliance, survey=survey, text="Quels moyens ?"))


def test_a_question_that_was_asked_before_the_opening_may_be_recorded_late() -> None:
    world = Assembly()
    survey = world.survey()
    asked = AddQuestion(
        alliance=world.alliance, survey=survey, text="Quoi ?", effective_on=date(2026, 1, 11)
    )

    world.only(asked, Alliance.QuestionAdded)


# answering


@pytest.mark.parametrize("day", [OPENS, YESTERDAY, TODAY])
def test_a_survey_takes_answers_on_its_days(day: date) -> None:
    world = Assembly()
    survey = world.survey()
    answers = answer(world, survey, world.question(survey), answered_on=day)

    assert world.only(answers, Alliance.SurveyAnswered).answered_on == day


def test_an_answer_is_of_today_unless_told() -> None:
    world = Assembly()
    survey = world.survey()
    answers = answer(world, survey, world.question(survey))

    assert world.only(answers, Alliance.SurveyAnswered).answered_on == TODAY


def test_an_answer_after_the_closing_day_is_refused() -> None:
    world = Assembly()
    survey = world.survey(closes_on=YESTERDAY)
    question = world.question(survey)

    with world.refuses(SurveyOver, "answered_on"):
        world.send(answer(world, survey, question))
    world.send(answer(world, survey, question, answered_on=YESTERDAY))


def test_an_answer_before_the_opening_is_refused() -> None:
    world = Assembly()
    survey = world.survey(opens_on=TODAY)
    question = world.question(survey)

    with world.refuses(SurveyNotOpenYet, "answered_on"):
        world.send(answer(world, survey, question, answered_on=YESTERDAY))


def test_an_answer_of_tomorrow_is_refused() -> None:
    world = Assembly()
    survey = world.survey()
    question = world.question(survey)
    with world.refuses(DayStillToCome, "answered_on"):
        world.send(answer(world, survey, question, answered_on=TOMORROW))


def test_the_days_of_a_survey_are_those_of_paris() -> None:
    world = Assembly()
    survey = world.survey(opens_on=TOMORROW)
    question = world.question(survey)
    world.now = datetime(2026, 1, 23, 22, 59, tzinfo=UTC)
    with world.refuses(SurveyNotOpenYet):
        world.send(answer(world, survey, question))

    world.now = datetime(2026, 1, 23, 23, 0, tzinfo=UTC)
    assert world.send(answer(world, survey, question))


def test_only_members_answer() -> None:
    world = Assembly()
    survey = world.survey()
    question = world.question(survey)
    stranger = world.organisation("Passante")
    with world.refuses(NotAMember, "organisation"):
        world.send(answer(world, survey, question, organisation=stranger))

    world.send(LeaveAlliance(alliance=world.alliance, organisation=world.member, reason="Non"))
    with world.refuses(NotAMember, "organisation"):
        world.send(answer(world, survey, question))


def test_a_contributor_by_role_answers_only_where_the_survey_says_so() -> None:
    world = Assembly()
    closed, open = world.survey(), world.survey(open_to_contributors=True)
    by_role: dict[str, Any] = {"organisation": None, "role": "chargée de mission"}
    question = world.question(closed)
    with world.refuses(MembersOnly, "organisation"):
        world.send(answer(world, closed, question, **by_role))

    answered = world.only(
        answer(world, open, world.question(open), **by_role), Alliance.SurveyAnswered
    )
    assert answered.party.role == "chargée de mission"


def test_it_is_clear_who_answers() -> None:
    world = Assembly()
    survey = world.survey(open_to_contributors=True)
    question = world.question(survey)
    with world.refuses(PartyUnclear, "organisation"):
        world.send(answer(world, survey, question, role="chargée de mission"))


def test_the_last_answer_counts_and_the_earlier_ones_stay_in_the_history() -> None:
    world = Assembly()
    survey = world.survey()
    question = world.question(survey)
    world.answer(survey, question, "Un plan vélo")
    world.answer(survey, question, "Un plan vélo")
    world.answer(survey, question, "Un plan de mobilité")

    told = [
        event.text
        for event in world.streams[world.state().id]
        if isinstance(event, Alliance.SurveyAnswered)
    ]
    assert told == ["Un plan vélo", "Un plan de mobilité"]
    (known,) = world.state().surveys.values()
    assert list(known.answers.values()) == ["Un plan de mobilité"]


def test_a_question_of_another_survey_is_not_answered_here() -> None:
    world = Assembly()
    survey = world.survey()
    elsewhere = world.question(world.survey())
    with world.refuses(NotFound, "answers.0.question"):
        world.send(answer(world, survey, elsewhere))


def test_an_answer_to_nothing_is_refused() -> None:
    world = Assembly()
    survey = world.survey()
    with world.refuses(AnswerMissing, "answers"):
        world.send(
            AnswerSurvey(
                alliance=world.alliance, survey=survey, organisation=world.member, answers=[]
            )
        )


def test_where_one_answer_is_wrong_none_is_recorded() -> None:
    world = Assembly()
    survey = world.survey()
    entry = AnswerEntry(question=world.question(survey), text="Un plan vélo")
    wrong = AnswerEntry(question=world.question(world.survey()), text="Un plan vélo")
    with world.refuses(NotFound, "answers.1.question"):
        world.send(
            AnswerSurvey(
                alliance=world.alliance,
                survey=survey,
                organisation=world.member,
                answers=[entry, wrong],
            )
        )


# its end


def test_a_survey_is_extended_never_shortened() -> None:
    world = Assembly()
    survey = world.survey()
    extends = ExtendSurvey(alliance=world.alliance, survey=survey, closes_on=date(2026, 3, 1))

    world.only(extends, Alliance.SurveyExtended)
    assert world.send(extends) == []
    with world.refuses(SurveyShortened, "closes_on"):
        world.send(ExtendSurvey(alliance=world.alliance, survey=survey, closes_on=CLOSES))


def test_a_survey_that_was_closed_takes_nothing_more() -> None:
    world = Assembly()
    survey = world.survey()
    question = world.question(survey)
    closes = CloseSurvey(alliance=world.alliance, survey=survey)
    world.only(closes, Alliance.SurveyClosed)
    assert world.send(closes) == []

    for command in (
        answer(world, survey, question),
        ExtendSurvey(alliance=world.alliance, survey=survey, closes_on=date(2026, 3, 1)),
        AddQuestion(alliance=world.alliance, survey=survey, text="Encore ?"),
    ):
        with world.refuses(SurveyIsClosed, "survey"):
            world.send(command)


def test_returns_are_counted_apart_from_answers() -> None:
    world = Assembly()
    survey = world.survey()
    counts = CountReturns(alliance=world.alliance, survey=survey, sheets=26, contributors=14)

    counted = world.only(counts, Alliance.ReturnsCounted).returns
    assert (counted.sheets, counted.contributors) == (26, 14)
    assert world.send(counts) == []


@pytest.mark.parametrize("field", ["sheets", "contributors"])
def test_returns_are_no_fewer_than_none(field: str) -> None:
    world = Assembly()
    survey = world.survey()
    given: dict[str, Any] = {"sheets": 26, field: -1}
    with world.refuses(InvalidNumber, field):
        world.send(CountReturns(alliance=world.alliance, survey=survey, **given))
