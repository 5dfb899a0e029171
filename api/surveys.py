"""Surveys of alliances: what they ask, who answered what, and how much came in."""

from api.entity import connection, entity, many, one
from api.node import Node
from projections.surveys import QuestionRow, SurveyAnswerRow, SurveyRow


@entity(
    id="Its id.",
    title="Its title.",
    opens_on="The first day on which it takes answers.",
    closes_on="The last day on which it takes answers.",
    open_to_contributors="Whether people may answer who are known by role, beside the members.",
    note="What one should know about it.",
    announced_at="When it was entered.",
    extended_because="Why it is open for longer than announced, where it is.",
    closed_at="When it was closed for good, whatever its days.",
    closed_because="Why it was.",
    sheets="How many sheets it brought in, as counted outside.",
    contributors="From how many contributors they came, where that is known.",
    returns_note="What one should know about these numbers.",
)
class Survey(SurveyRow, Node):
    """A survey that takes answers from one day to another, both included."""

    alliance = one("The alliance.")
    questions = many("What it asks, in order; 200 at most.")
    answers = connection("What was answered, in the order of the days.")


@entity(id="Its id.", number="Its number, 1 for the first.", text="How it is worded.")
class Question(QuestionRow, Node):
    """What a survey asks."""

    survey = one("The survey.")
    answers = connection("What was answered to it, in the order of the days.")


@entity(
    role="The contributor who answered, by role, where no member did.",
    text="The answer.",
    answered_on="The day of the answer.",
    recorded_at="When it was recorded.",
    superseded_at="Since when a later answer counts instead; null for the one that counts.",
)
class SurveyAnswer(SurveyAnswerRow):
    """An answer to a question of a survey, that counts or was replaced by a later one."""

    survey = one("The survey.")
    question = one("The question.")
    organisation = one("The member that answered.")
