"""What is published of yearly reviews; of single actions nothing, which fewer may see."""

from typing import Final

from api.publication.published import published
from domain.alliance import Alliance

PUBLISHED: Final = (
    published(
        Alliance.ReviewOpened,
        "The review of a year began.",
        "La revue d’une année a été ouverte.",
        *("review", "year", "organisations", "expected", "closes_on"),
    ),
    published(
        Alliance.StandingSet,
        "A review found where an action stands.",
        "Une revue a situé l’avancement d’une action.",
        "review",
    ),
    published(
        Alliance.ThemeProgressStated,
        "The progress of a theme was stated.",
        "L’avancement d’une thématique a été déclaré.",
        *("review", "theme", "stated.progress"),
    ),
    published(
        Alliance.ReviewPublished,
        "A review became public.",
        "Une revue a été publiée.",
        *("review", "published_on", "figures.actions", "figures.new", "figures.renewed"),
        *("figures.refocused", "figures.finished", "figures.answered"),
        "figures.average_progress",
    ),
    published(
        Alliance.ReviewReopened,
        "A published review may be changed again.",
        "Une revue publiée est rouverte.",
        "review",
    ),
)
