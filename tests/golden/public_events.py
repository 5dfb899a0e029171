"""The public events as they were released: what partners were promised, and may rely on.

``python -m tests.golden.public_events`` writes the events that were never released; with a release,
and never before, ``--all`` writes them all anew.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

from api.hearing import Heard
from api.publication.catalogue import PUBLISHED
from api.publication.cloud_event import batch
from api.publication.published import Published
from api.publication.schemas import data_schema
from domain.identity import external
from domain.record import Metadata, Recorded
from tests.golden.samples import sample

FOLDER: Final = Path(__file__).parent / "public"
BASE: Final = "https://cordee.example/"
"""The address under which the samples are told."""

_RECORDED_AT: Final = datetime(2025, 12, 4, 8, 30, 1, 250000, UTC)
_TOLD: Final = Metadata(
    actor=external("principal", UUID(int=11)),
    command="DoSomething",
    on_behalf_of=UUID(int=12),
    effective_on=date(2025, 12, 3),
    reason="Parce que Quelqu’un l’a voulu",
)


def golden(public: Published) -> Path:
    """Where an event is kept as it was released."""
    return FOLDER / f"{public.type}.json"


def heard(public: Published, *, named: bool = True) -> Heard:
    """Give a fact that becomes the event, with every field filled."""
    event = sample(public.event)
    subject = external(public.noun, event.originator_id)
    recorded = Recorded(event, 17, _RECORDED_AT, UUID(int=13), _TOLD)
    return Heard(recorded, public.noun, subject, named)


def told(public: Published, *, named: bool = True) -> Any:
    """Give the event as it is told today."""
    (event,) = orjson.loads(batch([heard(public, named=named)], BASE))
    return event


def lost(released: Any, today: Any, at: str = "") -> Iterator[str]:
    """Give what an event no longer says as it did when it was released.

    Titles are words for people, which may be improved at any time.
    """
    if at == ".data.title":
        return
    if isinstance(released, dict) and isinstance(today, dict):
        for name, value in released.items():
            if name not in today:
                yield f"{at}.{name} is gone"
            else:
                yield from lost(value, today[name], f"{at}.{name}")
    elif released != today or type(released) is not type(today):
        yield f"{at} was {released!r} and is {today!r}"


def broken(released: Any, today: Any, at: str = "data") -> Iterator[str]:
    """Give what a schema no longer promises as it did when it was released.

    What is read by others may gain fields and values, and lose none; it may not become null where
    it never was, nor be left out.
    """
    if not isinstance(today, dict):
        yield f"{at} is gone"
        return
    if not _kinds(today) <= _kinds(released):
        yield f"{at} may be {sorted(_kinds(today))} where it was {sorted(_kinds(released))}"
    for word in ("format", "pattern"):
        if released.get(word) != today.get(word):
            yield f"{at} has another {word}"
    if missing := set(released.get("required", ())) - set(today.get("required", ())):
        yield f"{at} may be without {sorted(missing)}"
    if fewer := _values(released) - _values(today):
        yield f"{at} is never {sorted(fewer)} any more"
    if "items" in released:
        yield from broken(released["items"], today.get("items"), f"{at}[]")
    for name, inner in released.get("properties", {}).items():
        yield from broken(inner, today.get("properties", {}).get(name), f"{at}.{name}")


def _kinds(schema: Any) -> set[str]:
    kinds = schema["type"]
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _values(schema: Any) -> set[str]:
    return set(schema.get("x-extensible-enum", ()))


def main() -> None:
    """Write what is missing, or all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="also what was released already")
    everything = parser.parse_args().all
    FOLDER.mkdir(exist_ok=True)
    for public in PUBLISHED:
        path = golden(public)
        if everything or not path.exists():
            kept = {"event": told(public), "schema": data_schema(public)}
            path.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2) + b"\n")
            print(path)


if __name__ == "__main__":
    main()
