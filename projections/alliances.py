"""Alliances as they are now, with their themes, their parts and what they agreed on."""

from collections.abc import Iterable
from datetime import date, datetime

from domain import text
from domain.aggregate import AggregateEvent
from domain.alliance import Alliance, AllianceKind
from domain.conclusion import Conclusion
from domain.identity import Id, external
from domain.label import Label
from domain.organisation import Organisation
from domain.record import Recorded
from domain.theme import Theme
from projections import allies, indicators, meetings, prioritisations, reviews, surveys
from projections.access import EVERYONE
from projections.mergers import ALLIANCE_DDL, IN_ALLIANCES, AllianceMergerRow
from projections.projection import Projection
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table alliance (
    id text collate "C" primary key,
    version integer not null,
    entered_at timestamptz not null,
    updated_at timestamptz not null,
    name text not null,
    name_key text collate "C" not null,
    kind text not null,
    status text not null,
    territory_key text collate "C" not null,
    launched_on date,
    horizon integer,
    purpose text,
    parent_id text collate "C",
    closed_on date,
    agreed_objectives text,
    common_actions text,
    report_title text,
    report_url text,
    report_summary text,
    conclusion_corrected_because text
);
create index alliance_by_name on alliance (name_key, id);
create index alliance_by_entry on alliance (entered_at, id);
create index alliance_by_territory on alliance (territory_key, name_key, id);
create index alliance_by_parent on alliance (parent_id, name_key, id);
create index alliance_by_kind on alliance (kind, name_key, id);
create index alliance_by_status on alliance (status, name_key, id);

create table alliance_theme (
    alliance_id text collate "C" not null,
    theme text collate "C" not null,
    title text,
    opened_at timestamptz not null,
    primary key (alliance_id, theme)
);
create index alliance_theme_in_order on alliance_theme (alliance_id, opened_at, theme);
create index alliance_theme_by_theme on alliance_theme (theme, alliance_id);

create table alliance_erratum (
    alliance_id text collate "C" not null,
    version integer not null,
    subject text not null,
    correction text not null,
    reason text not null,
    noted_at timestamptz not null,
    primary key (alliance_id, version)
);
"""

PARTS = (allies, meetings, surveys, indicators, prioritisations, reviews)
"""The modules that fold the rest of an alliance's facts into further tables."""


class AllianceStatus(Label):
    """Whether an alliance is at work."""

    OPEN = "OPEN", "à l’œuvre", "at work"
    CLOSED = "CLOSED", "close", "closed"


def _of_alliance(target: str, *order: str) -> Relation:
    return Relation(target, on=(("id", "alliance_id"),), many=True, order=order)


def _of_theme(target: str, *order: str) -> Relation:
    shared = (("alliance_id", "alliance_id"), ("theme", "theme"))
    return Relation(target, on=shared, many=True, order=order)


@row(
    "alliance",
    seen=EVERYONE,
    owner=("alliance", "id"),
    relations={
        "territory": Relation("territory", on=(("territory_key", "key"),)),
        "parent": Relation("alliance", on=(("parent_id", "id"),)),
        "parts": Relation(
            "alliance", on=(("id", "parent_id"),), many=True, order=("name_key", "id")
        ),
        "themes": _of_alliance("alliance_theme", "opened_at", "theme"),
        "members": _of_alliance("alliance_member", "joined_at", "organisation_id"),
        "member_counts": _of_alliance("member_count", "version"),
        "commitments": _of_alliance("commitment", "theme", "organisation_id", "contribution"),
        "experts": _of_alliance("expert", "associated_at", "id"),
        "working_groups": _of_alliance("working_group", "formed_at", "id"),
        "meetings": _of_alliance("meeting", "ordered_by", "id"),
        "surveys": _of_alliance("survey", "opens_on", "id"),
        "indicators": _of_alliance("indicator", "name_key", "id"),
        "prioritisations": _of_alliance("prioritisation", "opened_at", "id"),
        "reviews": _of_alliance("review", "year", "id"),
        "roadmaps": _of_alliance("roadmap", "drafted_at", "id"),
        "actions": _of_alliance("action", "proposed_at", "id"),
        "errata": _of_alliance("alliance_erratum", "version"),
    },
)
class AllianceRow(Row):
    """An alliance."""

    id: Id
    version: int
    entered_at: datetime
    updated_at: datetime
    name: str
    name_key: str
    kind: AllianceKind
    status: AllianceStatus
    territory_key: str
    launched_on: date | None
    horizon: int | None
    purpose: str | None
    parent_id: Id | None
    closed_on: date | None
    agreed_objectives: str | None
    common_actions: str | None
    report_title: str | None
    report_url: str | None
    report_summary: str | None
    conclusion_corrected_because: str | None


@row(
    "alliance_theme",
    seen=EVERYONE,
    key=("alliance_id", "theme"),
    owner=("alliance", "alliance_id"),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "commitments": _of_theme("commitment", "organisation_id", "contribution"),
        "experts": _of_theme("expert", "associated_at", "id"),
        "meetings": _of_theme("meeting", "ordered_by", "id"),
        "indicators": _of_theme("indicator", "name_key", "id"),
    },
)
class AllianceThemeRow(Row):
    """A theme on which an alliance works."""

    alliance_id: Id
    theme: Theme
    title: str | None
    opened_at: datetime


@row(
    "alliance_erratum",
    seen=EVERYONE,
    key=("alliance_id", "version"),
    owner=("alliance", "alliance_id"),
)
class AllianceErratumRow(Row):
    """What is recorded of a subject is wrong, in words that say how."""

    alliance_id: Id
    version: int
    subject: str
    correction: str
    reason: str
    noted_at: datetime


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about an alliance into the read model, or that two organisations merged."""
    event = recorded.event
    if isinstance(event, Organisation.Merged):
        merged = external("organisation", event.originator_id)
        for part in (*PARTS, IN_ALLIANCES):
            part.follow_merger(rows, merged, external("organisation", event.into))
        return
    if isinstance(event, Alliance.Launched):
        rows.put(_launched(event, recorded.recorded_at))
        return
    alliance = rows.change(AllianceRow, external("alliance", event.originator_id))
    alliance.version, alliance.updated_at = event.originator_version, recorded.recorded_at
    _fold_own(rows, alliance, recorded)
    for part in PARTS:
        part.fold(rows, recorded)


def _fold_own(rows: Rows, alliance: AllianceRow, recorded: Recorded[AggregateEvent]) -> None:
    match recorded.event:
        case Alliance.ThemeOpened(theme=theme, title=title):
            known = rows.get(AllianceThemeRow, alliance.id, theme)
            rows.put(
                AllianceThemeRow(
                    alliance_id=alliance.id,
                    theme=theme,
                    title=title,
                    opened_at=known.opened_at if known else recorded.recorded_at,
                )
            )
        case Alliance.ThemeClosed(theme=theme):
            rows.drop(AllianceThemeRow, alliance.id, theme)
        case Alliance.Closed() as event:
            alliance.status, alliance.closed_on = AllianceStatus.CLOSED, event.closed_on
            _conclude(alliance, event.conclusion)
        case Alliance.ConclusionCorrected() as event:
            _conclude(alliance, event.conclusion)
            alliance.conclusion_corrected_because = event.reason
        case Alliance.ErratumNoted() as event:
            rows.put(
                AllianceErratumRow(
                    alliance_id=alliance.id,
                    version=alliance.version,
                    subject=event.subject,
                    correction=event.correction,
                    reason=event.reason,
                    noted_at=recorded.recorded_at,
                )
            )


def also_needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name what the themes and the parts of an alliance need."""
    if isinstance(recorded.event, Alliance.ThemeOpened):
        yield Need(AllianceThemeRow, "alliance_id", external("alliance", recorded.stream_id))
    for part in (*PARTS, IN_ALLIANCES):
        yield from part.needs(recorded)


def _launched(event: Alliance.Launched, at: datetime) -> AllianceRow:
    return AllianceRow(
        id=external("alliance", event.originator_id),
        version=event.originator_version,
        entered_at=at,
        updated_at=at,
        name=event.name,
        name_key=text.folded(event.name),
        kind=event.kind,
        status=AllianceStatus.OPEN,
        territory_key=event.territory,
        launched_on=event.launched_on,
        horizon=event.horizon,
        purpose=event.purpose,
        parent_id=external("alliance", event.parent) if event.parent else None,
        closed_on=None,
        agreed_objectives=None,
        common_actions=None,
        report_title=None,
        report_url=None,
        report_summary=None,
        conclusion_corrected_because=None,
    )


def _conclude(alliance: AllianceRow, conclusion: Conclusion) -> None:
    alliance.agreed_objectives = conclusion.objectives
    alliance.common_actions = conclusion.common_actions
    alliance.report_title = conclusion.title
    alliance.report_url = conclusion.url
    alliance.report_summary = conclusion.summary


ALLIANCES = Projection(
    name="alliances",
    ddl="".join((DDL, *(part.DDL for part in PARTS), ALLIANCE_DDL)),
    rows=(
        AllianceRow,
        AllianceThemeRow,
        AllianceErratumRow,
        *(row for part in PARTS for row in part.ROWS),
        AllianceMergerRow,
    ),
    follows=(Alliance,),
    fold=fold,
    also_follows=(Organisation.Merged,),
    also_needs=also_needs,
)
