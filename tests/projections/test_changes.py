"""What an event changed is what the fold of it changed, however history is cut into epochs."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from random import Random
from typing import Any

import orjson
import pytest

import api.schema  # noqa: F401 - to import the schema is to know every type
from api.history.tracks import Traced, traced
from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from infra.projector.building.builder import builder
from projections.catalogue import PASTS
from projections.changes import changed
from projections.column import INSTANT
from projections.guard import Eyes
from projections.past import Past
from projections.rows import Rows
from projections.table import Row
from tests.history import Log, given, opened
from tests.projections.folding import of_interest
from tests.projections.stories import story
from tests.projections.test_past import reading

NOUNS = {
    "organisations_past": "organisation",
    "roadmaps_past": "roadmap",
    "alliances_past": "alliance",
    "actions_past": "action",
    "workshops_past": "workshop",
}
EVERYTHING = Eyes(trusted=True)

Changed = dict[tuple[int, bool, int, str], list[Any]]
"""The values of a version, by its track, whether it ended, its position and its key."""


@pytest.fixture(autouse=True)
def _short_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a story take many epochs."""
    monkeypatch.setattr("infra.projector.past.SMALLEST", 4)


@pytest.fixture
async def log(prepared: str) -> AsyncIterator[Log]:
    """An open log, with the tables of the past beside it."""
    async with opened(prepared) as opening:
        yield opening


def states(tables: Sequence[Traced], rows: Rows, owner: Id) -> dict[tuple[int, str], list[Any]]:
    """Give what is told of the rows of a thing, by track and key."""
    found = {}
    for place, each in enumerate(tables):
        table = each.track.table
        assert table.owner is not None
        for row in rows.all(kind_of(table.name)):
            if getattr(row, table.owner[1]) == owner:
                key = "/".join(str(getattr(row, column)) for column in each.track.key)
                values = [getattr(row, field.column.name) for field in each.track.fields]
                found[place, key] = values
    return found


def kind_of(table: str) -> type[Row]:
    kinds = {kind.TABLE.name: kind for past in PASTS for kind in past.of.rows}
    return kinds[table]


def folded(of: Past, events: Sequence[AggregateEvent]) -> Iterator[tuple[Id, Changed]]:
    """Give what the events of each thing made of its rows, by folding them one after the other."""
    noun, rows = NOUNS[of.name], Rows()
    tables = traced(noun)
    found = defaultdict[Id, Changed](dict)
    for recorded in of_interest(of.of, list(events)):
        topic = type(recorded.event).TOPIC
        owner = external(noun, recorded.stream_id) if topic.startswith(f"{noun}.") else None
        before = {} if owner is None else states(tables, rows, owner)
        of.of.take(rows, recorded)
        after = {} if owner is None else states(tables, rows, owner)
        for place, key in before.keys() | after.keys():
            was, now = before.get((place, key)), after.get((place, key))
            if owner is not None and was != now:
                at = recorded.position
                if was is not None:
                    found[owner][place, True, at, key] = was
                if now is not None:
                    found[owner][place, False, at, key] = now
    yield from found.items()


async def test_what_an_event_changed_is_what_the_fold_of_it_changed(log: Log) -> None:
    chance = Random(11)  # noqa: S311
    events = story([chance.randrange(2**32) for _ in range(800)])
    position = 0
    while position < len(events):
        position = await given(log.store, log.mapper, *events[position : position + 50])
    pasts = [each for each in PASTS if each.name in NOUNS]
    async with builder(log.dsn, log.mapper, owner="tests", memory=4 << 30) as opening:
        numbers = {each.name: (await opening.anew(each)).generation.number for each in pasts}
    compared = 0
    async with reading(log.dsn, numbers) as connection:
        await connection.set_type_codec(
            "json", schema="pg_catalog", encoder=str, decoder=orjson.loads
        )
        for each in pasts:
            tables = traced(NOUNS[each.name])
            for owner, expected in folded(each, events):
                positions = sorted({at for _, _, at, _ in expected})
                asked, arguments = changed(
                    [table.track for table in tables], owner, positions, EVERYTHING
                )
                found = await connection.fetch(asked.text, *arguments)
                assert settled(tables, outside(tables, expected)) == settled(tables, told(found))
                compared += len(expected)
    assert compared > 200


def settled(tables: Sequence[Traced], versions: Changed) -> Changed:
    """Leave out what a fold cannot know: instants, and who is forgotten later."""
    return {
        key: [
            value
            for value, field in zip(values, tables[key[0]].track.fields, strict=True)
            if field.column.kind != INSTANT
            and field.column.name not in tables[key[0]].track.table.personal
        ]
        for key, values in versions.items()
    }


def outside(tables: Sequence[Traced], expected: Changed) -> Changed:
    """Write values as they leave."""
    return {
        key: [
            None if value is None else field.column.kind.outside(value)
            for value, field in zip(values, tables[key[0]].track.fields, strict=True)
        ]
        for key, values in expected.items()
    }


def told(found: Sequence[Any]) -> Changed:
    """Give the versions that differ in what is told: the others were changed in something else."""
    versions: Changed = {}
    for place, at, ended, key, seen, values, shown in found:
        assert seen
        assert all(shown)
        versions[place, ended, at, key] = values
    return {
        (place, ended, at, key): values
        for (place, ended, at, key), values in versions.items()
        if versions.get((place, not ended, at, key)) != values
    }
