"""The program as a user runs it: a process of its own, on a data folder of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 60
"""Seconds after which a program that says nothing counts as stuck."""


@dataclass
class Running:
    """A server that is ready."""

    process: subprocess.Popen[str]
    url: str
    said: list[str]
    env: Mapping[str, str]

    def token(self, *who: str) -> str:
        """Give a token of one of the demo's personas, as the command line prints it."""
        printed = run("token", "--as", *who, env=self.env)
        assert printed.returncode == 0, printed.stderr
        return printed.stdout.strip()

    def ask(
        self, query: str, language: str = "en", token: str | None = None, **variables: Any
    ) -> Any:
        """Send an operation and give its data; errors fail the test."""
        proof = {} if token is None else {"authorization": f"Bearer {token}"}
        answer = httpx.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            headers={"accept-language": language, **proof},
            timeout=PATIENCE,
        ).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def interrupt(self) -> str:
        """Press Ctrl-C, and give what the program says until it ends."""
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=PATIENCE)
        return out


def environment(data: Path, **settings: str) -> dict[str, str]:
    """The surroundings of a program: those of this one without its settings, and the given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CORDEE_") and name != "DATABASE_URL"
    }
    return kept | {"CORDEE_DATA_DIR": str(data), "CORDEE_PORT": "0"} | settings


def run(
    *arguments: str, env: Mapping[str, str], timeout: float = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "infra.main", *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@contextmanager
def running(*arguments: str, env: Mapping[str, str]) -> Iterator[Running]:
    """Start the program, wait until it says where to look, and end it with the context."""
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.main", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            if found := re.search(r"ready.*(http://\S+)/graphql", line):
                yield Running(process, found[1], said, env)
                return
        raise AssertionError("it never was ready:\n" + "\n".join(said))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        with process:
            process.wait(PATIENCE)
