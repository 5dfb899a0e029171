"""What is published of challenges."""

from typing import Final

from api.publication.published import published
from domain.challenge import Challenge

PUBLISHED: Final = (
    published(
        Challenge.Opened,
        "A challenge began.",
        "Un défi a commencé.",
        *("name", "territory", "starts_on", "ends_on", "host"),
    ),
    published(
        Challenge.TargetSet,
        "It was settled how many people a challenge wants to reach.",
        "Le nombre de personnes visé par un défi a été fixé.",
        *("target.audience", "target.people", "target.approximate"),
    ),
    published(
        Challenge.Closed,
        "A challenge came to its end.",
        "Un défi est arrivé à son terme.",
    ),
)
