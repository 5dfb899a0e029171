"""Snapshots: the state of an aggregate, kept only for the code that made it.

The state is pickled, because it is the aggregate's own and of any shape; what is read back may
name nothing but the domain's classes and a few of the standard library's. An aggregate whose rules
read what people are called is never kept: a snapshot would go on telling when they are forgotten.
"""

import hashlib
import io
import pickle
from functools import cache
from importlib import resources
from typing import Any, Final

from eventsourcing.utils import resolve_topic

from domain.aggregate import Aggregate
from domain.personal import Personal

EVERY: Final = 100
"""A snapshot is taken each time that an aggregate's version passes a multiple of this."""

_ALLOWED: Final = {
    "builtins": {"set", "frozenset"},
    "collections": {"OrderedDict", "defaultdict", "deque"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "uuid": {"UUID"},
}


class _TellsOfPeople(Exception):
    """A state holds a text that belongs to a person."""


class _DiscreetPickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Personal) and obj.text is not None:
            raise _TellsOfPeople
        return NotImplemented


class _DomainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] == "domain" or name in _ALLOWED.get(module, ()):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"a snapshot may not name {module}.{name}")


@cache
def code_hash() -> bytes:
    """Tell this version of the domain's code from any other."""
    digest = hashlib.sha256()
    for source in sorted(resources.files("domain").iterdir(), key=lambda file: file.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return digest.digest()


def due(before: int, after: int) -> bool:
    """Tell whether an aggregate that went from one version to another is to be kept."""
    return before // EVERY != after // EVERY


def taken(aggregate: Aggregate) -> bytes | None:
    """Give the bytes of an aggregate's state; None where it holds what people are called."""
    written = io.BytesIO()
    try:
        _DiscreetPickler(written, protocol=5).dump((type(aggregate).TOPIC, aggregate.state()))
    except _TellsOfPeople:
        return None
    return written.getvalue()


def restored(state: bytes) -> Aggregate:
    """Make an aggregate from the bytes of its state.

    Raises:
        pickle.UnpicklingError: the bytes name something else than the domain's classes.
    """
    topic, attributes = _DomainUnpickler(io.BytesIO(state)).load()
    kind = resolve_topic(topic)
    aggregate: Aggregate = object.__new__(kind)
    vars(aggregate).update(attributes, _pending_events=[])
    return aggregate
