"""Roadmaps as they are now, with what was dropped from them and what was said about them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.organisation import Organisation
from domain.part import RoadmapPart
from domain.record import Recorded
from domain.roadmap import Roadmap, RoadmapStatus
from projections import dropped_parts, levers, plan_items, submissions
from projections.access import NOBODY, Through
from projections.mergers import IN_ROADMAPS, ROADMAP_DDL, RoadmapMergerRow
from projections.projection import Projection
from projections.reach import IN_ROADMAP, KNOWN, READ, Reach
from projections.rows import Need, Rows
from projections.submissions import SubmissionRow
from projections.table import Relation, Row, row

DDL = """
create table roadmap (
    id text collate "C" primary key,
    version integer not null,
    drafted_at timestamptz not null,
    updated_at timestamptz not null,
    organisation_id text collate "C",
    cohort_id text collate "C",
    alliance_id text collate "C",
    territory_key text collate "C",
    title text,
    horizon integer not null,
    status text not null,
    turning_point text,
    generative_question text,
    new_course text,
    submissions integer not null,
    submitted_on date,
    published_number integer,
    revision_because text,
    archived_because text,
    known_to text not null,
    read_by text not null
);
create index roadmap_by_draft on roadmap (drafted_at, id);
create index roadmap_by_update on roadmap (updated_at, id);
create index roadmap_by_organisation on roadmap (organisation_id, drafted_at, id);
create index roadmap_by_enrolment on roadmap (cohort_id, organisation_id, drafted_at, id);
create index roadmap_by_cohort on roadmap (cohort_id, drafted_at, id);
create index roadmap_by_alliance on roadmap (alliance_id, drafted_at, id);
create index roadmap_by_territory on roadmap (territory_key, drafted_at, id);
create index roadmap_by_status on roadmap (status, drafted_at, id);
create index roadmap_by_horizon on roadmap (horizon, id);
create index roadmap_in_reach on roadmap (id) include (known_to);
create index roadmap_for_everyone on roadmap (drafted_at, id) where known_to = 'EVERYONE';
create index roadmap_not_for_everyone on roadmap (id) where (known_to = 'EVERYONE') is not true;

create table comment (
    id text collate "C" primary key,
    roadmap_id text collate "C" not null,
    about text not null,
    part_id text collate "C",
    text text not null,
    author text not null,
    commented_at timestamptz not null
);
create index comment_by_roadmap on comment (roadmap_id, commented_at, id);
"""

PARTS = (levers, plan_items, dropped_parts, submissions)
"""The modules with the other tables of this projection."""


def _of_roadmap(target: str, *order: str) -> Relation:
    return Relation(target, on=(("id", "roadmap_id"),), many=True, order=order)


@row(
    "roadmap",
    seen=KNOWN,
    shown={
        "turning_point": READ,
        "generative_question": READ,
        "new_course": READ,
        "submitted_on": READ,
        "revision_because": READ,
        "known_to": NOBODY,
        "read_by": NOBODY,
    },
    owner=("roadmap", "id"),
    indexes=("organisation_id",),
    relations={
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "cohort": Relation("cohort", on=(("cohort_id", "id"),)),
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "territory": Relation("territory", on=(("territory_key", "key"),)),
        "levers": _of_roadmap("lever", "position", "id"),
        "objectives": _of_roadmap("objective", "position", "id"),
        "plan_items": _of_roadmap("plan_item", "position", "id"),
        "actions": _of_roadmap("action", "proposed_at", "id"),
        "ecosystem_mobilisations": _of_roadmap("ecosystem_mobilisation", "position", "id"),
        "dropped_parts": _of_roadmap("dropped_part", "version", "id"),
        "comments": _of_roadmap("comment", "commented_at", "id"),
        "submissions": _of_roadmap("submission", "number", "id"),
        "measurements": _of_roadmap(
            "objective_measurement", "measured_on", "version", "objective_id"
        ),
        "published_submission": Relation(
            "submission", on=(("id", "roadmap_id"), ("published_number", "number"))
        ),
        "launched_cohorts": Relation(
            "cohort",
            on=(("id", "springs_from_roadmap_id"),),
            many=True,
            order=("opened_at", "id"),
        ),
    },
)
class RoadmapRow(Row):
    """A roadmap, of an organisation within a cohort or of an alliance for its territory."""

    id: Id
    version: int
    drafted_at: datetime
    updated_at: datetime
    organisation_id: Id | None
    cohort_id: Id | None
    alliance_id: Id | None
    territory_key: str | None
    title: str | None
    horizon: int
    status: RoadmapStatus
    turning_point: str | None
    generative_question: str | None
    new_course: str | None
    submissions: int
    submitted_on: date | None
    published_number: int | None
    revision_because: str | None
    archived_because: str | None
    known_to: Reach
    """Who may know that there is one: whoever may read what it says, or said in a version."""
    read_by: Reach
    """Who may read what it says now."""


@row(
    "comment",
    seen=Through("roadmap", IN_ROADMAP),
    owner=("roadmap", "roadmap_id"),
    relations={"roadmap": Relation("roadmap", on=(("roadmap_id", "id"),))},
)
class CommentRow(Row):
    """What a coordinator said about a roadmap or a part of it."""

    id: Id
    roadmap_id: Id
    about: RoadmapPart
    part_id: Id | None
    text: str
    author: str
    commented_at: datetime


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about a roadmap into the read model, or the merger of its organisation."""
    event = recorded.event
    if isinstance(event, Organisation.Merged):
        _follow_merger(rows, event)
        return
    if isinstance(event, Roadmap.Drafted):
        rows.put(_drafted(rows, event, recorded.recorded_at))
        return
    roadmap = rows.change(RoadmapRow, external("roadmap", event.originator_id))
    roadmap.version, roadmap.updated_at = event.originator_version, recorded.recorded_at
    _fold_own(rows, roadmap, recorded)
    levers.fold(rows, recorded)
    plan_items.fold(rows, recorded)


def _fold_own(rows: Rows, roadmap: RoadmapRow, recorded: Recorded[AggregateEvent]) -> None:
    match recorded.event:
        case Roadmap.TurningPointTold(text=text):
            roadmap.turning_point = text
        case Roadmap.GenerativeQuestionAsked(text=text):
            roadmap.generative_question = text
        case Roadmap.NewCourseSet(text=text):
            roadmap.new_course = text
        case Roadmap.Commented() as event:
            rows.put(_comment(event, recorded))
        case Roadmap.Submitted() as event:
            roadmap.status = RoadmapStatus.SUBMITTED
            roadmap.submissions, roadmap.submitted_on = event.number, event.submitted_on
            roadmap.read_by = Reach.FELLOWS
            if roadmap.known_to is Reach.INSIDERS:
                roadmap.known_to = Reach.FELLOWS
            submission = _submission(roadmap, event)
            rows.put(submission)
            submissions.copy_parts(rows, submission)
        case Roadmap.Published(number=number):
            roadmap.published_number = number
            roadmap.known_to = Reach.EVERYONE
            if roadmap.status is RoadmapStatus.SUBMITTED:
                roadmap.read_by = Reach.EVERYONE
            submissions.publish(rows, roadmap.id, number, recorded.recorded_at)
        case Roadmap.RevisionOpened(reason=reason):
            roadmap.status, roadmap.revision_because = RoadmapStatus.IN_REVISION, reason
            roadmap.read_by = Reach.INSIDERS
        case Roadmap.Archived(reason=reason):
            roadmap.status, roadmap.archived_because = RoadmapStatus.ARCHIVED, reason


def also_needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name what the parts of a roadmap need, and the roadmaps of a merged organisation."""
    match recorded.event:
        case Organisation.Merged():
            merged = external("organisation", recorded.stream_id)
            yield Need(RoadmapRow, "organisation_id", merged)
        case Roadmap.Drafted(organisation=organisation) if organisation is not None:
            yield IN_ROADMAPS.need(organisation)
    for part in (levers, plan_items, submissions, IN_ROADMAPS):
        yield from part.needs(recorded)


def _follow_merger(rows: Rows, event: Organisation.Merged) -> None:
    merged = external("organisation", event.originator_id)
    survivor = external("organisation", event.into)
    for roadmap in rows.where(RoadmapRow, "organisation_id", merged):
        rows.put(replace(roadmap, organisation_id=survivor))
    IN_ROADMAPS.follow_merger(rows, merged, survivor)


def _drafted(rows: Rows, event: Roadmap.Drafted, at: datetime) -> RoadmapRow:
    organisation, cohort = event.organisation, event.cohort
    return RoadmapRow(
        id=external("roadmap", event.originator_id),
        version=event.originator_version,
        drafted_at=at,
        updated_at=at,
        organisation_id=IN_ROADMAPS.survivor(rows, organisation) if organisation else None,
        cohort_id=external("cohort", cohort) if cohort else None,
        alliance_id=external("alliance", event.alliance) if event.alliance else None,
        territory_key=event.territory,
        title=event.title,
        horizon=event.horizon,
        status=RoadmapStatus.DRAFT,
        turning_point=None,
        generative_question=None,
        new_course=None,
        submissions=0,
        submitted_on=None,
        published_number=None,
        revision_because=None,
        archived_because=None,
        known_to=Reach.INSIDERS,
        read_by=Reach.INSIDERS,
    )


def _submission(roadmap: RoadmapRow, event: Roadmap.Submitted) -> SubmissionRow:
    return SubmissionRow(
        id=external("submission", event.submission),
        roadmap_id=roadmap.id,
        number=event.number,
        submitted_on=event.submitted_on,
        submitted_at=roadmap.updated_at,
        published_at=None,
        title=roadmap.title,
        horizon=roadmap.horizon,
        turning_point=roadmap.turning_point,
        generative_question=roadmap.generative_question,
        new_course=roadmap.new_course,
    )


def _comment(event: Roadmap.Commented, recorded: Recorded[AggregateEvent]) -> CommentRow:
    noun = event.about.noun
    return CommentRow(
        id=external("comment", event.comment),
        roadmap_id=external("roadmap", event.originator_id),
        about=event.about,
        part_id=external(noun, event.part) if noun and event.part else None,
        text=event.text,
        author=recorded.metadata.actor,
        commented_at=recorded.recorded_at,
    )


ROADMAPS = Projection(
    name="roadmaps",
    ddl="".join((DDL, *(part.DDL for part in PARTS), ROADMAP_DDL)),
    rows=(
        RoadmapRow,
        CommentRow,
        *(row for part in PARTS for row in part.ROWS),
        RoadmapMergerRow,
    ),
    follows=(Roadmap,),
    fold=fold,
    also_follows=(Organisation.Merged,),
    also_needs=also_needs,
)
