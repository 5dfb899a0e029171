"""Progress of an action: its execution status, and how far it is."""

from dataclasses import replace
from typing import Annotated, Self
from uuid import UUID

from domain import text
from domain.command import value
from domain.label import Label
from domain.refusal import Refusal

WHOLE = 100
"""Percent: where an action stands that is done."""


class ExecutionStatus(Label):
    """Where the execution of an action stands. Its standing in a yearly review is another thing."""

    TO_BE_DISCUSSED = "TO_BE_DISCUSSED", "à discuter", "to be discussed"
    PLANNED = "PLANNED", "à venir", "planned"
    UNDER_WAY = "UNDER_WAY", "en cours", "under way"
    PAUSED = "PAUSED", "en pause", "paused"
    BLOCKED = "BLOCKED", "bloquée", "blocked"
    LATE = "LATE", "en retard", "late"
    DONE = "DONE", "réalisée", "done"
    ABANDONED = "ABANDONED", "abandonnée", "abandoned"


SETTLED = frozenset({ExecutionStatus.DONE, ExecutionStatus.ABANDONED})
"""After these an action changes by corrections only."""

TELLING = SETTLED | {ExecutionStatus.BLOCKED}
"""These say more than where an action stands: each has a command of its own."""


# refusals


class ActionSettled(Refusal):
    """This action is {status}: only a correction can change it still. Correct it, with a reason."""

    FRENCH = (
        "Cette action est {status_in_french} : seule une correction peut encore la changer. "
        "Corrigez-la, avec un motif."
    )


class StatusOfItsOwn(Refusal):
    """“{status}” is not just a status. Finish, abandon or block the action instead."""

    FRENCH = (
        "« {status_in_french} » n’est pas un simple statut. "
        "Achevez, abandonnez ou bloquez plutôt l’action."
    )


class StillBlocked(Refusal):
    """This action is blocked. Unblock it, and say how it goes on."""

    FRENCH = "Cette action est bloquée. Débloquez-la, en disant comment elle se poursuit."


class NotBlocked(Refusal):
    """This action is not blocked. Change its status instead."""

    FRENCH = "Cette action n’est pas bloquée. Changez plutôt son statut."


class NotSettled(Refusal):
    """This action is neither done nor abandoned: it is open. Change what is to be changed."""

    FRENCH = (
        "Cette action n’est ni réalisée ni abandonnée : elle est ouverte. "
        "Modifiez ce qui doit l’être."
    )


class ProgressNotReported(Refusal):
    """No progress is reported for {day}: there is nothing to correct. Report it instead."""

    FRENCH = (
        "Aucun avancement n’est déclaré au {day} : il n’y a rien à corriger. Déclarez-le plutôt."
    )


class DoneMeansWhole(Refusal):
    """What is done stands at 100 percent, but {percent} would hold on {day}. Reopen it first."""

    FRENCH = (
        "Ce qui est réalisé est à 100 %, or {percent} % vaudrait au {day}. "
        "Rouvrez d’abord l’action."
    )


class DoneBeforeReported(Refusal):
    """On {day} it stood at {percent} percent still. Give that day or a later one, or correct it."""

    FRENCH = (
        "Au {day}, l’action n’était encore qu’à {percent} %. "
        "Donnez ce jour ou un jour postérieur, ou corrigez cet avancement."
    )


@value
class ProgressReport:
    """How far an action was on a day, and who says so."""

    percent: Annotated[int, "How far it was, from 0 to 100."]
    organisation: Annotated[UUID | None, "The organisation that says so."] = None
    reported_by: Annotated[str | None, "Who says so, in words."] = None
    note: Annotated[str | None, "What one should know about it."] = None

    def cleaned(self) -> Self:
        """Check each field, and give it as it is stored."""
        return replace(
            self,
            percent=text.within(self.percent, 0, WHOLE, "percent"),
            reported_by=text.optional_name(self.reported_by, "reported_by"),
            note=text.optional_text(self.note, "note"),
        )
