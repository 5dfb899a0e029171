"""Units: how people write them, what they measure, and how values go from one to another."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import lru_cache

import pint

from domain import text
from domain.quantity import DIGITS, quantity
from domain.refusal import Refusal

DECIMALS = 10
"""How many decimals a converted value has at most."""

_EXACT = 60
"""Digits with which is computed: what two quantities and a factor can take."""

# Shares, counts, money and carbon dioxide equivalents are dimensions of their own: a library's
# plain numbers would let a percentage pass for a head count, and methane for its equivalent.
# Days are exact in seconds, months in years, but neither of the two in the other.
_DEFINITIONS = """
    count = [count]
    thousand = 1000 * count
    percent = [share]
    euro = [money]
    kiloeuro = 1000 * euro
    megaeuro = 1000000 * euro
    gram = [mass]
    microgram = 0.000001 * gram
    milligram = 0.001 * gram
    kilogram = 1000 * gram
    tonne = 1000000 * gram
    kilotonne = 1000 * tonne
    megatonne = 1000000 * tonne
    equivalent = [equivalent]
    metre = [length]
    kilometre = 1000 * metre
    are = 100 * metre ** 2
    hectare = 10000 * metre ** 2
    litre = 0.001 * metre ** 3
    second = [time]
    hour = 3600 * second
    day = 86400 * second
    year = [calendar]
    month = year / 12
    joule = [energy]
    megajoule = 1000000 * joule
    gigajoule = 1000 * megajoule
    watthour = 3600 * joule
    kilowatthour = 1000 * watthour
    megawatthour = 1000 * kilowatthour
    gigawatthour = 1000 * megawatthour
    terawatthour = 1000 * gigawatthour
    watt = joule / second
    kilowatt = 1000 * watt
    megawatt = 1000 * kilowatt
"""

_SPELLINGS: Mapping[str, str] = {
    unicodedata.normalize("NFKC", spelling): name
    for name, spellings in {
        "count": "count nombre unité unités pièce pièces personne personnes habitant habitants hab",
        "thousand": "millier milliers",
        "percent": "% percent pourcent",
        "euro": "€ euro euros EUR",
        "kiloeuro": "k€ kEUR",
        "megaeuro": "M€ MEUR",
        "gram": "g",
        "microgram": "µg",
        "milligram": "mg",
        "kilogram": "kg",
        "tonne": "t tonne tonnes",
        "kilotonne": "kt",
        "megatonne": "Mt",
        "equivalent": "CO2e CO2eq CO2éq éqCO2 eqCO2",
        "tonne * equivalent": "tCO2e tCO2eq teqCO2 téqCO2",
        "kilotonne * equivalent": "ktCO2e ktCO2eq kteqCO2 ktéqCO2",
        "kilogram * equivalent": "kgCO2e kgCO2eq kgeqCO2 kgéqCO2",
        "metre": "m",
        "kilometre": "km",
        "metre ** 2": "m2",
        "kilometre ** 2": "km2",
        "are": "a",
        "hectare": "ha hectare hectares",
        "metre ** 3": "m3",
        "litre": "L l litre litres",
        "second": "s",
        "hour": "h heure heures",
        "day": "j jour jours",
        "month": "mois",
        "year": "an ans année années",
        "joule": "J",
        "megajoule": "MJ",
        "gigajoule": "GJ",
        "watthour": "Wh",
        "kilowatthour": "kWh",
        "megawatthour": "MWh",
        "gigawatthour": "GWh",
        "terawatthour": "TWh",
        "watt": "W",
        "kilowatt": "kW",
        "megawatt": "MW",
    }.items()
    for spelling in spellings.split()
}

_REGISTRY: pint.UnitRegistry[Decimal] = pint.UnitRegistry(
    [line.strip() for line in _DEFINITIONS.strip().splitlines()],
    non_int_type=Decimal,
    cache_folder=None,
)


class UnknownUnit(Refusal):
    """{unit} is no unit known here. Write t CO2e, kg, %, €, count, ha, m³, kWh … or kWh/m²."""

    FRENCH = (
        "{unit} n’est pas une unité connue ici. "
        "Écrivez t CO2e, kg, %, €, nombre, ha, m³, kWh … ou kWh/m²."
    )


class UnitOfAnotherDimension(Refusal):
    """{unit} does not measure the same thing as {expected}. Give the value in {expected}."""

    FRENCH = "{unit} ne mesure pas la même chose que {expected}. Donnez la valeur en {expected}."


def unit(value: str, path: str) -> str:
    """A unit as it was written, once it is known what it measures."""
    written = text.name(value, path)
    if _canonical(written) is None:
        raise UnknownUnit(path, unit=written[:40])
    return written


def converted(value: Decimal, given: str, wanted: str, path: str) -> Decimal:
    """A value in another unit of the same dimension; ``path`` names the field of its unit.

    It is exact up to the tenth decimal, and written out without zeros at its end: how precisely
    it was measured shows in the value that was given. Both units are known ones.
    """
    if given == wanted:
        return value
    factor = _factor(given, wanted)
    if factor is None:
        raise UnitOfAnotherDimension(path, unit=given, expected=wanted)
    with localcontext(prec=_EXACT):
        product = value * factor
        if product.adjusted() < DIGITS:  # what is longer is refused, however many its decimals
            product = rounded(product, DECIMALS).normalize()
        return quantity(product, "value")


def rounded(value: Decimal, decimals: int) -> Decimal:
    """A value with so many decimals, half to even."""
    with localcontext(prec=_EXACT):
        return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)


@lru_cache(maxsize=1024)
def _factor(given: str, wanted: str) -> Decimal | None:
    source, target = _known(given), _known(wanted)
    if not source.is_compatible_with(target):
        return None
    with localcontext(prec=_EXACT):
        return Decimal(_REGISTRY.Quantity(Decimal(1), source).to(target).magnitude)


def _known(written: str) -> pint.Unit:
    name = _canonical(written)
    assert name is not None, "a unit is checked before it is compared"
    return _REGISTRY.Unit(name)


@lru_cache(maxsize=1024)
def _canonical(written: str) -> str | None:
    """The name under which the registry knows a unit or a quotient of units, if it does.

    What a caller writes never reaches the library's parser, which would compute with it.
    """
    plain = unicodedata.normalize("NFKC", written)  # ² and ₂ become 2
    plain = plain.replace("eq. ", "eq").replace("éq. ", "éq").replace(" par ", "/")
    parts = [_product(part) for part in plain.split("/")]
    return None if None in parts else " / ".join(f"({part})" for part in parts)


def _product(part: str) -> str | None:
    names = [_SPELLINGS.get(atom) for atom in re.split(r"[ ·*]+", part.strip())]
    return None if None in names else " * ".join(str(name) for name in names)
