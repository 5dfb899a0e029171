"""The audit report of the demo's roadmap, as it is taken to a board and checked there."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.running import PATIENCE, Running, run

PUBLISHED = """
{ roadmaps { nodes { id history(first: 100, where: { types: ["roadmap.published"] }) {
  nodes { position }
} } } }
"""


@pytest.fixture(scope="module")
def auditor(demo: Running) -> str:
    return demo.token("auditor")


@pytest.fixture(scope="module")
def roadmap(demo: Running) -> str:
    (found,) = demo.ask("{ roadmaps { nodes { id } } }")["roadmaps"]["nodes"]
    return str(found["id"])


def report(demo: Running, name: str, token: str | None = None, **asked: str) -> httpx.Response:
    proof = {} if token is None else {"authorization": f"Bearer {token}"}
    url = f"{demo.url}/reports/roadmap/{name}"
    return httpx.get(url, params=asked, headers=proof, timeout=PATIENCE)


def said(response: httpx.Response) -> str:
    """What a page says, with spaces that break."""
    assert response.status_code == 200, response.text
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


def test_it_tells_what_changed_who_did_it_and_why(
    demo: Running, roadmap: str, auditor: str
) -> None:
    page = said(report(demo, roadmap, auditor))
    assert "Remise le 12 décembre 2024, publiée le 15 janvier 2025" in page
    assert "cible 8 9" in page
    assert "La cible de 8 t ne comptait pas les déplacements" in page
    assert "Planet Champion (Printemps de l’entreprise Territoire apprenant" in page
    assert "D’où part-on, et où veut-on arriver ?" in page
    assert "effectif le 10/03/2025" in page
    assert page.count("a été mesuré le 31 décembre 2024. correction") == 1


def test_the_public_reads_what_is_published_and_no_more(demo: Running, roadmap: str) -> None:
    page = said(report(demo, roadmap))
    assert "Bilan carbone annuel de l’association" in page
    assert "D’où part-on" not in page
    assert "La cible de 8 t ne comptait pas" not in page


def test_of_a_moment_it_says_what_was_so_then(demo: Running, roadmap: str, auditor: str) -> None:
    (found,) = demo.ask(PUBLISHED)["roadmaps"]["nodes"]
    first = min(int(entry["position"]) for entry in found["history"]["nodes"])
    page = said(report(demo, roadmap, auditor, at=str(first)))
    assert "Version 1" in page
    assert "Version 2" not in page
    assert "position " + str(first) in page
    assert "déplacements compris" not in page


def test_the_same_moment_gives_the_same_bytes(demo: Running, roadmap: str, auditor: str) -> None:
    for form in ("html", "pdf"):
        first, second = (report(demo, f"{roadmap}.{form}", auditor, at="580") for _ in range(2))
        assert first.content == second.content
        assert first.headers["etag"] == second.headers["etag"]


def test_its_proof_is_checked_with_what_it_brings_along(
    demo: Running, roadmap: str, auditor: str, tmp_path: Path
) -> None:
    page = report(demo, roadmap, auditor)
    for name, content in re.findall(r'download="([^"]+)" href="data:[^,]+,([^"]+)"', page.text):
        (tmp_path / name).write_bytes(base64.b64decode(content))
    (command,) = re.findall(r"python (verifier\.py [^<]+)</code>", page.text)

    def check() -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, *command.split()]
        return subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "the very event that the proof shows" in check().stdout
    proof = tmp_path / "preuve.json"
    forged = json.loads(proof.read_text(encoding="utf-8"))
    forged["proof"]["head"]["root"] = "00" * 32
    proof.write_text(json.dumps(forged), encoding="utf-8")
    assert check().returncode == 1


def test_the_command_of_the_readme_writes_it_beside_a_server(
    demo: Running, roadmap: str, tmp_path: Path
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (named,) = re.findall(r"export ROADMAP=(\w+)", readme)
    ((file, asked),) = re.findall(r"cordee report \$ROADMAP -o (\S+) (--at.*?) *#", readme)
    written = run("report", named, "-o", str(tmp_path / file), *asked.split(), env=demo.env)
    assert written.returncode == 0, written.stderr
    assert named == roadmap
    page = (tmp_path / file).read_text(encoding="utf-8")
    assert "Version 2" in page
    assert "Version 3" not in page


@pytest.mark.parametrize(
    ("name", "asked", "told"),
    [
        ("map_00000000000000000000000000000000", {}, (404, "NOT_FOUND")),
        ("nonsense.pdf", {}, (404, "NOT_FOUND")),
        ("{roadmap}", {"at": "yesterday"}, (400, "UNCLEAR_MOMENT")),
        ("{roadmap}", {"at": "2026-01-01T00:00:00"}, (400, "UNCLEAR_MOMENT")),
        ("{roadmap}", {"at": "999999999"}, (400, "MOMENT_AHEAD")),
        ("{roadmap}", {"at": "0"}, (404, "NOT_FOUND")),
        ("{roadmap}", {"lang": "de"}, (400, "UNKNOWN_LANGUAGE")),
    ],
)
def test_what_cannot_be_reported_is_refused_with_a_reason(
    demo: Running, roadmap: str, name: str, asked: dict[str, str], told: tuple[int, str]
) -> None:
    refused = report(demo, name.format(roadmap=roadmap), **asked)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["extensions"]["code"]) == told


def test_a_browser_is_told_that_the_page_loads_and_runs_nothing(
    demo: Running, roadmap: str
) -> None:
    page = report(demo, roadmap)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "style-src 'sha256-" in policy
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    same = httpx.get(str(page.url), headers={"if-none-match": page.headers["etag"]})
    assert same.status_code == 304
