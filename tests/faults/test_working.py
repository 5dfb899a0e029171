"""`cordee work`: beside a server, on whatever database that one has."""

from pathlib import Path

import psutil

from tests.faults.client import Client
from tests.faults.program import Program, together


async def test_a_worker_joins_the_embedded_database_of_a_server_that_serves_alone(
    folder: Path,
) -> None:
    server = Program(["serve", "--no-workers"], None, folder)
    worker = Program(["work"], None, folder)
    async with together(server):
        async with together(worker), Client(server.url) as client:
            assert (await client.send("GET", "/health/ready")).status == 200
            family = psutil.Process(worker.pid).children(recursive=True)
            assert not [process for process in family if "postgres" in process.name()]
        assert worker.status == 0, worker.said()
        assert "cordée has stopped." in worker.said()
        async with Client(server.url) as client:
            assert (await client.send("GET", "/health/ready")).status == 200
