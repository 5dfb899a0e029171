"""Proofs of the log, made from the stored tree: of what is in it, and that it only ever grew."""

from collections.abc import Sequence
from typing import Any, Final

from asyncpg import Record

from api.ports import Inclusion, SealedEvent, TreeHead, TreeSigner
from infra.answering import answered
from infra.proving.hashing import blind, tree_id
from infra.proving.head import HEAD_COLUMNS, NEWEST, SIGNERS, TREE, Head
from infra.proving.nodes import roots
from infra.proving.tree import Span, consistency, inclusion

_FROM: Final = f"select {HEAD_COLUMNS} from log.head where size >= $1 order by size limit 1"  # noqa: S608

_EVENT: Final = """
select stream_id, version, topic, class_version, command_id, recorded_at, state, meta
from log.event
where position = $1
"""


class Proofs:
    """Answers `api.ports.Proofs` from the database. Heads never change, so no moment is held."""

    def __init__(self, pool: Any) -> None:
        """``pool`` is one of asyncpg's, or a single connection."""
        self._pool = pool

    async def head(self, size: int | None = None) -> TreeHead | None:
        """Give the first head over at least ``size`` events, the newest without; None if none."""
        row = await self._row(NEWEST) if size is None else await self._row(_FROM, size)
        secret = await self._secret()
        if row is None or secret is None:
            return None
        head = Head(*row)
        return TreeHead(
            log=tree_id(secret),
            size=head.size,
            root=head.root,
            sealed_at=head.sealed_at,
            previous=head.previous,
            signer=head.signer,
            signature=head.signature,
        )

    async def signers(self) -> Sequence[TreeSigner]:
        """Give the keys whose signatures count, in their order."""
        return [TreeSigner(**row) for row in await answered(self._pool.fetch(SIGNERS))]

    async def inclusion(self, position: int, size: int | None = None) -> Inclusion | None:
        """Prove that an event is in the tree; None while it is not.

        It is proved by the first head over at least ``size`` events, by the newest without.
        """
        head = await self.head(size)
        if head is None or not 1 <= position <= head.size:
            return None
        spans = [(position - 1, position), *inclusion(position - 1, head.size)]
        leaf, *path = await self._roots(spans)
        return Inclusion(position=position, leaf_hash=leaf, path=path, head=head)

    async def content(self, position: int) -> SealedEvent | None:
        """Give an event as it is hashed, whoever may see it; None where there is none."""
        row, secret = await self._row(_EVENT, position), await self._secret()
        if row is None or secret is None:
            return None
        return SealedEvent(
            blind=blind(secret, position),
            stream=row["stream_id"],
            version=row["version"],
            topic=row["topic"],
            class_version=row["class_version"],
            command=row["command_id"],
            recorded_at=row["recorded_at"],
            state=row["state"],
            metadata=row["meta"],
        )

    async def consistency(self, first: int, second: int) -> Sequence[bytes] | None:
        """Prove that the tree of ``second`` events goes on from that of ``first``; else None."""
        newest = await self.head()
        if newest is None or not 0 < first <= second <= newest.size:
            return None
        return await self._roots(consistency(first, second))

    async def _secret(self) -> bytes | None:
        row = await self._row(TREE)
        return None if row is None else row["secret"]

    async def _row(self, statement: str, *arguments: object) -> Record | None:
        return await answered(self._pool.fetchrow(statement, *arguments))

    async def _roots(self, spans: Sequence[Span]) -> list[bytes]:
        return await answered(roots(self._pool, spans))
