"""Participation: how many people came to workshops, beside how many challenges want to reach."""

from collections.abc import Iterable

from domain.aggregate import AggregateEvent
from domain.challenge import Challenge, ParticipantAudience, ParticipantTarget
from domain.identity import Id, external
from domain.record import Recorded
from domain.workshop import Workshop
from projections.access import EVERYONE
from projections.projection import Projection
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table participation (
    id text collate "C" primary key,
    challenge_id text collate "C" not null,
    audience text not null,
    workshop_id text collate "C",
    came integer,
    target integer
);
create index participation_by_challenge on participation (challenge_id, audience);
create index participation_by_workshop on participation (workshop_id);
"""


@row(
    "participation",
    seen=EVERYONE,
    relations={
        "challenge": Relation("challenge", on=(("challenge_id", "id"),)),
        "workshop": Relation("workshop", on=(("workshop_id", "id"),)),
    },
)
class ParticipationRow(Row):
    """How many came to a workshop, or how many of an audience a challenge wants to reach."""

    id: Id
    """That of the workshop, or of the challenge with the audience."""
    challenge_id: Id
    audience: ParticipantAudience
    workshop_id: Id | None
    came: int | None
    target: int | None


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about who is to come, or about how many came, into the read model."""
    match recorded.event:
        case Challenge.Opened(targets=targets):
            for target in targets:
                rows.put(_target(recorded, target))
        case Challenge.TargetSet(target=target):
            rows.put(_target(recorded, target))
        case Workshop.Scheduled() as event:
            rows.put(_workshop(event))
        case Workshop.Held(turnout=turnout) | Workshop.TurnoutCorrected(turnout=turnout):
            workshop = external("workshop", recorded.stream_id)
            rows.change(ParticipationRow, workshop).came = turnout.came


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the workshop of which it is said how many came."""
    if isinstance(recorded.event, Workshop.Held | Workshop.TurnoutCorrected):
        yield Need(ParticipationRow, "id", external("workshop", recorded.stream_id))


def _target(recorded: Recorded[AggregateEvent], target: ParticipantTarget) -> ParticipationRow:
    challenge = external("challenge", recorded.stream_id)
    return ParticipationRow(
        id=Id(f"{challenge}/{target.audience}"),
        challenge_id=challenge,
        audience=target.audience,
        workshop_id=None,
        came=None,
        target=target.people,
    )


def _workshop(event: Workshop.Scheduled) -> ParticipationRow:
    workshop = external("workshop", event.originator_id)
    return ParticipationRow(
        id=workshop,
        challenge_id=external("challenge", event.challenge),
        audience=event.audience,
        workshop_id=workshop,
        came=None,
        target=None,
    )


PARTICIPATIONS = Projection(
    name="participations",
    ddl=DDL,
    rows=(ParticipationRow,),
    follows=(),
    fold=fold,
    also_follows=(
        Challenge.Opened,
        Challenge.TargetSet,
        Workshop.Scheduled,
        Workshop.Held,
        Workshop.TurnoutCorrected,
    ),
    also_needs=needs,
)
