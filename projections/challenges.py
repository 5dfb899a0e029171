"""Challenges as they are now, with how many people each wants to reach."""

from collections.abc import Iterable
from datetime import date, datetime

from domain import text
from domain.aggregate import AggregateEvent
from domain.challenge import Challenge, ParticipantAudience, ParticipantTarget
from domain.identity import Id, external
from domain.label import Label
from domain.organisation import Organisation
from domain.record import Recorded
from projections.access import EVERYONE
from projections.mergers import CHALLENGE_DDL, IN_CHALLENGES, ChallengeMergerRow, concerned, follow
from projections.projection import Projection
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table challenge (
    id text collate "C" primary key,
    version integer not null,
    opened_at timestamptz not null,
    updated_at timestamptz not null,
    name text not null,
    name_key text collate "C" not null,
    territory_key text collate "C" not null,
    starts_on date not null,
    ends_on date not null,
    status text not null,
    host_id text collate "C",
    closed_because text
);
create index challenge_by_name on challenge (name_key, id);
create index challenge_by_start on challenge (starts_on, id);
create index challenge_by_end on challenge (ends_on, id);
create index challenge_by_territory on challenge (territory_key, starts_on, id);
create index challenge_by_host on challenge (host_id);

create table participant_target (
    challenge_id text collate "C" not null,
    audience text collate "C" not null,
    people integer not null,
    approximate boolean not null,
    changed_because text,
    primary key (challenge_id, audience)
);
"""


class ChallengeStatus(Label):
    """Whether a challenge goes on."""

    OPEN = "OPEN", "en cours", "under way"
    CLOSED = "CLOSED", "clos", "closed"


@row(
    "challenge",
    seen=EVERYONE,
    owner=("challenge", "id"),
    indexes=("host_id",),
    relations={
        "territory": Relation("territory", on=(("territory_key", "key"),)),
        "host": Relation("organisation", on=(("host_id", "id"),)),
        "targets": Relation(
            "participant_target", on=(("id", "challenge_id"),), many=True, order=("audience",)
        ),
        "workshops": Relation(
            "workshop", on=(("id", "challenge_id"),), many=True, order=("starts_at", "id")
        ),
    },
)
class ChallengeRow(Row):
    """A challenge of a territory."""

    id: Id
    version: int
    opened_at: datetime
    updated_at: datetime
    name: str
    name_key: str
    territory_key: str
    starts_on: date
    ends_on: date
    status: ChallengeStatus
    host_id: Id | None
    closed_because: str | None


@row(
    "participant_target",
    seen=EVERYONE,
    key=("challenge_id", "audience"),
    owner=("challenge", "challenge_id"),
    relations={"challenge": Relation("challenge", on=(("challenge_id", "id"),))},
)
class ParticipantTargetRow(Row):
    """How many people of an audience a challenge wants to reach."""

    challenge_id: Id
    audience: ParticipantAudience
    people: int
    approximate: bool
    changed_because: str | None


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about a challenge into the read model, or that two organisations became one."""
    event, at = recorded.event, recorded.recorded_at
    if isinstance(event, Organisation.Merged):
        merged = external("organisation", event.originator_id)
        survivor = external("organisation", event.into)
        IN_CHALLENGES.follow_merger(rows, merged, survivor)
        follow(rows, ChallengeRow, merged, survivor, ("host_id",))
        return
    id = external("challenge", event.originator_id)
    if isinstance(event, Challenge.Opened):
        rows.put(_opened(rows, id, event, at))
        for target in event.targets:
            rows.put(_target(id, target, None))
        return
    challenge = rows.change(ChallengeRow, id)
    challenge.version, challenge.updated_at = event.originator_version, at
    match event:
        case Challenge.TargetSet(target=target, reason=reason):
            rows.put(_target(id, target, reason))
        case Challenge.Closed(reason=reason):
            challenge.status, challenge.closed_because = ChallengeStatus.CLOSED, reason


def also_needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name what became of the host, and whom a merger concerns."""
    yield from IN_CHALLENGES.needs(recorded)
    yield from concerned(recorded, ChallengeRow, "host_id")
    if isinstance(recorded.event, Challenge.Opened):
        yield from IN_CHALLENGES.needs_of(recorded.event.host)


def _opened(rows: Rows, id: Id, event: Challenge.Opened, at: datetime) -> ChallengeRow:
    return ChallengeRow(
        id=id,
        version=event.originator_version,
        opened_at=at,
        updated_at=at,
        name=event.name,
        name_key=text.folded(event.name),
        territory_key=event.territory,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        status=ChallengeStatus.OPEN,
        host_id=IN_CHALLENGES.survivor_of(rows, event.host),
        closed_because=None,
    )


def _target(id: Id, target: ParticipantTarget, reason: str | None) -> ParticipantTargetRow:
    return ParticipantTargetRow(
        challenge_id=id,
        audience=target.audience,
        people=target.people,
        approximate=target.approximate,
        changed_because=reason,
    )


CHALLENGES = Projection(
    name="challenges",
    ddl=DDL + CHALLENGE_DDL,
    rows=(ChallengeRow, ParticipantTargetRow, ChallengeMergerRow),
    follows=(Challenge,),
    fold=fold,
    also_follows=(Organisation.Merged,),
    also_needs=also_needs,
)
