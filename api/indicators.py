"""Indicators of alliances: where they started, where they are, and where they are to go."""

from api.entity import connection, entity, many, one
from api.facets import by, facets, folded
from api.node import Node
from projections.indicators import (
    IndicatorCourseRow,
    IndicatorRow,
    IndicatorTargetRow,
    MeasurementReadingRow,
    MeasurementRow,
)


@entity(
    id="Its id.",
    name="What is measured.",
    unit="Its unit.",
    direction="Which way it is meant to go.",
    precision="To how many decimals values are kept; null for all that are given.",
    least="The least value that it can have.",
    most="The greatest value that it can have.",
    theme="The theme that it serves, if it is one.",
    code="The code that the same indicator bears in every alliance that measures it.",
    description="What it takes in and what it leaves out.",
    defined_at="When it was defined.",
    dropped_at="When it was dropped, where it was.",
    dropped_because="Why it was.",
)
class Indicator(IndicatorRow, Node):
    """What an alliance measures, in which unit, and which way is good."""

    alliance = one("The alliance.")
    whole = one("How far it is for the whole alliance, once anything of that is known.")
    courses = connection("How far it is, for the whole alliance and for each member.")
    targets = connection("Where it is to be, in the order of the years.")
    measurements = connection("What was measured, in the order of the periods' last days.")
    across_alliances = connection(
        "The indicators of all alliances that bear its code, itself included, by name."
    )


@entity(
    baseline_year="The year of which the baseline speaks.",
    baseline="Where it stood at the start, in the unit of the indicator.",
    baseline_producer="Who found that.",
    baseline_method="By which method.",
    baseline_edition="In which edition of that source.",
    latest_on="The last day of the latest period that was measured.",
    latest="What was measured of that period, in the unit of the indicator.",
    target_year="The year of the last target.",
    target="Where it is to be then, in the unit of the indicator.",
    gap="The target less what was measured last: how far it has to go yet, and which way.",
)
class IndicatorCourse(IndicatorCourseRow):
    """How far an indicator is: the baseline, the latest measurement, the last target, the gap."""

    indicator = one("The indicator.")
    organisation = one("The member of which it speaks; null for the whole alliance.")
    latest_measurement = one("The latest measurement that counts.")
    targets = many("Where it is to be, in the order of the years; a few.")
    measurements = connection("The series, in the order of the periods' last days.")


@entity(
    due_year="The year in which it is to be there.",
    value="Where it is to be, in the unit of the indicator.",
    stated_value="The value as it was given.",
    stated_unit="The unit in which it was given.",
    set_at="When it was set.",
)
class IndicatorTarget(IndicatorTargetRow):
    """Where an indicator is to be in a year."""

    indicator = one("The indicator.")
    organisation = one("The member whose target it is; null for the whole alliance.")


@entity(
    id="Its id.",
    starts_on="The first day of which it speaks.",
    ends_on="The last day of which it speaks.",
    value="What was measured, in the unit of the indicator, corrections included.",
    stated_value="The value as it was given.",
    stated_unit="The unit in which it was given.",
    producer="Who produced it.",
    method="By which method.",
    edition="In which edition of that source.",
    note="What one should know about it.",
    reported_at="When it was recorded.",
    corrected_at="When it was corrected the last time, where it was.",
    corrected_because="Why it was.",
    withdrawn_at="Since when it does not count any more, where it does not.",
    withdrawn_because="Why it does not.",
)
class Measurement(MeasurementRow, Node):
    """What a source found of an indicator over a period."""

    indicator = one("The indicator.")
    organisation = one("The member of which it speaks; null for the whole alliance.")
    course = one("How far the indicator is for the same member, or for the whole alliance.")
    readings = many("All that it ever said, the first reading first; a few.")


@entity(
    value="The value, in the unit of the indicator.",
    stated_value="The value as it was given.",
    stated_unit="The unit in which it was given.",
    recorded_at="When it was recorded.",
    reason="Why it replaced the reading before; null for the first one.",
)
class MeasurementReading(MeasurementReadingRow):
    """What a measurement said at some time: a correction never erases."""

    measurement = one("The measurement.")


INDICATORS = facets(
    IndicatorRow,
    "Indicator",
    orders=("name",),
    name=folded("What is measured."),
    code=by("The code that it bears in every alliance."),
    alliance=by("The alliance.", "alliance_id", shows="alliance"),
    theme=by("The theme that it serves."),
    unit=by("Its unit."),
    direction=by("Which way it is meant to go."),
    dropped_at=by("When it was dropped.", grouped=False),
)
"""By what indicators can be chosen and grouped."""

INDICATOR_COURSES = facets(
    IndicatorCourseRow,
    "IndicatorCourse",
    indicator=by("The indicator.", "indicator_id", shows="indicator"),
    code=by("The code that the indicator bears in every alliance.", via=("indicator",)),
    unit=by("The unit of the indicator.", via=("indicator",)),
    theme=by("The theme that the indicator serves.", via=("indicator",)),
    alliance=by("The alliance.", "alliance_id", via=("indicator",), shows="alliance"),
    organisation=by(
        "The member; not told for the whole alliance.", "organisation_id", shows="organisation"
    ),
    target_year=by("The year of the target."),
    measures={
        "baseline": "Where they started.",
        "latest": "Where they were last.",
        "target": "Where they are to go.",
        "gap": "How far they still have to go.",
    },
)
"""By what courses can be chosen and grouped. Group by unit, or values of several are added up."""
