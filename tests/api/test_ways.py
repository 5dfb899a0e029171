"""What still falls back on resolvers is listed, with its reason, and nothing else does."""

from api.ways import RESOLVERS, STATEMENT, ways


def test_every_field_that_falls_back_has_a_reason_and_every_reason_a_field() -> None:
    told = {name: way for _, name, way in ways()}
    assert {name for name, way in told.items() if way != STATEMENT} == set(RESOLVERS)


def test_nearly_everything_is_one_statement() -> None:
    told = list(ways())
    assert sum(way == STATEMENT for *_, way in told) > 0.95 * len(told)
