"""Building the explorer: its packages from the lock file, its pages from its sources.

``python -m infra.explorer.building`` does it in a folder of its own, and puts the pages in place
once they are whole. It needs npm's registry; the server runs without, and says so at `/`.
"""

import gzip
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from infra.explorer import HERE, PAGES
from infra.explorer.node import Node, NotHere, found

PATIENCE: Final = 300.0
"""Seconds after which npm, or the builder, counts as stuck."""

_INSTALL: Final = (
    *("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"),
    *("--fetch-retries=1", "--fetch-retry-mintimeout=500", "--fetch-timeout=20000"),
)
_AWAY: Final = re.compile(
    r"\b(E(?:AI_AGAIN|CONN\w+|HOSTUNREACH|NETUNREACH|NOTFOUND|RR_SOCKET_TIMEOUT|TIMEDOUT|50[234]))\b"
)
"""What npm says of a registry that does not answer."""
_BUILD: Final = ("node_modules/vite/bin/vite.js", "build", "--logLevel", "error")
_NOT_SOURCES: Final = shutil.ignore_patterns("pages", "node_modules", "*.py", "__pycache__")
_PACKED: Final = frozenset({".js", ".css", ".svg", ".ttf"})
"""Files that are also written compressed, which takes too long to be done for each who asks."""
_LONGEST: Final = 2_000
"""Characters of what a program said that are told."""


class NotBuilt(Exception):
    """The pages could not be built; the message says why."""


def build(node: Node, place: Path = PAGES) -> None:
    """Build the pages into a folder, in place of those that were there.

    Raises:
        NotBuilt: npm or the builder failed, or took too long; what was there is there still.
    """
    with tempfile.TemporaryDirectory(prefix="cordee-explorer-") as made:
        folder = Path(made) / "explorer"
        shutil.copytree(HERE, folder, ignore=_NOT_SOURCES)
        _run(node, *node.npm, *_INSTALL, folder=folder)
        _run(node, node.program, *_BUILD, folder=folder)
        pages = folder / "pages"
        for path in sorted(pages.rglob("*")):
            if path.suffix in _PACKED:
                packed = gzip.compress(path.read_bytes(), 9, mtime=0)
                path.with_name(f"{path.name}.gz").write_bytes(packed)
        shutil.rmtree(place, ignore_errors=True)
        shutil.move(pages, place)


def _run(node: Node, *command: str, folder: Path) -> None:
    try:
        ended = node.run(*command, folder=folder, patience=PATIENCE)
    except subprocess.TimeoutExpired as late:
        raise NotBuilt(f"this took more than {PATIENCE:.0f} s: {' '.join(command)}") from late
    if ended.returncode == 0:
        return
    if away := _AWAY.search(ended.stderr):
        raise NotBuilt(f"npm's registry does not answer ({away[1]}).")
    raise NotBuilt((ended.stderr or ended.stdout).strip()[-_LONGEST:])


def main() -> int:
    """Build the pages, and say so. Gives the status with which the process ends."""
    print("Building the explorer ...", flush=True)  # noqa: T201
    try:
        build(found())
    except (NotHere, NotBuilt) as why:
        print(  # noqa: T201
            f"The explorer was not built: {why}\nAll else works without it; make explorer tries"
            " again.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
