"""What a caller may not see does not exist: every answer is as if it had never been written."""

import random
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from api.facets import FACETS
from api.naming import camel
from api.root import Every
from projections.access import EVERYONE
from projections.table import TABLES
from tests.api import everything, filters
from tests.api.asked import Asked
from tests.api.both_ways import COMPILED
from tests.api.documents import questions
from tests.api.worlds import CALLERS, Worlds
from tests.conftest import Databases

APART: Final = ("viewer", "exportPerson", "footprintStats", "trajectory")
"""Root fields that are not about rows: they are asked for by tests of their own."""

LEADING: Final = [
    (root, name)
    for root, asked in filters.ROOTS.items()
    for name, relation in asked.facets.table.relations.items()
    if name in asked.facets.facets and TABLES[relation.target].seen != EVERYONE
    if isinstance(asked, Every) or asked.facets.facets[name].grouped
]
"""Filters and groups by what fewer may see than the row that names it."""


@pytest.fixture(scope="module")
def worlds(databases: Databases) -> Iterator[Worlds]:
    made = Worlds(databases)
    yield made
    made.close()


def test_an_answer_is_as_if_what_may_not_be_seen_had_never_been_written(worlds: Worlds) -> None:
    shown = {"answers": 0}

    @settings(
        deadline=None,
        max_examples=min(2 * settings().max_examples, 2_000),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(questions(COMPILED._schema), st.sampled_from(sorted(CALLERS)))
    def same(asked: Asked, name: str) -> None:
        assume(not any(field in asked.text for field in APART))
        by_statement, by_resolvers = worlds.both(worlds.whole(name), asked)
        assert by_statement == by_resolvers
        assert by_statement == worlds.ask(worlds.parts[name], asked)
        shown["answers"] += by_statement[0] is not None

    same()
    assert shown["answers"] >= 70


def test_rows_within_rows_of_one_kind_are_each_asked_whether_they_may_be_seen(
    worlds: Worlds,
) -> None:
    text = """{organisations(first: 9) {nodes {contacts {email name organisation {contacts {
        email telephone name}}}}}}"""
    by_statement, by_resolvers = worlds.both(worlds.whole("anybody"), Asked(text))
    assert by_statement == by_resolvers
    assert by_statement[1] == set()


@pytest.mark.parametrize("name", sorted(CALLERS))
def test_nothing_leads_to_what_may_not_be_seen(worlds: Worlds, name: str) -> None:
    for noun, asked in everything.nodes():
        found = worlds.ask(worlds.whole(name), asked)
        assert found == worlds.ask(worlds.parts[name], asked), noun
        assert not found[1], noun


@pytest.mark.parametrize("name", sorted(CALLERS))
def test_no_list_has_a_place_for_what_may_not_be_seen(worlds: Worlds, name: str) -> None:
    for listed, asked in everything.lists():
        assert worlds.ask(worlds.whole(name), asked) == worlds.ask(worlds.parts[name], asked), (
            listed
        )


@pytest.mark.parametrize("root", sorted(filters.ROOTS))
def test_no_filter_and_no_statistic_tells_of_it(worlds: Worlds, root: str) -> None:
    chance = random.Random(root)  # noqa: S311 - the same in every run
    for name in sorted(CALLERS) * 4:
        asked = filters.asked(root, chance)
        found = worlds.ask(worlds.whole(name), asked)
        assert found == worlds.ask(worlds.parts[name], asked), (name, asked)


@pytest.mark.parametrize("name", sorted(CALLERS))
def test_no_search_finds_it(worlds: Worlds, name: str) -> None:
    for words in ("cordees", "ete oeuvre", "drop table", "null", "line break", "bonjour", "left"):
        asked = Asked(
            "query($text: String!) {search(text: $text, first: 2) {totalCount pageInfo"
            " {hasNextPage endCursor} nodes {kind part near passage {text} node {id} about {id}}}}",
            {"text": words},
        )
        assert worlds.ask(worlds.whole(name), asked) == worlds.ask(worlds.parts[name], asked)


@pytest.mark.parametrize("name", sorted(CALLERS))
def test_what_a_filter_or_a_group_names_is_what_is_shown_of_it(worlds: Worlds, name: str) -> None:
    for root, facet in LEADING:
        named = camel(facet)
        if isinstance(filters.ROOTS[root], Every):
            text = f"{{{root}(where: {{{named}: {{isNull: false}}}}) {{nodes {{{named} {{id}}}}}}}}"
            found = worlds.ask(worlds.whole(name), Asked(text))[0][root]["nodes"]
            assert all(node[named] is not None for node in found), root
        else:
            text = f"{{{root}(groupBy: [{facet.upper()}]) {{groups {{{named} {{id}} count}}}}}}"
            found = worlds.ask(worlds.whole(name), Asked(text))[0][root]["groups"]
            assert sum(group[named] is None for group in found) <= 1, root


def test_nothing_personal_is_a_facet_and_nothing_hidden_an_order() -> None:
    for root in filters.ROOTS.values():
        if isinstance(root, Every):
            assert not set(root.order) & TABLES[root.table].shown.keys()
    for facets in [*FACETS.values(), *(root.facets for root in filters.ROOTS.values())]:
        assert not {each.facet.column.name for each in facets.orders.values()} & (
            facets.table.shown.keys() | facets.table.personal.keys()
        )
        for offered in facets.facets.values():
            assert offered.facet.column.name not in offered.facet.path.end.personal
