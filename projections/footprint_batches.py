"""Batches of footprints, and the releases in which they are published.

No footprint stands here by itself, but in a batch that waits to be released; and what a batch was
made of is remembered by fingerprints alone. What is told of footprints is told of releases, as
`projections.disclosure` allows it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from domain.aggregate import AggregateEvent
from domain.challenge import ParticipantAudience
from domain.footprint import CalculationMethod
from domain.footprint_batch import FootprintBatch
from domain.identity import Id, external
from domain.label import Label
from domain.record import Recorded
from projections import disclosure, footprint_releases, footprint_versions
from projections.access import EVERYONE, NOBODY
from projections.disclosure import DisclosureRow, Gathering, Rule
from projections.footprint_versions import ReleasedFootprintRow, Version, fingerprint
from projections.projection import Projection
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table footprint_batch (
    id text collate "C" primary key,
    version integer not null,
    recorded_at timestamptz not null,
    updated_at timestamptz not null,
    challenge_id text collate "C" not null,
    workshop_id text collate "C" not null,
    audience text not null,
    method text not null,
    method_version text not null,
    people integer not null,
    publication text not null,
    release_id text collate "C",
    waits_in text collate "C",
    waiting text,
    fingerprints text[] not null,
    committed text not null
);
create index footprint_batch_by_time on footprint_batch (recorded_at, id);
create index footprint_batch_by_challenge on footprint_batch (challenge_id, recorded_at, id);
create index footprint_batch_by_workshop on footprint_batch (workshop_id, recorded_at, id);
create index footprint_batch_by_release on footprint_batch (release_id);
create index footprint_batch_by_waiting on footprint_batch (waits_in);
"""


class Publication(Label):
    """Whether a batch of footprints counts in what is told of footprints."""

    WAITING = "WAITING", "en attente d’autres lots", "waiting for other batches"
    RELEASED = "RELEASED", "publié", "published"
    HELD_BACK = "HELD_BACK", "retenu, trop proche du précédent", "held back, too like the last"
    WITHDRAWN = "WITHDRAWN", "retiré", "withdrawn"


@row(
    "footprint_batch",
    seen=EVERYONE,
    shown=dict.fromkeys(("release_id", "waits_in", "waiting", "fingerprints", "committed"), NOBODY),
    owner=("footprint_batch", "id"),
    indexes=("workshop_id", "waits_in"),
    relations={
        "challenge": Relation("challenge", on=(("challenge_id", "id"),)),
        "workshop": Relation("workshop", on=(("workshop_id", "id"),)),
    },
)
class FootprintBatchRow(Row):
    """A batch of footprints: how many, whence and how, and whether it is published."""

    id: Id
    version: int
    recorded_at: datetime
    updated_at: datetime
    challenge_id: Id
    workshop_id: Id
    audience: ParticipantAudience
    method: CalculationMethod
    method_version: str
    people: int
    publication: Publication
    release_id: Id | None
    """The release in which it was published first; it may be gone."""
    waits_in: Id | None
    """The challenge in which it waits for others."""
    waiting: str | None
    """What is in it, while it waits."""
    fingerprints: list[str]
    """What was in it, once it is released by itself."""
    committed: str
    """What tells its commitments from others, once it is released by itself."""


@dataclass(frozen=True, slots=True)
class Folding:
    """The fold, for a rule of disclosure."""

    rule: Rule

    def fold(self, rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
        """Take one fact about a batch of footprints into the read model."""
        match recorded.event:
            case FootprintBatch.Recorded() as event:
                self._take(rows, _batch(event, recorded.recorded_at), event)
            case FootprintBatch.Withdrawn() as event:
                _withdraw(rows, external("footprint_batch", event.originator_id), recorded)

    def _take(self, rows: Rows, batch: FootprintBatchRow, event: FootprintBatch.Recorded) -> None:
        """Release a batch alone, together with those that wait, or let it wait as well."""
        gathering = Gathering(
            footprints=event.footprints,
            committed={each.domain: each.people for each in event.commitments},
        )
        version = Version.of(gathering)
        told = [
            *(
                Version(each.fingerprints, each.committed)
                for each in rows.where(FootprintBatchRow, "workshop_id", batch.workshop_id)
                if each.release_id is not None
            ),
            *_elsewhere(rows, batch, version),
        ]
        waiting = [
            each
            for each in rows.where(FootprintBatchRow, "waits_in", batch.challenge_id)
            if each.audience is batch.audience
        ]
        if told and not (
            self.rule.suffices([gathering])
            # What was released with others cannot be told from them.
            and all(each.footprints for each in told)
            and self.rule.separates([each.footprints for each in (version, *told)])
            and not any(version.commits_otherwise(each) for each in told)
        ):
            rows.put(replace(batch, publication=Publication.HELD_BACK))
        elif self.rule.suffices([gathering]) and not any(
            each.workshop_id == batch.workshop_id for each in waiting
        ):
            alone = replace(batch, fingerprints=version.footprints, committed=version.committed)
            self._release(rows, [alone], [gathering])
            footprint_versions.remember(rows, batch.id, batch.workshop_id, version)
        elif self.rule.suffices(all_ := [*map(_waiting, waiting), gathering]):
            self._release(rows, [*waiting, batch], all_)
        else:
            kept = msgspec.json.encode(gathering).decode()
            rows.put(replace(batch, waits_in=batch.challenge_id, waiting=kept))

    def _release(
        self,
        rows: Rows,
        batches: Sequence[FootprintBatchRow],
        gatherings: Sequence[Gathering],
    ) -> None:
        id = batches[-1].id
        for batch in batches:
            rows.put(
                replace(
                    batch,
                    publication=Publication.RELEASED,
                    release_id=id,
                    waits_in=None,
                    waiting=None,
                )
            )
        footprint_releases.publish(rows, id, self.rule.published(gatherings))


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name what was recorded before, for the workshop or with like values, and what waits."""
    if isinstance(event := recorded.event, FootprintBatch.Recorded):
        yield Need(FootprintBatchRow, "workshop_id", external("workshop", event.workshop))
        yield Need(FootprintBatchRow, "waits_in", external("challenge", event.challenge))
        for each in event.footprints:
            yield Need(ReleasedFootprintRow, "fingerprint", fingerprint(each))


def projection(rule: Rule) -> Projection:
    """Give the projection of batches under a rule of disclosure; another rule folds all anew."""
    return Projection(
        name="footprint_batches",
        ddl=DDL + footprint_versions.DDL + footprint_releases.DDL + disclosure.DDL,
        rows=(
            FootprintBatchRow,
            ReleasedFootprintRow,
            *footprint_releases.ROWS,
            DisclosureRow,
        ),
        follows=(FootprintBatch,),
        fold=Folding(rule).fold,
        also_needs=needs,
        reference=(DisclosureRow(subject="footprints", threshold=rule.threshold),),
    )


FOOTPRINT_BATCHES = projection(Rule())


def _batch(event: FootprintBatch.Recorded, at: datetime) -> FootprintBatchRow:
    return FootprintBatchRow(
        id=external("footprint_batch", event.originator_id),
        version=event.originator_version,
        recorded_at=at,
        updated_at=at,
        challenge_id=external("challenge", event.challenge),
        workshop_id=external("workshop", event.workshop),
        audience=event.audience,
        method=event.method,
        method_version=event.method_version,
        people=len(event.footprints),
        publication=Publication.WAITING,
        release_id=None,
        waits_in=None,
        waiting=None,
        fingerprints=[],
        committed="",
    )


def _elsewhere(rows: Rows, batch: FootprintBatchRow, version: Version) -> Iterator[Version]:
    """Give what was told of for another workshop and has most of its footprints in common with it.

    One of the two was recorded for the wrong workshop, or both in part; to whom it happens that
    somebody elsewhere has the same footprint, they are somebody else.
    """
    elsewhere = {
        found.batch_id: Version(found.fingerprints, found.committed)
        for each in version.footprints
        for found in rows.where(ReleasedFootprintRow, "fingerprint", each)
        if found.workshop_id != batch.workshop_id
    }
    for other in elsewhere.values():
        fewer = min(len(version.footprints), len(other.footprints))
        if 2 * version.common(other) > fewer:
            yield other


def _waiting(batch: FootprintBatchRow) -> Gathering:
    assert batch.waiting is not None, "what waits is kept until it is released"
    return msgspec.json.decode(batch.waiting, type=Gathering)


def _withdraw(rows: Rows, id: Id, recorded: Recorded[AggregateEvent]) -> None:
    """Let a batch count no more, nor what was published together with it."""
    batch = rows.change(FootprintBatchRow, id)
    rows.put(
        replace(
            batch,
            version=recorded.event.originator_version,
            updated_at=recorded.recorded_at,
            publication=Publication.WITHDRAWN,
            waits_in=None,
            waiting=None,
        )
    )
    if batch.release_id is not None:
        footprint_releases.take_back(rows, batch.release_id)
