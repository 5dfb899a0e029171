"""An attack: whoever may ask anything, at any time, tries to learn the footprint of one person.

The attacker knows the workshops, which batches were recorded and withdrawn when, how many people
each has, and which of them count: the interface tells all of that. They even know whose footprint
is in which batch, under a number, and lack only what it says. They ask for every set of workshops
that filters can name, for every grouping, before and after every change, and take each answer as
an equation: the footprints of these people come to that. Then they solve.
"""

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from domain.footprint import Footprint, FootprintDomain
from domain.identity import Id
from projections.disclosure import IN_ALL, Rule, bands
from tests.api.conftest import Client
from tests.projections.challenge_year import CITIZENS, STAFF, ChallengeYear, ReadModel
from tests.projections.footprints import people, with_

UNPROTECTED = Rule(threshold=1, dominance=0, count_step=1, mean_step=0)

QUERY = """
query($where: FootprintWhere, $by: [FootprintGroupBy!], $grouped: Boolean!) {
    footprintStats(where: $where, groupBy: $by) {
        total @skip(if: $grouped) { ...told }
        groups @include(if: $grouped) { workshop { id } audience host { id } year ...told }
    }
}
fragment told on FootprintGroup {
    figures {
        ... on Footprints {
            people
            byDomain { domain before }
            distributions { domain bands { floor before } }
        }
    }
}
"""

BATCHES = "{footprintBatches(first: 100) {nodes {id people publication workshop {id}}}}"

GROUPINGS = ("AUDIENCE", "WORKSHOP", "HOST", "YEAR", "CHALLENGE", "TERRITORY", "METHOD")

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "in": lambda value, listed: value in listed,
    "lt": operator.lt,
    "gte": operator.ge,
}

CLOSE = Decimal("0.2")
"""In t CO2e: whoever says so much of every domain of somebody's footprint knows it."""


@dataclass(frozen=True)
class Answered:
    """What was told of some people together."""

    people: Mapping[int, int]
    """How many times each of them is in it."""
    sums: Mapping[FootprintDomain, Fraction]
    cells: Mapping[tuple[str, Decimal], int]


@dataclass
class Story:
    """What happens, and what only the people themselves know: their footprints, by number."""

    year: ChallengeYear = field(default_factory=ChallengeYear)
    truth: list[Footprint] = field(default_factory=list)
    batches: dict[Id, frozenset[int]] = field(default_factory=dict)
    lies_in: dict[Id, dict[str, Any]] = field(default_factory=dict)
    late: list[int] = field(default_factory=list)
    """Those who came after the others of their batch."""

    def come(self, footprints: Iterable[Footprint]) -> list[int]:
        """Let people come who have these footprints, and give their numbers."""
        first = len(self.truth)
        self.truth += footprints
        return list(range(first, len(self.truth)))

    def comes_late(self, seed: int) -> list[int]:
        """Let somebody come after the others."""
        self.late += (found := self.come(people(1, seed)))
        return found

    def held(self, audience: Any = CITIZENS, host: Id | None = None, day: str = "2025-03-30") -> Id:
        """Hold a workshop."""
        workshop = self.year.held(audience, host=host, day=day)
        host = host or self.year.host
        self.lies_in[workshop] = {
            "workshop": {"id": workshop},
            "audience": audience.value,
            "host": {"id": host},
            "year": int(day[:4]),
        }
        return workshop

    def record(self, workshop: Id, numbers: Iterable[int]) -> Id:
        """Record the footprints of people as a batch."""
        found = frozenset(numbers)
        batch = self.year.batch(workshop, [self.truth[each] for each in found], food=5)
        self.batches[batch] = found
        return batch

    def moments(self) -> Iterator[None]:
        """Tell it, up to each moment at which the attacker asks."""
        first, second = self.held(), self.held(day="2026-04-12")
        staff = self.held(STAFF, self.year.employer("Verrerie du Havre"))
        other = self.held(STAFF, self.year.employer("Port de Rouen"), day="2026-01-20")
        firsts = self.come(people(12, 1))
        recorded = self.record(first, firsts)
        corrected = self.record(second, seconds := self.come(people(10, 2)))
        self.record(staff, staffs := self.come(people(11, 3)))
        wrong = self.record(other, self.come(people(15, 4)))
        yield
        self.year.withdraw(recorded)
        yield
        # Somebody hands in a footprint a day late.
        self.record(first, [*firsts, *self.comes_late(5)])
        yield
        # Somebody's footprint is corrected.
        self.year.withdraw(corrected)
        correction = self.come([with_(self.truth[seconds[0]], mobility="3.9", food="0.4")])
        self.record(second, [*seconds[1:], *correction])
        yield
        # A batch is recorded a second time, with somebody who was forgotten.
        self.record(staff, [*staffs, *self.comes_late(6)])
        strayed = self.come(people(14, 8))
        mistaken = self.record(second, strayed)
        yield
        # A whole file was wrong.
        self.year.withdraw(wrong)
        self.record(other, self.come(people(13, 7)))
        # Another was recorded for the wrong workshop, and somebody comes late to the right one.
        self.year.withdraw(mistaken)
        self.record(first, [*strayed, *self.comes_late(9)])
        yield
        # One is recorded for another workshop as well, with somebody more.
        self.record(self.held(STAFF), [*staffs, *self.comes_late(10)])
        yield


def sets(workshops: Iterable[Id]) -> Iterator[dict[str, Any]]:
    """Give filters: every set of workshops, named or left out, and all other facets."""
    known = list(workshops)
    for size in range(1, len(known) + 1):
        for chosen in combinations(known, size):
            yield {"workshop": {"in": list(chosen)}}
    yield {"not": {"workshop": {"eq": known[0]}}}
    yield {"or": [{"audience": {"eq": "STAFF"}}, {"workshop": {"eq": known[0]}}]}
    yield {"audience": {"ne": "STAFF"}}
    yield {"year": {"lt": 2026}}
    yield {"year": {"gte": 2026}}


async def answers(client: Client, story: Story) -> list[Answered]:
    """Ask everything at one moment, and note of whom each answer tells."""
    batches = (await client.data(BATCHES))["footprintBatches"]["nodes"]
    counted = [each for each in batches if each["publication"] == "RELEASED"]
    asked: list[tuple[dict[str, Any] | None, list[str]]] = [
        *((None, [by]) for by in GROUPINGS),
        (None, ["AUDIENCE", "YEAR"]),
        *((where, []) for where in sets(story.lies_in)),
    ]
    found = []
    for where, by in asked:
        data = await client.data(QUERY, where=where, by=by, grouped=bool(by))
        groups = data["footprintStats"].get("groups") or [data["footprintStats"].get("total")]
        for group in filter(None, groups):
            if figures := group["figures"]:
                told = Counter(
                    person
                    for each in counted
                    if chosen(story, each["workshop"]["id"], where, group)
                    for person in story.batches[each["id"]]
                )
                assert figures["people"] == told.total()
                found.append(noted(told, figures))
    return found


def chosen(
    story: Story, workshop: Id, where: dict[str, Any] | None, place: Mapping[str, Any]
) -> bool:
    """Tell whether a workshop is among those that are asked for, and in a group."""
    lies = story.lies_in[workshop]
    grouped = {name: place[name] for name in lies if place.get(name) is not None}
    return all(lies[name] == value for name, value in grouped.items()) and meant(lies, where or {})


def meant(lies: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Tell whether a workshop fulfils a filter."""
    for name, asked in where.items():
        if name == "not":
            held = not meant(lies, asked)
        elif name == "or":
            held = any(meant(lies, each) for each in asked)
        else:
            value = lies[name]["id"] if name == "workshop" else lies[name]
            ((name_of, bound),) = asked.items()
            held = OPERATORS[name_of](value, bound)
        if not held:
            return False
    return True


def noted(told: Counter[int], figures: Mapping[str, Any]) -> Answered:
    """Note what an answer tells."""
    return Answered(
        told,
        {
            FootprintDomain[each["domain"]]: Fraction(each["before"]) * told.total()
            for each in figures["byDomain"]
        },
        {
            (each["domain"] or IN_ALL, Decimal(band["floor"])): band["before"]
            for each in figures["distributions"]
            for band in each["bands"]
        },
    )


class Attacker:
    """Solves what was answered, as linear equations over people."""

    def __init__(self, answers: Iterable[Answered], people: int) -> None:
        different = {frozenset(each.people.items()): each for each in answers}
        # The fewer people, the less their sum is blurred by the digits of a mean.
        self._answers = sorted(different.values(), key=lambda each: sum(each.people.values()))
        signatures: dict[tuple[int, ...], list[int]] = {}
        for person in range(people):
            signature = tuple(each.people.get(person, 0) for each in self._answers)
            if any(signature):
                signatures.setdefault(signature, []).append(person)
        self.circles = signatures
        """People of whom every answer tells together or not at all."""
        self.isolated = self._isolated()
        """Those of them whose sum follows from the answers, with the factors that give it."""

    def _isolated(self) -> list[tuple[list[int], list[Fraction]]]:
        size = len(self._answers)
        rows = [
            [Fraction(signature[place]) for signature in self.circles]
            + [Fraction(place == other) for other in range(size)]
            for place in range(size)
        ]
        width, rank = len(self.circles), 0
        for column in range(width):
            pivot = next((n for n in range(rank, size) if rows[n][column]), None)
            if pivot is None:
                continue
            rows[rank], rows[pivot] = rows[pivot], rows[rank]
            rows[rank] = [value / rows[rank][column] for value in rows[rank]]
            for other in range(size):
                if other != rank and (factor := rows[other][column]):
                    rows[other] = [
                        mine - factor * theirs
                        for mine, theirs in zip(rows[other], rows[rank], strict=True)
                    ]
            rank += 1
        circles = list(self.circles.values())
        return [
            (circles[row.index(Fraction(1))], row[width:])
            for row in rows[:rank]
            if sum(value != 0 for value in row[:width]) == 1
        ]

    def sums(self, factors: list[Fraction]) -> dict[FootprintDomain, Fraction]:
        """Give what a circle comes to by domain."""
        return {
            domain: sum(
                (
                    factor * each.sums[domain]
                    for factor, each in zip(factors, self._answers, strict=True)
                ),
                Fraction(0),
            )
            for domain in FootprintDomain
        }

    def cells(self, factors: list[Fraction]) -> dict[tuple[str, Decimal], Fraction]:
        """Give how many people of a circle are in each band."""
        return {
            cell: sum(
                (
                    factor * each.cells[cell]
                    for factor, each in zip(factors, self._answers, strict=True)
                ),
                Fraction(0),
            )
            for cell in self._answers[0].cells
        }

    def recovered(self, truth: list[Footprint]) -> set[int]:
        """Give the people whose footprint the attacker now knows."""
        found = set()
        for circle, factors in self.isolated:
            if len(circle) == 1:
                known = truth[circle[0]].before.by_domain()
                sums = self.sums(factors)
                if all(abs(sums[domain] - Fraction(known[domain])) <= CLOSE for domain in known):
                    found.add(circle[0])
        return found

    def singled_out(self, truth: list[Footprint]) -> int:
        """Count the bands of which the attacker rightly says that one person or two are there."""
        found = 0
        for circle, factors in self.isolated:
            for (domain, floor), count in self.cells(factors).items():
                if count in (1, 2):
                    (band,) = (each for each in bands(domain) if each.floor == floor)
                    inside = [
                        person
                        for person in circle
                        if band.floor <= _value(truth[person], domain)
                        and (band.ceiling is None or _value(truth[person], domain) < band.ceiling)
                    ]
                    found += len(inside) == count
        return found


def _value(footprint: Footprint, domain: str) -> Decimal:
    if domain == IN_ALL:
        return footprint.before.total()
    return footprint.before.by_domain()[FootprintDomain[domain]]


async def attack(client: Client, rule: Rule) -> tuple[Story, Attacker]:
    """Ask everything at every moment of a story, and solve."""
    story, model = Story(), ReadModel(client.dsn, rule)
    found: list[Answered] = []
    for _ in story.moments():
        await model.follow(story.year.events)
        found += await answers(client, story)
    return story, Attacker(found, len(story.truth))


async def test_whatever_is_asked_nobodys_footprint_is_found(client: Client) -> None:
    story, attacker = await attack(client, Rule())
    assert len(attacker.circles) >= 4, "there are answers to attack"
    assert min(map(len, attacker.circles.values())) >= 10, "all are told of with ten others"
    assert attacker.recovered(story.truth) == set()
    assert attacker.singled_out(story.truth) == 0


async def test_without_protection_the_same_attack_finds_them(client: Client) -> None:
    story, attacker = await attack(client, UNPROTECTED)
    assert attacker.recovered(story.truth) >= set(story.late)
    assert attacker.singled_out(story.truth) > 0


async def test_without_rounding_the_bands_single_people_out(client: Client) -> None:
    story, attacker = await attack(client, Rule(dominance=0, count_step=1, mean_step=0))
    assert attacker.recovered(story.truth) == set()
    assert attacker.singled_out(story.truth) > 0
