"""What is published of organisations."""

from typing import Final

from api.publication.published import internal, published
from domain.organisation import Organisation

PUBLISHED: Final = (
    published(
        Organisation.Registered,
        "An organisation was registered.",
        "Une organisation a été enregistrée.",
        *("name", "kind", "siren", "rna", "territory"),
    ),
    published(
        Organisation.Renamed,
        "An organisation bears another name.",
        "Une organisation porte un autre nom.",
        "name",
    ),
    published(
        Organisation.NetworkJoined,
        "An organisation joined a network.",
        "Une organisation a rejoint un réseau.",
        "network",
    ),
    published(
        Organisation.NetworkLeft,
        "An organisation left a network.",
        "Une organisation a quitté un réseau.",
        "network",
    ),
    published(
        Organisation.MobilisationStarted,
        "An organisation began to take its people along.",
        "Une organisation a commencé à mobiliser ses équipes.",
        *("mobilisation", "name", "kind", "rhythm"),
    ),
    published(
        Organisation.MobilisationSessionHeld,
        "A sitting of a mobilisation took place.",
        "Une séance de mobilisation a eu lieu.",
        *("mobilisation", "held_on", "attendance"),
    ),
    published(
        Organisation.Merged,
        "An organisation went up in another one.",
        "Une organisation a été absorbée par une autre.",
        "into",
    ),
    published(
        Organisation.Absorbed,
        "Other organisations went up in this one.",
        "D’autres organisations ont rejoint celle-ci par fusion.",
        "organisations",
    ),
    published(
        Organisation.Dissolved,
        "An organisation ceased to exist.",
        "Une organisation a cessé d’exister.",
    ),
)

INTERNAL: Final = internal(
    "a contact is a person, whom nobody follows",
    Organisation.ContactDesignated,
    Organisation.ContactReleased,
)
