"""How it is told what alliances measure."""

from typing import Final

from api.history.sentence import told
from domain.alliance import Alliance

SENTENCES: Final = (
    told(
        Alliance.IndicatorDefined,
        "The indicator “{definition.name}” ({definition.unit}) was defined.",
        "L’indicateur « {definition.name} » ({definition.unit}) a été défini.",
    ),
    told(
        Alliance.IndicatorDropped,
        "The indicator[ “{indicator}”] is not used any more.",
        "L’indicateur[ « {indicator} »] n’est plus utilisé.",
    ),
    told(
        Alliance.BaselineRecorded,
        "The baseline of the indicator[ “{indicator}”] was recorded for {baseline.year}"
        "[ ({organisation})].",
        "La situation de départ de l’indicateur[ « {indicator} »] a été relevée pour "
        "{baseline.year}[ ({organisation})].",
    ),
    told(
        Alliance.TargetSet,
        "A target of the indicator[ “{indicator}”] was set for {due_year}[ ({organisation})].",
        "Une cible de l’indicateur[ « {indicator} »] a été fixée pour {due_year}"
        "[ ({organisation})].",
    ),
    told(
        Alliance.TargetDropped,
        "A target of the indicator[ “{indicator}”] for {due_year} was given up[ ({organisation})].",
        "Une cible de l’indicateur[ « {indicator} »] pour {due_year} a été abandonnée"
        "[ ({organisation})].",
    ),
    told(
        Alliance.MeasurementReported,
        "The indicator[ “{subject.indicator}”] was measured[ ({subject.organisation})].",
        "L’indicateur[ « {subject.indicator} »] a été mesuré[ ({subject.organisation})].",
    ),
    told(
        Alliance.MeasurementCorrected,
        "A measurement was put right.",
        "Une mesure a été corrigée.",
    ),
    told(
        Alliance.MeasurementWithdrawn,
        "A measurement was withdrawn.",
        "Une mesure a été retirée.",
    ),
)
