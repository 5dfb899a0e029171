"""Disclosure control: what is told of footprints cannot be turned back into one of them.

A *release* is what is published at once: the footprints of one batch, or of several that had to
wait for each other. Every statistic, whatever its filter, groups and moment, is put together from
whole releases, and from nothing of them but the figures that `Rule.published` gives. Hence no
combination of answers says more than the releases do one by one, and it is enough that each of
them is safe:

- *Minimum frequency*: a release speaks of at least ``threshold`` people. As a total less one of
  its groups is again made of whole releases, nothing is left to be suppressed a second time.
- *Dominance*, by the p % rule: who has the second largest value cannot tell the largest one to
  within ``dominance`` per cent of it. Until then a release waits for others.
- *Before and after*: a release never changes, it can only be taken away whole. What is recorded
  later for the same workshop (or for another one, where it is for the most part the same as what
  was recorded there) is released only if no part of the Venn diagram of all that was ever released
  of it, gone or not, holds fewer footprints than the threshold: so whoever kept the answers of
  yesterday cannot tell a late entry or a corrected one by subtraction, nor by longer sums. Of the
  same footprints other commitments are never told.
- *Rounding*: a mean by domain is a multiple of ``mean_step``, a count in a distribution or of
  commitments one of ``count_step``, up or down by chance and true on average. The chance follows
  from the footprints of the release: to ask again averages nothing away, and who does not know
  them cannot know it. No cell ever shows one person or two, nor does any difference of cells.
- The smallest and the largest value are never told; the last band of a distribution is open.

The threshold is the promise made to those who take part; the rest is what statistical offices do
about what a threshold alone lets through: A. Hundepool et al., *Statistical Disclosure Control*
(Wiley, 2012), on minimum frequency, p % and secondary suppression; the Eurostat *Handbook on
Statistical Disclosure Control* of the same authors; INSEE, *Guide du secret statistique*; and the
fixed random rounding to base 3 of Stats NZ for counts.

What is not claimed. A threshold that is raised makes other releases from then on, and takes back
nothing that was told before. If all people of a release but one tell each other their footprints,
they know the last one's to within ``mean_step`` times their number, or better by trying out what
would have been rounded so. Who recorded a batch knows its footprints: of what waited for it and
was released together with it, they know the figures apart. That nearly all people of a release lie
in one band is told as it is. People are known by their values alone: where a whole batch was
calculated anew, its footprints count as new ones, and only the rounding blurs a difference.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import shake_256
from itertools import pairwise
from typing import Final, NamedTuple

from domain.footprint import STEP, THRESHOLD, Footprint, FootprintDomain
from domain.label import Label
from projections.access import EVERYONE
from projections.table import Row, row

DDL = """
create table disclosure (
    subject text collate "C" primary key,
    threshold integer not null
);
"""

IN_ALL: Final = "IN_ALL"
"""Stands where the name of a domain does, for all of them together."""

_EDGES: Final = tuple(map(Decimal, ("0", "0.5", "1", "2", "3", "4", "6", "8")))
_EDGES_IN_ALL: Final = tuple(map(Decimal, (0, 2, 4, 6, 8, 10, 12, 15, 20)))

_DRAW: Final = 8
"""Bytes of a draw."""
_ODDS: Final = 2 ** (8 * _DRAW)


@row("disclosure", seen=EVERYONE, key=("subject",))
class DisclosureRow(Row):
    """Of how many people at least something is told."""

    subject: str
    threshold: int


class Withholding(Label):
    """Why nothing is told of the footprints of a group."""

    NOTHING_RECORDED = "NOTHING_RECORDED", "rien n’est enregistré", "nothing is recorded"
    TOO_FEW = "TOO_FEW", "trop peu de personnes jusqu’ici", "too few people so far"
    TOO_CLOSE = (
        "TOO_CLOSE",
        "diffère par trop peu de personnes de ce qui fut publié",
        "differs by too few people from what was published",
    )
    NOT_APART = (
        "NOT_APART",
        "publié avec d’autres groupes, non séparément",
        "published together with other groups, not apart from them",
    )


@dataclass(frozen=True, slots=True)
class Band:
    """A band of a distribution: from its floor to below its ceiling, the last one without."""

    floor: Decimal
    ceiling: Decimal | None


@cache
def bands(domain: str) -> tuple[Band, ...]:
    """Give the bands into which the footprints of a domain are sorted, or those in all."""
    edges = _EDGES_IN_ALL if domain == IN_ALL else _EDGES
    return tuple(Band(*each) for each in pairwise((*edges, None)))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Figure:
    """What a release says of a domain."""

    before: Decimal
    """The sum over its people, in t CO2e a year."""
    in_2050: Decimal
    committed: int
    asked: int
    """The people of whom it is known whether they committed themselves."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many people of a release are in a band."""

    before: int
    in_2050: int


@dataclass(frozen=True, slots=True)
class Published:
    """All that is ever told of a release."""

    people: int
    figures: Mapping[FootprintDomain, Figure]
    cells: Mapping[tuple[str, Decimal], Cell]
    """By domain and floor of the band; those that show nobody are left out."""

    @property
    def before(self) -> Decimal:
        """All domains together: as the domains are rounded, so is their sum."""
        return sum((each.before for each in self.figures.values()), Decimal(0))

    @property
    def in_2050(self) -> Decimal:
        """All domains together, in 2050."""
        return sum((each.in_2050 for each in self.figures.values()), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """The footprints of a batch and its commitments, before anything of it is published."""

    footprints: tuple[Footprint, ...]
    committed: Mapping[FootprintDomain, int]
    """How many people committed themselves, by domain, as far as that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What makes a release safe, and how its figures are rounded."""

    threshold: int = THRESHOLD
    dominance: int = 10
    """The p of the p % rule."""
    count_step: int = 3
    mean_step: int = 100
    """In kg CO2e a year and head."""

    def suffices(self, gatherings: Sequence[Gathering]) -> bool:
        """Tell whether some batches can be released together."""
        footprints = [each for one in gatherings for each in one.footprints]
        if len(footprints) < self.threshold:
            return False
        columns = _columns(footprints).values()
        return not any(self._dominated(values) for column in columns for values in column)

    def separates(self, versions: Sequence[Sequence[str]]) -> bool:
        """Tell whether no difference between versions of a batch speaks of too few footprints.

        Each version is given by the fingerprints of what it is made of.
        """
        return all(size >= self.threshold for size in _parts(versions).values())

    def published(self, gatherings: Sequence[Gathering]) -> Published:
        """Give what is told of batches that are released together."""
        footprints = [each for one in gatherings for each in one.footprints]
        columns, draws = _columns(footprints), _draws(footprints)
        asked: Counter[FootprintDomain] = Counter()
        committed: Counter[FootprintDomain] = Counter()
        for one in gatherings:
            asked.update(dict.fromkeys(one.committed, len(one.footprints)))
            committed.update(one.committed)
        figures = {
            domain: Figure(
                before=self._tonnes(columns[domain].before, next(draws)),
                in_2050=self._tonnes(columns[domain].in_2050, next(draws)),
                committed=_rounded(committed[domain], self.count_step, next(draws)),
                asked=asked[domain],
            )
            for domain in FootprintDomain
        }
        return Published(len(footprints), figures, self._cells(columns, draws))

    def _dominated(self, kilograms: Sequence[int]) -> bool:
        largest, _second, *others = sorted((*kilograms, 0), reverse=True)
        return 100 * sum(others) < self.dominance * largest

    def _tonnes(self, kilograms: Sequence[int], draw: int) -> Decimal:
        step = max(self.mean_step * len(kilograms), 1)
        return _rounded(sum(kilograms), step, draw) * STEP

    def _cells(
        self, columns: Mapping[str, "_Column"], draws: Iterator[int]
    ) -> Mapping[tuple[str, Decimal], Cell]:
        cells = {}
        for domain, column in columns.items():
            before, in_2050 = (_counted(values, domain) for values in column)
            for place, band in enumerate(bands(domain)):
                cell = Cell(
                    _rounded(before[place], self.count_step, next(draws)),
                    _rounded(in_2050[place], self.count_step, next(draws)),
                )
                if cell.before or cell.in_2050:
                    cells[str(domain), band.floor] = cell
        return cells


class _Column(NamedTuple):
    """The values of a domain, or in all, in kg CO2e a year."""

    before: list[int]
    in_2050: list[int]


def _parts(versions: Sequence[Sequence[str]]) -> Counter[tuple[bool, ...]]:
    """Measure the parts of the Venn diagram of some versions.

    A footprint that a version has several times is as many footprints.
    """
    counted = [Counter(version) for version in versions]
    parts: Counter[tuple[bool, ...]] = Counter()
    for each in set().union(*counted):
        times = [version[each] for version in counted]
        parts.update(tuple(n < found for found in times) for n in range(max(times)))
    return parts


def _columns(footprints: Sequence[Footprint]) -> Mapping[str, _Column]:
    """Give the values of which anything is told, before and in 2050, by domain and in all."""
    columns: dict[str, _Column] = {domain: _Column([], []) for domain in (*FootprintDomain, IN_ALL)}
    for footprint in footprints:
        for place, tonnes in enumerate((footprint.before, footprint.in_2050)):
            in_all = 0
            for domain, value in tonnes.by_domain().items():
                columns[domain][place].append(kilograms := int(value / STEP))
                in_all += kilograms
            columns[IN_ALL][place].append(in_all)
    return columns


def _counted(kilograms: Iterable[int], domain: str) -> Counter[int]:
    """Count how many values are in each band, by its place."""
    floors = [int(band.floor / STEP) for band in bands(domain)]
    return Counter(bisect_right(floors, value) - 1 for value in kilograms)


def _rounded(value: int, step: int, draw: int) -> int:
    """Round to a multiple of a step: up as likely as the rest is a part of the step."""
    whole, rest = divmod(value, step)
    return (whole + (draw * step < rest * _ODDS)) * step


def _draws(footprints: Sequence[Footprint]) -> Iterator[int]:
    """Draw whole numbers below `_ODDS`, the same ones for the same footprints.

    To draw otherwise one day, or in another order, would tell of each release a second time.
    """
    seed = shake_256(b"\n".join(sorted(map(written, footprints))))
    size = 0
    while True:
        size += 1024
        drawn = seed.digest(size)
        for start in range(size - 1024, size, _DRAW):
            yield int.from_bytes(drawn[start : start + _DRAW])


def written(footprint: Footprint) -> bytes:
    """Write the values of a footprint."""
    values = (*footprint.before.by_domain().values(), *footprint.in_2050.by_domain().values())
    return " ".join(map(str, values)).encode()
