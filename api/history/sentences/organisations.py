"""How it is told what happened to an organisation."""

from typing import Final

from api.history.sentence import told
from domain.organisation import Organisation

SENTENCES: Final = (
    told(
        Organisation.Registered,
        "The organisation was registered as “{name}”[, in the territory {territory}].",
        "L’organisation a été enregistrée sous le nom « {name} »[, territoire : {territory}].",
    ),
    told(
        Organisation.Renamed,
        "The organisation is called “{name}” from now on.",
        "L’organisation s’appelle désormais « {name} ».",
    ),
    told(
        Organisation.NetworkJoined,
        "The organisation joined the network “{network}”.",
        "L’organisation a rejoint le réseau « {network} ».",
    ),
    told(
        Organisation.NetworkLeft,
        "The organisation left the network “{network}”.",
        "L’organisation a quitté le réseau « {network} ».",
    ),
    told(
        Organisation.ContactDesignated,
        "A contact of the organisation was designated[: {contact}].",
        "Un contact de l’organisation a été désigné[ : {contact}].",
    ),
    told(
        Organisation.ContactReleased,
        "A contact of the organisation is one no longer[: {contact}].",
        "Un contact de l’organisation ne l’est plus[ : {contact}].",
    ),
    told(
        Organisation.MobilisationStarted,
        "The organisation began to take its people along: “{name}” ({kind}, {rhythm}).",
        "L’organisation a commencé à mobiliser ses équipes : « {name} » ({kind}, {rhythm}).",
    ),
    told(
        Organisation.MobilisationSessionHeld,
        "A sitting of the mobilisation[ “{mobilisation}”] took place on {held_on}"
        "[ (attendance: {attendance})].",
        "Une séance de la mobilisation[ « {mobilisation} »] a eu lieu le {held_on}"
        "[ (participants : {attendance})].",
    ),
    told(
        Organisation.Merged,
        "The organisation was merged into another one[: “{into}”].",
        "L’organisation a été absorbée par une autre[ : « {into} »].",
    ),
    told(
        Organisation.Absorbed,
        "The organisation took in others[: {organisations}].",
        "L’organisation en a absorbé d’autres[ : {organisations}].",
    ),
    told(
        Organisation.Dissolved,
        "The organisation ceased to exist.",
        "L’organisation a cessé d’exister.",
    ),
)
