"""Spreadsheets sent to a running program, good ones and bad ones."""

import os
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.end_to_end.running import PATIENCE, Running, environment, run, running
from tests.infra.sheets import own, platform, written_csv, xlsx

README = Path(__file__).parents[2] / "README.md"
(CURL,) = (
    block
    for block in re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    if "importActions" in block
)

IMPORT = """
mutation Import($input: ImportActionsInput!) {
  importActions(input: $input) {
    __typename
    ... on ImportActionsSuccess {
      dryRun rows created changed unchanged position
      alliance { actions { totalCount } }
    }
    ... on Refusal { code message path }
    ... on BrokenSheet { problems { row column header found message } }
  }
}
"""
HEADERS = {"graphql-preflight": "1"}
ROW = {"title": "Élaguer l’été", "status": "en cours"}


@dataclass
class Sender:
    """Whoever coordinates an alliance of the demo, and sends spreadsheets."""

    demo: Running
    alliance: str
    authorization: str
    another: str
    """The authorization of who coordinates another alliance."""

    def post(
        self, files: Any, headers: dict[str, str] | None = None, language: str = "en"
    ) -> httpx.Response:
        """Send parts."""
        given = HEADERS if headers is None else headers
        known = {"authorization": self.authorization, "accept-language": language}
        return httpx.post(
            f"{self.demo.url}/graphql", files=files, headers=known | given, timeout=PATIENCE
        )

    def send(self, file: Path, language: str = "en", **input: Any) -> Any:
        """Send a spreadsheet, and give what came of it."""
        answer = self.post(self.parts(file.name, file.read_bytes(), **input), language=language)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert "errors" not in body, body["errors"]
        return body["data"]["importActions"]

    def parts(self, name: str, content: bytes, **input: Any) -> Any:
        """Make the parts of a request."""
        given = {"alliance": self.alliance, "file": None, **input}
        asked = {"query": IMPORT, "variables": {"input": given}}
        return {
            "operations": (None, orjson.dumps(asked)),
            "map": (None, b'{"0": ["variables.input.file"]}'),
            "0": (name, content),
        }


@pytest.fixture(scope="module")
def sender(data: Path) -> Iterator[Sender]:
    env = environment(data)
    with running("demo", env=env) as demo:
        alliances = demo.ask("{ alliances(first: 10) { nodes { id name } } }")["alliances"]
        ids = {found["name"]: found["id"] for found in alliances["nodes"]}
        cop, *others = sorted(ids, key=lambda name: name != "COP Normandie")
        tokens = [
            run("token", "--as", "alliance coordinator", "--alliance", name, env=env)
            for name in (cop, others[0])
        ]
        given = [f"Bearer {token.stdout.strip()}" for token in tokens]
        yield Sender(demo, ids[cop], *given)


def test_a_spreadsheet_is_rehearsed_then_taken_in_then_known(
    sender: Sender, tmp_path: Path
) -> None:
    path = xlsx(tmp_path, platform({"axis": "Habiter", "title": "Rénover", "status": "À venir"}))

    rehearsed = sender.send(path)
    done = sender.send(path, dryRun=False)
    again = sender.send(path, dryRun=False)

    assert (rehearsed["dryRun"], rehearsed["rows"], rehearsed["created"]) == (True, 1, 1)
    assert (done["dryRun"], done["created"], done["unchanged"]) == (False, 1, 0)
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 1)
    before = rehearsed["alliance"]["actions"]["totalCount"]
    assert done["alliance"]["actions"]["totalCount"] == before + 1
    assert again["alliance"]["actions"]["totalCount"] == before + 1
    assert again["position"] == done["position"]


def test_windows_1252_and_dates_as_text_are_read(sender: Sender, tmp_path: Path) -> None:
    row = ROW | {"starts_on": "01/02/2026", "ends_on": "2026-12-31"}
    shown = sender.send(written_csv(tmp_path, own(row), "cp1252"))
    assert (shown["__typename"], shown["created"]) == ("ImportActionsSuccess", 1)


def test_all_errors_come_at_once_by_row_and_column(sender: Sender, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        ROW,
        {"title": "B", "starts_on": "demain", "planned": -5},
        {"title": "", "code": "7"},
    ]
    shown = sender.send(xlsx(tmp_path, own(*rows)), language="fr", dryRun=False)
    assert (shown["code"], shown["path"]) == ("BROKEN_SHEET", ["input", "file"])
    assert [(p["row"], p["column"], p["header"], p["found"]) for p in shown["problems"]] == [
        (3, "AA", "Début", "demain"),
        (3, "AD", "Base du budget prévu", None),
        (4, "C", "Titre", None),
    ]
    assert shown["problems"][0]["message"] == (
        "'demain' n’est pas une date ; écrivez-la comme 31/12/2026."
    )


def broken(folder: Path, kind: str) -> Path:
    """A file of the kind that people send by mistake."""
    match kind:
        case "merged cells":
            return xlsx(folder, own(ROW, ROW | {"title": "B"}), merged="E2:E3")
        case "missing columns":
            return xlsx(folder, [row[:-2] for row in own(ROW)])
        case "a formula":
            return xlsx(folder, own(ROW | {"planned": "=1+1", "planned_basis": "HT"}))
        case "a date that is none":
            return written_csv(folder, own(ROW | {"starts_on": "31/02/2026"}), "cp1252")
        case "two sheets":
            return xlsx(folder, own(ROW), own(ROW | {"title": "B"}))
        case _:
            raise AssertionError(kind)


@pytest.mark.parametrize(
    ("kind", "place", "message"),
    [
        ("merged cells", (2, "E"), "cells are merged from E2 on"),
        ("missing columns", (1, None), "add “Statut”, “Achevée ou abandonnée le”"),
        ("a formula", (2, "AC"), "this is a formula; paste its value"),
        ("a date that is none", (2, "AA"), "there is no 31/02/2026 in the calendar"),
        ("two sheets", (None, None), "“Plan 1”, “Plan 2”: name one of them, as `sheet`"),
    ],
)
def test_a_bad_file_is_told_what_to_write(
    sender: Sender, tmp_path: Path, kind: str, place: tuple[Any, Any], message: str
) -> None:
    shown = sender.send(broken(tmp_path, kind), dryRun=False)
    (problem,) = shown["problems"]
    assert (problem["row"], problem["column"]) == place
    assert message in problem["message"]


def test_of_two_sheets_one_is_named(sender: Sender, tmp_path: Path) -> None:
    shown = sender.send(broken(tmp_path, "two sheets"), sheet="Plan 2")
    assert shown["created"] == 1


def test_a_mountain_of_zeros_is_not_unpacked(sender: Sender, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 100_000_000)
    shown = sender.send(path)
    assert shown["code"] == "UNFIT_FILE"
    assert "Unpacked, the file takes 100 MB; 80 are accepted." in shown["message"]


@pytest.mark.parametrize("size", [10_000_001, 30_000_000])
def test_a_file_over_the_limit_is_refused(sender: Sender, size: int) -> None:
    answer = sender.post(sender.parts("plan.csv", b"0" * size))
    assert answer.status_code == 413
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "FILE_TOO_LARGE"
    assert "larger than 10 MB" in error["message"]


def test_a_mere_form_is_refused(sender: Sender) -> None:
    answer = sender.post(sender.parts("plan.csv", b"a"), headers={})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "PREFLIGHT_MISSING"


def test_a_stranger_is_not_listened_to(sender: Sender) -> None:
    parts = sender.parts("plan.csv", b"a")
    answer = httpx.post(f"{sender.demo.url}/graphql", files=parts, headers=HEADERS)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "STRANGERS_FILE"


def test_who_coordinates_another_alliance_may_not(sender: Sender) -> None:
    parts = sender.parts("plan.xlsx", b"never read")
    answer = sender.post(parts, headers=HEADERS | {"authorization": sender.another})
    assert answer.json()["data"]["importActions"]["code"] == "FORBIDDEN"


def test_the_example_of_the_readme_rehearses_a_plan(sender: Sender, tmp_path: Path) -> None:
    xlsx(tmp_path, own(ROW, {"title": "B", "status": "presque"}))
    example = CURL.replace("http://127.0.0.1:8000", sender.demo.url)
    token = sender.authorization.removeprefix("Bearer ")
    answer = subprocess.run(
        ["bash", "-c", example],
        cwd=tmp_path,
        env={**os.environ, "TOKEN": token, "ALLIANCE": sender.alliance},
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    shown = orjson.loads(answer.stdout)["data"]["importActions"]
    assert shown["__typename"] == "BrokenSheet"
    (problem,) = shown["problems"]
    assert (problem["row"], problem["header"], problem["found"]) == (3, "Statut", "presque")
    assert "écrivez l’un de" in problem["message"]
