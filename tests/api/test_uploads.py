"""Uploads: a file that comes with a request, and everything that is no such request."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

import api.app
from api import uploads
from api.limits import MOST_BYTES, MOST_FILE_BYTES
from api.ports import Caller, Identity, TakenIn
from api.purse import BOTTOMLESS
from api.request import Malformed
from api.sheets import BrokenSheet, IntakeBusy, SheetProblem, UnfitFile
from domain.alliance import AllianceClosed
from domain.identity import Id
from domain.refusal import NotFound
from tests.api.ports import Happening, Intakes, Scripted, Still

ALLIANCE = Id(f"ali_{1:032x}")
COMMAND_ID = "0190f1a2-0000-7000-8000-000000000001"
HEADERS = {"graphql-preflight": "1"}
IMPORT = """
mutation Import($input: ImportActionsInput!) {
  importActions(input: $input) {
    __typename
    ... on ImportActionsSuccess { dryRun rows created changed unchanged position }
    ... on Refusal { code message path }
    ... on BrokenSheet { problems { row column header found message } }
  }
}
"""
INPUT = {"alliance": ALLIANCE, "file": None}
MAP = {"0": ["variables.input.file"]}
Files = Mapping[str, tuple[str | None, bytes]]


def parts(
    operations: object = None, map: object = None, files: Files | None = None, **input: Any
) -> list[tuple[str, tuple[str | None, bytes]]]:
    """The parts of a request that takes a file in, unless it says something else."""
    asked = {"query": IMPORT, "variables": {"input": INPUT | input}}
    return [
        ("operations", (None, orjson.dumps(asked if operations is None else operations))),
        ("map", (None, orjson.dumps(MAP if map is None else map))),
        *({"0": ("plan.csv", b"a;b")} if files is None else files).items(),
    ]


@dataclass
class Sender:
    """Whoever sends files to an interface that needs no database."""

    http: httpx.AsyncClient
    sheets: Intakes
    known: "Identities"


class Identities:
    """Knows everybody as the same person, until the test says otherwise."""

    def __init__(self) -> None:
        self.everybody = Identity(actor="somebody", principal=UUID(int=1))

    async def identify(self, authorization: str | None, address: str) -> Identity:  # noqa: ARG002
        """Tell who it is."""
        return self.everybody

    async def stands(self, identity: Identity) -> bool:
        """Tell whether that is still so."""
        return identity is self.everybody


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    unused: Any = None
    sheets = Intakes()
    known = Identities()
    app = api.app.create(
        commands=Scripted(),
        reads=unused,
        positions=Still(),
        feed=Happening(),
        sheets=sheets,
        identities=known,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Sender(http, sheets, known)


async def send(
    sender: Sender, given: Any = None, headers: Mapping[str, str] = HEADERS
) -> httpx.Response:
    sent = parts() if given is None else given
    return await sender.http.post("/graphql", files=sent, headers=headers)


async def wrong(sender: Sender, given: Any, status: int = 400) -> str:
    """Send what is refused before anything is done with it, and give the message."""
    response = await send(sender, given)
    assert response.status_code == status
    assert sender.sheets.given == []
    (error,) = response.json()["errors"]
    return str(error["message"])


async def test_a_file_is_taken_in_by_who_sends_it(sender: Sender) -> None:
    sender.sheets.answers = [TakenIn(new=2, changed=1, unchanged=4, position=9)]
    response = await send(sender, parts(sheet="Plan", dryRun=False, commandId=COMMAND_ID))
    assert response.status_code == 200
    assert response.json() == {
        "data": {
            "importActions": {
                "__typename": "ImportActionsSuccess",
                "dryRun": False,
                "rows": 7,
                "created": 2,
                "changed": 1,
                "unchanged": 4,
                "position": "9",
            }
        },
        "extensions": {"cost": {"asked": 101_002}, "position": "9"},
    }
    ((intake, caller),) = sender.sheets.given
    assert caller.actor == "somebody"
    assert (intake.alliance, intake.name, intake.sheet) == (ALLIANCE, "plan.csv", "Plan")
    assert (intake.dry_run, str(intake.command_id)) == (False, COMMAND_ID)
    assert sender.sheets.read == [b"a;b"]


async def test_without_more_words_it_is_a_dry_run(sender: Sender) -> None:
    sender.sheets.answers = [TakenIn(new=0, changed=0, unchanged=0, position=0)]
    await send(sender)
    ((intake, _),) = sender.sheets.given
    assert (intake.dry_run, intake.sheet, intake.command_id) == (True, None, None)


async def test_a_file_can_be_a_variable_of_its_own(sender: Sender) -> None:
    sender.sheets.answers = [TakenIn(new=0, changed=0, unchanged=0, position=0)]
    query = (
        "mutation($alliance: ID!, $file: Upload!) {importActions("
        "input: {alliance: $alliance, file: $file}) {__typename}}"
    )
    asked = {"query": query, "variables": {"alliance": ALLIANCE, "file": None}}
    response = await send(sender, parts(asked, {"0": ["variables.file"]}))
    assert response.json()["data"] == {"importActions": {"__typename": "ImportActionsSuccess"}}


async def test_the_errors_of_a_file_are_told_by_row_and_column(sender: Sender) -> None:
    problem = SheetProblem(row=3, column="AB", header="Fin", found="demain", message="Write it.")
    sender.sheets.answers = [BrokenSheet([problem])]
    shown = (await send(sender)).json()["data"]["importActions"]
    assert shown == {
        "__typename": "BrokenSheet",
        "code": "BROKEN_SHEET",
        "message": "This file has errors (1), and nothing of it was carried out."
        " Mend them all at once.",
        "path": ["input", "file"],
        "problems": [
            {"row": 3, "column": "AB", "header": "Fin", "found": "demain", "message": "Write it."}
        ],
    }


@pytest.mark.parametrize(
    "refusal",
    [
        UnfitFile("file", told="Save it."),
        IntakeBusy(),
        AllianceClosed("alliance", name="COP"),
        NotFound("alliance", noun="alliance", id=ALLIANCE),
    ],
)
async def test_why_a_file_is_not_taken_in_is_typed(sender: Sender, refusal: Any) -> None:
    sender.sheets.answers = [refusal]
    shown = (await send(sender)).json()["data"]["importActions"]
    assert (shown["__typename"], shown["code"]) == (type(refusal).__name__, refusal.code)


async def test_refusals_speak_the_language_of_their_reader(sender: Sender) -> None:
    sender.sheets.answers = [UnfitFile("file", told="Enregistrez-le.")]
    response = await send(sender, headers=HEADERS | {"accept-language": "fr"})
    message = response.json()["data"]["importActions"]["message"]
    assert message == "Ce fichier ne peut être lu : Enregistrez-le. Rien n’a été fait."


async def test_a_fault_is_masked(sender: Sender) -> None:
    sender.sheets.answers = [RuntimeError("password=hunter2")]
    response = await send(sender)
    assert response.json()["errors"][0]["extensions"]["code"] == "FAULT"
    assert "hunter2" not in response.text


@pytest.mark.parametrize("headers", [{}, {"graphql-preflight": ""}, {"cookie": "a=b"}])
async def test_what_a_form_of_another_page_can_send_is_refused(
    sender: Sender, headers: dict[str, str]
) -> None:
    response = await send(sender, headers=headers)
    (error,) = response.json()["errors"]
    assert response.status_code == 400
    assert error["extensions"] == {"code": "PREFLIGHT_MISSING"}
    assert sender.sheets.given == []


async def test_nothing_is_received_of_strangers(sender: Sender) -> None:
    sender.known.everybody = Identity()
    response = await send(sender)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"] == {"code": "STRANGERS_FILE"}
    assert sender.sheets.given == []


@pytest.mark.parametrize("name", ["Apollo-Require-Preflight", "X-Requested-With"])
async def test_the_headers_of_other_servers_do_as_well(sender: Sender, name: str) -> None:
    sender.sheets.answers = [TakenIn(new=0, changed=0, unchanged=0, position=0)]
    assert (await send(sender, headers={name: "x"})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "variables.input.sheet",
        "variables.input.alliance",
        "variables.other.file",
        "variables.input.alliance.0",
        "variables.input.file.name",
        "variables.input",
        "variables",
        "operations.variables.input.file",
        "0.variables.input.file",
        "",
        "variables..file",
        7,
        None,
        ["variables"],
    ],
)
async def test_a_map_that_leads_nowhere_is_refused(sender: Sender, path: object) -> None:
    message = await wrong(sender, parts(map={"0": [path]}))
    assert "where no variable is null for a file" in message


@pytest.mark.parametrize(
    "map", [{}, [], None, {"1": ["variables.input.file"]}, {"0": []}, {"0": "variables.input.file"}]
)
async def test_a_map_that_does_not_speak_of_the_file_is_refused(
    sender: Sender, map: object
) -> None:
    given = [part if part[0] != "map" else ("map", (None, orjson.dumps(map))) for part in parts()]
    assert "`map`" in await wrong(sender, given)


async def test_one_file_comes_with_a_request(sender: Sender) -> None:
    two = {"0": ("a.csv", b"a"), "1": ("b.csv", b"b")}
    assert "Too many files" in await wrong(sender, parts(files=two))
    assert "One file comes" in await wrong(sender, parts(files={}))
    as_text = [*parts(files={}), ("0", (None, b"text"))]
    assert "Too many fields" in await wrong(sender, as_text)


@pytest.mark.parametrize("missing", ["operations", "map"])
async def test_a_part_that_is_missing_is_named(sender: Sender, missing: str) -> None:
    given = [part for part in parts() if part[0] != missing]
    assert f"`{missing}` is missing" in await wrong(sender, given)


@pytest.mark.parametrize("part", ["operations", "map"])
async def test_a_part_that_is_no_json_is_named(sender: Sender, part: str) -> None:
    given = [entry if entry[0] != part else (part, (None, b"{")) for entry in parts()]
    assert f"`{part}` is not JSON" in await wrong(sender, given)


async def test_several_operations_at_once_are_refused(sender: Sender) -> None:
    assert "a JSON object" in await wrong(sender, parts([{"query": "{a}"}]))


async def test_a_variable_of_another_type_takes_no_file(sender: Sender) -> None:
    query = "query($id: ID!) {organisation(id: $id) {id}}"
    asked = {"query": query, "variables": {"id": None}}
    response = await send(sender, parts(asked, {"0": ["variables.id"]}))
    assert "data" not in response.json()
    assert "ID cannot represent value" in response.json()["errors"][0]["message"]


async def test_a_file_that_is_not_there_is_no_file(sender: Sender) -> None:
    for file in (None, "plan.csv", {"name": "plan.csv"}):
        asked = {"query": IMPORT, "variables": {"input": INPUT | {"file": file}}}
        response = (await sender.http.post("/graphql", json=asked)).json()
        assert "data" not in response
    assert sender.sheets.given == []
    assert "a file comes as a part" in response["errors"][0]["message"]


async def test_a_file_over_the_limit_is_refused_with_the_limit(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_FILE_BYTES", 1_000_000)
    monkeypatch.setattr(uploads, "_MOST_RECEIVED", 1_000_000 + MOST_BYTES)
    for size in (1_000_001, 2_000_000):
        response = await send(sender, parts(files={"0": ("plan.csv", b"0" * size)}))
        (error,) = response.json()["errors"]
        assert response.status_code == 413
        assert error["extensions"] == {"code": "FILE_TOO_LARGE"}
        assert "larger than 1 MB" in error["message"]
    assert sender.sheets.given == []


async def test_a_length_that_was_not_told_is_counted(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_MOST_RECEIVED", 10_000)
    request = sender.http.build_request(
        "POST", "/graphql", files=parts(files={"0": ("plan.csv", b"0" * 20_000)}), headers=HEADERS
    )

    async def chunks() -> Any:
        yield request.read()

    headers = {**HEADERS, "content-type": request.headers["content-type"]}
    response = await sender.http.post("/graphql", content=chunks(), headers=headers)
    assert response.status_code == 413


def test_ten_megabytes_are_the_limit() -> None:
    assert MOST_FILE_BYTES == 10_000_000


async def test_operations_are_bounded_like_any_request(sender: Sender) -> None:
    long = {"query": "#" * MOST_BYTES, "variables": {"input": INPUT}}
    assert "Part exceeded maximum size" in await wrong(sender, parts(long))


async def test_a_file_that_does_not_come_is_not_waited_for(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PATIENCE", 0)

    async def endless() -> Any:
        yield b"--x\r\n"
        await asyncio.sleep(60)

    headers = {**HEADERS, "content-type": "multipart/form-data; boundary=x"}
    response = await sender.http.post("/graphql", content=endless(), headers=headers)
    assert response.status_code == 408
    assert response.json()["errors"][0]["extensions"] == {"code": "FILE_TOO_SLOW"}


async def test_so_many_files_are_received_at_once(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 0)
    response = await send(sender)
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"] == {"code": "TOO_MANY_UPLOADS"}


async def test_a_place_is_free_again_whatever_became_of_a_file(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 1)
    for _ in range(3):
        await wrong(sender, parts(map={}))
    sender.sheets.answers = [TakenIn(new=0, changed=0, unchanged=0, position=0)]
    assert (await send(sender)).status_code == 200


async def test_the_file_is_gone_when_the_request_is_answered(sender: Sender) -> None:
    large = b"0" * 2_000_000  # no longer kept in memory
    sender.sheets.answers = [RuntimeError(), TakenIn(new=0, changed=0, unchanged=0, position=0)]
    for _ in range(2):
        await send(sender, parts(files={"0": ("plan.csv", large)}))
    assert sender.sheets.read == [large, large]
    assert all(intake.content.closed for intake, _ in sender.sheets.given)


@pytest.mark.parametrize(
    ("given", "name"),
    [("../../etc/plan.csv", "plan.csv"), ("a" * 300, "a" * 200), ("Été.ods", "Été.ods")],
)
async def test_a_name_is_no_path(sender: Sender, given: str, name: str) -> None:
    sender.sheets.answers = [TakenIn(new=0, changed=0, unchanged=0, position=0)]
    await send(sender, parts(files={"0": (given, b"a")}))
    ((intake, _),) = sender.sheets.given
    assert intake.name == name


@given(body=st.binary(max_size=200) | st.text(alphabet='-x\r\n:;=" a', max_size=200))
def test_whatever_the_bytes_are_they_are_refused_in_a_sentence(body: bytes | str) -> None:
    content = body.encode() if isinstance(body, str) else body
    with pytest.raises(Malformed):
        asyncio.run(_receive(content))


async def _receive(content: bytes) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content}

    headers = [(b"content-type", b"multipart/form-data; boundary=x"), (b"graphql-preflight", b"1")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    caller = Caller("tests", "en", trusted=True)
    async with uploads.Uploads().received(request, caller, BOTTOMLESS):
        pass
