"""The two commands of the README, on a machine that has nothing yet."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a clone as make looks at before it installs."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(clone: Path, *goals: str, programs: str) -> subprocess.CompletedProcess[str]:
    """Run make where only some programs are to be found, free of the one that runs this test."""
    path = clone / "bin"
    path.mkdir()
    for program in ("make", "sh", *programs.split()):
        found = shutil.which(program)
        assert found is not None
        (path / program).symlink_to(found)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *goals],
        cwd=clone,
        env=environment | {"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_alone_says_what_there_is(clone: Path) -> None:
    said = make(clone, programs="awk echo").stdout

    for goal in ("demo", "test", "crash", "check", "bench", "lock"):
        assert f"  make {goal} " in said


@pytest.mark.parametrize("goal", ["demo", "test"])
def test_a_machine_without_python_is_told_so_in_one_sentence(clone: Path, goal: str) -> None:
    done = make(clone, goal, programs="")

    assert done.returncode != 0
    assert done.stderr.startswith("cordée needs Python 3.11 or newer: install it, ")
    assert not (clone / ".venv").exists()


def test_a_new_lock_needs_uv_and_says_so(clone: Path) -> None:
    done = make(clone, "lock", programs="")

    assert done.stderr.startswith("make lock needs uv")
    assert (clone / "requirements.lock").exists()
