"""Events on their way into the log and back."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from unittest.mock import patch
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from eventsourcing.utils import register_topic

from domain.aggregate import AggregateEvent
from domain.organisation import Organisation, OrganisationKind
from domain.personal import Personal
from domain.record import Metadata
from infra.keys.keyring import Keyring
from infra.keys.person_keys import PersonForgotten, PersonKeys
from infra.mapper import EventMapper, UnreadableEvent
from infra.store import StoredEvent

NOW = datetime(2026, 1, 23, 10, 0, 0, 250, tzinfo=UTC)
METADATA = Metadata(actor="coordinator", command="RegisterOrganisation", reason="Bienvenue")


class Counted(AggregateEvent, frozen=True, kw_only=True):
    """An event that had two other shapes before."""

    TOPIC = "counted"
    class_version: ClassVar[int] = 3
    places: int
    unit: str

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The number was a text."""
        state["seats"] = int(state.pop("seats"))

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        """Seats became places, with a unit."""
        state["places"], state["unit"] = state.pop("seats"), "places"


register_topic(Counted.TOPIC, Counted)


@dataclass(frozen=True, slots=True)
class Desk:
    """A mapper with the keys that it uses."""

    mapper: EventMapper
    keys: PersonKeys


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    """A mapper over a fresh database."""
    async with asyncpg.create_pool(database, min_size=1, max_size=2) as pool:
        keys = PersonKeys(pool, Keyring(bytes(range(32))), kept_for=0.0)
        yield Desk(EventMapper(keys), keys)


def registered() -> AggregateEvent:
    """An event without anything personal."""
    organisation = Organisation.register(
        uuid4(), now=NOW, name="Atmo Normandie", kind=OrganisationKind.ASSOCIATION
    )
    return first_event(organisation)


def designated(contact: UUID) -> AggregateEvent:
    """An event with personal texts."""
    organisation = Organisation.register(
        uuid4(), now=NOW, name="Atmo Normandie", kind=OrganisationKind.ASSOCIATION
    )
    organisation.collect_events()
    organisation.designate_contact(
        contact, function="directrice", name="Quelqu’une", email="quelqu.une@exemple.fr"
    )
    return first_event(organisation)


def first_event(organisation: Organisation) -> AggregateEvent:
    """The first event that was not collected yet."""
    event = organisation.collect_events()[0]
    assert isinstance(event, AggregateEvent)
    return event


async def stored(mapper: EventMapper, event: AggregateEvent, **changed: Any) -> StoredEvent:
    """An event as the log gives it back."""
    (encoded,) = await mapper.encode([event])
    fields = {
        "position": 12,
        "stream_id": event.originator_id,
        "version": event.originator_version,
        **encoded._asdict(),
        "meta": msgspec.json.encode(METADATA),
        "command_id": UUID(int=3),
        "recorded_at": NOW,
    }
    return StoredEvent(**(fields | changed))


async def test_what_went_in_comes_out_with_where_it_stands(desk: Desk) -> None:
    event = registered()
    (recorded,) = await desk.mapper.decode([await stored(desk.mapper, event)])
    assert recorded.event == event
    assert recorded.metadata == METADATA
    assert (recorded.position, recorded.recorded_at, recorded.command_id) == (12, NOW, UUID(int=3))


async def test_the_state_is_the_json_of_the_event_whole(desk: Desk) -> None:
    event = registered()
    (encoded,) = await desk.mapper.encode([event])
    assert (encoded.topic, encoded.class_version) == ("organisation.registered", 1)
    state = json.loads(encoded.state)
    assert state["originator_id"] == str(event.originator_id)
    assert state["originator_version"] == 1
    assert state["timestamp"] == "2026-01-23T10:00:00.000250Z"
    assert state["name"] == "Atmo Normandie"


async def test_what_is_not_personal_asks_the_database_nothing(desk: Desk) -> None:
    with patch.object(desk.keys, "fetch", side_effect=AssertionError):
        await desk.mapper.decode([await stored(desk.mapper, registered())])


# personal texts


async def test_a_personal_text_is_stored_encrypted_and_read_back(desk: Desk) -> None:
    event = designated(uuid4())
    put_away = await stored(desk.mapper, event)
    assert "Quelqu" not in put_away.state.decode()
    assert "exemple.fr" not in put_away.state.decode()
    (recorded,) = await desk.mapper.decode([put_away])
    assert recorded.event == event


async def test_who_was_forgotten_is_read_without_a_text_and_all_else_is_there(desk: Desk) -> None:
    contact = uuid4()
    put_away = await stored(desk.mapper, designated(contact))
    desk.keys.forgotten(contact)
    (recorded,) = await desk.mapper.decode([put_away])
    assert isinstance(recorded.event, Organisation.ContactDesignated)
    assert recorded.event.name == Personal(contact, None)
    assert recorded.event.function == "directrice"


async def test_nothing_can_be_written_about_who_was_forgotten(desk: Desk) -> None:
    contact = uuid4()
    desk.keys.forgotten(contact)
    with pytest.raises(PersonForgotten):
        await desk.mapper.encode([designated(contact)])


async def test_an_encrypted_text_that_was_moved_to_another_event_does_not_open(desk: Desk) -> None:
    contact = uuid4()
    one, other = designated(contact), designated(contact)
    (ours,) = await desk.mapper.encode([one])
    moved = ours.state.replace(str(one.originator_id).encode(), str(other.originator_id).encode())
    with pytest.raises(UnreadableEvent):
        await desk.mapper.decode([await stored(desk.mapper, other, state=moved)])


async def test_many_people_cost_one_look_up(desk: Desk) -> None:
    events = [await stored(desk.mapper, designated(uuid4())) for _ in range(20)]
    with patch.object(desk.keys, "fetch", wraps=desk.keys.fetch) as fetch:
        await desk.mapper.decode(events)
    assert fetch.call_count == 1


# older shapes


@pytest.mark.parametrize(
    ("version", "own"),
    [
        (1, {"seats": "20"}),
        (2, {"seats": 20}),
        (3, {"places": 20, "unit": "places"}),
    ],
)
async def test_an_older_shape_is_brought_up_step_by_step(
    desk: Desk, version: int, own: dict[str, Any]
) -> None:
    event = counted()
    put_away = await stored(desk.mapper, event, class_version=version, state=state_of(event, own))
    (recorded,) = await desk.mapper.decode([put_away])
    assert recorded.event == event


async def test_a_shape_of_newer_code_is_not_guessed_at(desk: Desk) -> None:
    put_away = await stored(desk.mapper, registered(), class_version=2)
    with pytest.raises(UnreadableEvent, match="version 2 of its class is not known"):
        await desk.mapper.decode([put_away])


def counted() -> Counted:
    """An event of the newest shape."""
    return Counted(
        originator_id=UUID(int=1), originator_version=1, timestamp=NOW, places=20, unit="places"
    )


def state_of(event: AggregateEvent, own: dict[str, Any]) -> bytes:
    """The state of an event with other fields of its own."""
    around = ("originator_id", "originator_version", "timestamp")
    return msgspec.json.encode({name: getattr(event, name) for name in around} | own)


# damage

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda state: state[:40],
    "empty": lambda _: b"",
    "another kind of value": lambda state: state.replace(b'"ASSOCIATION"', b"12"),
    "an unknown kind": lambda state: state.replace(b"ASSOCIATION", b"CLUB"),
    "a field is missing": lambda state: state.replace(b'"name"', b'"nom"'),
    "no text": lambda _: b"\xff\xfe",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_state_is_named(desk: Desk, damage: Callable[[bytes], bytes]) -> None:
    whole = await stored(desk.mapper, registered())
    damaged = await stored(desk.mapper, registered(), state=damage(whole.state))
    with pytest.raises(UnreadableEvent) as caught:
        await desk.mapper.decode([whole, damaged])
    assert caught.value.position == 12
    assert caught.value.topic == "organisation.registered"
    assert caught.value.stream_id == damaged.stream_id
    assert str(damaged.stream_id) in str(caught.value)


@pytest.mark.parametrize("topic", ["organisation.founded", "os:system", "", "os.path"])
async def test_an_unknown_topic_is_named(desk: Desk, topic: str) -> None:
    with pytest.raises(UnreadableEvent, match="no event of this code has its topic"):
        await desk.mapper.decode([await stored(desk.mapper, registered(), topic=topic)])


@pytest.mark.parametrize("elsewhere", [{"stream_id": UUID(int=9)}, {"version": 9}])
async def test_a_state_that_belongs_elsewhere_is_named(
    desk: Desk, elsewhere: dict[str, Any]
) -> None:
    with pytest.raises(UnreadableEvent, match="its state says version 1 of stream"):
        await desk.mapper.decode([await stored(desk.mapper, registered(), **elsewhere)])


async def test_damaged_metadata_are_named(desk: Desk) -> None:
    with pytest.raises(UnreadableEvent, match="position 12"):
        await desk.mapper.decode([await stored(desk.mapper, registered(), meta=b'{"actor": 1}')])


async def test_what_an_event_cannot_carry_is_refused_before_it_is_stored(desk: Desk) -> None:
    event = msgspec.structs.replace(registered(), name=object())
    with pytest.raises(NotImplementedError, match="cannot carry a object"):
        await desk.mapper.encode([event])
