"""Base camps of cohorts: organisations under the wing of a coach and a facilitator."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.aggregate import AggregateEvent
from domain.cohort import Cohort
from domain.identity import Id, external
from domain.organisation import Organisation
from domain.record import Recorded
from projections.access import EVERYONE
from projections.mergers import IN_COHORTS
from projections.rows import Need, Rows, key_of
from projections.table import Relation, Row, row

DDL = """
create table base_camp (
    id text collate "C" primary key,
    cohort_id text collate "C" not null,
    name text not null,
    coach text not null,
    facilitator text not null,
    formed_at timestamptz not null,
    dissolved_at timestamptz,
    dissolved_because text
);
create index base_camp_by_cohort on base_camp (cohort_id, formed_at, id);

create table camp_member (
    camp_id text collate "C" not null,
    organisation_id text collate "C" not null,
    cohort_id text collate "C" not null,
    primary key (camp_id, organisation_id)
);
create index camp_member_by_organisation on camp_member (organisation_id, camp_id);
create index camp_member_by_cohort on camp_member (cohort_id, organisation_id);
"""


@row(
    "base_camp",
    seen=EVERYONE,
    owner=("cohort", "cohort_id"),
    relations={
        "cohort": Relation("cohort", on=(("cohort_id", "id"),)),
        "members": Relation(
            "camp_member", on=(("id", "camp_id"),), many=True, order=("organisation_id",)
        ),
    },
)
class BaseCampRow(Row):
    """A coach and a facilitator with the organisations under their wing between sessions."""

    id: Id
    cohort_id: Id
    name: str
    coach: str
    facilitator: str
    formed_at: datetime
    dissolved_at: datetime | None
    dissolved_because: str | None


@row(
    "camp_member",
    seen=EVERYONE,
    key=("camp_id", "organisation_id"),
    owner=("cohort", "cohort_id"),
    indexes=("camp_id", "organisation_id"),
    relations={
        "base_camp": Relation("base_camp", on=(("camp_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class CampMemberRow(Row):
    """An organisation's place in a base camp."""

    camp_id: Id
    organisation_id: Id
    cohort_id: Id


ROWS: tuple[type[Row], ...] = (BaseCampRow, CampMemberRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about the base camps of a cohort into the read model."""
    at, cohort = recorded.recorded_at, external("cohort", recorded.stream_id)
    match recorded.event:
        case Cohort.BaseCampFormed() as event:
            rows.put(_formed(cohort, event, at))
            _regroup(rows, cohort, event.camp, event.organisations)
        case Cohort.BaseCampRegrouped(camp=camp, organisations=organisations):
            _regroup(rows, cohort, camp, organisations)
        case Cohort.BaseCampDissolved(camp=camp, reason=reason):
            dissolved = rows.change(BaseCampRow, external("camp", camp))
            dissolved.dissolved_at, dissolved.dissolved_because = at, reason
            _regroup(rows, cohort, camp, ())
        case Cohort.OrganisationWithdrew(organisation=named):
            organisation = IN_COHORTS.survivor(rows, named)
            for member in rows.where(CampMemberRow, "cohort_id", cohort):
                if member.organisation_id == organisation:
                    rows.drop(CampMemberRow, *key_of(member))


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the base camp of which a fact speaks, and its members."""
    match recorded.event:
        case Organisation.Merged():
            merged = external("organisation", recorded.stream_id)
            yield Need(CampMemberRow, "organisation_id", merged)
        case (
            Cohort.BaseCampFormed(camp=camp, organisations=organisations)
            | Cohort.BaseCampRegrouped(camp=camp, organisations=organisations)
        ):
            yield Need(CampMemberRow, "camp_id", external("camp", camp))
            yield from map(IN_COHORTS.need, organisations)
        case Cohort.BaseCampDissolved(camp=camp):
            yield Need(BaseCampRow, "id", external("camp", camp))
            yield Need(CampMemberRow, "camp_id", external("camp", camp))
        case Cohort.OrganisationWithdrew(organisation=named):
            yield IN_COHORTS.need(named)
            yield Need(CampMemberRow, "cohort_id", external("cohort", recorded.stream_id))


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor have the places of a merged organisation, one in each base camp."""
    for member in rows.where(CampMemberRow, "organisation_id", merged):
        rows.drop(CampMemberRow, *key_of(member))
        rows.put(replace(member, organisation_id=survivor))


def _formed(cohort: Id, event: Cohort.BaseCampFormed, at: datetime) -> BaseCampRow:
    return BaseCampRow(
        id=external("camp", event.camp),
        cohort_id=cohort,
        name=event.name,
        coach=event.coach,
        facilitator=event.facilitator,
        formed_at=at,
        dissolved_at=None,
        dissolved_because=None,
    )


def _regroup(rows: Rows, cohort: Id, camp: UUID, organisations: Sequence[UUID]) -> None:
    id = external("camp", camp)
    for former in rows.where(CampMemberRow, "camp_id", id):
        rows.drop(CampMemberRow, *key_of(former))
    for named in organisations:
        member = IN_COHORTS.survivor(rows, named)
        rows.put(CampMemberRow(camp_id=id, organisation_id=member, cohort_id=cohort))
