"""Spreadsheets of action sheets, which a mutation takes into the plan of an alliance.

It gathers the commands that a person would send for each row, so it stands beside the mutations
that are made from one command each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Union
from uuid import UUID

import strawberry
from strawberry import UNSET

import api.alliances  # noqa: F401 - to import an entity is to make it known
from api.context import Info
from api.entity import linked
from api.mutations import entity_afterwards, query_afterwards
from api.ports import Intake
from api.prices import INTAKE, PRICE, Price
from api.refusals import Refused, Shown, present, type_of
from api.uploads import Upload
from domain.action import ProposeAction
from domain.identity import Id
from domain.refusal import Refusal
from projections.column import Position

MOST_TOLD: Final = 1_000
"""Errors of a file that are told at once."""


@strawberry.type(description="What is wrong in a spreadsheet, where, and what to write instead.")
class SheetProblem:
    """What is wrong in a spreadsheet, where, and what to write instead."""

    row: int | None = strawberry.field(
        description="The row, 1 for the first; null where it is of the whole table."
    )
    column: str | None = strawberry.field(
        description="The column as spreadsheets name it, such as AB; null where it is of the row."
    )
    header: str | None = strawberry.field(description="What stands above the column.")
    found: str | None = strawberry.field(description="What the cell holds, or how that begins.")
    message: str = strawberry.field(
        description="What to write instead, in French or English by Accept-Language."
    )


class BrokenSheet(Refusal):
    """This file has errors ({count}), and nothing of it was carried out. Mend them all at once."""

    FRENCH = "Ce fichier a des erreurs ({count}), et rien n’a été fait. Corrigez-les toutes."

    def __init__(self, problems: Sequence[SheetProblem]) -> None:
        """``problems`` are all that were found, by row and column."""
        super().__init__("file", count=len(problems))
        self.problems = problems[:MOST_TOLD]


class UnfitFile(Refusal):
    """This file cannot be read: {told} Nothing was done."""

    FRENCH = "Ce fichier ne peut être lu : {told} Rien n’a été fait."


class IntakeBusy(Refusal):
    """Another spreadsheet is being taken in, and it takes long. Send this one again later."""

    FRENCH = "Un autre tableur est en cours d’import, et cela dure. Renvoyez celui-ci plus tard."


class IntakeTooSlow(Refusal):
    """This takes longer than {limit} seconds, and nothing was done. Split the file."""

    FRENCH = "Cela prend plus de {limit} secondes, et rien n’a été fait. Scindez le fichier."


@dataclass(frozen=True, slots=True)
class ShownBroken(Shown):
    """A broken sheet as its sender sees it."""

    problems: Sequence[SheetProblem]


@strawberry.type(
    name="BrokenSheet",
    description="A spreadsheet has errors: all are told at once, and nothing was done.",
)
class Broken(Refused):
    """A spreadsheet has errors."""

    problems: list[SheetProblem] = strawberry.field(
        description="Everything that is wrong, by row and column; the first thousand.",
        metadata={PRICE: Price(items=MOST_TOLD)},
    )

    @classmethod
    def is_type_of(cls, found: object, _info: object) -> bool:
        """Tell what is one: GraphQL asks."""
        return isinstance(found, ShownBroken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a spreadsheet, as the resolvers of its success see it."""

    subject: Id
    position: int
    dry_run: bool
    created: int
    changed: int
    unchanged: int

    @property
    def rows(self) -> int:
        """How many actions the file speaks of: each has a row."""
        return self.created + self.changed + self.unchanged


@linked
@strawberry.type(description="A spreadsheet was taken in, or would be.")
class ImportActionsSuccess:
    """A spreadsheet was taken in, or would be."""

    dry_run: bool = strawberry.field(
        description="Whether this only tells what would change: nothing was done then."
    )
    rows: int = strawberry.field(description="How many rows there are; each is of an action.")
    created: int = strawberry.field(description="How many actions are new.")
    changed: int = strawberry.field(description="How many are changed by what their rows say.")
    unchanged: int = strawberry.field(description="How many are what their rows say already.")
    position: Position = strawberry.field(
        description="A position of the log at which all of it is there."
    )
    alliance = entity_afterwards("alliance")
    query = query_afterwards()

    @classmethod
    def is_type_of(cls, found: object, _info: object) -> bool:
        """Tell what is one: GraphQL asks."""
        return isinstance(found, Imported)


@strawberry.input(
    description="A spreadsheet of action sheets, and into which plan it is to be taken."
)
class ImportActionsInput:
    """A spreadsheet of action sheets, and into which plan it is to be taken."""

    alliance: Id = strawberry.field(description="The alliance whose plan it is.")
    file: Upload = strawberry.field(
        description=(
            "An xlsx, ods or csv file in a layout that is known: cordée's own, or the 28 columns"
            " of the state's platform for local authorities."
        )
    )
    sheet: str | None = strawberry.field(
        default=UNSET, description="The sheet that counts, where several hold a plan."
    )
    dry_run: bool = strawberry.field(
        default=True, description="Only tell what would change; false does it."
    )
    command_id: UUID | None = strawberry.field(
        default=UNSET,
        description="Repeat it to send the same file again safely: it is not taken in twice.",
    )


REFUSES: Final = (BrokenSheet, UnfitFile, IntakeBusy, IntakeTooSlow, *ProposeAction.REFUSES)
"""Why a spreadsheet is not taken in: whoever may not propose an action may not import any."""

_MEMBERS: Final = (ImportActionsSuccess, Broken, *map(type_of, REFUSES[1:]))


async def _import_actions(
    info: Info,
    input: Annotated[ImportActionsInput, strawberry.argument(description="What to take in.")],
) -> Any:
    operation = info.context
    intake = Intake(
        alliance=input.alliance,
        name=input.file.name,
        content=input.file.content,
        sheet=input.sheet or None,
        dry_run=input.dry_run,
        command_id=input.command_id or None,
    )
    try:
        taken = await operation.sheets.take_in(intake, operation.caller)
    except Refusal as refusal:
        if type(refusal) not in REFUSES:
            raise RuntimeError(f"importActions does not declare {refusal.code}") from refusal
        shown = present(refusal, operation.caller.language)
        if isinstance(refusal, BrokenSheet):
            return ShownBroken(shown.kind, shown.code, shown.message, shown.path, refusal.problems)
        return shown
    operation.wrote(taken.position)
    return Imported(
        subject=input.alliance,
        position=taken.position,
        dry_run=input.dry_run,
        created=taken.new,
        changed=taken.changed,
        unchanged=taken.unchanged,
    )


import_actions = strawberry.mutation(
    resolver=_import_actions,
    graphql_type=Annotated[
        Union[_MEMBERS],  # noqa: UP007
        strawberry.union("ImportActionsResult", description="What came of importActions."),
    ],
    description=(
        "Let the plan of an alliance be what a spreadsheet says: all of it, or nothing and a list"
        " of its errors. Taken in twice, a file changes nothing the second time."
    ),
    metadata={PRICE: Price(once=INTAKE)},
)
"""The mutation ``importActions``."""
