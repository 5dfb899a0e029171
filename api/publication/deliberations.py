"""What is published of how alliances ask and decide: surveys and prioritisations."""

from typing import Final

from api.publication.published import published
from domain.alliance import Alliance

PUBLISHED: Final = (
    published(
        Alliance.SurveyOpened,
        "A survey was announced.",
        "Une enquête a été annoncée.",
        *("survey", "title", "opens_on", "closes_on", "open_to_contributors"),
    ),
    published(
        Alliance.QuestionAdded,
        "A question was added to a survey.",
        "Une question a été ajoutée à une enquête.",
        *("survey", "question", "number", "text"),
    ),
    published(
        Alliance.SurveyExtended,
        "A survey takes answers for longer.",
        "Une enquête a été prolongée.",
        *("survey", "closes_on"),
    ),
    published(
        Alliance.SurveyAnswered,
        "A question of a survey was answered.",
        "Une question d’une enquête a reçu une réponse.",
        *("survey", "question", "party.organisation", "answered_on"),
    ),
    published(
        Alliance.ReturnsCounted,
        "The returns of a survey were counted.",
        "Les retours d’une enquête ont été comptés.",
        *("survey", "returns.sheets", "returns.contributors"),
    ),
    published(
        Alliance.SurveyClosed,
        "A survey takes no answers any more.",
        "Une enquête est close.",
        "survey",
    ),
    published(
        Alliance.PrioritisationOpened,
        "A prioritisation began.",
        "Une priorisation a été ouverte.",
        *("prioritisation", "title", "least_score", "most_score"),
    ),
    published(
        Alliance.CriterionAdded,
        "A criterion was added to a prioritisation.",
        "Un critère a été ajouté à une priorisation.",
        *("prioritisation", "criterion", "name"),
    ),
    published(
        Alliance.OptionAdded,
        "An option was added to a prioritisation.",
        "Une option a été ajoutée à une priorisation.",
        *("prioritisation", "option", "title", "theme"),
    ),
    published(
        Alliance.OptionWithdrawn,
        "An option was withdrawn from a prioritisation.",
        "Une option a été retirée d’une priorisation.",
        *("prioritisation", "option"),
    ),
    published(
        Alliance.ArgumentRecorded,
        "An argument was brought forward.",
        "Un argument a été avancé.",
        *("prioritisation", "argument", "said.side", "said.option", "said.criterion"),
    ),
    published(
        Alliance.OptionScored,
        "A member scored an option.",
        "Un membre a noté une option.",
        *("prioritisation", "option", "criterion", "organisation", "score"),
    ),
    published(
        Alliance.PrioritiesDecided,
        "It was decided what comes first.",
        "Les priorités ont été décidées.",
        *("prioritisation", "decision.chosen", "decision.decided_on"),
    ),
)
