"""The statement and the resolvers give the same answer to every question."""

import random
from collections.abc import Callable, Iterator

import pytest
from graphql import GraphQLSchema
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.strategies import SearchStrategy

from api.cost import TooCostly
from api.limits import TooManyAliases
from tests.api import filters
from tests.api.asked import Asked
from tests.api.both_ways import COMPILED, Asking
from tests.api.documents import foreign_questions, questions

TOO_MUCH = {TooCostly.code, TooManyAliases.code}
"""What one question in twenty meets."""


@pytest.fixture
def asking(prepared: str) -> Iterator[Asking]:
    asking = Asking(prepared)
    yield asking
    asking.close()


@pytest.mark.parametrize(
    ("generated", "few"), [(questions, 180), (foreign_questions, 18)], ids=["ours", "foreign"]
)
def test_a_generated_question_has_one_answer_whichever_way_it_is_found(
    asking: Asking, generated: Callable[[GraphQLSchema], SearchStrategy[Asked]], few: int
) -> None:
    shown = {"questions": 0, "with data": 0}

    @settings(
        deadline=None,
        max_examples=min(few * settings().max_examples // 50, 2_000),
        # A document is read faster than it is made smaller.
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(generated(COMPILED._schema))
    def same(asked: Asked) -> None:
        by_statement, by_resolvers = asking.both(asked)
        assert by_statement == by_resolvers
        assume(by_statement[1].isdisjoint(TOO_MUCH))
        assert not by_statement[1], by_statement[1]
        shown["questions"] += 1
        shown["with data"] += by_statement[0] is not None

    same()
    assert shown["questions"] >= few
    assert shown["with data"] == shown["questions"]


@pytest.mark.parametrize("name", sorted(filters.ROOTS))
def test_a_filter_chooses_the_same_whichever_way_it_is_read(asking: Asking, name: str) -> None:
    chance = random.Random(name)  # noqa: S311 - the same in every run
    found = 0
    for _ in range(60):
        by_statement, by_resolvers = asking.both(filters.asked(name, chance))
        assert by_statement == by_resolvers
        assert not by_statement[1], by_statement[1]
        found += bool(filters.counted(by_statement[0]))
    assert found > 10
