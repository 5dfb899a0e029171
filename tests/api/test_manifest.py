"""Manifests of trusted documents: three spellings, and what is wrong with any of them."""

import hashlib
import json

import pytest

from api.manifest import BrokenManifest, documents

TEXT = "query Everybody { organisations { totalCount } } # 🏔"
HASH = hashlib.sha256(TEXT.encode()).hexdigest()


def test_relay_and_codegen_spell_the_hash_differently_and_mean_the_same() -> None:
    relay, codegen = json.dumps({HASH: TEXT}), json.dumps({f"sha256:{HASH}": TEXT})
    assert documents("relay.json", relay.encode()) == {HASH: TEXT}
    assert documents("codegen.json", codegen.encode()) == {HASH: TEXT}


def test_apollo_lists_operations() -> None:
    operation = {"id": HASH, "name": "Everybody", "type": "query", "body": TEXT}
    given = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}
    assert documents("apollo.json", json.dumps(given).encode()) == {HASH: TEXT}


def test_a_manifest_may_be_empty() -> None:
    assert documents("empty.json", b"{}") == {}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": "\xff"}', "not JSON"),
        (b"[]", "not an object of ids and documents"),
        (b'{"operations": [7]}', "an id and a document are texts"),
        (b'{"operations": [{"id": "7"}]}', "an id and a document are texts"),
        (json.dumps({HASH: 7}).encode(), "an id and a document are texts"),
        (json.dumps({HASH: TEXT + " "}).encode(), "changed since"),
        (json.dumps({HASH.upper(): TEXT}).encode(), "no SHA-256"),
        (json.dumps({"sha1:" + "a" * 40: TEXT}).encode(), 'hashAlgorithm: "sha256"'),
        (json.dumps({hashlib.md5(TEXT.encode()).hexdigest(): TEXT}).encode(), '"SHA256"'),  # noqa: S324
    ],
)
def test_a_manifest_that_cannot_be_relied_on_is_named_with_the_remedy(
    content: bytes, told: str
) -> None:
    with pytest.raises(BrokenManifest) as broken:
        documents("client.json", content)
    assert str(broken.value).startswith("client.json is no manifest to rely on:\n")
    assert told in str(broken.value)


def test_the_document_that_is_wrong_is_named() -> None:
    with pytest.raises(BrokenManifest, match=f"  {HASH}: this is not the SHA-256"):
        documents("client.json", json.dumps({HASH: "{ __typename }"}).encode())


def test_of_many_problems_some_are_told_and_the_others_counted() -> None:
    given = {f"{number:064x}": TEXT for number in range(30)}
    with pytest.raises(BrokenManifest) as broken:
        documents("client.json", json.dumps(given).encode())
    assert len(broken.value.problems) == 30
    assert str(broken.value).count("\n") == 11
    assert str(broken.value).endswith("and 20 more")
