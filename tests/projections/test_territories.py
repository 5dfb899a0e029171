"""Territories are there before any event, each below the one in which it lies."""

from domain.territory import TERRITORIES as REFERENCE
from domain.territory import TerritoryKind
from projections.territories import TERRITORIES, TerritoryRow

ROWS = {row.key: row for row in TERRITORIES.reference if isinstance(row, TerritoryRow)}


def test_every_territory_of_reference_has_a_row() -> None:
    assert ROWS.keys() == REFERENCE.keys()
    assert ROWS["region:93"] == TerritoryRow(
        key="region:93",
        kind=TerritoryKind.REGION,
        code="93",
        name="Provence-Alpes-Côte d’Azur",
        name_key="provence-alpes-cote d’azur",
        parent_key="FR",
    )


def test_every_territory_but_the_country_lies_in_another() -> None:
    assert [row.key for row in ROWS.values() if row.parent_key is None] == ["FR"]
    assert {row.parent_key for row in ROWS.values()} - {None} <= ROWS.keys()


def test_a_territory_that_changes_changes_the_code_of_its_projection() -> None:
    before = TERRITORIES.code_hash
    ROWS["FR"].name = "France entière"
    vars(TERRITORIES).pop("code_hash")
    try:
        assert TERRITORIES.code_hash != before
    finally:
        ROWS["FR"].name = "France"
        vars(TERRITORIES).pop("code_hash")
    assert TERRITORIES.code_hash == before
