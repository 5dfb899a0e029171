"""What footprints come to, by facets of their batches: put together from whole releases.

A release counts where all its batches are meant, and in a group where all its batches are. So a
total may speak of more people than its groups do, never of a part of a release. The answer is the
same for everybody: whoever joins what two callers may see has nothing that one of them had not.
"""

# Tables, columns and groups are names of ours; every value is bound.
# ruff: noqa: S608

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from domain.footprint import FootprintDomain
from projections import condition
from projections.column import columns
from projections.condition import Filter
from projections.disclosure import Withholding
from projections.facet import Facet, Path, joined
from projections.footprint_batches import FootprintBatchRow, Publication
from projections.guard import Viewer
from projections.plan import Grouping
from projections.statement import Statement
from projections.trajectory import Start
from projections.workshops import WorkshopRow

Key = tuple[Any, ...]
"""A value for each facet by which is grouped."""
Bound = tuple[Statement, Sequence[object]]
"""A statement and its arguments."""

_ANYBODY: Final = Viewer()

_YEAR: Final = Facet(
    Path(FootprintBatchRow.TABLE, ("workshop",)), columns(WorkshopRow)["day"], by_year=True
)
"""The year in which people took part."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which footprints are meant, and how they are grouped."""

    where: Filter | None
    by: tuple[Grouping, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group: how many people are known in it, and the sums over those of whom is told."""

    key: Key
    recorded: int
    """People whose footprints are recorded, told of or not."""
    threshold: int
    publications: frozenset[Publication]
    starts: tuple[Start, ...] = ()
    releases: int = 0

    @property
    def people(self) -> int:
        """The people of whom is told."""
        return sum(start.people for start in self.starts)

    @property
    def withheld(self) -> Withholding | None:
        """Why nothing is told of it, if so."""
        if self.starts:
            return None
        for publication, why in _WHY.items():
            if publication in self.publications:
                return why
        return Withholding.NOTHING_RECORDED


_WHY: Final[Mapping[Publication, Withholding]] = {
    Publication.WAITING: Withholding.TOO_FEW,
    Publication.RELEASED: Withholding.NOT_APART,
    Publication.HELD_BACK: Withholding.TOO_CLOSE,
}


@dataclass(frozen=True, slots=True)
class DomainSums:
    """What those of whom is told come to in a domain."""

    domain: FootprintDomain
    people: int
    before: Decimal
    in_2050: Decimal
    committed: int
    asked: int


@dataclass(frozen=True, slots=True)
class CellSums:
    """How many of those of whom is told are in a band."""

    domain: str
    floor: Decimal
    before: int
    in_2050: int


def groups(asked: Asked) -> Bound:
    """Ask for the groups, a row for each and each year in which its people took part."""
    names = names_of(asked)
    same = " and ".join(f"y.{name} is not distinct from g.{name}" for name in names)
    return statement(
        asked,
        f"""
        select {_listed("g.", names)} g.recorded, d.threshold, g.publications,
            y.year, y.people, y.before, y.in_2050, y.releases
        from (
            select {_listed("", names)} coalesce(sum(people), 0)::bigint as recorded,
                coalesce(array_agg(distinct publication), '{{}}') as publications
            from batch where meant {_together(names)}
        ) g
        cross join (select threshold from disclosure where subject = 'footprints') d
        left join (
            select {_listed("", names)} year, sum(people)::bigint as people,
                sum(before) as before, sum(in_2050) as in_2050, count(*) as releases
            from counted {_together([*names, "year"])}
        ) y on {same or "true"}
        order by {_listed("g.", names, ' collate "C" nulls last')} y.year
        """,
    )


def read_groups(asked: Asked, rows: Sequence[Sequence[Any]]) -> list[Group]:
    """Read what was asked by `groups`."""
    size = len(asked.by)
    found: dict[Key, Group] = {}
    for row in rows:
        key = tuple(row[:size])
        recorded, threshold, publications, *start, releases = row[size:]
        group = found.get(key)
        if group is None:
            told = frozenset(Publication[each] for each in publications)
            group = Group(key, recorded, threshold, told)
        if releases is not None:
            starts = (*group.starts, Start(*start))
            group = replace(group, starts=starts, releases=group.releases + releases)
        found[key] = group
    return list(found.values())


def domains(asked: Asked) -> Bound:
    """Ask for the sums by domain of each group."""
    names = names_of(asked)
    return statement(
        asked,
        f"""
        select {_listed("", names)} f.domain, sum(c.people)::bigint, sum(f.before),
            sum(f.in_2050), sum(f.committed)::bigint, sum(f.asked)::bigint
        from counted c join footprint_figure f on f.release_id = c.release_id
        {_together([*names, "f.domain"])}
        """,
    )


def read_domains(
    asked: Asked, rows: Sequence[Sequence[Any]]
) -> Mapping[Key, Mapping[FootprintDomain, DomainSums]]:
    """Read what was asked by `domains`."""
    found: dict[Key, dict[FootprintDomain, DomainSums]] = defaultdict(dict)
    for key, (domain, *sums) in _keyed(asked, rows):
        found[key][FootprintDomain[domain]] = DomainSums(FootprintDomain[domain], *sums)
    return found


def cells(asked: Asked) -> Bound:
    """Ask for the distributions of each group."""
    names = names_of(asked)
    return statement(
        asked,
        f"""
        select {_listed("", names)} f.domain, f.floor, sum(f.before)::bigint,
            sum(f.in_2050)::bigint
        from counted c join footprint_cell f on f.release_id = c.release_id
        {_together([*names, "f.domain", "f.floor"])}
        """,
    )


def read_cells(
    asked: Asked, rows: Sequence[Sequence[Any]]
) -> Mapping[Key, Mapping[tuple[str, Decimal], CellSums]]:
    """Read what was asked by `cells`."""
    found: dict[Key, dict[tuple[str, Decimal], CellSums]] = defaultdict(dict)
    for key, (domain, floor, *sums) in _keyed(asked, rows):
        found[key][domain, floor] = CellSums(domain, floor, *sums)
    return found


def statement(asked: Asked, select: str) -> Bound:
    """Complete a statement by the batches there are, and the releases that count.

    ``batch`` has what was not withdrawn, in its group; ``counted`` the releases all of whose
    batches are meant, in the group that all of them are in.
    """
    values = _Values()
    names = names_of(asked)
    grouped = [
        f"{values.of(by.facet)}::text as {name}, " for name, by in zip(names, asked.by, strict=True)
    ]
    year = f"coalesce({values.of(_YEAR)}, extract(year from b.recorded_at)::bigint) as year"
    meant = "true"
    arguments: Sequence[object] = ()
    if asked.where is not None:
        meant = condition.sql(asked.where.condition, "b", _ANYBODY)
        arguments = asked.where.values
    one = "".join(
        f" and min({name}) is not distinct from max({name}) and count({name}) in (0, count(*))"
        for name in names
    )
    text = f"""
        with batch as materialized (
            select {"".join(grouped)} {year},
                b.release_id, b.people, b.publication, {meant} as meant
            from footprint_batch b {values.joins}
            where b.publication <> '{Publication.WITHDRAWN.value}'
        ),
        counted as materialized (
            select {"".join(f"min({name}) as {name}, " for name in names)} max(b.year) as year,
                r.id as release_id, r.people, r.before, r.in_2050
            from batch b
            join footprint_release r on r.id = b.release_id
            group by r.id, r.people, r.before, r.in_2050
            having bool_and(b.meant){one}
        )
        {select}
        """
    return Statement(text), arguments


class _Values:
    """The values of facets, each of a batch or of what one of its relations leads to."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], str] = {(): "b"}
        self.joins = ""

    def of(self, facet: Facet) -> str:
        """Write the value of a facet."""
        for step in facet.path.steps:
            if step.names not in self._rows:
                there = self._rows[step.names] = "_".join(("b", *step.names))
                on = joined(step.relation, self._rows[step.before], there)
                self.joins += f" left join {step.relation.target} {there} on {on}"
        return facet.sql(self._rows[facet.path.names], _ANYBODY)


def names_of(asked: Asked) -> list[str]:
    """Name the columns with the values by which is grouped."""
    return [f"group_{place}" for place in range(len(asked.by))]


def _listed(row: str, names: Sequence[str], tail: str = "") -> str:
    return "".join(f"{row}{name}{tail}, " for name in names)


def _together(names: Sequence[str]) -> str:
    return f"group by {', '.join(names)}" if names else ""


def _keyed(asked: Asked, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Key, Sequence[Any]]]:
    size = len(asked.by)
    for row in rows:
        yield tuple(row[:size]), row[size:]
