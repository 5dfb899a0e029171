"""Mergers: which organisation stands for one that went up in another.

The facts of cohorts and roadmaps go on naming an organisation as they named it first. So each of
those two read models remembers for itself what became of it, and does not depend on how far that
of organisations is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.organisation import Organisation
from domain.record import Recorded
from projections.rows import Need, Rows
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


@dataclass(slots=True, kw_only=True)
class MergerRow(Row):
    """An organisation that went up in another, and the one that stands for it now."""

    organisation_id: Id
    survivor_id: Id


@row("cohort_merger", key=("organisation_id",), indexes=("survivor_id",))
class CohortMergerRow(MergerRow):
    """A merger as the read model of cohorts knows it."""


@row("roadmap_merger", key=("organisation_id",), indexes=("survivor_id",))
class RoadmapMergerRow(MergerRow):
    """A merger as the read model of roadmaps knows it."""


class Mergers:
    """What one read model knows of mergers."""

    def __init__(self, kind: type[MergerRow]) -> None:
        self._kind = kind

    def need(self, organisation: UUID) -> Need:
        """Name the row that `survivor` reads."""
        return Need(self._kind, "organisation_id", external("organisation", organisation))

    def needs(self, recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
        """Name those that went up in an organisation which now goes up in another itself."""
        if isinstance(recorded.event, Organisation.Merged):
            yield Need(self._kind, "survivor_id", external("organisation", recorded.stream_id))

    def survivor(self, rows: Rows, organisation: UUID) -> Id:
        """Give the organisation that stands for one that a fact names."""
        id = external("organisation", organisation)
        merger = rows.get(self._kind, id)
        return id if merger is None else merger.survivor_id

    def follow_merger(self, rows: Rows, merged: Id, survivor: Id) -> None:
        """Let a merged organisation, and all that went up in it, be stood for by another."""
        for former in rows.where(self._kind, "survivor_id", merged):
            rows.put(self._kind(organisation_id=former.organisation_id, survivor_id=survivor))
        rows.put(self._kind(organisation_id=merged, survivor_id=survivor))


IN_COHORTS = Mergers(CohortMergerRow)
IN_ROADMAPS = Mergers(RoadmapMergerRow)
