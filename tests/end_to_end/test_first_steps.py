"""The README's first steps for developers, run as they are printed there."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import pytest

from tests.clients.node import HERE, Node, installed
from tests.end_to_end.running import PATIENCE, Running

README: Final = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION: Final = README.partition("\n## For developers\n")[2].partition("\n## ")[0]
SUFFIXES: Final = {"sh": "sh", "ts": "mts", "python": "py"}
STEPS: Final = ("query", "mutation", "subscription")


def printed(step: str, language: str) -> str:
    """Give the one block of a step in a language."""
    part = SECTION.partition(f"\n### The first {step}\n")[2].partition("\n### ")[0]
    (block,) = re.findall(rf"```{language}\n(.*?)```", part, re.DOTALL)
    return str(block)


@dataclass(frozen=True)
class Language:
    """The steps in one language, and what runs them."""

    program: str
    suffix: str
    folder: Path
    env: dict[str, str]

    def run(self, step: str, *arguments: str) -> str:
        """Run a step to its end, and give what it prints."""
        ended = subprocess.run(
            [self.program, f"{step}.{self.suffix}", *arguments],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def begin(self, step: str, lines: int) -> list[str]:
        """Run a step that does not end, and give the first lines that it prints."""
        with subprocess.Popen(
            [self.program, f"{step}.{self.suffix}"],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            try:
                return list(islice(process.stdout, lines))
            finally:
                os.killpg(process.pid, signal.SIGKILL)  # of a shell, what it runs as well


@pytest.fixture(scope="module")
def node() -> Node:
    """Node, with what the README says to install."""
    return installed()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every block of every step as a file of its own."""
    folder = tmp_path_factory.mktemp("first-steps")
    for step in STEPS:
        for language, suffix in SUFFIXES.items():
            (folder / f"{step}.{suffix}").write_text(printed(step, language), encoding="utf-8")
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    return folder


@pytest.fixture(scope="module")
def env(demo: Running) -> dict[str, str]:
    """What the README exports, and nothing that buffers what is printed."""
    exported = {"CORDEE": f"{demo.url}/graphql", "TOKEN": demo.token("operator")}
    return dict(os.environ) | exported | {"PYTHONUTF8": "1"}


@pytest.fixture(scope="module")
def shell(folder: Path, env: dict[str, str]) -> Language:
    """The steps in curl."""
    if shutil.which("curl") is None:
        pytest.skip("There is no curl on this machine.")
    return Language("sh", SUFFIXES["sh"], folder, env)


@pytest.fixture(scope="module", params=["ts", "python"])
def language(request: pytest.FixtureRequest, folder: Path, env: dict[str, str]) -> Language:
    """The steps in a language."""
    named = request.param
    program = request.getfixturevalue("node").program if named == "ts" else sys.executable
    return Language(program, SUFFIXES[named], folder, env)


def name_of(organisation: str, demo: Running) -> str:
    query = "query ($id: ID!) { organisation(id: $id) { name } }"
    return str(demo.ask(query, id=organisation)["organisation"]["name"])


def test_curl_asks_a_first_query(shell: Language) -> None:
    first, second = json.loads(shell.run("query"))["data"]["cohorts"]["nodes"]
    assert first == {"name": "CEC Ouest", "edition": "2023"}
    assert second["name"] == "CEC Pays de Vannes"


def test_a_language_asks_a_first_query(language: Language) -> None:
    first, second = language.run("query").splitlines()
    assert first == "CEC Ouest 2023"
    assert second.startswith("CEC Pays de Vannes")


def test_curl_gives_a_first_command_twice_and_it_is_done_once(
    shell: Language, demo: Running
) -> None:
    done, again = (json.loads(shell.run("mutation"))["data"] for _ in range(2))
    assert done == again
    registered = done["registerOrganisation"]
    assert registered["__typename"] == "RegisterOrganisationSuccess"
    assert name_of(registered["organisation"]["id"], demo) == "Le vélo pour tous"


def test_a_language_gives_a_first_command(language: Language, demo: Running) -> None:
    told = language.run("mutation", "L’école du bois")
    registered = re.fullmatch(r"Registered (org_\w+) at position \d+\n", told)
    assert registered is not None, told
    assert name_of(registered[1], demo) == "L’école du bois"


def test_a_language_is_told_why_a_first_command_is_refused(language: Language) -> None:
    assert language.run("mutation", "").startswith("Refused (")


def test_curl_hears_what_happened(shell: Language) -> None:
    heard = shell.begin("subscription", 8)
    assert heard[:2] == ["event: next\n", "id: 1\n"]
    assert heard[4:6] == ["event: next\n", "id: 2\n"]


def test_a_language_hears_what_happened(language: Language) -> None:
    heard = [line.split() for line in language.begin("subscription", 12)]
    assert [line[0] for line in heard] == [str(position) for position in range(1, 13)]
    assert heard[0][1] == "organisation.registered"


def test_what_is_printed_in_typescript_compiles_strictly(node: Node, folder: Path) -> None:
    options = "--strict --noEmit --module nodenext --target es2022 --skipLibCheck --types node"
    files = [f"{step}.{SUFFIXES['ts']}" for step in STEPS]
    compiled = node.tool("typescript/bin/tsc", *options.split(), *files, within=folder)
    assert compiled.returncode == 0, compiled.stdout


@pytest.mark.parametrize("step", STEPS)
def test_a_step_says_by_which_name_it_is_run(step: str) -> None:
    for language, comment in (("ts", "//"), ("python", "#")):
        first = printed(step, language).splitlines()[0]
        assert re.match(rf"{comment} (\S+): (node|python) \1( |$)", first)
