"""How it is told what yearly reviews find."""

from typing import Final

from api.history.sentence import told
from domain.alliance import Alliance

SENTENCES: Final = (
    told(
        Alliance.ReviewOpened,
        "The review of {year} was opened[; answers are expected until {closes_on}].",
        "La revue de l’année {year} a été ouverte[ ; réponses attendues jusqu’au {closes_on}].",
    ),
    told(
        Alliance.StandingSet,
        "The review[ of {review}] said where an action stands[: “{action}”].",
        "La revue[ de l’année {review}] a situé l’avancement d’une action[ : « {action} »].",
    ),
    told(
        Alliance.ThemeProgressStated,
        "The progress of the theme “{theme}” was stated[: {stated.progress}%].",
        "L’avancement de la thématique « {theme} » a été déclaré[ : {stated.progress} %].",
    ),
    told(
        Alliance.ReviewPublished,
        "The review[ of {review}] was published on {published_on}.",
        "La revue[ de l’année {review}] a été publiée le {published_on}.",
    ),
    told(
        Alliance.ReviewReopened,
        "The review[ of {review}] was reopened.",
        "La revue[ de l’année {review}] a été rouverte.",
    ),
)
