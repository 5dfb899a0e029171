"""Roadmaps to start from, and ways to see what became of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from domain.aggregate import AggregateEvent
from domain.part import ImpactScope, Lever, Objective, PlanItem
from domain.refusal import Refusal
from domain.roadmap import Roadmap, RoadmapOwner

NOW = datetime(2024, 4, 29, 9, tzinfo=UTC)
TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)
HANDED_IN = date(2023, 12, 10)

ORGANISATION, COHORT, ALLIANCE = uuid4(), uuid4(), uuid4()
GOVERNANCE, IMPACT, SERVICES = uuid4(), uuid4(), uuid4()
COMMITTEE, FOOTPRINT = uuid4(), uuid4()
FUNDING, YOUNG_PEOPLE = uuid4(), uuid4()

MANY_LINES = "En 2030, nous formons.\n\n\tNous relions."
UNKNOWN = uuid4()
"""An id under which there is nothing."""


def drafted() -> Roadmap:
    owner = RoadmapOwner(organisation=ORGANISATION, cohort=COHORT)
    return Roadmap.draft(uuid4(), now=NOW, owner=owner, horizon=2030)


def complete() -> Roadmap:
    """A roadmap that says what a submission needs, and has one part of every kind."""
    roadmap = drafted()
    roadmap.ask_generative_question("Comment avancer ensemble ?")
    roadmap.set_new_course(MANY_LINES)
    roadmap.add_lever(GOVERNANCE, Lever(title="Une gouvernance partagée"))
    roadmap.add_objective(COMMITTEE, GOVERNANCE, Objective(wording="Un comité"))
    roadmap.add_plan_item(FUNDING, PlanItem(title="Chercher un financement", lever=GOVERNANCE))
    roadmap.add_ecosystem_mobilisation(YOUNG_PEOPLE, "Sensibiliser les jeunes", "lycéens")
    return settled(roadmap)


def submitted() -> Roadmap:
    roadmap = complete()
    roadmap.submit(uuid4(), HANDED_IN)
    return settled(roadmap)


def in_revision() -> Roadmap:
    roadmap = submitted()
    roadmap.open_revision("Le conseil a changé")
    return settled(roadmap)


def archived() -> Roadmap:
    roadmap = submitted()
    roadmap.archive("L’association a changé de cap")
    return settled(roadmap)


def settled(roadmap: Roadmap) -> Roadmap:
    """Leave behind what was given, so that what follows stands alone."""
    roadmap.collect_events()
    return roadmap


def facts(roadmap: Roadmap) -> list[tuple[str, dict[str, Any]]]:
    """What was recorded since: each event's name with its own fields."""
    envelope = {"originator_id", "originator_version", "timestamp", "originator_topic"}
    return [
        (
            type(event).__name__,
            {k: v for k, v in msgspec.structs.asdict(event).items() if k not in envelope},
        )
        for event in roadmap.pending_events
        if isinstance(event, AggregateEvent)
    ]


def names(roadmap: Roadmap) -> list[str]:
    return [name for name, _ in facts(roadmap)]


@contextmanager
def refused(
    roadmap: Roadmap, kind: type[Refusal], path: str | None = None
) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """The decision is refused for this reason, and leaves no trace."""
    state, recorded = deepcopy(roadmap.state()), len(roadmap.pending_events)
    with pytest.raises(kind) as caught:
        yield caught
    assert roadmap.state() == state
    assert len(roadmap.pending_events) == recorded
    if path is not None:
        assert caught.value.path == path
    assert caught.value.message("fr") != caught.value.message("en")


def with_three_levers() -> Roadmap:
    roadmap = drafted()
    for lever, title in ((GOVERNANCE, "Gouvernance"), (IMPACT, "Mesure"), (SERVICES, "Services")):
        roadmap.add_lever(lever, Lever(title=title))
    return settled(roadmap)


def bilan(**changed: Any) -> Objective:
    """An objective with all that one can have."""
    fields: dict[str, Any] = {
        "wording": "Un bilan carbone",
        "scope": ImpactScope.LOCAL,
        "indicator": "Émissions de l’association",
        "unit": "t CO2e",
        "baseline": Decimal("12.5"),
        "target": Decimal(6),
        "due_year": 2030,
    }
    return Objective(**{**fields, **changed})


def measure(roadmap: Roadmap, value: str, **fields: Any) -> None:
    day = fields.pop("measured_on", TODAY)
    roadmap.measure_objective(COMMITTEE, value=Decimal(value), measured_on=day, **fields)
