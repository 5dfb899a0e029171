"""How it is told what happened to a challenge."""

from typing import Final

from api.history.sentence import told
from domain.challenge import Challenge

SENTENCES: Final = (
    told(
        Challenge.Opened,
        "The challenge “{name}” was opened for the territory {territory}, from {starts_on} to "
        "{ends_on}.",
        "Le challenge « {name} » a été ouvert pour le territoire {territory}, du {starts_on} au "
        "{ends_on}.",
    ),
    told(
        Challenge.TargetSet,
        "The number of people to reach was set to {target.people}: {target.audience}.",
        "Le nombre de personnes visé a été fixé à {target.people} : {target.audience}.",
    ),
    told(
        Challenge.Closed,
        "The challenge came to its end.",
        "Le challenge est arrivé à son terme.",
    ),
)
