"""A demo that is watched, started once for all who look at it."""

import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.end_to_end.running import PATIENCE, Running, environment, running
from tests.observing.collector import Collector, collecting
from tests.observing.scraping import Scrape, scrape
from tests.scratch import scratch


@dataclass
class WatchedDemo:
    """A demo with its metrics, and the collector of its traces."""

    running: Running
    metrics: str
    collector: Collector
    operator: str
    """The token of somebody who runs the platform."""

    @property
    def url(self) -> str:
        """Where the public asks."""
        return self.running.url

    def scrape(self) -> Scrape:
        """Read all metrics."""
        return scrape(self.metrics)

    def post(self, query: str, headers: Any = None, **variables: Any) -> httpx.Response:
        """Send an operation, as the operator unless the headers say who else."""
        return httpx.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            headers={**bearer(self.operator), **(headers or {})},
            timeout=PATIENCE,
        )


def bearer(token: str) -> dict[str, str]:
    """Give the header that proves who sends it."""
    return {"authorization": f"Bearer {token}"}


def token_of(demo: Running, persona: str) -> str:
    """Give the token of a persona, as the page hands it out."""
    page = httpx.get(f"{demo.url}/personas/{persona}", timeout=PATIENCE).text
    return page.split("<pre>")[1].split("</pre>")[0]


@pytest.fixture(scope="session")
def watched() -> Iterator[WatchedDemo]:
    """A demo that is watched."""
    with scratch("cordee-") as folder, collecting() as collector:
        env = environment(
            folder / "data",
            CORDEE_METRICS_PORT="0",
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.address,
            OTEL_BSP_SCHEDULE_DELAY="50",
            CORDEE_LOG_LEVEL="debug",
        )
        with running("demo", env=env) as started:
            (metrics,) = [
                found[1]
                for line in started.said
                if (found := re.search(r"(http\S+)/metrics", line))
            ]
            token = token_of(started, "exploitante")
            reading = threading.Thread(target=_listen, args=(started,))
            reading.start()
            yield WatchedDemo(started, metrics, collector, token)
        reading.join()


def _listen(program: Running) -> None:
    """Take in whatever it says until it ends, for a full pipe would hold it up."""
    assert program.process.stdout is not None
    with suppress(ValueError):  # it was closed meanwhile
        for line in program.process.stdout:
            program.said.append(line.rstrip())
