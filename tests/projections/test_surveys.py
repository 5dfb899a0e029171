"""Given the surveys of alliances, when they are folded, then this can be read."""

from datetime import date

from domain.questionnaire import (
    AnswerEntry,
    AnswerSurvey,
    CloseSurvey,
    CountReturns,
    ExtendSurvey,
)
from projections.surveys import QuestionRow, SurveyAnswerRow, SurveyRow
from tests.domain.alliances import CLOSES, OPENS, TODAY
from tests.history import AT
from tests.projections.folding import only, shown
from tests.projections.test_alliances import Told


def test_a_survey_shows_its_days_and_its_questions_in_order() -> None:
    told = Told()
    told.survey(questions=["Quoi ?", "Pour qui ?"], note="L’année semble fautive")
    rows = told.rows()
    survey = only(rows, SurveyRow)
    assert (survey.opens_on, survey.closes_on) == (OPENS, CLOSES)
    assert survey.note == "L’année semble fautive"
    questions = shown(rows, QuestionRow, "number")
    assert [(row.number, row.text) for row in questions] == [(1, "Quoi ?"), (2, "Pour qui ?")]


def test_a_later_answer_counts_and_the_earlier_one_stays() -> None:
    told = Told()
    survey = told.survey()
    question = told.question(survey)
    told.answer(survey, question, "Un plan vélo")
    told.answer(survey, question, "Deux plans vélo")
    rows = shown(told.rows(), SurveyAnswerRow, "version")
    assert [(row.text, row.superseded_at) for row in rows] == [
        ("Un plan vélo", AT),
        ("Deux plans vélo", None),
    ]
    assert {row.organisation_id for row in rows} == {told.member}
    assert {row.answered_on for row in rows} == {TODAY}


def test_answers_of_different_parties_stand_side_by_side() -> None:
    told = Told()
    survey = told.survey(open_to_contributors=True)
    question = told.question(survey)
    told.answer(survey, question)
    told.do(
        AnswerSurvey(
            alliance=told.alliance,
            survey=survey,
            role="chargée de mission",
            answers=[AnswerEntry(question=question, text="Un guide")],
        )
    )
    rows = told.rows().all(SurveyAnswerRow)
    assert {(row.organisation_id, row.role, row.superseded_at) for row in rows} == {
        (told.member, None, None),
        (None, "chargée de mission", None),
    }


def test_returns_are_those_that_were_counted_last() -> None:
    told = Told()
    survey = told.survey()
    for sheets in (25, 26):
        told.do(
            CountReturns(
                alliance=told.alliance,
                survey=survey,
                sheets=sheets,
                contributors=14,
                note="Environ",
            )
        )
    row = only(told.rows(), SurveyRow)
    assert (row.sheets, row.contributors, row.returns_note) == (26, 14, "Environ")


def test_a_survey_is_extended_and_then_closed() -> None:
    told = Told()
    survey = told.survey()
    later = date(2026, 3, 1)
    told.do(ExtendSurvey(alliance=told.alliance, survey=survey, closes_on=later, reason="Vacances"))
    told.do(CloseSurvey(alliance=told.alliance, survey=survey, reason="Assez de réponses"))
    row = only(told.rows(), SurveyRow)
    assert (row.closes_on, row.extended_because) == (later, "Vacances")
    assert (row.closed_at, row.closed_because) == (AT, "Assez de réponses")


def test_an_answer_of_a_survivor_replaces_that_of_the_merged_member() -> None:
    told = Told()
    survey = told.survey()
    question = told.question(survey)
    told.answer(survey, question, "Avant")
    survivor = told.organisation("Nouvelle")
    told.merge(told.member, survivor)
    told.do(
        AnswerSurvey(
            alliance=told.alliance,
            survey=survey,
            organisation=survivor,
            answers=[AnswerEntry(question=question, text="Après")],
        )
    )
    rows = shown(told.rows(), SurveyAnswerRow, "version")
    assert [(row.text, row.organisation_id, row.superseded_at) for row in rows] == [
        ("Avant", survivor, AT),
        ("Après", survivor, None),
    ]
