"""Asking the interface on somebody's behalf: ordinary operations, with their rights and budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import orjson
from graphql import GraphQLError
from strawberry.types.graphql import OperationType

from api.context import Context
from api.executor import Schema
from api.frame import body_of

QUESTIONS: Final = Path(__file__).with_name("questions.graphql").read_text(encoding="utf-8")
"""The document with all that is asked."""

_QUERIES: Final = frozenset({OperationType.QUERY})

T = TypeVar("T")


class NoReport(Exception):
    """The interface does not answer what a report asks; the errors are those that it tells."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        self.errors = errors
        super().__init__("; ".join(error.message for error in errors))

    @property
    def codes(self) -> set[object]:
        """What kinds of errors they are."""
        return {(error.extensions or {}).get("code") for error in self.errors}


@dataclass(frozen=True, slots=True)
class Asking:
    """One reader's questions."""

    schema: Schema
    context: Context

    async def ask(self, name: str, kind: type[T], **variables: Any) -> T:
        """Ask one of the questions, and read the data of its answer as ``kind``.

        Raises:
            NoReport: it is not answered.
            RateLimited: it costs more than is left of a budget.
        """
        return msgspec.json.decode(await self.told(name, **variables), type=kind, strict=False)

    async def told(self, name: str, **variables: Any) -> bytes:
        """Ask one of the questions, and give the data of its answer as JSON. Raises like `ask`."""
        chosen = self.schema.choose(QUESTIONS, name, variables, _QUERIES)
        result = await self.schema.execute_chosen(chosen, self.context, None)
        if result.errors:
            raise NoReport(result.errors)
        body: Mapping[str, Any] = body_of(result)
        return orjson.dumps(body["data"])
