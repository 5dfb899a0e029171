"""Proofs: that an event is in the log, and that nothing in it was changed since a day one knows.

Hashes and positions are for everybody: each hash is blinded, so that it says nothing of an event
that one may not see, not even to whoever guesses it. What is hashed is for those who see everything
and may know who did it: the state of an event holds more than the fields that others see of it.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from api import ports
from api.context import Info, Operation
from api.hearing import hear, sees_everything
from api.prices import PRICE, PROOF, Price
from domain.refusal import Refusal
from projections.column import Position


class NotSealed(Refusal):
    """Position {position} is not in the tree yet. Ask again in a second, if it is in the log."""

    FRENCH = (
        "La position {position} n’est pas encore dans l’arbre. Redemandez dans une seconde, si "
        "elle est dans le journal."
    )


class NoSuchTree(Refusal):
    """No tree of {first} events grew to one of {second}. Give the sizes of two heads, in order."""

    FRENCH = (
        "Aucun arbre de {first} événements n’est devenu un arbre de {second}. Donnez les tailles "
        "de deux têtes, dans l’ordre."
    )


@strawberry.type(description="A key whose signatures count for the tree.")
class TreeSigner:
    """A key whose signatures count for the tree."""

    number: int = strawberry.field(description="Its place among the keys, 1 for the first.")
    public_key: str = strawberry.field(description="The Ed25519 public key, in hexadecimal.")
    accepted: str = strawberry.field(
        description="What it signed about the key before it, in hexadecimal."
    )
    introduced: str | None = strawberry.field(
        description="What the key before it signed about this one, in hexadecimal; null for the "
        "first, and where that key was lost."
    )


@strawberry.type(description="A signed head of the tree (RFC 9162) over all events of the log.")
class TreeHead:
    """A signed head of the tree over all events of the log."""

    log: UUID = strawberry.field(description="The id of the tree: another log has another one.")
    size: Position = strawberry.field(description="How many events are in the tree.")
    root: str = strawberry.field(description="The root of the tree, in hexadecimal.")
    sealed_at: datetime = strawberry.field(
        description="When it was signed; never before anything that is in the tree."
    )
    previous: str = strawberry.field(
        description="The digest of the head before it, zeros for the first, in hexadecimal."
    )
    signer: int = strawberry.field(description="The number of the key that signed it.")
    signature: str = strawberry.field(description="The Ed25519 signature, in hexadecimal.")

    @strawberry.field(
        description="The keys that have signed heads of the tree, the first one first."
    )
    async def signers(self, info: Info) -> list[TreeSigner]:
        """Give the keys by which heads are checked."""
        assert info.context.proofs is not None
        return [_signer(each) for each in await info.context.proofs.signers()]


@strawberry.type(description="An event exactly as it is stored and hashed.")
class ProvenEvent:
    """An event exactly as it is stored and hashed."""

    blind: str = strawberry.field(
        description="32 bytes that are hashed with it and cannot be guessed, in hexadecimal."
    )
    stream: UUID = strawberry.field(description="The stream in which it stands.")
    version: int = strawberry.field(description="Its version in the stream.")
    topic: str = strawberry.field(description="What happened, such as organisation.registered.")
    class_version: int = strawberry.field(description="In which shape it is stored.")
    command: UUID = strawberry.field(description="The id of the command that it came of.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    state: str = strawberry.field(
        description="Its fields as stored, in base64; what is personal is encrypted in it."
    )
    metadata: str = strawberry.field(
        description="Who gave the command, for whom and why, as stored, in base64."
    )


@strawberry.type(description="That an event is in the tree.")
class InclusionProof:
    """That an event is in the tree."""

    position: Position = strawberry.field(description="Where the event stands in the log.")
    leaf_hash: str = strawberry.field(description="The hash of the event, in hexadecimal.")
    path: list[str] = strawberry.field(
        description="The hashes beside the way from the event to the root, in hexadecimal."
    )
    head: TreeHead = strawberry.field(description="The head whose root it leads to.")

    @strawberry.field(
        description="What is hashed, for whoever sees everything and may know who did it.",
    )
    async def event(self, info: Info) -> ProvenEvent | None:
        """Give what is hashed to those who may see it."""
        if not await _may_see(self.position, info.context):
            return None
        assert info.context.proofs is not None
        content = await info.context.proofs.content(self.position)
        return None if content is None else _event(content)


@strawberry.type(description="That a tree goes on from an earlier one.")
class ConsistencyProof:
    """That a tree goes on from an earlier one."""

    from_size: Position = strawberry.field(description="How many events the earlier tree has.")
    to_size: Position = strawberry.field(description="How many events the later tree has.")
    path: list[str] = strawberry.field(
        description="The hashes from which both roots follow, in hexadecimal."
    )


def tree_head(description: str) -> Any:
    """Make the question for a head."""

    async def resolve(
        info: Info,
        size: Annotated[
            Position | None,
            strawberry.argument(description="How many events it covers at least."),
        ] = UNSET,
    ) -> TreeHead | None:
        proofs = info.context.proofs
        asked = size if isinstance(size, int) else None
        head = None if proofs is None else await proofs.head(asked)
        return None if head is None else _head(head)

    return _question(resolve, description)


def inclusion(description: str) -> Any:
    """Make the question for a proof that an event is in the log."""

    async def resolve(
        info: Info,
        position: Annotated[
            Position, strawberry.argument(description="The position of the event.")
        ],
        size: Annotated[
            Position | None,
            strawberry.argument(
                description="By the first head over at least so many events, which stays the same "
                "for ever; by the newest one unless given."
            ),
        ] = UNSET,
    ) -> InclusionProof | None:
        proofs = info.context.proofs
        by = size if isinstance(size, int) else None
        proof = None if proofs is None else await proofs.inclusion(position, by)
        if proof is None:
            raise NotSealed("position", position=position if by is None else max(position, by))
        return InclusionProof(
            position=position,
            leaf_hash=proof.leaf_hash.hex(),
            path=_hexes(proof.path),
            head=_head(proof.head),
        )

    return _question(resolve, description)


def consistency(description: str) -> Any:
    """Make the question for a proof that the log only grew."""

    async def resolve(
        info: Info,
        from_size: Annotated[
            Position,
            strawberry.argument(name="from", description="How many events the earlier tree has."),
        ],
        to_size: Annotated[
            Position,
            strawberry.argument(name="to", description="How many events the later tree has."),
        ],
    ) -> ConsistencyProof | None:
        proofs = info.context.proofs
        path = None if proofs is None else await proofs.consistency(from_size, to_size)
        if path is None:
            raise NoSuchTree(first=from_size, second=to_size)
        return ConsistencyProof(from_size=from_size, to_size=to_size, path=_hexes(path))

    return _question(resolve, description)


def _question(resolver: Any, description: str) -> Any:
    price = Price(once=PROOF)
    return strawberry.field(resolver=resolver, description=description, metadata={PRICE: price})


async def _may_see(position: int, operation: Operation) -> bool:
    """Tell whether a caller may see all that an event holds."""
    if operation.eyes.trusted:
        return True
    if not await sees_everything(operation):
        return False
    async for facts in operation.feed.since(position - 1):
        heard = await hear(facts[:1], operation)
        return bool(heard) and heard[0].named
    return False


def _head(head: ports.TreeHead) -> TreeHead:
    return TreeHead(
        log=head.log,
        size=Position(head.size),
        root=head.root.hex(),
        sealed_at=head.sealed_at,
        previous=head.previous.hex(),
        signer=head.signer,
        signature=head.signature.hex(),
    )


def _signer(signer: ports.TreeSigner) -> TreeSigner:
    return TreeSigner(
        number=signer.number,
        public_key=signer.public_key.hex(),
        accepted=signer.accepted.hex(),
        introduced=None if signer.introduced is None else signer.introduced.hex(),
    )


def _event(event: ports.SealedEvent) -> ProvenEvent:
    return ProvenEvent(
        blind=event.blind.hex(),
        stream=event.stream,
        version=event.version,
        topic=event.topic,
        class_version=event.class_version,
        command=event.command,
        recorded_at=event.recorded_at,
        state=base64.b64encode(event.state).decode(),
        metadata=base64.b64encode(event.metadata).decode(),
    )


def _hexes(hashes: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in hashes]
