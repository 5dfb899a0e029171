"""Versions of a batch of footprints: what tells one from another, and does not tell the values."""

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from domain.footprint import Footprint, FootprintDomain
from domain.identity import Id
from projections.access import NOBODY
from projections.disclosure import Gathering, written
from projections.rows import Rows
from projections.table import Row, row

DDL = """
create table released_footprint (
    fingerprint text collate "C" not null,
    batch_id text collate "C" not null,
    workshop_id text collate "C" not null,
    fingerprints text[] not null,
    committed text not null,
    primary key (fingerprint, batch_id)
);
"""


@dataclass(frozen=True, slots=True)
class Version:
    """What a batch is made of, so far as it takes to tell it from another version of it."""

    footprints: list[str]
    committed: str

    @classmethod
    def of(cls, gathering: Gathering) -> Self:
        """Give the version that a batch is."""
        counts = (f"{each} {gathering.committed.get(each)}" for each in FootprintDomain)
        return cls(
            [fingerprint(each) for each in gathering.footprints],
            _digest(" ".join(counts).encode()),
        )

    def common(self, other: "Version") -> int:
        """Count the footprints that two versions have in common."""
        return (Counter(self.footprints) & Counter(other.footprints)).total()

    def commits_otherwise(self, other: "Version") -> bool:
        """Tell whether the same people are said to have committed themselves otherwise."""
        same = Counter(self.footprints) == Counter(other.footprints)
        return same and self.committed != other.committed


@row(
    "released_footprint",
    seen=NOBODY,
    key=("fingerprint", "batch_id"),
    indexes=("fingerprint",),
)
class ReleasedFootprintRow(Row):
    """A footprint of which is told, or was until its batch was withdrawn, with the others of it.

    By one of them that comes again the whole batch is found, also under another workshop.
    """

    fingerprint: str
    batch_id: Id
    workshop_id: Id
    fingerprints: list[str]
    committed: str


def remember(rows: Rows, batch: Id, workshop: Id, version: Version) -> None:
    """Keep for ever what a batch was made of that is released by itself."""
    for each in set(version.footprints):
        rows.put(
            ReleasedFootprintRow(
                fingerprint=each,
                batch_id=batch,
                workshop_id=workshop,
                fingerprints=version.footprints,
                committed=version.committed,
            )
        )


def fingerprint(footprint: Footprint) -> str:
    """Give what tells a footprint from one with other values, and does not tell the values."""
    return _digest(written(footprint))


def _digest(told: bytes) -> str:
    return blake2b(told, digest_size=16).hexdigest()
