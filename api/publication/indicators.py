"""What is published of indicators and what they measure."""

from typing import Final

from api.publication.published import published
from domain.alliance import Alliance

PUBLISHED: Final = (
    published(
        Alliance.IndicatorDefined,
        "An indicator was settled.",
        "Un indicateur a été défini.",
        *("indicator", "definition.name", "definition.unit", "definition.direction"),
        *("definition.least", "definition.most", "definition.theme", "definition.code"),
    ),
    published(
        Alliance.IndicatorDropped,
        "An indicator is not used any more.",
        "Un indicateur n’est plus utilisé.",
        "indicator",
    ),
    published(
        Alliance.BaselineRecorded,
        "The baseline of an indicator was found.",
        "La situation de départ d’un indicateur a été relevée.",
        *("indicator", "organisation", "baseline.year", "baseline.reading.value"),
    ),
    published(
        Alliance.TargetSet,
        "A target was set for an indicator.",
        "Une cible a été fixée pour un indicateur.",
        *("indicator", "organisation", "due_year", "reading.value"),
    ),
    published(
        Alliance.TargetDropped,
        "A target of an indicator was given up.",
        "Une cible d’un indicateur a été abandonnée.",
        *("indicator", "organisation", "due_year"),
    ),
    published(
        Alliance.MeasurementReported,
        "An indicator was measured.",
        "Un indicateur a été mesuré.",
        *("measurement", "subject.indicator", "subject.organisation"),
        *("subject.starts_on", "subject.ends_on", "reading.value"),
    ),
    published(
        Alliance.MeasurementCorrected,
        "A measurement was put right.",
        "Une mesure a été corrigée.",
        *("measurement", "reading.value"),
    ),
    published(
        Alliance.MeasurementWithdrawn,
        "A measurement does not count any more.",
        "Une mesure a été retirée.",
        "measurement",
    ),
)
