"""Giving out what there is as tables: a plan to work on, and open data."""

from enum import StrEnum
from pathlib import Path

import asyncpg

from domain.identity import Id
from infra.sheets.layout import OWN
from infra.sheets.open_data import AUTHORITIES, PROJECTS, authorities_of, projects_of
from infra.sheets.plan import plan_of
from infra.sheets.problem import UnfitFile
from infra.sheets.writing import write_csv, write_table


class Export(StrEnum):
    """What can be given out."""

    PLAN = "plan"
    """The plan of an alliance in cordée's own layout, as xlsx or csv: it can be taken in again."""
    ACTIONS = "actions"
    """Its public actions as csv, under the schema ``projets-territoire``."""
    ORGANISATIONS = "organisations"
    """The intercommunalities of a territory as csv, under the schema ``collectivites``."""


async def give_out(
    what: Export,
    path: Path,
    dsn: str,
    *,
    schemas: str,
    alliance: Id | None,
    territory: str | None,
) -> int:
    """Write a table, and count its rows; ``schemas`` is where the read models are.

    Raises:
        UnfitFile: it is not said whose plan it is to be, or the file has no fitting name.
        OSError: the file cannot be written.
    """
    if what is not Export.PLAN and path.suffix.lower() != ".csv":
        raise UnfitFile(
            f"{path}: open data are csv; name the file .csv.",
            f"{path} : les données ouvertes sont en csv ; nommez le fichier .csv.",
        )
    if not path.parent.is_dir():
        raise UnfitFile(
            f"{path}: there is no such folder; make it, or name another.",
            f"{path} : ce dossier n’existe pas ; créez-le, ou nommez-en un autre.",
        )
    connection = await asyncpg.connect(dsn, server_settings={"search_path": schemas})
    try:
        if what is Export.ORGANISATIONS:
            return write_csv(path, AUTHORITIES, await authorities_of(connection, territory))
        if alliance is None:
            raise UnfitFile(
                "Whose actions? Name the alliance by --alliance.",
                "Les actions de qui ? Nommez l’alliance par --alliance.",
            )
        if what is Export.ACTIONS:
            return write_csv(path, PROJECTS, await projects_of(connection, alliance))
        headers = [column.header for column in OWN.columns]
        return write_table(path, "Plan", headers, await plan_of(connection, alliance))
    finally:
        await connection.close()
