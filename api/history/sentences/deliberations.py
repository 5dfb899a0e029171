"""How it is told what alliances ask and decide: surveys and prioritisations."""

from typing import Final

from api.history.sentence import told
from domain.alliance import Alliance

SENTENCES: Final = (
    told(
        Alliance.SurveyOpened,
        "The survey “{title}” was announced, from {opens_on} to {closes_on}.",
        "L’enquête « {title} » a été annoncée, du {opens_on} au {closes_on}.",
    ),
    told(
        Alliance.QuestionAdded,
        "Question {number} was added to the survey[ “{survey}”]: “{text}”",
        "La question n° {number} a été ajoutée à l’enquête[ « {survey} »] : « {text} »",
    ),
    told(
        Alliance.SurveyExtended,
        "The survey[ “{survey}”] was extended until {closes_on}.",
        "L’enquête[ « {survey} »] a été prolongée jusqu’au {closes_on}.",
    ),
    told(
        Alliance.SurveyAnswered,
        "A question of the survey[ “{survey}”] was answered[: {party.organisation}].",
        "Une question de l’enquête[ « {survey} »] a reçu une réponse[ : {party.organisation}].",
    ),
    told(
        Alliance.ReturnsCounted,
        "The returns of the survey[ “{survey}”] were counted (sheets: {returns.sheets}"
        "[, contributors: {returns.contributors}]).",
        "Les retours de l’enquête[ « {survey} »] ont été comptés (fiches : {returns.sheets}"
        "[, contributeurs : {returns.contributors}]).",
    ),
    told(
        Alliance.SurveyClosed,
        "The survey[ “{survey}”] was closed.",
        "L’enquête[ « {survey} »] a été close.",
    ),
    told(
        Alliance.PrioritisationOpened,
        "The prioritisation “{title}” was opened, with scores from {least_score} to {most_score}.",
        "La priorisation « {title} » a été ouverte, avec des notes de {least_score} à "
        "{most_score}.",
    ),
    told(
        Alliance.CriterionAdded,
        "The criterion “{name}” was added[ to the prioritisation “{prioritisation}”].",
        "Le critère « {name} » a été ajouté[ à la priorisation « {prioritisation} »].",
    ),
    told(
        Alliance.OptionAdded,
        "The option “{title}” was added[ to the prioritisation “{prioritisation}”].",
        "L’option « {title} » a été ajoutée[ à la priorisation « {prioritisation} »].",
    ),
    told(
        Alliance.OptionWithdrawn,
        "The option[ “{option}”] was withdrawn[ from the prioritisation “{prioritisation}”].",
        "L’option[ « {option} »] a été retirée[ de la priorisation « {prioritisation} »].",
    ),
    told(
        Alliance.ArgumentRecorded,
        "An argument was recorded ({said.side})[, on the option “{said.option}”].",
        "Un argument a été avancé ({said.side})[, sur l’option « {said.option} »].",
    ),
    told(
        Alliance.OptionScored,
        "A member scored the option[ “{option}”] with {score}[ ({organisation})]"
        "[, for the criterion “{criterion}”].",
        "Un membre a noté l’option[ « {option} »] : {score}[ ({organisation})]"
        "[, au titre du critère « {criterion} »].",
    ),
    told(
        Alliance.PrioritiesDecided,
        "The priorities were decided on {decision.decided_on}[: {decision.chosen}].",
        "Les priorités ont été décidées le {decision.decided_on}[ : {decision.chosen}].",
    ),
)
