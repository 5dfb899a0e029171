"""Whereabouts: in which territory that lies to which something happened.

It is what the filter ``territories`` means, put into one word: of several the smallest territory
that holds them all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final

from api.entity import NODES
from api.facets import FACETS
from api.hearing import Heard, Listener
from domain.identity import Id
from domain.territory import TERRITORIES
from projections.whereabouts import whereabouts as values

_KIND: Final = "territory"


async def whereabouts(heard: Iterable[Heard], listener: Listener) -> Mapping[Id, str]:
    """Give for each thing to which something happened the key of its territory, if it has one.

    Raises:
        api.ports.ReadsUnavailable, api.ports.ReadTooSlow: the read model does not answer.
    """
    subjects = defaultdict[str, set[Id]](set)
    for each in heard:
        if each.subject is not None and each.noun in NODES:
            subjects[each.noun].add(each.subject)
    found = defaultdict[Id, set[str]](set)
    for noun, ids in subjects.items():
        table = NODES[noun].row.TABLE.name
        if table in FACETS and _KIND in FACETS[table].facets:
            asked = values(FACETS[table].facets[_KIND].facet, list(ids), listener.eyes)
            for id, key in await listener.reads.rows(*asked):
                if key is not None:
                    found[id].add(key)
    return {id: smallest(keys) for id, keys in found.items()}


def smallest(keys: Iterable[str]) -> str:
    """Give the key of the smallest territory in which some lie, all of them."""
    first, *others = (list(_around(key)) for key in keys)
    shared = set(first).intersection(*others)
    return next(key for key in first if key in shared)


def region(key: str) -> str:
    """Give the region in which a territory lies; of the country, the country itself."""
    *_, outermost = chain((key,), [each for each in _around(key) if TERRITORIES[each].parent])
    return outermost


def _around(key: str) -> Iterable[str]:
    """Give a territory, and those around it, from the inside outwards."""
    within: str | None = key
    while within is not None:
        yield within
        within = TERRITORIES[within].parent
