"""A cluster of three servers, and relays: whatever is killed, nothing is lost or told twice."""

import asyncio
from pathlib import Path

from infra.broker.relay import TOGETHER
from tests.broker.servers import clustered
from tests.broker.stage import relay_of, staged


async def test_the_server_that_leads_the_stream_and_relays_may_be_killed_under_way(
    prepared: str, folder: Path
) -> None:
    async with clustered(folder) as servers, staged(prepared, *servers) as stage:
        relays = [relay_of(stage, folder) for _ in range(2)]
        try:
            for relay in relays:
                relay.start()
            await stage.relayed(await stage.record(1))
            made = await stage.jetstream.stream_info(stage.settings.stream)
            assert made.config.num_replicas == 3
            assert made.cluster is not None
            (leader,) = (each for each in servers if each.name == made.cluster.leader)
            await stage.record(3 * TOGETHER)
            await stage.until(lambda row: row["position"] > 1)
            leader.kill()
            for relay in relays:  # one after the other, whoever is at work
                await asyncio.sleep(0.5)
                relay.kill()
            relays[0].start()
            head = await stage.record(10)
            await stage.relayed(head)
        finally:
            for relay in relays:
                if relay.runs:
                    relay.kill()
        assert await stage.told() == list(range(1, head + 1))
