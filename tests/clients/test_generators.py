"""Generators of other makers: they take the schema, and what they make of operations compiles."""

import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import graphql
import httpx
import pytest

from api.schema import SDL
from tests.clients.node import HERE, Node
from tests.conftest import Databases
from tests.end_to_end.running import PATIENCE, Running, environment, running
from tests.scratch import scratch

SCHEMA: Final = graphql.build_schema(SDL.read_text(encoding="utf-8"))
RELAY: Final = "relay-compiler/cli.js"
CODEGEN: Final = "@graphql-codegen/cli/cjs/bin.js"
TYPESCRIPT: Final = "typescript/bin/tsc"
RELAYS: Final = "relay/documents.json"
CODEGENS: Final = "codegen/generated/persisted-documents.json"

WRONG: Final = """
    import type { CohortsQuery } from "./generated/graphql";
    export const wrong = (data: CohortsQuery): string => data.cohorts.nothing;
"""


@pytest.fixture(scope="module")
def project(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A front end with operations of each kind, and what both generators made of them."""
    folder = tmp_path_factory.mktemp("front-end") / "project"
    shutil.copytree(HERE / "samples", folder)
    shutil.copy(SDL, folder)
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    relay = node.tool(RELAY, "relay.config.json", within=folder)
    assert relay.returncode == 0, relay.stderr + relay.stdout
    codegen = node.tool(
        "@graphql-codegen/cli/cjs/bin.js", "--config", "codegen.json", within=folder
    )
    assert codegen.returncode == 0, codegen.stderr + codegen.stdout
    return folder


@pytest.fixture(scope="module")
def trusting(project: Path, databases: Databases) -> Iterator[Running]:
    """A server that takes what the front end asks, and nothing else."""
    manifests = ",".join(str(project / manifest) for manifest in (RELAYS, CODEGENS))
    settings = {"CORDEE_DOCUMENTS": manifests, "CORDEE_DOCUMENTS_ONLY": "on"}
    with (
        scratch("cordee-") as data,
        databases.copy(Databases.PREPARED) as dsn,
        running("serve", env=environment(data, DATABASE_URL=dsn, **settings)) as started,
    ):
        yield started


def documents(project: Path, manifest: str) -> dict[str, str]:
    """Give the documents of a manifest by their names."""
    told: dict[str, str] = json.loads((project / manifest).read_text(encoding="utf-8"))
    return told


def test_relay_makes_code_for_each_kind_of_operation(project: Path) -> None:
    made = {path.name for path in (project / "relay/__generated__").glob("*.graphql.ts")}
    assert made >= {
        "cohortsPageQuery.graphql.ts",
        "cohortsNextQuery.graphql.ts",
        "cohortsSessionsQuery.graphql.ts",
        "registrationMutation.graphql.ts",
        "happeningsSubscription.graphql.ts",
    }


def test_codegen_makes_code_for_each_kind_of_operation(project: Path) -> None:
    made = (project / "codegen/generated/graphql.ts").read_text(encoding="utf-8")
    for type in ("CohortsQuery", "RegisterMutation", "HappeningsSubscription"):
        assert f"export type {type} = " in made


def test_what_is_made_compiles_strictly(node: Node, project: Path) -> None:
    compiled = node.tool(TYPESCRIPT, "--project", ".", within=project)
    assert compiled.returncode == 0, compiled.stdout


def test_a_field_that_is_not_there_does_not_compile(node: Node, project: Path) -> None:
    wrong = project / "codegen/wrong.ts"
    wrong.write_text(WRONG)
    compiled = node.tool(TYPESCRIPT, "--project", ".", within=project)
    wrong.unlink()
    assert compiled.returncode != 0
    assert "Property 'nothing' does not exist" in compiled.stdout


@pytest.mark.parametrize(
    ("manifest", "spelling"), [(RELAYS, "{}"), (CODEGENS, "sha256:{}")], ids=["relay", "codegen"]
)
def test_a_manifest_names_each_document_by_its_hash(
    project: Path, manifest: str, spelling: str
) -> None:
    named = documents(project, manifest)
    assert len(named) >= 3
    for name, text in named.items():
        assert name == spelling.format(sha256(text.encode()).hexdigest())
        assert graphql.validate(SCHEMA, graphql.parse(text)) == []


@pytest.mark.parametrize("manifest", [RELAYS, CODEGENS], ids=["relay", "codegen"])
def test_a_server_takes_the_documents_of_a_manifest_by_their_names(
    project: Path, trusting: Running, manifest: str
) -> None:
    pages = [name for name, text in documents(project, manifest).items() if "$first" in text]
    assert pages
    for name in pages:
        asked = {"documentId": name, "variables": {"first": 1}}
        answer = httpx.post(f"{trusting.url}/graphql", json=asked, timeout=PATIENCE).json()
        assert answer["data"]["cohorts"]["edges"] == []


def test_a_server_that_trusts_takes_no_other_document(trusting: Running) -> None:
    asked = {"query": "{ cohorts { totalCount } }"}
    answer = httpx.post(f"{trusting.url}/graphql", json=asked, timeout=PATIENCE).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["DOCUMENT_NOT_TRUSTED"]
