"""Surveys of alliances: what they ask, who answered what, and how much came in."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from domain.aggregate import AggregateEvent
from domain.alliance import Alliance
from domain.identity import Id, external
from domain.organisation import Organisation
from domain.record import Recorded
from projections.access import EVERYONE
from projections.mergers import IN_ALLIANCES, concerned, follow
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table survey (
    id text collate "C" primary key,
    alliance_id text collate "C" not null,
    title text not null,
    opens_on date not null,
    closes_on date not null,
    open_to_contributors boolean not null,
    note text,
    announced_at timestamptz not null,
    extended_because text,
    closed_at timestamptz,
    closed_because text,
    sheets integer,
    contributors integer,
    returns_note text
);
create index survey_by_alliance on survey (alliance_id, opens_on, id);

create table question (
    id text collate "C" primary key,
    survey_id text collate "C" not null,
    alliance_id text collate "C" not null,
    number integer not null,
    text text not null
);
create index question_by_survey on question (survey_id, number, id);

create table survey_answer (
    alliance_id text collate "C" not null,
    version integer not null,
    survey_id text collate "C" not null,
    question_id text collate "C" not null,
    organisation_id text collate "C",
    role text,
    text text not null,
    answered_on date not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz,
    primary key (alliance_id, version)
);
create index survey_answer_by_question on survey_answer
    (question_id, answered_on, alliance_id, version);
create index survey_answer_by_survey on survey_answer
    (survey_id, answered_on, alliance_id, version);
create index survey_answer_by_organisation on survey_answer (organisation_id);
"""


def _of_survey(target: str, *order: str) -> Relation:
    return Relation(target, on=(("id", "survey_id"),), many=True, order=order)


@row(
    "survey",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "questions": _of_survey("question", "number", "id"),
        "answers": _of_survey("survey_answer", "answered_on", "alliance_id", "version"),
    },
)
class SurveyRow(Row):
    """A survey that takes answers from one day to another, both included."""

    id: Id
    alliance_id: Id
    title: str
    opens_on: date
    closes_on: date
    open_to_contributors: bool
    note: str | None
    announced_at: datetime
    extended_because: str | None
    closed_at: datetime | None
    closed_because: str | None
    sheets: int | None
    contributors: int | None
    returns_note: str | None


@row(
    "question",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    relations={
        "survey": Relation("survey", on=(("survey_id", "id"),)),
        "answers": Relation(
            "survey_answer",
            on=(("id", "question_id"),),
            many=True,
            order=("answered_on", "alliance_id", "version"),
        ),
    },
)
class QuestionRow(Row):
    """What a survey asks."""

    id: Id
    survey_id: Id
    alliance_id: Id
    number: int
    text: str


@row(
    "survey_answer",
    seen=EVERYONE,
    key=("alliance_id", "version"),
    owner=("alliance", "alliance_id"),
    indexes=("question_id", "organisation_id"),
    relations={
        "survey": Relation("survey", on=(("survey_id", "id"),)),
        "question": Relation("question", on=(("question_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class SurveyAnswerRow(Row):
    """An answer to a question; one that was replaced stays, and says since when."""

    alliance_id: Id
    version: int
    survey_id: Id
    question_id: Id
    organisation_id: Id | None
    role: str | None
    text: str
    answered_on: date
    recorded_at: datetime
    superseded_at: datetime | None


ROWS: tuple[type[Row], ...] = (SurveyRow, QuestionRow, SurveyAnswerRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about the surveys of an alliance into the read model."""
    match recorded.event:
        case Alliance.SurveyOpened() as event:
            rows.put(_opened(event, recorded.recorded_at))
        case Alliance.QuestionAdded() as event:
            rows.put(
                QuestionRow(
                    id=external("question", event.question),
                    survey_id=external("survey", event.survey),
                    alliance_id=external("alliance", event.originator_id),
                    number=event.number,
                    text=event.text,
                )
            )
        case Alliance.SurveyExtended() as event:
            survey = rows.change(SurveyRow, external("survey", event.survey))
            survey.closes_on, survey.extended_because = event.closes_on, event.reason
        case Alliance.SurveyAnswered() as event:
            _answer(rows, event, recorded.recorded_at)
        case Alliance.ReturnsCounted(survey=id, returns=returns):
            survey = rows.change(SurveyRow, external("survey", id))
            survey.sheets, survey.contributors = returns.sheets, returns.contributors
            survey.returns_note = returns.note
        case Alliance.SurveyClosed(survey=id, reason=reason):
            survey = rows.change(SurveyRow, external("survey", id))
            survey.closed_at, survey.closed_because = recorded.recorded_at, reason


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the survey that changes, or the answers to a question that is answered."""
    match recorded.event:
        case Organisation.Merged():
            yield from concerned(recorded, SurveyAnswerRow)
        case (
            Alliance.SurveyExtended(survey=id)
            | Alliance.ReturnsCounted(survey=id)
            | Alliance.SurveyClosed(survey=id)
        ):
            yield Need(SurveyRow, "id", external("survey", id))
        case Alliance.SurveyAnswered(question=question, party=party):
            yield Need(SurveyAnswerRow, "question_id", external("question", question))
            yield from IN_ALLIANCES.needs_of(party.organisation)


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor have answered what a merged organisation answered."""
    follow(rows, SurveyAnswerRow, merged, survivor)


def _opened(event: Alliance.SurveyOpened, at: datetime) -> SurveyRow:
    return SurveyRow(
        id=external("survey", event.survey),
        alliance_id=external("alliance", event.originator_id),
        title=event.title,
        opens_on=event.opens_on,
        closes_on=event.closes_on,
        open_to_contributors=event.open_to_contributors,
        note=event.note,
        announced_at=at,
        extended_because=None,
        closed_at=None,
        closed_because=None,
        sheets=None,
        contributors=None,
        returns_note=None,
    )


def _answer(rows: Rows, event: Alliance.SurveyAnswered, at: datetime) -> None:
    """Let an answer count, and the earlier one of the same party no more."""
    question = external("question", event.question)
    organisation = IN_ALLIANCES.survivor_of(rows, event.party.organisation)
    party = (organisation, event.party.role)
    for former in rows.where(SurveyAnswerRow, "question_id", question):
        if former.superseded_at is None and (former.organisation_id, former.role) == party:
            rows.put(replace(former, superseded_at=at))
    rows.put(
        SurveyAnswerRow(
            alliance_id=external("alliance", event.originator_id),
            version=event.originator_version,
            survey_id=external("survey", event.survey),
            question_id=question,
            organisation_id=organisation,
            role=event.party.role,
            text=event.text,
            answered_on=event.answered_on,
            recorded_at=at,
            superseded_at=None,
        )
    )
