"""The statement and the resolvers give the same answer to every question."""

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings

from api import schema
from api.context import Context
from api.executor import Schema
from api.ports import Caller
from infra.projector.schema import prepare
from infra.reads import Reads
from tests.api import hostile
from tests.api.documents import Asked, questions
from tests.api.ports import Happening, Scripted, Still

COMPILED, INTERPRETED = schema.create(), schema.create(compiled=False)


class Asking:
    """Asks the same read model both ways."""

    def __init__(self, dsn: str) -> None:
        self._runner = asyncio.Runner()
        self._runner.run(prepare(dsn))
        self._runner.run(hostile.fill(dsn))
        self._reads = self._runner.run(Reads.open(dsn, pool_size=2))
        self.answered = 0

    def close(self) -> None:
        self._runner.run(self._reads.close())
        self._runner.close()

    def both(self, asked: Asked) -> tuple[Any, Any]:
        return self._ask(COMPILED, asked), self._ask(INTERPRETED, asked)

    def _ask(self, by: Schema, asked: Asked) -> Any:
        context = Context(
            commands=Scripted(),
            reads=self._reads,
            positions=Still(),
            feed=Happening(),
            caller=Caller("tests", "en"),
        )
        result = self._runner.run(
            by.execute(asked.text, variable_values=asked.variables, context_value=context)
        )
        codes = {str((error.extensions or {}).get("code", error)) for error in result.errors or ()}
        return orjson.loads(orjson.dumps(result.data)), codes


@pytest.fixture
def asking(database: str) -> Iterator[Asking]:
    asking = Asking(database)
    yield asking
    asking.close()


def test_a_generated_question_has_one_answer_whichever_way_it_is_found(asking: Asking) -> None:
    shown = {"questions": 0, "with data": 0}

    @settings(
        deadline=None,
        max_examples=min(max(120, settings().max_examples), 1_000),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(questions(COMPILED._schema, COMPILED.as_str()))
    def same(asked: Asked) -> None:
        by_statement, by_resolvers = asking.both(asked)
        assert by_statement == by_resolvers
        assert not by_statement[1], by_statement[1]
        shown["questions"] += 1
        shown["with data"] += by_statement[0] is not None

    same()
    assert shown["questions"] >= 100
    assert shown["with data"] == shown["questions"]
