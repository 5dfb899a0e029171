"""The relay: every public event once, in the order of the log, whatever is stopped in between."""

from pathlib import Path

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from infra.broker.checkpoint import TurnOver, turn
from infra.broker.connection import connected
from infra.broker.relay import TOGETHER
from infra.broker.trouble import Overtaken
from infra.broker.volley import Message, Volley
from tests.broker.servers import alone
from tests.broker.stage import Stage, staged


async def test_every_event_goes_out_once_in_the_order_of_the_log(stage: Stage) -> None:
    head = await stage.record(2 * TOGETHER + 7)
    async with stage.relaying():
        await stage.relayed(head)
        later = await stage.record(3)
        await stage.relayed(later)
    assert await stage.told() == list(range(1, later + 1))


async def test_a_message_is_a_cloud_event_known_by_the_id_of_the_event(stage: Stage) -> None:
    async with stage.relaying():
        await stage.relayed(await stage.record(1))
    (message,) = await stage.messages()
    assert message.headers is not None
    assert message.headers["content-type"] == "application/cloudevents+json"
    event = JSONFormat().read(CloudEvent, message.data)
    assert message.headers["Nats-Msg-Id"] == event.get_id()
    assert event.get_type() == "fr.cordee.organisation.registered.v1"
    assert event.get_dataschema() == f"http://test/events/catalogue/{event.get_type()}.json"
    name = stage.settings.stream
    assert message.subject == f"{name}.events.none.none.organisation.registered.v1"


async def test_a_relay_that_begins_again_goes_on_after_what_the_broker_has(stage: Stage) -> None:
    head = await stage.record(20)
    async with stage.relaying():
        await stage.relayed(head)
    await stage.execute("delete from log.relay")  # published, and never noted
    head = await stage.record(5)
    async with stage.relaying():
        await stage.relayed(head)
    assert await stage.told() == list(range(1, head + 1))


async def test_what_is_noted_stands_in_where_the_broker_keeps_nothing_any_more(
    stage: Stage,
) -> None:
    async with stage.relaying():
        await stage.relayed(await stage.record(20))
    await stage.jetstream.purge_stream(stage.settings.stream)
    async with stage.relaying():
        await stage.relayed(await stage.record(2))
    assert await stage.told() == [21, 22]


async def test_a_stream_that_was_made_anew_is_filled_from_the_beginning(stage: Stage) -> None:
    async with stage.relaying():
        await stage.relayed(await stage.record(20))
        await stage.jetstream.delete_stream(stage.settings.stream)
        head = await stage.record(2)
        await stage.until(lambda row: row["sequence"] == head)
    assert await stage.told() == list(range(1, head + 1))


async def test_of_two_relays_one_is_at_work_and_the_other_takes_over(stage: Stage) -> None:
    async with stage.relaying() as one:
        await stage.relayed(await stage.record(3))
        async with stage.relaying():
            await stage.relayed(await stage.record(3))
            before = await stage.until(lambda row: True)  # noqa: ARG005
            await one.stop()
            head = await stage.record(3)
            await stage.relayed(head)
            after = await stage.until(lambda row: True)  # noqa: ARG005
    assert (before["fence"], after["fence"]) == (1, 2)
    assert await stage.told() == list(range(1, head + 1))


async def test_who_was_replaced_can_neither_publish_nor_note_anything(stage: Stage) -> None:
    name = stage.settings.stream
    async with turn(stage.log.dsn, name) as stale:
        async with connected(stage.settings.urls, "stale") as connection:
            volley = Volley(connection, name, 0)
            await volley.open()
            await stale._connection.execute("select pg_advisory_unlock_all()")  # as if it were gone
            async with stage.relaying():
                await stage.relayed(await stage.record(3))
            with pytest.raises(Overtaken):
                await volley.send([Message(f"{name}.events.none.none.late", "late", b"{}")])
        with pytest.raises(TurnOver):
            await stale.store(3, 3)
    assert await stage.told() == [1, 2, 3]


async def test_a_broker_that_goes_away_hinders_nobody_and_gets_the_rest_when_it_comes_back(
    prepared: str, folder: Path
) -> None:
    async with alone(folder) as server, staged(prepared, server) as stage, stage.relaying():
        await stage.record(3 * TOGETHER)
        await stage.until(lambda row: row["position"] > 0)
        server.kill()  # under way
        problem = (await stage.until(lambda row: "No broker" in (row["problem"] or "")))["problem"]
        assert problem.startswith(f"No broker answers at 127.0.0.1:{server.port}")
        assert problem.endswith("is it running, and is CORDEE_NATS_URL right?")
        head = await stage.record(2)
        server.start()
        await stage.relayed(head)
        assert await stage.told() == list(range(1, head + 1))


async def test_an_event_that_cannot_be_read_stops_the_relay_before_it_and_is_named(
    stage: Stage,
) -> None:
    head = await stage.record(3)
    await stage.execute(
        "insert into log.event (position, stream_id, version, topic, class_version, state, meta,"
        " command_id, recorded_at) select 4, gen_random_uuid(), 1, topic, 1, 'damaged', meta,"
        " command_id, recorded_at from log.event where position = 1;"
        " select pg_notify('log_event', '4')"
    )
    async with stage.relaying():
        problem = await stage.problem()
    assert problem == "the event at position 4 cannot be read"
    assert await stage.told() == list(range(1, head + 1))
