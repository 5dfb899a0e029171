"""Who is named in a cell: an organisation by its id, or in words a body, a role, a person."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.identity import Id, external, internal
from domain.refusal import Refusal
from infra.sheets import cell
from infra.sheets.cell import Unreadable
from infra.sheets.grid import Cell

_REGISTERED: Final = re.compile(r"(.*?)\s*\[(org_[^\]]*)\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Party:
    """Who is named: with an id the words are the organisation's name, or say more than it does."""

    organisation: UUID | None
    words: str | None
    person: bool = False
    """Whether the words are a person's name, which is that person's own."""


def parties(given: Cell) -> tuple[Party, ...]:
    """Those whom a cell names, one on each line, or with semicolons between them."""
    return tuple(party(part) for part in cell.lines(given))


def party(written: str) -> Party:
    """Read “Région Normandie”, or “Région Normandie [org_…]” for the organisation of that id."""
    found = _REGISTERED.fullmatch(written)
    if found is None:
        return Party(None, written)
    try:
        return Party(internal("organisation", Id(found[2])), found[1] or None)
    except Refusal as refusal:
        raise Unreadable(
            f"{refusal.message('en')} Or write the name alone, without the brackets.",
            f"{refusal.message('fr')} Ou écrivez le nom seul, sans les crochets.",
        ) from None


def written(organisation: Id | None, name: str | None, designation: str | None) -> str:
    """Write a party so that `party` reads it."""
    words = designation or name or ""
    return words if organisation is None else f"{words} [{organisation}]".strip()


def id_of(organisation: UUID | None) -> Id | None:
    """Give the id by which callers name an organisation."""
    return None if organisation is None else external("organisation", organisation)
