"""Again: a request that came before, word for word, is answered in short while its answer is kept.

Nothing of it is read, planned or bound anew: who is let in, what it costs and whether the answer
still holds is all that has to be looked up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import orjson

from api.answer_cache import AnswerCache, Reading
from api.answers import Prepared
from api.ports import Identity


@dataclass(slots=True, eq=False)
class Again:
    """How one caller was answered, so that the same request need not be understood again."""

    identity: Identity
    price: int
    reading: Reading
    parts: tuple[tuple[bytes, int | None], ...]
    """For each response key how it begins in JSON, and its column in the answer."""

    @classmethod
    def of(
        cls,
        identity: Identity,
        price: int,
        prepared: Prepared,
        arguments: Sequence[object],
        answers: AnswerCache,
    ) -> Self | None:
        """Note how a query was answered; None where its answer is not one that is kept."""
        statement, tables = prepared.compiled.statement, prepared.compiled.tables
        if statement is None or tables is None:
            return None
        parts = [
            (b"%s%s:" % (b"," * bool(place), orjson.dumps(key)), prepared.answered[key])
            for place, key in enumerate(prepared.keys)
        ]
        return cls(identity, price, answers.reading(statement, tables, arguments), tuple(parts))

    def is_of(self, identity: Identity) -> bool:
        """Tell whether it was the same caller."""
        ours = self.identity
        return ours.principal == identity.principal and ours.trusted is identity.trusted

    def body(self, row: Sequence[bytes | None], cost: Mapping[str, int], position: int) -> bytes:
        """Write the answer as it would be written at length."""
        written = [b'{"data":{']
        for begins, column in self.parts:
            value = None if column is None else row[column]
            written += (begins, b"null" if value is None else value)
        told = b'},"extensions":{"cost":%b,"position":"%d"}}' % (orjson.dumps(cost), position)
        return b"".join((*written, told))
