"""Manifests as they are read from files, and a start that one of them keeps from happening."""

import hashlib
import json
from pathlib import Path

import pytest

from api.manifest import BrokenManifest
from infra.manifests import read

ONE, OTHER = "{ __typename }", "query Other { __typename }"


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_documents_of_all_manifests_are_trusted(tmp_path: Path) -> None:
    web, mobile = tmp_path / "web.json", tmp_path / "mobile.json"
    web.write_text(json.dumps({hash_of(ONE): ONE}))
    mobile.write_text(json.dumps({f"sha256:{hash_of(OTHER)}": OTHER, hash_of(ONE): ONE}))

    trusted = read([web, mobile], only=True)

    assert trusted.texts == {hash_of(ONE): ONE, hash_of(OTHER): OTHER}
    assert trusted.only


def test_without_manifests_every_document_is_taken() -> None:
    assert not read(()).only
    assert read(()).texts == {}


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(BrokenManifest, match="it cannot be read") as broken:
        read([tmp_path / name])
    assert str(tmp_path / name) in str(broken.value)
