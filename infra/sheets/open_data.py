"""Open data under the schemas of schema.data.gouv.fr: ``projets-territoire``, ``collectivites``.

Both are tables with a comma between columns and lists as JSON. What a schema has no place for
stays out, people's data always do, and so does what is not public.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from domain.identity import Id, internal
from domain.progress import ExecutionStatus
from domain.territory import TERRITORIES, Territory, TerritoryKind
from infra.sheets.writing import Value

PROJECTS: Final = (
    "id",
    "createdAt",
    "updatedAt",
    "nom",
    "description",
    "budgetPrevisionnel",
    "dateDebutPrevisionnelle",
    "phase",
    "phaseStatut",
    "programme",
    "porteurCodeSiret",
    "porteurReferentEmail",
    "porteurReferentTelephone",
    "porteurReferentPrenom",
    "porteurReferentNom",
    "porteurReferentFonction",
    "competences",
    "leviers",
    "mecId",
    "tetId",
    "recocoId",
    "collectiviteIds",
)
"""The columns of ``projets-territoire``, version 0.1.1."""

AUTHORITIES: Final = (
    "id",
    "nom",
    "type",
    "codeInsee",
    "codeDepartements",
    "codeRegions",
    "codeEpci",
    "siren",
    "createdAt",
    "updatedAt",
)
"""The columns of ``collectivites``, version 0.1.0: municipalities and intercommunalities."""

_PHASES: Final[Mapping[ExecutionStatus, tuple[str, str | None]]] = {
    ExecutionStatus.TO_BE_DISCUSSED: ("Idée", "En cours"),
    ExecutionStatus.PLANNED: ("Étude", "En cours"),
    ExecutionStatus.UNDER_WAY: ("Opération", "En cours"),
    ExecutionStatus.PAUSED: ("Opération", "En pause"),
    ExecutionStatus.BLOCKED: ("Opération", "Bloqué"),
    ExecutionStatus.LATE: ("Opération", "En retard"),
    ExecutionStatus.DONE: ("Opération", "Terminé"),
    ExecutionStatus.ABANDONED: ("Opération", "Abandonné"),
}

_ACTIONS: Final = """
select action.*,
       array(select distinct organisation_id from assignment
             join organisation on organisation.id = organisation_id
             where action_id = action.id and organisation.kind = 'PUBLIC_AUTHORITY'
               and organisation.territory_key like 'epci:%'
             order by organisation_id) as authorities
from action
where alliance_id = $1 and visibility = 'PUBLIC'
order by proposed_at, id
"""

_AUTHORITIES: Final = """
select * from organisation
where kind = 'PUBLIC_AUTHORITY' and territory_key like 'epci:%'
  and merged_into_id is null and not dissolved
  and ($1::text[] is null or territory_key = any($1))
order by name_key, id
"""


async def projects_of(connection: "asyncpg.Connection[Any]", alliance: Id) -> list[list[Value]]:
    """Give the public actions of an alliance as rows of ``projets-territoire``."""
    return [_project(action) for action in await connection.fetch(_ACTIONS, alliance)]


async def authorities_of(
    connection: "asyncpg.Connection[Any]", territory: str | None
) -> list[list[Value]]:
    """Give the intercommunalities of a territory, or all, as rows of ``collectivites``.

    The schema knows no other kind of organisation but municipalities, which are not among the
    territories of reference.
    """
    keys = None if territory is None else [key for key in TERRITORIES if territory in _line(key)]
    return [_authority(found) for found in await connection.fetch(_AUTHORITIES, keys)]


def _project(action: Mapping[str, Any]) -> list[Value]:
    status, budget = action["status"], action["planned_amount"]
    phase, state = _PHASES[ExecutionStatus[status]] if status else (None, None)
    told: dict[str, Value] = {
        "id": str(internal("action", action["id"])),
        "createdAt": _instant(action["proposed_at"]),
        "updatedAt": _instant(action["updated_at"]),
        "nom": action["title"],
        "description": action["description"],
        # The schema takes whole euros; less than half of one is not told from nothing.
        "budgetPrevisionnel": None if budget is None else round(budget),
        "dateDebutPrevisionnelle": action["starts_on"],
        "phase": phase,
        "phaseStatut": state,
        "collectiviteIds": _uuids(action["authorities"]),
    }
    return [told.get(name) for name in PROJECTS]


def _authority(organisation: Mapping[str, Any]) -> list[Value]:
    above = [TERRITORIES[key] for key in _line(organisation["territory_key"])]
    told: dict[str, Value] = {
        "id": str(internal("organisation", organisation["id"])),
        "nom": organisation["name"],
        "type": "EPCI",
        "codeDepartements": _codes(above, TerritoryKind.DEPARTEMENT),
        "codeRegions": _codes(above, TerritoryKind.REGION),
        "codeEpci": TERRITORIES[organisation["territory_key"]].code,
        "siren": organisation["siren"],
        "createdAt": _instant(organisation["registered_at"]),
        "updatedAt": _instant(organisation["updated_at"]),
    }
    return [told.get(name) for name in AUTHORITIES]


def _line(key: str | None) -> list[str]:
    """A territory and those in which it lies."""
    found = []
    while key is not None:
        found.append(key)
        key = TERRITORIES[key].parent
    return found


def _codes(territories: Iterable[Territory], kind: TerritoryKind) -> str:
    return json.dumps([found.code for found in territories if found.kind is kind])


def _uuids(ids: Sequence[str]) -> str | None:
    found = [UUID(hex=id.partition("_")[2]) for id in ids]
    return json.dumps([str(uuid) for uuid in found]) if found else None


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
