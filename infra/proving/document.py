"""Proofs as files: JSON that `infra.proving.verifier` checks anywhere, whoever carries it there.

The names and the shapes are those of the interface, so an answer of that is checked alike.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from api.ports import SealedEvent, TreeHead, TreeSigner
from infra.keeping.damage import KeepingError
from infra.proving.proofs import Proofs

FORMAT: Final = "cordee proof 1"


class NotProvable(KeepingError):
    """What is asked for cannot be proved, or a file is no proof; nothing was written."""


class KeptHead(msgspec.Struct, frozen=True):
    """Of a head that was kept in a file, what is needed to prove that the log goes on from it."""

    log: UUID
    size: int
    root: str


class _File(msgspec.Struct, frozen=True):
    treeHead: KeptHead  # noqa: N815  (as the interface names it)


def kept_head(name: str, content: bytes) -> KeptHead:
    """Read a head that was kept.

    Raises:
        NotProvable: the file has none.
    """
    try:
        return msgspec.json.decode(content, type=_File, strict=False).treeHead
    except msgspec.MsgspecError as error:
        problem = f"{name} holds no head of a tree ({error}): name what `cordee proof head` wrote."
        raise NotProvable(problem) from error


async def head_document(
    proofs: Proofs, *, position: int | None = None, since: KeptHead | None = None
) -> dict[str, Any]:
    """Give the newest head, with proof that it goes on from one that was kept.

    With a ``position`` it is the first head that covers that.

    Raises:
        NotProvable: there is no head, or it does not go on from the other one.
    """
    head = await proofs.head(position)
    if head is None:
        raise NotProvable("Nothing is sealed yet: a server seals what is recorded within a second.")
    return await _document(proofs, {"treeHead": await _head(proofs, head)}, head, since)


async def proof_document(
    proofs: Proofs, position: int, *, shown: bool = True, since: KeptHead | None = None
) -> dict[str, Any]:
    """Give the proof that an event is in the log, with what it holds where it is ``shown``.

    Raises:
        NotProvable: the event is not sealed, or the log does not go on from the kept head.
    """
    proof = await proofs.inclusion(position)
    if proof is None:
        raise NotProvable(
            f"Position {position} is not sealed: `cordee status` tells how far the log goes, and a"
            " server seals what is recorded within a second."
        )
    event = await proofs.content(position) if shown else None
    proved = {
        "position": str(proof.position),
        "leafHash": proof.leaf_hash.hex(),
        "path": _hexes(proof.path),
        "head": await _head(proofs, proof.head),
        "event": None if event is None else _event(event),
    }
    return await _document(proofs, {"proof": proved}, proof.head, since)


def written(document: Mapping[str, Any]) -> bytes:
    """Write a document as text."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


async def _document(
    proofs: Proofs, proved: Mapping[str, Any], head: TreeHead, since: KeptHead | None
) -> dict[str, Any]:
    document: dict[str, Any] = {"format": FORMAT, **proved}
    if since is not None:
        if since.log != head.log:
            raise NotProvable("The head that was kept is one of another log.")
        path = await proofs.consistency(since.size, head.size)
        if path is None:
            problem = f"The log has {head.size} sealed events, the head that was kept {since.size}"
            raise NotProvable(f"{problem}: `cordee verify` tells what is missing.")
        document["consistency"] = {
            "fromSize": str(since.size),
            "toSize": str(head.size),
            "path": _hexes(path),
        }
    return document


async def _head(proofs: Proofs, head: TreeHead) -> dict[str, Any]:
    return {
        "log": str(head.log),
        "size": str(head.size),
        "root": head.root.hex(),
        "sealedAt": head.sealed_at.isoformat(),
        "previous": head.previous.hex(),
        "signer": head.signer,
        "signature": head.signature.hex(),
        "signers": [_signer(each) for each in await proofs.signers()],
    }


def _signer(signer: TreeSigner) -> dict[str, Any]:
    return {
        "number": signer.number,
        "publicKey": signer.public_key.hex(),
        "accepted": signer.accepted.hex(),
        "introduced": None if signer.introduced is None else signer.introduced.hex(),
    }


def _event(event: SealedEvent) -> dict[str, Any]:
    return {
        "blind": event.blind.hex(),
        "stream": str(event.stream),
        "version": event.version,
        "topic": event.topic,
        "classVersion": event.class_version,
        "command": str(event.command),
        "recordedAt": event.recorded_at.isoformat(),
        "state": base64.b64encode(event.state).decode(),
        "metadata": base64.b64encode(event.metadata).decode(),
    }


def _hexes(hashes: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in hashes]
