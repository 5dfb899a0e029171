"""What follows an action up: its steps, notes, documents and impacts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.impact import Impact
from domain.record import Recorded
from projections.access import Through
from projections.reach import IN_ACTION
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table step (
    id text collate "C" primary key,
    action_id text collate "C" not null,
    place integer not null,
    title text not null,
    due date,
    done_on date,
    added_at timestamptz not null
);
create index step_by_action on step (action_id, place, id);

create table note (
    id text collate "C" primary key,
    action_id text collate "C" not null,
    text text not null,
    author text not null,
    noted_at timestamptz not null
);
create index note_by_action on note (action_id, noted_at, id);

create table document (
    id text collate "C" primary key,
    action_id text collate "C" not null,
    title text not null,
    url text not null,
    linked_at timestamptz not null
);
create index document_by_action on document (action_id, linked_at, id);

create table impact (
    id text collate "C" primary key,
    action_id text collate "C" not null,
    place integer not null,
    what text not null,
    value numeric not null,
    unit text not null,
    measured_on date,
    source text,
    note text,
    measured_at timestamptz not null,
    corrected_because text
);
create index impact_by_action on impact (action_id, place, id);
"""


@row(
    "step",
    seen=Through("action"),
    owner=("action", "action_id"),
    relations={"action": Relation("action", on=(("action_id", "id"),))},
)
class StepRow(Row):
    """A step of an action; its place grows in the order in which steps were added."""

    id: Id
    action_id: Id
    place: int
    title: str
    due: date | None
    done_on: date | None
    added_at: datetime


@row(
    "note",
    seen=Through("action"),
    shown={"author": Through("action", IN_ACTION)},
    owner=("action", "action_id"),
    relations={"action": Relation("action", on=(("action_id", "id"),))},
)
class NoteRow(Row):
    """What somebody noted about an action."""

    id: Id
    action_id: Id
    text: str
    author: str
    noted_at: datetime


@row(
    "document",
    seen=Through("action"),
    owner=("action", "action_id"),
    relations={"action": Relation("action", on=(("action_id", "id"),))},
)
class DocumentRow(Row):
    """Something to read about an action on the web."""

    id: Id
    action_id: Id
    title: str
    url: str
    linked_at: datetime


@row(
    "impact",
    seen=Through("action"),
    owner=("action", "action_id"),
    relations={"action": Relation("action", on=(("action_id", "id"),))},
)
class ImpactRow(Row):
    """What an action was found to have changed; its place grows as findings come in."""

    id: Id
    action_id: Id
    place: int
    what: str
    value: Decimal
    unit: str
    measured_on: date | None
    source: str | None
    note: str | None
    measured_at: datetime
    corrected_because: str | None


ROWS: tuple[type[Row], ...] = (StepRow, NoteRow, DocumentRow, ImpactRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact that follows an action up into the read model."""
    action, at = external("action", recorded.stream_id), recorded.recorded_at
    match recorded.event:
        case Action.StepAdded() as event:
            rows.put(_step(action, event, at))
        case Action.StepDone(step=step, done_on=done_on):
            rows.change(StepRow, external("step", step)).done_on = done_on
        case Action.StepDropped(step=step):
            rows.drop(StepRow, external("step", step))
        case Action.NoteAdded(note=note, text=text):
            rows.put(
                NoteRow(
                    id=external("note", note),
                    action_id=action,
                    text=text,
                    author=recorded.metadata.actor,
                    noted_at=at,
                )
            )
        case Action.DocumentLinked(document=document, title=title, url=url):
            id = external("document", document)
            rows.put(DocumentRow(id=id, action_id=action, title=title, url=url, linked_at=at))
        case Action.DocumentUnlinked(document=document):
            rows.drop(DocumentRow, external("document", document))
        case Action.ImpactMeasured() as event:
            rows.put(_impact(action, event, at))
        case Action.ImpactCorrected(impact=impact, finding=finding, reason=reason):
            before = rows.change(ImpactRow, external("impact", impact))
            rows.put(_corrected(before, finding, reason, at))


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the step that is done, or the finding that is put right."""
    match recorded.event:
        case Action.StepDone(step=step):
            yield Need(StepRow, "id", external("step", step))
        case Action.ImpactCorrected(impact=impact):
            yield Need(ImpactRow, "id", external("impact", impact))


def _step(action: Id, event: Action.StepAdded, at: datetime) -> StepRow:
    return StepRow(
        id=external("step", event.step),
        action_id=action,
        place=event.originator_version,
        title=event.title,
        due=event.due,
        done_on=None,
        added_at=at,
    )


def _impact(action: Id, event: Action.ImpactMeasured, at: datetime) -> ImpactRow:
    finding = event.finding
    return ImpactRow(
        id=external("impact", event.impact),
        action_id=action,
        place=event.originator_version,
        what=finding.what,
        value=finding.value,
        unit=finding.unit,
        measured_on=finding.measured_on,
        source=finding.source,
        note=finding.note,
        measured_at=at,
        corrected_because=None,
    )


def _corrected(before: ImpactRow, finding: Impact, reason: str, at: datetime) -> ImpactRow:
    return replace(
        before,
        what=finding.what,
        value=finding.value,
        unit=finding.unit,
        measured_on=finding.measured_on,
        source=finding.source,
        note=finding.note,
        measured_at=at,
        corrected_because=reason,
    )
