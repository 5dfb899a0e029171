"""The same question, asked of the statement and of the resolvers."""

import asyncio
from typing import Any

import orjson

from api import schema
from api.context import Context
from api.executor import Schema
from api.ports import Caller
from infra.reads import Reads
from tests.api import hostile
from tests.api.asked import Asked
from tests.api.ports import Happening, Intakes, Scripted, Still
from tests.generations import FIRST

PROGRAM = Caller("tests", "en", trusted=True)
COMPILED, INTERPRETED = schema.create(), schema.create(compiled=False)


class Asking:
    """Asks the same hostile read model both ways."""

    def __init__(self, dsn: str) -> None:
        self._runner = asyncio.Runner()
        self._runner.run(hostile.fill(dsn))
        self._reads = self._runner.run(Reads.open(dsn, FIRST, pool_size=2))
        self.answered = 0

    def close(self) -> None:
        """End it."""
        self._runner.run(self._reads.close())
        self._runner.close()

    def both(self, asked: Asked, caller: Caller = PROGRAM) -> tuple[Any, Any]:
        """Give both answers to a caller, and the codes of what was refused."""
        return self._ask(COMPILED, asked, caller), self._ask(INTERPRETED, asked, caller)

    def _ask(self, by: Schema, asked: Asked, caller: Caller) -> Any:
        context = Context(
            commands=Scripted(),
            reads=self._reads,
            positions=Still(),
            feed=Happening(),
            sheets=Intakes(),
            caller=caller,
        )
        result = self._runner.run(
            by.execute(asked.text, variable_values=asked.variables, context_value=context)
        )
        codes = {str((error.extensions or {}).get("code", error)) for error in result.errors or ()}
        return orjson.loads(orjson.dumps(result.data)), codes
