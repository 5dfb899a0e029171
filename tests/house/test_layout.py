"""The rooms of the house, and the way between them."""

import shutil
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "projections", "api", "infra", "tests")
FILES = ("pyproject.toml", "docker-compose.yml", "Makefile", "CHANGELOG.md", "requirements.lock")
NOT_NOUNS = {"utils", "helpers", "common", "manager", "service", "base"}


def test_the_top_level_is_as_promised() -> None:
    assert [room for room in ROOMS if not (ROOT / room).is_dir()] == []
    assert [file for file in FILES if not (ROOT / file).is_file()] == []


def test_the_build_runs_from_a_clean_clone() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize("room", ROOMS)
def test_modules_are_nouns_of_the_domain(room: str) -> None:
    assert [path for path in (ROOT / room).rglob("*.py") if path.stem in NOT_NOUNS] == []


def test_imports_go_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert lint_imports(no_cache=True) == 0


def test_a_wheel_carries_the_sql_and_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    shutil.copy(ROOT / "pyproject.toml", source)
    for room in ROOMS[:-1]:
        shutil.copytree(ROOT / room, source / room)
    monkeypatch.chdir(source)

    name = build_wheel(str(tmp_path))

    inside = set(zipfile.ZipFile(tmp_path / name).namelist())
    data = [*(ROOT / "infra").rglob("*.sql"), *(ROOT / "infra" / "demo").rglob("*.jsonl")]
    assert {str(path.relative_to(ROOT)) for path in data} <= inside
    assert data
