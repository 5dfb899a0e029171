"""Exported proofs: one file checks them far from the log, and finds what was changed on the way."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from infra.proving import verifier
from infra.proving.document import (
    NotProvable,
    head_document,
    kept_head,
    proof_document,
    written,
)
from infra.proving.hashing import tree_id
from infra.proving.proofs import Proofs
from infra.proving.signing import renew_signing_key
from infra.proving.verifier import Unproven, check
from tests.proving.conftest import EACH, EVENTS
from tests.proving.sealed import KEYRING, fill, happen, seal_all

Document = dict[str, Any]


async def head_of(dsn: str) -> Document:
    """Keep the newest head of a log."""
    connection = await asyncpg.connect(dsn)
    try:
        return await head_document(Proofs(connection))
    finally:
        await connection.close()


async def proof_of(
    dsn: str, position: int, *, shown: bool = True, since: Document | None = None
) -> Document:
    """Prove that an event is in a log."""
    kept = None if since is None else kept_head("head.json", written(since))
    connection = await asyncpg.connect(dsn)
    try:
        return await proof_document(Proofs(connection), position, shown=shown, since=kept)
    finally:
        await connection.close()


async def renew(dsn: str) -> bytes:
    """Let a log sign with a new key."""
    connection = await asyncpg.connect(dsn)
    try:
        log = tree_id(await connection.fetchval("select secret from log.tree"))
        return (await renew_signing_key(connection, KEYRING, log)).public_key
    finally:
        await connection.close()


def key_of(document: Mapping[str, Any], number: int = 1) -> bytes:
    head = document["treeHead"] if "treeHead" in document else document["proof"]["head"]
    return bytes.fromhex(head["signers"][number - 1]["publicKey"])


@pytest.mark.parametrize("position", [1, 2, 256, 257, EVENTS])
async def test_a_proof_proves_the_very_event(sealed: str, position: int) -> None:
    document = await proof_of(sealed, position)

    *_, told = check(document, key=key_of(document))

    assert told == f"It holds at position {position} the very event that the proof shows."


async def test_a_proof_need_not_show_the_event(sealed: str) -> None:
    document = await proof_of(sealed, 30, shown=False)

    *_, told = check(document)

    assert document["proof"]["event"] is None
    assert told == "It holds an event at position 30, which the proof does not show."


async def test_one_file_checks_it_with_nothing_of_cordee_at_hand(
    sealed: str, tmp_path: Path
) -> None:
    script, proof, head = (tmp_path / name for name in ("verifier.py", "proof.json", "head.json"))
    script.write_bytes(Path(verifier.__file__).read_bytes())
    kept = await head_of(sealed)
    head.write_bytes(written(kept))
    await happen(sealed, 40)
    await seal_all(sealed)
    document = await proof_of(sealed, 17, since=kept)
    proof.write_bytes(written(document))
    program = (sys.executable, "-I", str(script), str(proof), "--head", str(head))

    right = subprocess.run(
        [*program, "--key", key_of(document).hex()], capture_output=True, text=True, check=False
    )
    document["proof"]["event"]["version"] += 1
    proof.write_bytes(written(document))
    wrong = subprocess.run(program, capture_output=True, text=True, check=False)

    assert (right.returncode, right.stderr) == (0, "")
    assert f"It goes on from the tree of {EVENTS} events that was kept" in right.stdout
    assert (wrong.returncode, wrong.stderr) == (
        1,
        "Not proved: the event shown is not the one at position 17\n",
    )


def test_the_verifier_imports_the_standard_library_and_cryptography_only() -> None:
    source = Path(verifier.__file__).read_text("utf-8")
    imported = {
        line.split()[1].partition(".")[0]
        for line in source.splitlines()
        if line.startswith(("import ", "from "))
    }

    assert imported <= sys.stdlib_module_names | {"cryptography"}
    assert "cryptography" in imported


def flipped(text: str) -> str:
    """Change the first digit of a number in hexadecimal."""
    return f"{int(text[0], 16) ^ 1:x}{text[1:]}"


def _change(*path: str | int, to: Callable[[Any], Any]) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        part: Any = document
        for name in path[:-1]:
            part = part[name]
        part[path[-1]] = to(part[path[-1]])

    return change


CHANGES = {
    "leaf": _change("proof", "leafHash", to=flipped),
    "path": _change("proof", "path", 3, to=flipped),
    "shorter path": _change("proof", "path", to=lambda path: path[:-1]),
    "longer path": _change("proof", "path", to=lambda path: [*path, path[0]]),
    "position": _change("proof", "position", to=lambda position: str(int(position) + 1)),
    "far position": _change("proof", "position", to=lambda _: "100000"),
    "size": _change("proof", "head", "size", to=lambda size: str(int(size) + 1)),
    "root": _change("proof", "head", "root", to=flipped),
    "time": _change("proof", "head", "sealedAt", to=lambda _: "2020-01-01T00:00:00+00:00"),
    "previous": _change("proof", "head", "previous", to=flipped),
    "log": _change("proof", "head", "log", to=flipped),
    "signature": _change("proof", "head", "signature", to=flipped),
    "signer": _change("proof", "head", "signer", to=lambda _: 7),
    "key": _change("proof", "head", "signers", 0, "publicKey", to=flipped),
    "accepted": _change("proof", "head", "signers", 0, "accepted", to=flipped),
    "no key": _change("proof", "head", "signers", to=lambda _: []),
    "state": _change("proof", "event", "state", to=lambda _: "e30="),
    "no base64": _change("proof", "event", "state", to=lambda _: "?"),
    "metadata": _change("proof", "event", "metadata", to=lambda _: ""),
    "topic": _change("proof", "event", "topic", to=lambda _: "thing.else"),
    "recorded": _change("proof", "event", "recordedAt", to=lambda _: "2026-01-01T00:00:00+00:00"),
    "no time zone": _change("proof", "event", "recordedAt", to=lambda _: "2026-01-01T00:00:00"),
    "stream": _change("proof", "event", "stream", to=flipped),
    "command": _change("proof", "event", "command", to=flipped),
    "version": _change("proof", "event", "version", to=lambda version: version + 1),
    "large version": _change("proof", "event", "version", to=lambda _: 2**40),
    "class version": _change("proof", "event", "classVersion", to=lambda _: 3),
    "blind": _change("proof", "event", "blind", to=flipped),
    "short blind": _change("proof", "event", "blind", to=lambda blind: blind[:4]),
    "no head": _change("proof", "head", to=lambda _: None),
    "no event": _change("proof", "event", to=lambda _: "gone"),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_proof_that_was_changed_proves_nothing(sealed: str, what: str) -> None:
    document = await proof_of(sealed, 30)
    CHANGES[what](document)

    with pytest.raises(Unproven):
        list(check(document))


@pytest.mark.parametrize("document", [{}, {"proof": 3}, {"data": None}, {"treeHead": {}}, []])
def test_what_is_no_proof_is_told_so(document: Any) -> None:
    with pytest.raises(Unproven, match="no proof that can be read"):
        list(check(document))


async def test_a_head_alone_is_checked_too(sealed: str) -> None:
    document = await head_of(sealed)

    (told,) = check(document, key=key_of(document))

    assert told.startswith(f"The tree of {EVENTS} events was signed at ")


@pytest.mark.parametrize(
    ("position", "size"), [(0, EACH), (EACH, EACH), (EACH + 1, 2 * EACH), (EVENTS, EVENTS)]
)
async def test_the_first_head_that_covers_a_moment_is_given(
    sealed: str, position: int, size: int
) -> None:
    async with asyncpg.create_pool(sealed, min_size=1, max_size=1) as pool:
        document = await head_document(Proofs(pool), position=position)

    assert document["treeHead"]["size"] == str(size)


async def test_a_proof_of_another_log_is_refused(sealed: str, database: str) -> None:
    await fill(database, 20, 20)
    kept, other = await head_of(sealed), await proof_of(database, 3)

    with pytest.raises(Unproven, match="another log"):
        list(check(other, kept=kept))
    with pytest.raises(Unproven, match="knows no key"):
        list(check(other, key=key_of(kept)))
    with pytest.raises(NotProvable, match="another log"):
        await proof_of(database, 3, since=kept)


async def test_a_log_that_was_cut_cannot_go_on_from_a_head_that_was_kept(sealed: str) -> None:
    kept = await head_of(sealed)
    kept["treeHead"]["size"] = str(EVENTS + 1)

    with pytest.raises(NotProvable, match="cordee verify"):
        await proof_of(sealed, 3, since=kept)


async def test_a_log_that_was_rewritten_does_not_go_on_from_a_head_that_was_kept(
    sealed: str,
) -> None:
    kept = await head_of(sealed)
    await happen(sealed, 5)
    await seal_all(sealed)
    document = await proof_of(sealed, 3, since=kept)
    kept["treeHead"]["root"] = flipped(kept["treeHead"]["root"])

    with pytest.raises(Unproven, match="does not hold what"):
        list(check(document, kept=kept))
    del document["consistency"]
    with pytest.raises(Unproven, match="no proof that its tree goes on"):
        list(check(document, kept=kept))


async def test_a_key_that_one_knows_vouches_for_those_that_it_introduced(sealed: str) -> None:
    old = key_of(await head_of(sealed))
    new = await renew(sealed)
    await happen(sealed, 1)
    await seal_all(sealed)
    document = await proof_of(sealed, 30)

    assert next(check(document, key=old)).endswith(f"by the key {new.hex()}.")
    assert next(check(document, key=new)).endswith(f"by the key {new.hex()}.")

    lost = copy.deepcopy(document)
    lost["proof"]["head"]["signers"][1]["introduced"] = None
    with pytest.raises(Unproven, match="not introduced"):
        list(check(lost, key=old))
    forged = copy.deepcopy(document)
    signer = forged["proof"]["head"]["signers"][1]
    signer["introduced"] = signer["accepted"]
    with pytest.raises(Unproven, match="says of key 2"):
        list(check(forged, key=old))


async def test_what_is_not_sealed_cannot_be_proved(sealed: str, database: str) -> None:
    with pytest.raises(NotProvable, match=f"Position {EVENTS + 1} is not sealed"):
        await proof_of(sealed, EVENTS + 1)
    with pytest.raises(NotProvable, match="Nothing is sealed yet"):
        await head_of(database)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"treeHead": {"size": 1}}', b"\xff"])
def test_a_file_without_a_head_is_told_so(content: bytes) -> None:
    with pytest.raises(NotProvable, match="holds no head of a tree"):
        kept_head("head.json", content)


async def test_the_verifier_reads_the_answer_of_the_interface_as_it_is(sealed: str) -> None:
    document = await proof_of(sealed, 30)
    answer = {"data": {"proof": document["proof"]}}

    assert len(list(check(json.loads(json.dumps(answer))))) == 2
