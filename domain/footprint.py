"""Carbon footprints of the people in a workshop, which are nobody's: only their values are kept."""

from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from typing import Annotated, Self

from domain import text
from domain.command import value
from domain.label import Label
from domain.refusal import Refusal

THRESHOLD = 10
"""Of how many people at least anything is recorded or told together."""

MOST_BY_DOMAIN = Decimal(100)
"""The most that one domain of a footprint can be, in t CO2e a year."""

MOST = Decimal(200)
"""The most that a footprint can be in all, in t CO2e a year."""

STEP = Decimal("0.001")
"""A footprint is recorded by the kilogram; no digit more, nor fewer, tells one from another."""


class FootprintDomain(Label):
    """The parts of life into which a footprint is divided."""

    HOUSING = "HOUSING", "logement", "housing"
    MOBILITY = "MOBILITY", "mobilité", "mobility"
    FOOD = "FOOD", "alimentation", "food"
    GOODS = "GOODS", "consommation", "consumption"
    PUBLIC_SERVICES = "PUBLIC_SERVICES", "services publics", "public services"


class CalculationMethod(Label):
    """The ways in which footprints are calculated."""

    TWO_TONNES = "TWO_TONNES", "atelier 2tonnes", "2tonnes workshop"
    NOS_GESTES_CLIMAT = "NOS_GESTES_CLIMAT", "Nos Gestes Climat", "Nos Gestes Climat"


class InvalidFootprint(Refusal):
    """{value} t CO2e a year cannot be: write 0 to {most}, with at most three decimals."""

    FRENCH = (
        "{value} t CO2e par an n’est pas possible : "
        "écrivez un nombre de 0 à {most}, avec trois décimales au plus."
    )


class TooFewPeople(Refusal):
    """{people} people are too few to stay unknown: a batch takes at least {least}."""

    FRENCH = (
        "{people} personnes, c’est trop peu pour que chacune reste inconnue : "
        "un lot en compte au moins {least}."
    )


class DomainTwice(Refusal):
    """The domain {domain} is counted twice. Count it once."""

    FRENCH = "Le domaine {domain} est compté deux fois. Comptez-le une seule fois."


@value
class Tonnes:
    """A footprint by domain, in t CO2e a year, each 0 to 100 with at most three decimals."""

    housing: Annotated[Decimal, "Housing."]
    mobility: Annotated[Decimal, "Mobility."]
    food: Annotated[Decimal, "Food."]
    goods: Annotated[Decimal, "Consumption of goods and services."]
    public_services: Annotated[Decimal, "Public services."]

    def by_domain(self) -> dict[FootprintDomain, Decimal]:
        """The value of each domain."""
        return {domain: getattr(self, domain.lower()) for domain in FootprintDomain}

    def total(self) -> Decimal:
        """All domains together."""
        return sum(self.by_domain().values(), Decimal(0))

    def checked(self, path: str) -> Self:
        """Refuse what cannot be, and give every value with the same three decimals."""
        values = {
            field.name: _tonnes(getattr(self, field.name), MOST_BY_DOMAIN, f"{path}.{field.name}")
            for field in fields(self)
        }
        clean = type(self)(**values)
        _tonnes(clean.total(), MOST, path)
        return clean


@value
class Footprint:
    """One footprint: today, and in 2050 where the workshop ends. Whose it is, nobody keeps."""

    before: Annotated[Tonnes, "Today, before the workshop."]
    in_2050: Annotated[Tonnes, "In 2050, after all rounds."]

    def checked(self, path: str) -> Self:
        """Refuse what cannot be, and give it as it is stored."""
        return type(self)(
            before=self.before.checked(f"{path}.before"),
            in_2050=self.in_2050.checked(f"{path}.in_2050"),
        )


@value
class Commitments:
    """How many of the people committed themselves to change something in a domain."""

    domain: Annotated[FootprintDomain, "The domain."]
    people: Annotated[int, "How many people, no more than there are footprints."]


def in_order_of_value(footprints: Iterable[Footprint]) -> tuple[Footprint, ...]:
    """Sort footprints by nothing but their values, so that no other order is left of them."""
    return tuple(sorted(footprints, key=_values))


def checked_commitments(commitments: Iterable[Commitments], people: int) -> tuple[Commitments, ...]:
    """Commitments in the order of the domains, each domain once, of no more people than came."""
    found: dict[FootprintDomain, Commitments] = {}
    for index, one in enumerate(text.at_most(tuple(commitments), 100, "commitments")):
        text.within(one.people, 0, people, f"commitments.{index}.people")
        if one.domain in found:
            raise DomainTwice(f"commitments.{index}.domain", domain=one.domain.value)
        found[one.domain] = one
    return tuple(found[domain] for domain in FootprintDomain if domain in found)


def _values(footprint: Footprint) -> tuple[Decimal, ...]:
    return (*footprint.before.by_domain().values(), *footprint.in_2050.by_domain().values())


def _tonnes(value: Decimal, most: Decimal, path: str) -> Decimal:
    if not (value.is_finite() and 0 <= value <= most and value == value.quantize(STEP)):
        raise InvalidFootprint(path, value=str(value)[:40], most=most)
    return abs(value.quantize(STEP))  # a negative zero would stand out
