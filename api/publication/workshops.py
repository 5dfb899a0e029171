"""What is published of workshops: nobody who registered, and of a batch that there is one."""

from typing import Final

from api.publication.published import internal, published
from domain.workshop import Workshop

_HOURS: Final = (
    *("hours.starts", "hours.ends", "hours.time_zone"),
    *("hours.starts_at", "hours.ends_at", "place"),
)

PUBLISHED: Final = (
    published(
        Workshop.Scheduled,
        "A workshop was announced.",
        "Un atelier a été annoncé.",
        *("challenge", *_HOURS, "seats", "audience", "host"),
    ),
    published(
        Workshop.Moved,
        "A workshop got other hours or another place.",
        "Un atelier a changé d’horaire ou de lieu.",
        *_HOURS,
    ),
    published(
        Workshop.Cancelled,
        "A workshop will not take place.",
        "Un atelier est annulé.",
    ),
    published(
        Workshop.SeatsChanged,
        "A workshop offers another number of seats.",
        "Le nombre de places d’un atelier a changé.",
        "seats",
    ),
    published(
        Workshop.Held,
        "A workshop took place.",
        "Un atelier a eu lieu.",
        "turnout.came",
    ),
    published(
        Workshop.TurnoutCorrected,
        "How many came to a workshop was put right.",
        "La fréquentation d’un atelier a été corrigée.",
        "turnout.came",
    ),
    published(
        Workshop.FootprintsCounted,
        "Footprints were recorded after a workshop.",
        "Des empreintes ont été enregistrées après un atelier.",
        "batch",
    ),
    published(
        Workshop.FootprintsDiscounted,
        "Footprints of a workshop were withdrawn.",
        "Des empreintes d’un atelier ont été retirées.",
        "batch",
    ),
)

INTERNAL: Final = internal(
    "who registers is a person, whom nobody follows",
    Workshop.Registered,
    Workshop.Released,
    Workshop.MovedUp,
    Workshop.AttendanceNoted,
)
