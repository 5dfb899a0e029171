r"""Checks an exported proof anywhere, with Python 3.11 and the package ``cryptography`` alone.

    python verifier.py proof.json --key 5d6f…       # the public key that the operators told you
    python verifier.py proof.json --head head.json  # and a head that you kept from an earlier day

It takes what ``cordee proof export`` writes, or the answer of the interface to the same questions.

The tree is that of RFC 9162: a leaf is SHA-256(00 ‖ entry), a node SHA-256(01 ‖ left ‖ right). An
entry is, with numbers big-endian and instants as microseconds since 2000-01-01T00:00:00Z:

    01 ‖ blind (32) ‖ position (8) ‖ stream (16) ‖ version (4) ‖ class version (2) ‖ command (16)
       ‖ recorded at (8) ‖ length (4) ‖ topic ‖ length (4) ‖ state ‖ length (4) ‖ metadata

The blind is SHA-256(secret of the tree ‖ position), so that the hash of an event says nothing of it
to whoever is not shown the event. A head is signed with Ed25519 over

    "cordee tree head 1\n" ‖ log (16) ‖ size (8) ‖ sealed at (8) ‖ root (32) ‖ previous (32)
       ‖ key (32)

where ``previous`` is SHA-256(what the head before it signed ‖ its signature), zeros for the first
one. A key that follows another signs, and is signed by the other,

    "cordee tree signer 1\n" ‖ log (16) ‖ number (4) ‖ key before it (32, or zeros) ‖ key (32)
"""

import argparse
import base64
import hashlib
import json
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH: Final = 32
"""Bytes of a hash, and of a public key."""
NOBODY: Final = bytes(HASH)
"""Stands for what was before the first head, and before the first key."""

_FIXED: Final = struct.Struct(">B32sq16sih16s8s")
_ENTRY: Final = 1
_LENGTH: Final = struct.Struct(">i")
_HEAD: Final = b"cordee tree head 1\n"
_SIGNER: Final = b"cordee tree signer 1\n"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Unproven(Exception):
    """The proof does not prove what it says; the message tells what is wrong with it."""


class Entry(NamedTuple):
    """An event as it is hashed; a stream and a command by the bytes of their ids."""

    blind: bytes
    position: int
    stream: bytes
    version: int
    class_version: int
    command: bytes
    recorded_at: bytes
    """As `instant` gives it."""
    topic: bytes
    state: bytes
    meta: bytes

    def written(self) -> bytes:
        """Write it down, so that no two entries are written alike."""
        *fixed, topic, state, meta = self
        parts = [_FIXED.pack(_ENTRY, *fixed)]
        for text in (topic, state, meta):
            parts += (_LENGTH.pack(len(text)), text)
        return b"".join(parts)


def instant(moment: datetime) -> bytes:
    """Give the microseconds since 2000-01-01T00:00:00Z, in eight bytes."""
    return ((moment - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True)


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as it is written."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf is in a tree (RFC 9162, 2.1.3.2).

    Args:
        index: the place of the leaf, 0 for the first.
        size: how many leaves the tree has.
        leaf: the hash of the leaf.
        path: the hashes beside the way from the leaf to the root.
        root: the root of the tree.

    Raises:
        Unproven: it is not, or not there.
    """
    if not 0 <= index < size:
        raise Unproven(f"a tree of {size} events has none at position {index + 1}")
    node, at, last = leaf, index, size - 1
    for beside in path:
        if last == 0:
            raise Unproven("the path goes on beyond the root")
        if at & 1 or at == last:
            node = node_hash(beside, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, beside)
        at, last = at >> 1, last >> 1
    if last or node != root:
        raise Unproven(f"the event at position {index + 1} is not in the tree of {size} events")


def check_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the tree of ``second`` leaves goes on from that of ``first`` (RFC 9162, 2.1.4.2).

    Raises:
        Unproven: something that the first tree holds is other or missing in the second.
    """
    if not 0 < first <= second:
        raise Unproven(f"a tree of {second} events does not go on from one of {first}")
    if first == second:
        if path or first_root != second_root:
            raise Unproven(f"there are two different trees of {first} events")
        return
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not hashes:
        raise Unproven("the proof that the tree goes on is empty")
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            raise Unproven("the path goes on beyond the root")
        if at & 1 or at == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        at, last = at >> 1, last >> 1
    if last or (old, new) != (first_root, second_root):
        raise Unproven(f"the tree of {second} events does not hold what that of {first} held")


def signed_by_head(
    log: UUID, size: int, sealed_at: datetime, *, root: bytes, previous: bytes, public_key: bytes
) -> bytes:
    """Write what a head signs."""
    fixed = (_HEAD, log.bytes, struct.pack(">q", size), instant(sealed_at))
    return b"".join((*fixed, root, previous, public_key))


def signed_by_signer(log: UUID, number: int, before: bytes, public_key: bytes) -> bytes:
    """Write what a key signs about the one before it, and the one before it about the key."""
    return b"".join((_SIGNER, log.bytes, struct.pack(">i", number), before, public_key))


def check_signature(public_key: bytes, signature: bytes, signed: bytes, what: str) -> None:
    """Check an Ed25519 signature.

    Raises:
        Unproven: it was made by another key, or over something else.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise Unproven(f"{what} is not signed by the key {public_key.hex()}") from None


def check(
    document: Mapping[str, Any], *, key: bytes | None = None, kept: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """Check a proof, and tell step by step what it proves.

    Args:
        document: the proof, as it was read from JSON.
        key: the public key that is known to be the log's, of today or of an earlier day.
        kept: a head of the same log that was kept, with which the proof must agree.

    Raises:
        Unproven: something does not hold.
    """
    try:
        told = document.get("data", document)
        proof = told.get("proof")
        head = told["treeHead"] if proof is None else proof["head"]
        root, size = _hash(head["root"]), int(head["size"])
        signer = _check_head(head, key)
        yield f"The tree of {size} events was signed at {head['sealedAt']} by the key {signer}."
        if proof is not None:
            position, leaf = int(proof["position"]), _hash(proof["leafHash"])
            path = [_hash(beside) for beside in proof["path"]]
            check_inclusion(position - 1, size, leaf, path, root)
            event = proof.get("event")
            if event is None:
                yield f"It holds an event at position {position}, which the proof does not show."
            else:
                if leaf_hash(_entry_of(position, event).written()) != leaf:
                    raise Unproven(f"the event shown is not the one at position {position}")
                yield f"It holds at position {position} the very event that the proof shows."
        if kept is not None:
            yield _check_kept(told, head, kept.get("data", kept)["treeHead"])
    except (KeyError, TypeError, AttributeError, ValueError, struct.error) as wrong:
        raise Unproven(f"this is no proof that can be read ({wrong})") from wrong


def _check_kept(told: Mapping[str, Any], head: Mapping[str, Any], kept: Mapping[str, Any]) -> str:
    """Check that the tree of a proof goes on from one that was kept."""
    if kept["log"] != head["log"]:
        raise Unproven("the head that was kept is one of another log")
    first, second = int(kept["size"]), int(head["size"])
    roots = (_hash(kept["root"]), _hash(head["root"]))
    path: Sequence[str] = ()
    if first != second:
        link = told.get("consistency")
        if link is None or (int(link["fromSize"]), int(link["toSize"])) != (first, second):
            raise Unproven(f"it has no proof that its tree goes on from that of {first} events")
        path = link["path"]
    check_consistency(first, second, *roots, [_hash(beside) for beside in path])
    return f"It goes on from the tree of {first} events that was kept: nothing in it was changed."


def _check_head(head: Mapping[str, Any], pinned: bytes | None) -> str:
    """Check who signed a head, and give their key."""
    log, signers = UUID(head["log"]), head["signers"]
    last = int(head["signer"])
    keys = {int(signer["number"]): _hash(signer["publicKey"]) for signer in signers}
    for signer in signers:
        number = int(signer["number"])
        before = keys[number - 1] if number > 1 else NOBODY
        statement = signed_by_signer(log, number, before, keys[number])
        what = f"what key {number} says of key {number - 1}"
        check_signature(keys[number], bytes.fromhex(signer["accepted"]), statement, what)
    if pinned is not None:
        known = next((number for number, key in keys.items() if key == pinned), None)
        if known is None or known > last:
            raise Unproven(f"the log knows no key {pinned.hex()} that could have signed it")
        for signer in signers:
            number = int(signer["number"])
            if known < number <= last:
                if signer["introduced"] is None:
                    raise Unproven(f"key {number} was not introduced by the one before it")
                statement = signed_by_signer(log, number, keys[number - 1], keys[number])
                what = f"what key {number - 1} says of key {number}"
                said = bytes.fromhex(signer["introduced"])
                check_signature(keys[number - 1], said, statement, what)
    signed = signed_by_head(
        log,
        int(head["size"]),
        datetime.fromisoformat(head["sealedAt"]),
        root=_hash(head["root"]),
        previous=_hash(head["previous"]),
        public_key=keys[last],
    )
    check_signature(keys[last], bytes.fromhex(head["signature"]), signed, "the head of the tree")
    return keys[last].hex()


def _entry_of(position: int, event: Mapping[str, Any]) -> Entry:
    return Entry(
        _hash(event["blind"]),
        position,
        UUID(event["stream"]).bytes,
        event["version"],
        event["classVersion"],
        UUID(event["command"]).bytes,
        instant(datetime.fromisoformat(event["recordedAt"])),
        event["topic"].encode(),
        base64.b64decode(event["state"], validate=True),
        base64.b64decode(event["metadata"], validate=True),
    )


def _hash(text: str) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != HASH:
        raise ValueError(f"{text} is no hash")
    return found


def main(arguments: Sequence[str]) -> int:
    """Check the proof that the command line names, and say what it proves; 1 if it does not."""
    parser = argparse.ArgumentParser(description="Checks a proof that cordée exported.")
    parser.add_argument("proof", type=Path, help="the proof, in JSON")
    parser.add_argument("--key", type=bytes.fromhex, help="the public key of the log, in hex")
    parser.add_argument("--head", type=Path, help="a head that was kept, in JSON")
    asked = parser.parse_args(arguments)
    try:
        kept = None if asked.head is None else json.loads(asked.head.read_bytes())
        proved = list(check(json.loads(asked.proof.read_bytes()), key=asked.key, kept=kept))
    except (Unproven, OSError, ValueError) as wrong:
        print(f"Not proved: {wrong}", file=sys.stderr)  # noqa: T201
        return 1
    if asked.key is None:
        proved.append("Compare the key with the one that the operators of the log tell.")
    print("\n".join(proved))  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
