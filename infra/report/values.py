"""Values that are no texts, as a report writes them: days, figures, words, names."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from api.report.content import Report
from domain.label import Label
from domain.part import ImpactScope, RoadmapPart
from domain.roadmap import RoadmapStatus
from infra.report import dates
from infra.report.typography import unit_of
from infra.report.words import Speech

_VOCABULARIES: Final[Mapping[str, type[Label]]] = {
    "scope": ImpactScope,
    "status": RoadmapStatus,
    "about": RoadmapPart,
}
"""The fields whose values are words of a vocabulary."""
_YEARS: Final = frozenset({"dueYear", "horizon"})

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
_FIGURE: Final = re.compile(r"-?\d+(?:\.\d+)?")


class Values:
    """Writes the values of fields, as the interface gives them, for people."""

    def __init__(self, report: Report, speech: Speech) -> None:
        self._speech = speech
        self._names = _names(report)

    def word(self, field: str, said: str) -> str | None:
        """Write a value of a field; None for a text, which stands as it was written."""
        language = self._speech.language
        vocabulary = _VOCABULARIES.get(field)
        if vocabulary is not None and said in vocabulary.__members__:
            return self._speech.word(vocabulary[said])
        if field == "unit":
            return unit_of(said)
        if _DAY.fullmatch(said):
            return dates.day(date.fromisoformat(said), language)
        if _INSTANT.fullmatch(said):
            return dates.instant(datetime.fromisoformat(said), language)
        if _FIGURE.fullmatch(said) and field not in _YEARS:
            return dates.figure(Decimal(said), language)
        return self.name(said)

    def name(self, id: str) -> str | None:
        """Say what something is called, or was last, by its id; None where that is not known."""
        name = self._names.get(id)
        return None if name is None else self._speech.text(name)


def _names(report: Report) -> dict[str, str]:
    """Give what the parts of a roadmap are called, by their ids, those that were dropped too."""
    roadmap = report.roadmap
    found = {part.id: part.wording for part in report.dropped}
    for lever in roadmap.levers:
        found[lever.id] = lever.title
        found |= {objective.id: objective.wording for objective in lever.objectives}
    found |= {each.id: each.text for each in roadmap.ecosystem_mobilisations}
    for item in roadmap.plan_items:
        found[item.id] = item.title
        if item.action is not None:
            found[item.action.id] = item.action.title
    return found
