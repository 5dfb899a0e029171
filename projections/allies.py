"""Allies: who belongs to an alliance, what each gives to its themes, and who helps.

An organisation and all that went up in it are one member together, under the id of the one that
stands for them now, whichever of them a fact names.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from domain.aggregate import AggregateEvent
from domain.alliance import Alliance
from domain.identity import Id, external
from domain.membership import Contribution, MembershipKind
from domain.organisation import Organisation, OrganisationKind
from domain.record import Recorded
from domain.theme import Theme
from projections.access import EVERYONE
from projections.mergers import IN_ALLIANCES, concerned, follow
from projections.rows import Need, Rows, key_of
from projections.table import Relation, Row, row

DDL = """
create table alliance_member (
    alliance_id text collate "C" not null,
    organisation_id text collate "C" not null,
    kind text not null,
    joined_at timestamptz not null,
    changed_because text,
    left_at timestamptz,
    left_because text,
    primary key (alliance_id, organisation_id)
);
create index alliance_member_in_order on alliance_member
    (alliance_id, joined_at, organisation_id);
create index alliance_member_by_organisation on alliance_member
    (organisation_id, joined_at, alliance_id);

create table member_count (
    alliance_id text collate "C" not null,
    version integer not null,
    kind text,
    count integer not null,
    approximate boolean not null,
    note text,
    counted_at timestamptz not null,
    primary key (alliance_id, version)
);

create table commitment (
    alliance_id text collate "C" not null,
    organisation_id text collate "C" not null,
    theme text collate "C" not null,
    contribution text collate "C" not null,
    made_at timestamptz not null,
    primary key (alliance_id, theme, organisation_id, contribution)
);
create index commitment_by_organisation on commitment
    (organisation_id, alliance_id, theme, contribution);
create index commitment_by_theme on commitment (theme, contribution);

create table expert (
    id text collate "C" primary key,
    alliance_id text collate "C" not null,
    organisation_id text collate "C",
    role text,
    theme text collate "C",
    associated_at timestamptz not null,
    released_at timestamptz,
    released_because text
);
create index expert_by_alliance on expert (alliance_id, associated_at, id);
create index expert_by_theme on expert (alliance_id, theme, associated_at, id);
create index expert_by_organisation on expert (organisation_id, associated_at, id);
"""


@row(
    "alliance_member",
    seen=EVERYONE,
    key=("alliance_id", "organisation_id"),
    owner=("alliance", "alliance_id"),
    indexes=("organisation_id",),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "commitments": Relation(
            "commitment",
            on=(("alliance_id", "alliance_id"), ("organisation_id", "organisation_id")),
            many=True,
            order=("theme", "contribution"),
        ),
    },
)
class AllianceMemberRow(Row):
    """An organisation's way into an alliance, and out of it where it left."""

    alliance_id: Id
    organisation_id: Id
    kind: MembershipKind
    joined_at: datetime
    changed_because: str | None
    left_at: datetime | None
    left_because: str | None


@row(
    "member_count", seen=EVERYONE, key=("alliance_id", "version"), owner=("alliance", "alliance_id")
)
class MemberCountRow(Row):
    """How many members of a kind there are beside those known by name."""

    alliance_id: Id
    version: int
    kind: OrganisationKind | None
    count: int
    approximate: bool
    note: str | None
    counted_at: datetime


@row(
    "commitment",
    seen=EVERYONE,
    key=("alliance_id", "theme", "organisation_id", "contribution"),
    owner=("alliance", "alliance_id"),
    indexes=("organisation_id",),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class CommitmentRow(Row):
    """One of the things that a member gives to a theme."""

    alliance_id: Id
    organisation_id: Id
    theme: Theme
    contribution: Contribution
    made_at: datetime


@row(
    "expert",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    indexes=("organisation_id",),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class ExpertRow(Row):
    """One who helps an alliance with a theme, or with all of its work."""

    id: Id
    alliance_id: Id
    organisation_id: Id | None
    role: str | None
    theme: Theme | None
    associated_at: datetime
    released_at: datetime | None
    released_because: str | None


ROWS: tuple[type[Row], ...] = (AllianceMemberRow, MemberCountRow, CommitmentRow, ExpertRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about who belongs to an alliance, or helps it, into the read model."""
    at, alliance = recorded.recorded_at, external("alliance", recorded.stream_id)
    match recorded.event:
        case Alliance.MemberJoined(organisation=named, kind=kind):
            _join(rows, alliance, IN_ALLIANCES.survivor(rows, named), kind, at)
        case Alliance.MembershipChanged(organisation=named, kind=kind, reason=reason):
            member = rows.change(AllianceMemberRow, alliance, IN_ALLIANCES.survivor(rows, named))
            member.kind, member.changed_because = kind, reason
        case Alliance.MemberLeft(organisation=named, reason=reason):
            member = rows.change(AllianceMemberRow, alliance, IN_ALLIANCES.survivor(rows, named))
            member.left_at, member.left_because = at, reason
            _end_commitments(rows, alliance, organisation=member.organisation_id)
        case Alliance.MembersCounted() as event:
            _count(rows, alliance, event, at)
        case Alliance.ThemeClosed(theme=theme):
            _end_commitments(rows, alliance, theme=theme)
        case Alliance.CommitmentMade() as event:
            member_id = IN_ALLIANCES.survivor(rows, event.organisation)
            _end_commitments(rows, alliance, organisation=member_id, theme=event.theme)
            for contribution in event.contributions:
                rows.put(
                    CommitmentRow(
                        alliance_id=alliance,
                        organisation_id=member_id,
                        theme=event.theme,
                        contribution=contribution,
                        made_at=at,
                    )
                )
        case Alliance.CommitmentWithdrawn(organisation=named, theme=theme):
            member_id = IN_ALLIANCES.survivor(rows, named)
            _end_commitments(rows, alliance, organisation=member_id, theme=theme)
        case Alliance.ExpertAssociated() as event:
            rows.put(_expert(rows, event, at))
        case Alliance.ExpertReleased(expert=expert, reason=reason):
            released = rows.change(ExpertRow, external("expert", expert))
            released.released_at, released.released_because = at, reason


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the members and commitments of an alliance: which one is meant, the mergers tell."""
    alliance = external("alliance", recorded.stream_id)
    match recorded.event:
        case Organisation.Merged():
            for kind in (AllianceMemberRow, CommitmentRow, ExpertRow):
                yield from concerned(recorded, kind)
        case (
            Alliance.MemberJoined(organisation=named)
            | Alliance.MembershipChanged(organisation=named)
        ):
            yield IN_ALLIANCES.need(named)
            yield Need(AllianceMemberRow, "alliance_id", alliance)
        case Alliance.MemberLeft(organisation=named):
            yield IN_ALLIANCES.need(named)
            yield Need(AllianceMemberRow, "alliance_id", alliance)
            yield Need(CommitmentRow, "alliance_id", alliance)
        case Alliance.MembersCounted():
            yield Need(MemberCountRow, "alliance_id", alliance)
        case Alliance.ThemeClosed():
            yield Need(CommitmentRow, "alliance_id", alliance)
        case (
            Alliance.CommitmentMade(organisation=named)
            | Alliance.CommitmentWithdrawn(organisation=named)
        ):
            yield IN_ALLIANCES.need(named)
            yield Need(CommitmentRow, "alliance_id", alliance)
        case Alliance.ExpertAssociated(party=party):
            yield from IN_ALLIANCES.needs_of(party.organisation)
        case Alliance.ExpertReleased(expert=expert):
            yield Need(ExpertRow, "id", external("expert", expert))


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor be the member that a merged organisation was, and give what it gave.

    Where both are members the survivor's way stays, unless it left and the other did not.
    """
    own = {
        one.alliance_id: one for one in rows.where(AllianceMemberRow, "organisation_id", survivor)
    }
    for member in rows.where(AllianceMemberRow, "organisation_id", merged):
        rows.drop(AllianceMemberRow, *key_of(member))
        stays = own.get(member.alliance_id)
        if stays is None or (stays.left_at is not None and member.left_at is None):
            rows.put(replace(member, organisation_id=survivor))
    follow(rows, CommitmentRow, merged, survivor)
    follow(rows, ExpertRow, merged, survivor)


def _join(rows: Rows, alliance: Id, member: Id, kind: MembershipKind, at: datetime) -> None:
    rows.put(
        AllianceMemberRow(
            alliance_id=alliance,
            organisation_id=member,
            kind=kind,
            joined_at=at,
            changed_because=None,
            left_at=None,
            left_because=None,
        )
    )


def _count(rows: Rows, alliance: Id, event: Alliance.MembersCounted, at: datetime) -> None:
    for former in rows.where(MemberCountRow, "alliance_id", alliance):
        if former.kind is event.kind:
            rows.drop(MemberCountRow, *key_of(former))
    rows.put(
        MemberCountRow(
            alliance_id=alliance,
            version=event.originator_version,
            kind=event.kind,
            count=event.counted.count,
            approximate=event.counted.approximate,
            note=event.counted.note,
            counted_at=at,
        )
    )


def _end_commitments(
    rows: Rows, alliance: Id, organisation: Id | None = None, theme: Theme | None = None
) -> None:
    """Drop what was given: by a member where one is named, to a theme where one is."""
    for given in rows.where(CommitmentRow, "alliance_id", alliance):
        if organisation in (None, given.organisation_id) and theme in (None, given.theme):
            rows.drop(CommitmentRow, *key_of(given))


def _expert(rows: Rows, event: Alliance.ExpertAssociated, at: datetime) -> ExpertRow:
    return ExpertRow(
        id=external("expert", event.expert),
        alliance_id=external("alliance", event.originator_id),
        organisation_id=IN_ALLIANCES.survivor_of(rows, event.party.organisation),
        role=event.party.role,
        theme=event.theme,
        associated_at=at,
        released_at=None,
        released_because=None,
    )
