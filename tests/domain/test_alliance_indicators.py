"""The indicators of an alliance: baselines, targets, measurements, and what puts them right."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.alliance import Alliance
from domain.identity import Id
from domain.indicator import (
    BoundsReversed,
    Direction,
    IndicatorExists,
    IndicatorNotInUse,
    MeasurementExists,
    MeasurementVoid,
    NothingToCorrect,
    Source,
    ValueOutOfBounds,
)
from domain.membership import NotAMember, ThemeNotOpen
from domain.observation import (
    CorrectMeasurement,
    DefineIndicator,
    DropIndicator,
    DropTarget,
    RecordBaseline,
    SetTarget,
    WithdrawMeasurement,
)
from domain.quantity import InvalidQuantity
from domain.refusal import DatesReversed, InvalidNumber, NotFound
from domain.roadmap import DayStillToCome
from domain.theme import Theme
from domain.unit import UnitOfAnotherDimension, UnknownUnit
from tests.domain.alliances import ATMO, TODAY, TOMORROW, Assembly


def correct(world: Assembly, measurement: Id, value: str, **fields: Any) -> CorrectMeasurement:
    """The correction of a measurement."""
    given: dict[str, Any] = {"reason": "Une double saisie", **fields}
    return CorrectMeasurement(
        alliance=world.alliance, measurement=measurement, value=Decimal(value), **given
    )


# what is measured


def test_an_indicator_says_its_unit_its_bounds_and_which_way_is_good() -> None:
    world = Assembly()
    defines = DefineIndicator(
        alliance=world.alliance,
        name="Part modale du vélo",
        unit="%",
        direction=Direction.RISING,
        precision=1,
        least=Decimal(0),
        most=Decimal(100),
        theme=Theme.AIR_QUALITY,
    )

    defined = world.only(defines, Alliance.IndicatorDefined).definition
    assert (defined.unit, defined.direction) == ("%", Direction.RISING)


@pytest.mark.parametrize(
    ("fields", "refusal", "path"),
    [
        ({"unit": "furlong"}, UnknownUnit, "unit"),
        ({"precision": 11}, InvalidNumber, "precision"),
        ({"precision": -1}, InvalidNumber, "precision"),
        ({"least": Decimal("NaN")}, InvalidQuantity, "least"),
        ({"most": Decimal("Infinity")}, InvalidQuantity, "most"),
        ({"least": Decimal(1), "most": Decimal(0)}, BoundsReversed, "most"),
        ({"theme": Theme.MOVING}, ThemeNotOpen, "theme"),
    ],
)
def test_an_indicator_that_makes_no_sense_is_refused(
    fields: dict[str, Any], refusal: type[UnknownUnit], path: str
) -> None:
    world = Assembly()
    with world.refuses(refusal, path):
        world.indicator(**fields)


def test_a_name_is_given_to_one_indicator_in_use() -> None:
    world = Assembly()
    first = world.indicator(name="Énergie consommée")
    with world.refuses(IndicatorExists, "name"):
        world.indicator(name="ENERGIE  consommee")

    world.send(DropIndicator(alliance=world.alliance, indicator=first, reason="Mal défini"))
    world.indicator(name="Énergie consommée")


def test_an_indicator_that_was_dropped_is_not_measured() -> None:
    world = Assembly()
    indicator = world.indicator()
    drops = DropIndicator(alliance=world.alliance, indicator=indicator, reason="Mal défini")
    world.only(drops, Alliance.IndicatorDropped)
    assert world.send(drops) == []

    with world.refuses(IndicatorNotInUse, "indicator"):
        world.send(world.measuring(indicator))


# where it was, where it is to be


def test_a_baseline_is_of_the_alliance_or_of_a_member_and_the_later_one_counts() -> None:
    world = Assembly()
    indicator = world.indicator()
    for_all = RecordBaseline(
        alliance=world.alliance, indicator=indicator, year=2015, value=Decimal(1800), source=ATMO
    )
    for_one = RecordBaseline(
        alliance=world.alliance,
        indicator=indicator,
        organisation=world.member,
        year=2015,
        value=Decimal(900),
        unit="kg",
    )

    assert world.only(for_all, Alliance.BaselineRecorded).organisation is None
    recorded = world.only(for_one, Alliance.BaselineRecorded).baseline
    assert (recorded.reading.value, recorded.reading.stated_unit) == (Decimal("0.9"), "kg")
    assert world.send(for_one) == []


def test_a_target_is_set_for_a_year_and_may_be_given_up() -> None:
    world = Assembly()
    indicator = world.indicator()
    sets = SetTarget(
        alliance=world.alliance, indicator=indicator, due_year=2030, value=Decimal(600)
    )
    drops = DropTarget(
        alliance=world.alliance, indicator=indicator, due_year=2030, reason="Autre horizon"
    )

    world.only(sets, Alliance.TargetSet)
    assert world.send(sets) == []
    world.only(drops, Alliance.TargetDropped)
    assert world.send(drops) == []


@pytest.mark.parametrize("year", [1899, 2201])
def test_a_baseline_and_a_target_name_a_year_within_reason(year: int) -> None:
    world = Assembly()
    indicator = world.indicator()
    with world.refuses(InvalidNumber, "year"):
        world.send(
            RecordBaseline(
                alliance=world.alliance, indicator=indicator, year=year, value=Decimal(1)
            )
        )
    with world.refuses(InvalidNumber, "due_year"):
        world.send(
            SetTarget(alliance=world.alliance, indicator=indicator, due_year=year, value=Decimal(1))
        )


def test_only_members_are_measured_one_by_one() -> None:
    world = Assembly()
    indicator = world.indicator()
    stranger = world.organisation("Passante")
    with world.refuses(NotAMember, "organisation"):
        world.send(world.measuring(indicator, organisation=stranger))


# measurements


def test_a_measurement_keeps_what_was_stated_beside_what_it_comes_to() -> None:
    world = Assembly()
    reports = world.measuring(world.indicator(precision=1), "912345", unit="kg")

    reading = world.only(reports, Alliance.MeasurementReported).reading
    assert reading.value == Decimal("912.3")
    assert (reading.stated_value, reading.stated_unit) == (Decimal(912345), "kg")


def test_the_day_of_which_a_measurement_speaks_is_not_that_of_its_recording() -> None:
    world = Assembly()
    reported = world.only(world.measuring(world.indicator()), Alliance.MeasurementReported)

    assert reported.subject.ends_on == date(2024, 12, 31)
    assert reported.timestamp == world.now


def test_a_measurement_in_a_unit_of_another_dimension_is_refused() -> None:
    world = Assembly()
    indicator = world.indicator(unit="t")
    with world.refuses(UnitOfAnotherDimension, "unit"):
        world.send(world.measuring(indicator, unit="t CO2e"))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+400", "0." + "1" * 30])
def test_a_value_that_cannot_be_kept_is_refused(value: str) -> None:
    world = Assembly()
    indicator = world.indicator()
    with world.refuses(InvalidQuantity, "value"):
        world.send(world.measuring(indicator, value))


@pytest.mark.parametrize(
    ("bounds", "value"),
    [
        ({"least": Decimal(0)}, "-0.1"),
        ({"most": Decimal(100)}, "100.1"),
        ({"least": Decimal(0), "most": Decimal(100)}, "101"),
    ],
)
def test_a_value_out_of_bounds_is_refused(bounds: dict[str, Decimal], value: str) -> None:
    world = Assembly()
    indicator = world.indicator(unit="%", **bounds)
    with world.refuses(ValueOutOfBounds, "value"):
        world.send(world.measuring(indicator, value))


def test_a_measurement_speaks_of_a_period_that_is_past() -> None:
    world = Assembly()
    indicator = world.indicator()
    with world.refuses(DayStillToCome, "ends_on"):
        world.send(world.measuring(indicator, starts_on=TODAY, ends_on=TOMORROW))
    with world.refuses(DatesReversed, "ends_on"):
        world.send(world.measuring(indicator, starts_on=TODAY, ends_on=date(2025, 1, 1)))


def test_a_source_measures_a_period_once() -> None:
    world = Assembly()
    indicator = world.indicator()
    world.measurement(indicator, "900")

    assert world.send(world.measuring(indicator, "900")) == []
    with world.refuses(MeasurementExists, "source"):
        world.send(world.measuring(indicator, "901"))


@pytest.mark.parametrize(
    "other",
    [
        {"source": Source(producer="Ville de Clermont-Ferrand")},
        {"source": Source(producer=ATMO.producer, method=ATMO.method, edition="2026")},
        {"starts_on": date(2023, 1, 1), "ends_on": date(2023, 12, 31)},
    ],
)
def test_another_source_edition_or_period_is_another_measurement(other: dict[str, Any]) -> None:
    world = Assembly()
    indicator = world.indicator()
    world.measurement(indicator, "900")

    assert world.send(world.measuring(indicator, "880", **other))


# corrections


def test_a_correction_puts_a_value_right_and_erases_nothing() -> None:
    world = Assembly()
    measurement = world.measurement(world.indicator(), "900")
    corrects = correct(world, measurement, "910000", unit="kg")

    corrected = world.only(corrects, Alliance.MeasurementCorrected)
    assert corrected.reading.value == Decimal(910)
    assert world.send(corrects) == []
    told = [
        event.reading.value
        for event in world.streams[world.state().id]
        if isinstance(event, Alliance.MeasurementReported | Alliance.MeasurementCorrected)
    ]
    assert told == [Decimal(900), Decimal(910)]


def test_a_correction_of_nothing_is_refused() -> None:
    world = Assembly()
    measurement = world.measurement(world.indicator(), "900")
    never = Id("mea_" + "0" * 32)
    with world.refuses(NotFound, "measurement"):
        world.send(correct(world, never, "910"))
    with world.refuses(NothingToCorrect, "value"):
        world.send(correct(world, measurement, "900"))


def test_a_correction_is_held_to_the_same_rules_as_a_measurement() -> None:
    world = Assembly()
    measurement = world.measurement(world.indicator(least=Decimal(0)), "900")
    with world.refuses(UnitOfAnotherDimension, "unit"):
        world.send(correct(world, measurement, "910", unit="%"))
    with world.refuses(ValueOutOfBounds, "value"):
        world.send(correct(world, measurement, "-1"))


def test_a_measurement_that_was_withdrawn_counts_no_more_and_is_reported_anew() -> None:
    world = Assembly()
    indicator = world.indicator()
    measurement = world.measurement(indicator, "900")
    withdraws = WithdrawMeasurement(
        alliance=world.alliance, measurement=measurement, reason="Autre territoire"
    )
    world.only(withdraws, Alliance.MeasurementWithdrawn)
    assert world.send(withdraws) == []

    with world.refuses(MeasurementVoid, "measurement"):
        world.send(correct(world, measurement, "910"))
    assert world.send(world.measuring(indicator, "905"))
