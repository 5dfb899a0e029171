"""A report as somebody might be given one, without a log behind it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from api.report.content import Inclusion, Proof, Report, Signer, TreeHead
from api.report.happened import (
    Actor,
    Difference,
    Entry,
    FieldChange,
    OfPart,
    PartChanged,
    Touched,
    Version,
)
from api.report.standing import (
    Cohort,
    Comment,
    DroppedPart,
    Lever,
    Mobilisation,
    Named,
    Objective,
    ObjectiveMeasurement,
    OfObjective,
    PlanItem,
    Roadmap,
    Submission,
    Titled,
)
from domain.part import ImpactScope, RoadmapPart
from domain.refusal import Language
from domain.roadmap import RoadmapStatus
from domain.role import Role
from projections.difference import PartChange

AT = datetime(2026, 3, 24, 9, 30, tzinfo=UTC)
LEVER = "lev_1"


def report(text: str = "Mesurer et réduire", language: Language = "fr", **facts: Any) -> Report:
    """Make a report in which a text of somebody's stands wherever one can."""
    entries = [
        _entry(1, "roadmap.drafted", text, None),
        _entry(7, "roadmap.revision_opened", text, "Un an après."),
        _entry(9, "roadmap.lever_reworded", text, text, late=True),
    ]
    submission = Submission(
        number=1, submitted_on=date(2023, 12, 10), submitted_at=AT, published_at=AT
    )
    known: dict[str, Any] = {
        "language": language,
        "position": 12,
        "recorded_at": AT,
        "roadmap": _roadmap(text, submission),
        "measurements": [
            ObjectiveMeasurement(
                measured_on=date(2025, 12, 31),
                value=Decimal("11.2"),
                source=text,
                note=text,
                measured_at=AT,
                superseded_at=AT,
                objective=OfObjective(wording=text, unit="t CO2e"),
            )
        ],
        "comments": [Comment(about=RoadmapPart.LEVER, part_id=LEVER, text=text, commented_at=AT)],
        "dropped": [
            DroppedPart(
                id="lev_2", part=RoadmapPart.LEVER, wording=text, reason=text, dropped_at=AT
            )
        ],
        "versions": [
            Version(
                submission=submission,
                after=0,
                published_on=AT.date(),
                opened_because=None,
                difference=None,
                entries=entries[:1],
            ),
            Version(
                submission=None,
                after=1,
                published_on=None,
                opened_because=text,
                difference=_difference(text),
                entries=entries[1:],
            ),
        ],
        "entries": entries,
        "proof": _proof(),
    }
    return Report(**(known | facts))


def _roadmap(text: str, submission: Submission) -> Roadmap:
    objective = Objective(
        id="obj_1",
        wording=text,
        scope=ImpactScope.LOCAL,
        indicator=text,
        unit="t CO2e",
        baseline=Decimal("1250.5"),
        target=Decimal(9),
        due_year=2030,
    )
    return Roadmap(
        id="map_1",
        version=9,
        title=text,
        horizon=2030,
        status=RoadmapStatus.IN_REVISION,
        turning_point=f"{text}\n\n{text}",
        generative_question=text,
        new_course=text,
        published_number=1,
        revision_because=text,
        archived_because=None,
        organisation=Named(name=text),
        cohort=Cohort(name=text, edition="2023"),
        alliance=None,
        territory=None,
        levers=[Lever(id=LEVER, title=text, description=text, objectives=[objective])],
        plan_items=[
            PlanItem(
                id="itm_1",
                title=text,
                due=date(2026, 3, 1),
                action_id="act_1",
                action=None,
                lever=Titled(id=LEVER, title=text),
            )
        ],
        ecosystem_mobilisations=[Mobilisation(id="mob_1", text=text, audience=text)],
        submissions=[submission],
    )


def _difference(text: str) -> Difference:
    field = FieldChange(field="title", label="titre", before="Mesurer", after=text)
    scope = FieldChange(field="scope", label="portée", before=None, after="LOCAL")
    return Difference(
        fields=[FieldChange(field="newCourse", label="nouveau cap", before="Mesurer", after=text)],
        parts=[
            PartChanged(
                id=LEVER,
                noun="lever",
                label="levier",
                title=text,
                changes=[PartChange.MOVED, PartChange.REWORDED],
                fields=[field, scope],
            )
        ],
    )


def _entry(position: int, type: str, text: str, reason: str | None, *, late: bool = False) -> Entry:
    return Entry(
        position=position,
        type=type,
        sentence=text,
        recorded_at=AT,
        effective_on=date(2024, 11, 18) if late else AT.date(),
        is_late=late,
        is_correction=False,
        actor=Actor(role=Role.PLANET_CHAMPION, place_name=text, label=f"Planet Champion ({text})"),
        principal=None,
        on_behalf_of=Named(name=text),
        reason=reason,
        changes=[
            Touched(part=OfPart(noun="lever", id=LEVER), field="title"),
            Touched(part=OfPart(noun="roadmap", id="map_1"), field="newCourse"),
        ],
    )


def _proof() -> Proof:
    head = TreeHead(
        log=UUID(int=7),
        size=1200,
        root="5a" * 32,
        sealed_at=AT,
        signer=1,
        signature="c3" * 64,
        signers=[Signer(number=1, public_key="1f" * 32)],
    )
    inclusion = Inclusion(position=9, leaf_hash="e0" * 32, path=["b7" * 32] * 3, head=head)
    return Proof(inclusion=inclusion, document=b'{"format": "cordee proof 1"}')
