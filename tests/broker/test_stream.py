"""The stream: made as the settings say, never changed, refused where it holds something else."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

from infra.broker.connection import connected
from infra.broker.shape import REMEMBERS, wanted
from infra.broker.trouble import BrokerAway, BrokerRefuses
from tests.broker.servers import Server, alone
from tests.broker.stage import Stage

CLOSED = """
authorization { user: cordee, password: "right/@" }
"""


async def test_it_is_made_as_the_settings_say(stage: Stage) -> None:
    async with stage.relaying(days=3, size=1 << 20):
        await stage.relayed(0)
    made = (await stage.jetstream.stream_info(stage.settings.stream)).config
    assert made.subjects == [f"{stage.settings.stream}.events.>"]
    assert (made.max_age, made.max_bytes, made.num_replicas) == (3 * 86_400, 1 << 20, 1)
    assert (made.storage, made.retention) == (StorageType.FILE, RetentionPolicy.LIMITS)
    assert made.duplicate_window == REMEMBERS


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"max_age": 7 * 86_400}, "it keeps messages 7 days, CORDEE_NATS_DAYS says 90"),
        ({"max_age": 0}, "it keeps messages for ever, CORDEE_NATS_DAYS says 90"),
        ({"max_bytes": 1 << 30}, "it keeps 1073741824 bytes, CORDEE_NATS_MEGABYTES says any"),
        ({"max_msgs": 10}, "it keeps 10 messages in all, not all"),
        ({"max_msgs_per_subject": 1}, "it keeps 1 messages of a subject, not all"),
        ({"storage": StorageType.MEMORY}, "its storage is memory, not file"),
        ({"retention": RetentionPolicy.INTEREST}, "its retention is interest, not limits"),
        ({"discard": DiscardPolicy.NEW}, "it discards new messages, not old ones"),
        ({"subjects": ["elsewhere.>"]}, "its subjects are ['elsewhere.>'], not"),
        ({"duplicate_window": 5.0}, "its duplicate window is 5 s, not 120"),
        ({"no_ack": True}, "it is sealed, or acknowledges nothing"),
    ],
)
async def test_one_of_another_shape_is_named_and_left_as_it_is(
    stage: Stage, changes: dict[str, Any], said: str
) -> None:
    config = StreamConfig(**vars(wanted(stage.settings, 1)) | changes)
    await stage.jetstream.add_stream(config)
    before = (await stage.jetstream.stream_info(config.name or "")).config
    async with stage.relaying():
        problem = await stage.problem()
    assert said in problem
    assert f"`nats stream edit {config.name}`" in problem
    assert (await stage.jetstream.stream_info(config.name or "")).config == before
    await stage.jetstream.delete_stream(config.name or "")


async def test_more_replicas_than_there_are_servers_are_refused_with_what_to_do(
    stage: Stage,
) -> None:
    async with stage.relaying(replicas=3):
        problem = await stage.problem()
    assert "with 3 replicas" in problem
    assert "CORDEE_NATS_REPLICAS" in problem


async def test_what_others_published_there_stops_the_relay_until_it_is_removed(
    stage: Stage,
) -> None:
    name = stage.settings.stream
    async with stage.relaying():
        await stage.relayed(await stage.record(1))
        await stage.jetstream.publish(f"{name}.events.none.none.forged.v1", b"{}")
        head = await stage.record(1)
        problem = await stage.problem()
        assert problem.startswith(f"Message 2 of the stream {name} ({name}.events.none.none.forged")
        assert f"`nats stream rmm {name} 2`" in problem
        await stage.jetstream.delete_msg(name, 2)
        await stage.relayed(head)
    assert await stage.told() == [1, 2]


async def test_a_stream_of_another_log_is_not_gone_on_with(stage: Stage) -> None:
    name = stage.settings.stream
    await stage.jetstream.add_stream(wanted(stage.settings, 1))
    event = {"id": "e5b3f5a0-0000-5000-8000-000000000000", "sequence": f"{1:019}"}
    await stage.jetstream.publish(f"{name}.events.none.none.x.y.v1", orjson.dumps(event))
    await stage.record(3)
    async with stage.relaying():
        problem = await stage.problem()
    assert "was not published from this log" in problem
    assert "CORDEE_NATS_STREAM" in problem
    assert len(await stage.messages()) == 1


async def test_a_log_that_is_older_than_the_stream_is_not_gone_on_with(stage: Stage) -> None:
    async with stage.relaying():
        await stage.relayed(await stage.record(3))
    await stage.execute(
        "set session_replication_role = replica; alter table log.event disable trigger all;"
        " delete from log.event where position = 3; alter table log.event enable trigger all"
    )
    async with stage.relaying():
        problem = await stage.problem()
    assert "After an older backup was restored" in problem


async def test_wrong_credentials_are_told_without_them(folder: Path) -> None:
    async with alone(folder, CLOSED) as server:
        for proof in ("cordee:wrong@", ""):
            address = f"nats://{proof}127.0.0.1:{server.port}"
            with pytest.raises(BrokerRefuses, match="does not let us in") as refused:
                async with connected([address], "test"):
                    pass
            assert "wrong" not in str(refused.value)
            assert "CORDEE_NATS_URL" in str(refused.value)
        address = f"nats://cordee:right%2F%40@127.0.0.1:{server.port}"
        async with connected([address], "test"):
            pass
        with pytest.raises(BrokerAway, match="does not speak TLS") as away:
            async with connected([address.replace("nats", "tls")], "test"):
                pass
        assert "right/" not in str(away.value)
        assert "right%" not in str(away.value)


async def test_one_of_several_servers_is_enough(broker: Server) -> None:
    for _ in range(5):  # they are tried in any order
        async with connected(["nats://127.0.0.1:9", broker.url], "test") as connection:
            assert connection.client.is_connected
