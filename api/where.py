"""Where: a filter as it was given, read as a condition on rows with values to be bound."""

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from api.facets import Facets, Offered
from api.naming import camel
from domain import text
from domain.refusal import ControlCharacters, InvalidNumber, Refusal, TextTooLong, TooManyItems
from projections.condition import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Filter,
    Has,
    Not,
    Operator,
)
from projections.slot import Slot

DEEPEST: Final = 5
"""Conditions inside each other."""
MOST: Final = 50
"""Values that one filter compares with."""
MOST_LISTED: Final = 100
"""Items of one list."""
LONGEST: Final = 1_000
"""Characters of a text."""
_GREATEST: Final = 100
"""Digits of a number, before or after the point."""


class FilterTooDeep(Refusal):
    """This filter is nested more than {limit} levels deep. Write it flatter."""

    FRENCH = "Ce filtre est imbriqué sur plus de {limit} niveaux. Écrivez-le plus à plat."


class FilterTooLong(Refusal):
    """This filter has more than {limit} conditions. Ask in several steps."""

    FRENCH = "Ce filtre compte plus de {limit} conditions. Procédez en plusieurs fois."


class EmptyList(Refusal):
    """This list is empty, so that nothing could be meant. Leave it out, or fill it."""

    FRENCH = "Cette liste est vide : rien ne peut être visé. Retirez-la, ou remplissez-la."


class NullCompared(Refusal):
    """Nothing is equal to null. Leave this out, or use isNull."""

    FRENCH = "Rien n’est égal à null. Retirez cette comparaison, ou employez isNull."


class ContradictoryFilter(Refusal):
    """No value can fulfil all that is asked here. Correct one of the conditions."""

    FRENCH = "Aucune valeur ne peut remplir tout ce qui est demandé ici. Corrigez une condition."


_COMPARED: Final[Mapping[str, tuple[Operator, Callable[[Any, Any], bool]]]] = {
    "eq": (Operator.EQUAL, operator.eq),
    "in": (Operator.AMONG, lambda value, listed: value in listed),
    "lt": (Operator.LESS, operator.lt),
    "lte": (Operator.AT_MOST, operator.le),
    "gt": (Operator.MORE, operator.gt),
    "gte": (Operator.AT_LEAST, operator.ge),
    "contains": (Operator.CONTAINS, lambda value, part: part in value),
}


def read(facets: Facets, given: Mapping[str, Any] | None, first: int) -> Filter | None:
    """Read a filter; ``first`` is the number of its first slot. None is no filter at all.

    Raises:
        FilterTooDeep, FilterTooLong, EmptyList, NullCompared, ContradictoryFilter,
        TooManyItems, TextTooLong, ControlCharacters, InvalidNumber: it makes no sense.
    """
    if given is None:
        return None
    reading = _Reading(facets, first)
    condition = reading.all(given, "where", 1)
    return Filter(condition, tuple(reading.values), tuple(reading.types))


class _Reading:
    def __init__(self, facets: Facets, first: int) -> None:
        self._offered = {camel(each.name): each for each in facets.facets.values()}
        self._first = first
        self.values: list[object] = []
        self.types: list[str] = []

    def all(self, given: Mapping[str, Any], path: str, depth: int) -> Condition:
        if depth > DEEPEST:
            raise FilterTooDeep(path, limit=DEEPEST)
        found: list[Condition] = []
        for name, part in given.items():
            here = f"{path}.{name}"
            if part is None:
                continue
            match name:
                case "and":
                    found.append(All(self._each(part, here, depth)))
                case "or":
                    found.append(AnyOf(self._each(part, here, depth)))
                case "not":
                    found.append(Not(self.all(part, here, depth + 1)))
                case _:
                    found += self._facet(self._offered[name], part, here)
        return All(tuple(found))

    def _each(self, given: list[Mapping[str, Any]], path: str, depth: int) -> tuple[Condition, ...]:
        _filled(given, path)
        return tuple(
            self.all(each, f"{path}.{place}", depth + 1) for place, each in enumerate(given)
        )

    def _facet(self, offered: Offered, given: Mapping[str, Any], path: str) -> Iterable[Condition]:
        for name, value in given.items():
            if value is None:
                raise NullCompared(f"{path}.{name}")
        is_null = given.get("isNull")
        asked = {
            name: _value(offered, value, f"{path}.{name}")
            for name, value in given.items()
            if name != "isNull"
        }
        if not possible(asked, is_null):
            raise ContradictoryFilter(path)
        compared = tuple(
            self._comparison(offered, _COMPARED[name][0], value, path)
            for name, value in asked.items()
            if name != "ne"
        )
        if compared:
            yield Has(offered.facet, compared)
        if "ne" in asked:
            same = self._comparison(offered, Operator.EQUAL, asked["ne"], path)
            yield Not(Has(offered.facet, (same,)))
        if is_null is not None:
            told = Has(offered.facet, ())
            yield Not(told) if is_null else told

    def _comparison(
        self, offered: Offered, compared: Operator, value: object, path: str
    ) -> Comparison:
        if len(self.values) >= MOST:
            raise FilterTooLong(path, limit=MOST)
        kind = offered.facet.kind.sql
        sql = f"{kind}[]" if compared is Operator.AMONG else kind
        self.values.append(value)
        self.types.append(sql)
        return Comparison(compared, Slot(self._first + len(self.values) - 1, sql))


def possible(asked: Mapping[str, Any], is_null: bool | None) -> bool:
    """Tell whether a value can fulfil all comparisons."""
    if is_null:
        return not asked
    candidates = [asked["eq"]] if "eq" in asked else asked.get("in")
    if candidates is not None:
        return any(_fulfils(candidate, asked) for candidate in candidates)
    least = [asked[name] for name in ("gt", "gte") if name in asked]
    most = [asked[name] for name in ("lt", "lte") if name in asked]
    if not least or not most:
        return True
    low, high = max(least), min(most)
    strict = low == asked.get("gt") or high == asked.get("lt")
    return bool(low < high or (low == high and not strict))


def _fulfils(value: Any, asked: Mapping[str, Any]) -> bool:
    return all(
        value != other if name == "ne" else _COMPARED[name][1](value, other)
        for name, other in asked.items()
    )


def _value(offered: Offered, value: Any, path: str) -> Any:
    """Give a value, or a list of values, the form in which it is compared."""
    if isinstance(value, list):
        _filled(value, path)
        return [_value(offered, item, path) for item in value]
    if isinstance(value, Decimal):
        return _bounded(value, path)
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise TextTooLong(path, length=len(value), limit=LONGEST)
        if "\0" in value:  # which no column can hold, and no driver sends
            raise ControlCharacters(path, index=value.index("\0"))
        return text.folded(value) if offered.folded else value
    return value


def _bounded(value: Decimal, path: str) -> Decimal:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "the scalar lets nothing through that is not finite"
    if max(abs(value.adjusted()), abs(exponent)) > _GREATEST:
        bound = f"1E+{_GREATEST}"
        raise InvalidNumber(path, value=f"{value:.3E}", least=f"-{bound}", most=bound)
    return value


def _filled(given: list[Any], path: str) -> None:
    if not given:
        raise EmptyList(path)
    if len(given) > MOST_LISTED:
        raise TooManyItems(path, length=len(given), limit=MOST_LISTED)
