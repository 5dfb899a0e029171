"""Units as people write them, and values that go from one to another."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quantity import InvalidQuantity
from domain.unit import UnitOfAnotherDimension, UnknownUnit, converted, unit


@pytest.mark.parametrize(
    "written",
    [
        "t CO2e",
        "t CO₂e",
        "tCO2e",
        "t éq. CO2",
        "kg CO2e/hab",
        "t",
        "%",
        "€",
        "k€",
        "m³",
        "m3",
        "ha",
        "kWh",
        "kWh/m²",
        "kWh par habitant",
        "µg/m³",
        "count",
        "t CO2e/an",
    ],
)
def test_a_unit_is_kept_as_it_was_written(written: str) -> None:
    assert unit(f" {written} ", "unit") == written


@pytest.mark.parametrize(
    "written", ["furlong", "t/", "/", "t CO2e//an", "9**9**9**9", "1e9 t", "__import__", "T", "Kg"]
)
def test_what_is_no_unit_is_refused_and_never_computed(written: str) -> None:
    with pytest.raises(UnknownUnit):
        unit(written, "unit")


@pytest.mark.parametrize(
    ("value", "given", "wanted", "expected"),
    [
        ("12.50", "t", "kg", "12500"),
        ("1", "kg CO2e", "t CO2e", "0.001"),
        ("1.5", "M€", "€", "1500000"),
        ("3.6", "MJ", "kWh", "1"),
        ("1", "J", "kWh", "0.0000002778"),
        ("250", "L", "m³", "0.25"),
        ("5", "kWh/m²", "MWh/ha", "50"),
        ("2", "t CO2e/mois", "t CO2e/an", "24"),
        ("25", "µg/m3", "mg/m³", "0.025"),
        ("4", "milliers", "habitants", "4000"),
        ("12.50", "t", "t", "12.50"),
    ],
)
def test_a_value_goes_from_one_unit_to_another(
    value: str, given: str, wanted: str, expected: str
) -> None:
    assert format(converted(Decimal(value), given, wanted, "unit"), "f") == expected


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("t", "t CO2e"),
        ("%", "count"),
        ("count", "€"),
        ("kWh", "kWh/m²"),
        ("m³", "m²"),
        ("kW", "kWh"),
        ("jours", "ans"),
    ],
)
def test_a_unit_of_another_dimension_is_refused(given: str, wanted: str) -> None:
    with pytest.raises(UnitOfAnotherDimension):
        converted(Decimal(1), given, wanted, "unit")


@pytest.mark.parametrize("times", [1, 2, 20])
def test_a_value_that_grows_beyond_measure_is_refused(times: int) -> None:
    with pytest.raises(InvalidQuantity):
        converted(Decimal(10) ** 19, " ".join(["Mt"] * times), " ".join(["µg"] * times), "unit")


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False))
def test_there_and_back_nothing_is_lost(value: Decimal) -> None:
    there = converted(value, "MWh", "kWh", "unit")

    assert converted(there, "kWh", "MWh", "unit") == value
