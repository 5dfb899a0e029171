"""Given what alliances measure, when it is folded, then this can be read."""

from datetime import date
from decimal import Decimal

from domain.identity import Id
from domain.indicator import Direction
from domain.observation import (
    CorrectMeasurement,
    DropIndicator,
    DropTarget,
    RecordBaseline,
    SetTarget,
    WithdrawMeasurement,
)
from projections.indicators import (
    IndicatorCourseRow,
    IndicatorRow,
    IndicatorTargetRow,
    MeasurementReadingRow,
    MeasurementRow,
)
from tests.domain.alliances import ATMO
from tests.history import AT
from tests.projections.folding import only, shown
from tests.projections.test_alliances import Told

IN_2025 = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}


def with_a_target(told: Told, indicator: Id, value: str = "600", year: int = 2030) -> None:
    """Settle where an indicator is to be."""
    told.do(
        SetTarget(alliance=told.alliance, indicator=indicator, due_year=year, value=Decimal(value))
    )


def test_an_indicator_is_shown_until_it_is_dropped_and_after() -> None:
    told = Told()
    indicator = told.indicator(code="nox")
    row = only(told.rows(), IndicatorRow)
    assert (row.name, row.unit, row.direction) == ("Oxydes d’azote", "t", Direction.FALLING)
    assert (row.name_key, row.code) == ("oxydes d’azote", "nox")
    told.do(DropIndicator(alliance=told.alliance, indicator=indicator, reason="Doublon"))
    row = only(told.rows(), IndicatorRow)
    assert (row.dropped_at, row.dropped_because) == (AT, "Doublon")


def test_the_course_goes_from_the_baseline_by_the_latest_measure_to_the_target() -> None:
    told = Told()
    indicator = told.indicator()
    told.do(
        RecordBaseline(
            alliance=told.alliance,
            indicator=indicator,
            year=2019,
            value=Decimal(1000),
            source=ATMO,
        )
    )
    told.measurement(indicator, "850", **IN_2025)
    told.measurement(indicator, "900")
    with_a_target(told, indicator, "700", 2026)
    with_a_target(told, indicator)
    row = only(told.rows(), IndicatorCourseRow)
    assert (row.subject_id, row.organisation_id) == (told.alliance, None)
    assert (row.baseline_year, row.baseline) == (2019, Decimal(1000))
    assert (row.baseline_producer, row.baseline_edition) == (ATMO.producer, "2025")
    assert (row.latest_on, row.latest) == (date(2025, 12, 31), Decimal(850))
    assert (row.target_year, row.target, row.gap) == (2030, Decimal(600), Decimal(-250))


def test_each_member_has_a_course_of_its_own() -> None:
    told = Told()
    indicator = told.indicator()
    told.measurement(indicator, "900")
    told.measurement(indicator, "12", organisation=told.member)
    courses = {row.organisation_id: row.latest for row in told.rows().all(IndicatorCourseRow)}
    assert courses == {None: Decimal(900), told.member: Decimal(12)}


def test_a_dropped_target_leaves_the_one_before_or_none() -> None:
    told = Told()
    indicator = told.indicator()
    told.measurement(indicator, "900")
    with_a_target(told, indicator, "700", 2026)
    with_a_target(told, indicator)
    for year, target, gap in ((2030, Decimal(700), Decimal(-200)), (2026, None, None)):
        told.do(
            DropTarget(
                alliance=told.alliance, indicator=indicator, due_year=year, reason="Hors sujet"
            )
        )
        row = only(told.rows(), IndicatorCourseRow)
        assert (row.target, row.gap) == (target, gap)
    assert not list(told.rows().all(IndicatorTargetRow))


def test_a_value_in_another_unit_is_shown_beside_what_was_stated() -> None:
    told = Told()
    told.measurement(told.indicator(), "900000", unit="kg")
    row = only(told.rows(), MeasurementRow)
    assert (row.value, row.stated_value, row.stated_unit) == (Decimal(900), Decimal(900000), "kg")


def test_a_correction_never_erases() -> None:
    told = Told()
    measurement = told.measurement(told.indicator())
    told.do(
        CorrectMeasurement(
            alliance=told.alliance,
            measurement=measurement,
            value=Decimal(890),
            reason="Double compte",
        )
    )
    rows = told.rows()
    row = only(rows, MeasurementRow)
    assert (row.value, row.corrected_at, row.corrected_because) == (
        Decimal(890),
        AT,
        "Double compte",
    )
    assert only(rows, IndicatorCourseRow).latest == Decimal(890)
    said = shown(rows, MeasurementReadingRow, "version")
    assert [(one.value, one.reason) for one in said] == [
        (Decimal(900), None),
        (Decimal(890), "Double compte"),
    ]


def test_a_withdrawn_measurement_leaves_the_one_before_it_as_the_latest() -> None:
    told = Told()
    indicator = told.indicator()
    told.measurement(indicator, "900")
    latest = told.measurement(indicator, "850", **IN_2025)
    told.do(WithdrawMeasurement(alliance=told.alliance, measurement=latest, reason="Erreur"))
    rows = told.rows()
    withdrawn = {row.value: row.withdrawn_because for row in rows.all(MeasurementRow)}
    assert withdrawn == {Decimal(900): None, Decimal(850): "Erreur"}
    assert only(rows, IndicatorCourseRow).latest == Decimal(900)


def test_the_course_of_a_merged_member_becomes_its_survivors() -> None:
    told = Told()
    indicator = told.indicator()
    told.measurement(indicator, "12", organisation=told.member)
    told.do(
        RecordBaseline(
            alliance=told.alliance,
            indicator=indicator,
            organisation=told.member,
            year=2019,
            value=Decimal(20),
        )
    )
    told.measurement(indicator, "7", organisation=told.other, **IN_2025)
    told.do(
        SetTarget(
            alliance=told.alliance,
            indicator=indicator,
            organisation=told.member,
            due_year=2030,
            value=Decimal(5),
        )
    )
    told.merge(told.member, told.other)
    rows = told.rows()
    course = only(rows, IndicatorCourseRow)
    assert (course.subject_id, course.organisation_id) == (told.other, told.other)
    assert (course.baseline, course.latest, course.target) == (Decimal(20), Decimal(7), Decimal(5))
    assert course.gap == Decimal(-2)
    assert {row.organisation_id for row in rows.all(MeasurementRow)} == {told.other}
    assert only(rows, IndicatorTargetRow).organisation_id == told.other
