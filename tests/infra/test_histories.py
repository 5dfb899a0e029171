"""What happened to one thing is read from its stream, in either order."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.ports import FeedBroken, ReadsUnavailable
from domain.organisation import Organisation, OrganisationKind
from infra.histories import Histories
from infra.mapper import EventMapper
from infra.store import EventStore, StoreUnavailable
from tests.domain.work import NOW
from tests.history import given, news
from tests.infra.test_feed import damage

ALL = {"after": 0, "upto": 5, "limit": 10}


async def renamed(store: EventStore, mapper: EventMapper) -> UUID:
    """Register an organisation and give it four other names, each between those of another."""
    kind = OrganisationKind.ASSOCIATION
    one, other = (Organisation.register(uuid4(), now=NOW, name="Air", kind=kind) for _ in "ab")
    for number in range(5):
        await given(store, mapper, *news(one), *news(other))
        for each in (one, other):
            each.at(NOW).rename(f"Air {number}", reason=None)
    return one.id


def versions(facts: Sequence[Any]) -> list[int]:
    return [each.event.originator_version for each in facts]


@pytest.mark.parametrize(
    ("asked", "oldest_first"),
    [
        (ALL, [1, 2, 3, 4, 5]),
        ({"after": 1, "upto": 4, "limit": 10}, [2, 3, 4]),
        ({"after": 5, "upto": 5, "limit": 10}, []),
    ],
    ids=["all", "some", "none"],
)
async def test_facts_come_in_either_order(
    store: EventStore, mapper: EventMapper, asked: Any, oldest_first: list[int]
) -> None:
    stream = await renamed(store, mapper)
    histories = Histories(store, mapper)
    facts = await histories.facts(stream, **asked, newest_first=False)
    assert versions(facts) == oldest_first
    facts = await histories.facts(stream, **asked, newest_first=True)
    assert versions(facts) == oldest_first[::-1]
    assert {each.event.originator_id for each in facts} <= {stream}


async def test_so_many_at_most_are_read_from_the_end_that_comes_first(
    store: EventStore, mapper: EventMapper
) -> None:
    stream = await renamed(store, mapper)
    histories = Histories(store, mapper)
    two = {**ALL, "limit": 2}
    assert versions(await histories.facts(stream, **two, newest_first=False)) == [1, 2]
    assert versions(await histories.facts(stream, **two, newest_first=True)) == [5, 4]


async def test_a_damaged_fact_is_named(
    database: str, store: EventStore, mapper: EventMapper
) -> None:
    stream = await renamed(store, mapper)
    await damage(database, 5)
    with pytest.raises(FeedBroken) as broken:
        await Histories(store, mapper).facts(stream, **ALL, newest_first=True)
    assert broken.value.position == 5


async def test_a_log_that_is_away_can_be_asked_again(
    store: EventStore, mapper: EventMapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable("away", stored=False)

    monkeypatch.setattr(store, "stream", away)
    with pytest.raises(ReadsUnavailable):
        await Histories(store, mapper).facts(uuid4(), **ALL, newest_first=True)
