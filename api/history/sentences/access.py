"""How it is told what happened to accounts, people and claims: nobody is named."""

from typing import Final

from api.history.sentence import told
from domain.claim import Claim
from domain.person import Person
from domain.principal import Principal

SENTENCES: Final = (
    told(
        Principal.Opened,
        "The account was opened.",
        "Le compte a été ouvert.",
    ),
    told(
        Principal.RoleGranted,
        "A role was granted.",
        "Un rôle a été accordé.",
    ),
    told(
        Principal.RoleRevoked,
        "A role was revoked.",
        "Un rôle a été retiré.",
    ),
    told(
        Principal.KeyIssued,
        "A key was issued.",
        "Une clé a été émise.",
    ),
    told(
        Principal.KeyRevoked,
        "A key was revoked.",
        "Une clé a été révoquée.",
    ),
    told(
        Principal.Closed,
        "The account was closed.",
        "Le compte a été fermé.",
    ),
    told(
        Principal.Reopened,
        "The account was reopened.",
        "Le compte a été rouvert.",
    ),
    told(
        Person.Forgotten,
        "The person was forgotten.",
        "La personne a été oubliée.",
    ),
    told(
        Claim.Opened,
        "The claim was opened.",
        "La réservation a été ouverte.",
    ),
    told(
        Claim.Taken,
        "The claim was taken.",
        "La réservation a été prise.",
    ),
    told(
        Claim.Released,
        "The claim was released.",
        "La réservation a été levée.",
    ),
)
