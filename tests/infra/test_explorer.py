"""How the explorer is built: by which Node, from what, and what becomes of a build that fails."""

import gzip
import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

from infra import explorer
from infra.explorer import HERE, PAGES, building
from infra.explorer import node as nodes
from infra.explorer.building import NotBuilt, build
from infra.explorer.node import Node, NotHere, found

NPM = "#!/bin/sh\nset -e\ntest -f package-lock.json\n"
VITE = """#!/bin/sh
set -e
test -f page.jsx
mkdir -p pages/explorer
echo '<div id="explorer">' > pages/index.html
echo 'let summit = 4810' > pages/explorer/page-1a.js
"""
FAILS = "#!/bin/sh\necho 'The summit was not reached.' >&2\nexit 1\n"


def program(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A Node whose builder makes two small files."""
    return Node(program(tmp_path, "node", VITE), (program(tmp_path, "npm", NPM),))


def test_the_lock_says_what_is_installed_and_not_from_where() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    asked = json.loads((HERE / "package.json").read_text())
    root = packages.pop("")
    for kind in ("dependencies", "devDependencies"):
        assert root[kind] == asked[kind]
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked[kind].values())
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v18.20.4", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v23.0.0", True),
        ("v24.1.0", True),
        ("", False),
    ],
)
def test_a_node_on_which_the_builder_does_not_run_is_not_used(
    version: str, enough: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("node", "npm"):
        program(tmp_path, name, f"#!/bin/sh\necho {version}\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(nodes, "find_spec", lambda _name: None)
    if enough:
        assert found().program == str(tmp_path / "node")
    else:
        with pytest.raises(NotHere, match=r"Node 22\.12 or newer"):
            found()


def test_pages_are_in_place_once_they_are_whole(node: Node, tmp_path: Path) -> None:
    place = tmp_path / "pages"
    (place / "explorer").mkdir(parents=True)
    (place / "explorer" / "page-0z.js").write_text("of the build before")

    build(node, place)

    files = {path.name: path for path in place.rglob("*") if path.is_file()}
    assert set(files) == {"index.html", "page-1a.js", "page-1a.js.gz"}
    assert gzip.decompress(files["page-1a.js.gz"].read_bytes()) == files["page-1a.js"].read_bytes()


@pytest.mark.parametrize("broken", ["npm", "node"])
def test_a_build_that_fails_leaves_what_was_there(node: Node, tmp_path: Path, broken: str) -> None:
    program(tmp_path, broken, FAILS)
    place = tmp_path / "pages"
    place.mkdir()
    (place / "index.html").write_text("of the build before")

    with pytest.raises(NotBuilt, match="The summit was not reached"):
        build(node, place)

    assert (place / "index.html").read_text() == "of the build before"


def test_a_registry_that_is_away_is_told_in_a_sentence(node: Node, tmp_path: Path) -> None:
    program(tmp_path, "npm", "#!/bin/sh\necho 'npm error code EAI_AGAIN' >&2\nexit 1\n")

    with pytest.raises(NotBuilt, match=r"^npm's registry does not answer \(EAI_AGAIN\)\.$"):
        build(node, tmp_path / "pages")


def test_a_build_that_hangs_is_ended(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "npm", "#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(building, "PATIENCE", 0.1)

    with pytest.raises(NotBuilt, match="took more than"):
        build(node, tmp_path / "pages")


def test_whoever_builds_learns_in_words_that_it_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nowhere() -> Node:
        raise NotHere("it needs Node")

    monkeypatch.setattr(building, "found", nowhere)

    assert building.main() == 1
    assert capsys.readouterr().err.startswith("The explorer was not built: it needs Node\n")


def test_what_is_installed_has_the_pages_though_the_repository_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = HERE.parents[1]
    for name in ("pyproject.toml", ".gitignore"):
        shutil.copy(root / name, tmp_path)
    for room in ("domain", "projections", "api", "infra"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    page = tmp_path / PAGES.relative_to(root) / "index.html"
    page.parent.mkdir(parents=True)
    page.touch()
    assert f"/{PAGES.relative_to(root)}/\n" in (tmp_path / ".gitignore").read_text()
    monkeypatch.chdir(tmp_path)

    wheel = build_wheel(str(tmp_path))

    assert "infra/explorer/pages/index.html" in zipfile.ZipFile(tmp_path / wheel).namelist()


def test_pages_that_were_not_built_are_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer, "PAGES", tmp_path)
    assert explorer.built() is None
    (tmp_path / "index.html").write_text("")
    assert explorer.built() == tmp_path
