"""Who carries an action: organisations, bodies and people, each in a role."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.assignment import SteeringRole
from domain.identity import Id, external
from domain.organisation import Organisation
from domain.record import Recorded
from projections.access import Among, Through, any_of
from projections.circle import KEEPERS
from projections.mergers import IN_ACTIONS
from projections.people import BY_NAME
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table assignment (
    id text collate "C" primary key,
    action_id text collate "C" not null,
    place integer not null,
    role text not null,
    organisation_id text collate "C",
    designation text,
    person text,
    named_at timestamptz not null
);
create index assignment_by_action on assignment (action_id, place, id);
create index assignment_by_organisation on assignment (organisation_id, named_at, id);
"""


@row(
    "assignment",
    seen=Through("action"),
    shown={
        "person": any_of(
            BY_NAME,
            Through("action", Among(("id", "alliance_id"), KEEPERS)),
            who="as for contacts, and who coordinates the alliance or pilots the action",
        )
    },
    personal={"person": "id"},
    owner=("action", "action_id"),
    indexes=("organisation_id",),
    relations={
        "action": Relation("action", on=(("action_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "enrolments": Relation(
            "enrolment",
            on=(("organisation_id", "organisation_id"),),
            many=True,
            order=("applied_at", "cohort_id"),
        ),
    },
)
class AssignmentRow(Row):
    """A party to an action in a role. The name of a person who was forgotten is null."""

    id: Id
    action_id: Id
    place: int
    role: SteeringRole
    organisation_id: Id | None
    designation: str | None
    person: str | None
    named_at: datetime


ROWS: tuple[type[Row], ...] = (AssignmentRow,)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about who carries an action into the read model."""
    match recorded.event:
        case Action.PartyNamed() as event:
            rows.put(_named(rows, event, recorded.recorded_at))
        case Action.PartyReleased(assignment=assignment):
            rows.drop(AssignmentRow, external("assignment", assignment))


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name who an organisation is now, or the roles of one that goes up in another."""
    match recorded.event:
        case Action.PartyNamed(organisation=organisation) if organisation is not None:
            yield IN_ACTIONS.need(organisation)
        case Organisation.Merged():
            merged = external("organisation", recorded.stream_id)
            yield Need(AssignmentRow, "organisation_id", merged)


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor have the roles of a merged organisation."""
    for assignment in rows.where(AssignmentRow, "organisation_id", merged):
        rows.put(replace(assignment, organisation_id=survivor))


def _named(rows: Rows, event: Action.PartyNamed, at: datetime) -> AssignmentRow:
    organisation = event.organisation
    return AssignmentRow(
        id=external("assignment", event.assignment),
        action_id=external("action", event.originator_id),
        place=event.originator_version,
        role=event.role,
        organisation_id=IN_ACTIONS.survivor(rows, organisation) if organisation else None,
        designation=event.designation,
        person=event.person.text if event.person else None,
        named_at=at,
    )
