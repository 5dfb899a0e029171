"""Participation in a cohort: how far an organisation is, and what stands in its way."""

from domain.label import Label
from domain.refusal import Refusal

PLACES = 10_000
"""How many places a cohort may have."""


class Standing(Label):
    """Where an organisation stands on its way into a cohort."""

    APPLIED = "APPLIED", "candidate", "applied"
    ADMITTED = "ADMITTED", "admise", "admitted"
    ENROLLED = "ENROLLED", "inscrite", "enrolled"
    WITHDRAWN = "WITHDRAWN", "retirée", "withdrawn"

    @property
    def progress(self) -> int:
        """How far that is: whoever withdrew is behind all others."""
        return _WAY_IN.index(self)


_WAY_IN = (Standing.WITHDRAWN, Standing.APPLIED, Standing.ADMITTED, Standing.ENROLLED)


# refusals


class CohortFull(Refusal):
    """This cohort is full: {taken} of its {capacity} places are taken. Free or add some first."""

    FRENCH = (
        "Cette promotion est complète : {taken} de ses {capacity} places sont prises. "
        "Libérez ou ajoutez d’abord des places."
    )


class CapacityBelowTaken(Refusal):
    """{taken} places are taken, so that {capacity} are too few. Give {taken} or more."""

    FRENCH = "{taken} places sont prises : {capacity} ne suffisent pas. Donnez {taken} ou plus."


class PlacesNotHeld(Refusal):
    """{held} places are held here, not {count}. Hold some first, or ask for fewer."""

    FRENCH = (
        "{held} places sont réservées ici, et non {count}. "
        "Réservez-en d’abord, ou demandez-en moins."
    )


class AlreadyEnrolled(Refusal):
    """{organisation} is enrolled in this cohort already: once is enough."""

    FRENCH = "{organisation} est déjà inscrite dans cette promotion : une fois suffit."


class NotApplied(Refusal):
    """{organisation} has no application in this cohort. Let it apply first."""

    FRENCH = "{organisation} n’est pas candidate à cette promotion. Déposez d’abord sa candidature."


class NotAdmitted(Refusal):
    """{organisation} is not admitted to this cohort. Admit it, then enrol it."""

    FRENCH = "{organisation} n’est pas admise dans cette promotion. Admettez-la, puis inscrivez-la."


class NotEnrolled(Refusal):
    """{organisation} is not enrolled in this cohort. Enrol it first."""

    FRENCH = "{organisation} n’est pas inscrite dans cette promotion. Inscrivez-la d’abord."


class NotMerged(Refusal):
    """{organisation} did not go up in another. Name the one that did, or merge it first."""

    FRENCH = (
        "{organisation} n’a fusionné dans aucune autre. "
        "Nommez celle qui l’a fait, ou fusionnez-la d’abord."
    )


class StandsForSurvivor(Refusal):
    """{organisation} keeps its place for {survivor}: of those merged, no other is as far here."""

    FRENCH = (
        "{organisation} garde sa place pour {survivor} : "
        "de celles qui ont fusionné, aucune autre n’est aussi avancée ici."
    )


class AlreadyInCamp(Refusal):
    """{organisation} belongs to the base camp {camp} already. Regroup that one first."""

    FRENCH = "{organisation} est déjà dans le camp de base {camp}. Recomposez d’abord celui-ci."


class CampDissolved(Refusal):
    """This base camp was dissolved. Form another one."""

    FRENCH = "Ce camp de base est dissous. Formez-en un autre."
