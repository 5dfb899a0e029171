"""Public events as CloudEvents 1.0 in JSON, each with its place in the log as ``sequence``."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha1
from typing import Any, Final, NamedTuple

import orjson

from api.hearing import Heard
from api.publication.catalogue import PUBLISHED
from api.publication.detail import Detail
from api.publication.published import Published
from domain.aggregate import AggregateEvent
from domain.identity import external

SOURCE: Final = "/cordee/events"
"""Where public events come from; the id of an event is the same wherever it is told."""
SCHEMAS: Final = "events/catalogue/"
"""Where the schemas of their data are, below the address of the interface."""
BATCH: Final = "application/cloudevents-batch+json"
"""The media type of many in one answer."""
SINGLE: Final = "application/cloudevents+json"
"""The media type of one, whole (the structured mode of CloudEvents)."""

_DIGITS: Final = 19
"""Of a position: strings of it are in the order of the numbers, as ``sequence`` asks for."""
_KEPT: Final = 16
"""How many addresses of the interface are known at a time."""


class _Form(NamedTuple):
    """What is the same in all public events of a kind."""

    type: str
    schema: str
    title: orjson.Fragment
    details: tuple[Detail, ...]


_Forms = Mapping[type[AggregateEvent], _Form]


def batch(heard: Iterable[Heard], base: str) -> bytes:
    """Write what a caller is told as a batch; ``base`` is the address of the interface.

    Raises:
        KeyError: a fact is not published.
    """
    forms = _forms(base)
    return orjson.dumps([_written(each, forms) for each in heard], option=orjson.OPT_UTC_Z)


def singly(heard: Iterable[Heard], base: str) -> list[bytes]:
    """Write each fact that a caller is told as an event of its own.

    Raises:
        KeyError: a fact is not published.
    """
    forms = _forms(base)
    return [orjson.dumps(_written(each, forms), option=orjson.OPT_UTC_Z) for each in heard]


def joined(batches: Iterable[bytes]) -> bytes:
    """Make one batch of several, none of which is empty."""
    return b"[%b]" % b",".join([each[1:-1] for each in batches])


def schema_of(public: Published, base: str) -> str:
    """Say where the schema of an event's data is."""
    return f"{base}{SCHEMAS}{public.type}.json"


@lru_cache(maxsize=_KEPT)
def _forms(base: str) -> _Forms:
    return {
        each.event: _Form(
            each.type,
            schema_of(each, base),
            orjson.Fragment(orjson.dumps(each.title)),
            each.details,
        )
        for each in PUBLISHED
    }


def _written(heard: Heard, forms: _Forms) -> dict[str, Any]:
    recorded = heard.recorded
    event, metadata = recorded.event, recorded.metadata
    form = forms[type(event)]
    written: dict[str, Any] = {
        "specversion": "1.0",
        "id": _id(event),
        "source": SOURCE,
        "type": form.type,
        "subject": heard.subject,
        "time": recorded.recorded_at,
        "datacontenttype": "application/json",
        "dataschema": form.schema,
        "sequence": f"{recorded.position:0{_DIGITS}}",
        "subjectversion": event.originator_version,
        "command": metadata.command,
    }
    if metadata.effective_on is not None:
        written["effectiveon"] = metadata.effective_on
    if metadata.on_behalf_of is not None:
        written["onbehalfof"] = external("organisation", metadata.on_behalf_of)
    if heard.named:
        written["actor"] = metadata.actor
    details = {each.name: each.read(event) for each in form.details}
    written["data"] = {"title": form.title, "details": details}
    return written


def _id(event: AggregateEvent) -> str:
    """Write the id of an event, as `Recorded.event_id` has it, in a third of the time."""
    name = event.originator_id.bytes + b"%d" % event.originator_version
    digest = bytearray(sha1(name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
