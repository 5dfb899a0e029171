"""Mergers: which organisation stands for one that went up in another.

The facts of cohorts, roadmaps, alliances and actions go on naming an organisation as they named
it first. So each of those read models remembers for itself what became of it, and does not
depend on how far that of organisations is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.organisation import Organisation
from domain.record import Recorded
from projections.access import NOBODY
from projections.rows import Need, Rows, key_of
from projections.table import Row, row

COHORT_DDL = """
create table cohort_merger (
    organisation_id text collate "C" primary key,
    survivor_id text collate "C" not null
);
create index cohort_merger_by_survivor on cohort_merger (survivor_id);
"""

ROADMAP_DDL = """
create table roadmap_merger (
    organisation_id text collate "C" primary key,
    survivor_id text collate "C" not null
);
create index roadmap_merger_by_survivor on roadmap_merger (survivor_id);
"""

ALLIANCE_DDL = """
create table alliance_merger (
    organisation_id text collate "C" primary key,
    survivor_id text collate "C" not null
);
create index alliance_merger_by_survivor on alliance_merger (survivor_id);
"""

ACTION_DDL = """
create table action_merger (
    organisation_id text collate "C" primary key,
    survivor_id text collate "C" not null
);
create index action_merger_by_survivor on action_merger (survivor_id);
"""

CHALLENGE_DDL = """
create table challenge_merger (
    organisation_id text collate "C" primary key,
    survivor_id text collate "C" not null
);
create index challenge_merger_by_survivor on challenge_merger (survivor_id);
"""

WORKSHOP_DDL = """
create table workshop_merger (
    organisation_id text collate "C" primary key,
    survivor_id text collate "C" not null
);
create index workshop_merger_by_survivor on workshop_merger (survivor_id);
"""


@dataclass(slots=True, kw_only=True)
class MergerRow(Row):
    """An organisation that went up in another, and the one that stands for it now."""

    organisation_id: Id
    survivor_id: Id


@row("cohort_merger", seen=NOBODY, key=("organisation_id",), indexes=("survivor_id",))
class CohortMergerRow(MergerRow):
    """A merger as the read model of cohorts knows it."""


@row("roadmap_merger", seen=NOBODY, key=("organisation_id",), indexes=("survivor_id",))
class RoadmapMergerRow(MergerRow):
    """A merger as the read model of roadmaps knows it."""


@row("alliance_merger", seen=NOBODY, key=("organisation_id",), indexes=("survivor_id",))
class AllianceMergerRow(MergerRow):
    """A merger as the read model of alliances knows it."""


@row("action_merger", seen=NOBODY, key=("organisation_id",), indexes=("survivor_id",))
class ActionMergerRow(MergerRow):
    """A merger as the read model of actions knows it."""


@row("challenge_merger", seen=NOBODY, key=("organisation_id",), indexes=("survivor_id",))
class ChallengeMergerRow(MergerRow):
    """A merger as the read model of challenges knows it."""


@row("workshop_merger", seen=NOBODY, key=("organisation_id",), indexes=("survivor_id",))
class WorkshopMergerRow(MergerRow):
    """A merger as the read model of workshops knows it."""


class Mergers:
    """What one read model knows of mergers."""

    def __init__(self, kind: type[MergerRow]) -> None:
        self._kind = kind

    def need(self, organisation: UUID) -> Need:
        """Name the row that `survivor` reads."""
        return Need(self._kind, "organisation_id", external("organisation", organisation))

    def needs_of(self, *organisations: UUID | None) -> Iterable[Need]:
        """Name the rows that `survivor_of` reads, for those that are named at all."""
        yield from (self.need(one) for one in organisations if one is not None)

    def needs(self, recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
        """Name those that went up in an organisation which now goes up in another itself."""
        if isinstance(recorded.event, Organisation.Merged):
            yield Need(self._kind, "survivor_id", external("organisation", recorded.stream_id))

    def survivor(self, rows: Rows, organisation: UUID) -> Id:
        """Give the organisation that stands for one that a fact names."""
        id = external("organisation", organisation)
        merger = rows.get(self._kind, id)
        return id if merger is None else merger.survivor_id

    def survivor_of(self, rows: Rows, organisation: UUID | None) -> Id | None:
        """Give the organisation that stands for the one that a fact names, if it names one."""
        return None if organisation is None else self.survivor(rows, organisation)

    def follow_merger(self, rows: Rows, merged: Id, survivor: Id) -> None:
        """Let a merged organisation, and all that went up in it, be stood for by another."""
        for former in rows.where(self._kind, "survivor_id", merged):
            rows.put(self._kind(organisation_id=former.organisation_id, survivor_id=survivor))
        rows.put(self._kind(organisation_id=merged, survivor_id=survivor))


IN_COHORTS = Mergers(CohortMergerRow)
IN_ROADMAPS = Mergers(RoadmapMergerRow)
IN_ACTIONS = Mergers(ActionMergerRow)
IN_ALLIANCES = Mergers(AllianceMergerRow)
IN_CHALLENGES = Mergers(ChallengeMergerRow)
IN_WORKSHOPS = Mergers(WorkshopMergerRow)


def concerned(
    recorded: Recorded[AggregateEvent], kind: type[Row], column: str = "organisation_id"
) -> Iterable[Need]:
    """Name the rows that `follow` reads."""
    if isinstance(recorded.event, Organisation.Merged):
        yield Need(kind, column, external("organisation", recorded.stream_id))
        yield Need(kind, column, external("organisation", recorded.event.into))


def follow(
    rows: Rows,
    kind: type[Row],
    merged: Id,
    survivor: Id,
    columns: tuple[str, ...] = ("organisation_id",),
) -> None:
    """Let rows of a merged organisation be its survivor's; what the survivor has itself stays."""
    own = {key_of(one) for one in rows.where(kind, columns[0], survivor)}
    for former in rows.where(kind, columns[0], merged):
        moved = replace(cast(Any, former), **dict.fromkeys(columns, survivor))
        rows.drop(kind, *key_of(former))
        if key_of(moved) not in own:
            rows.put(moved)
