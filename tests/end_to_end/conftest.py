"""The demo, started once for all who ask it, and data folders for those who start their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.running import Running, environment, running
from tests.scratch import scratch


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder that is yet to be made."""
    with scratch("cordee-") as folder:
        yield folder / "data"


@pytest.fixture(scope="session")
def demo() -> Iterator[Running]:
    """The demo, as `make demo` starts it, for all who only ask it."""
    allowed = {"CORDEE_WEBHOOK_ALLOW": "127.0.0.1"}
    with (
        scratch("cordee-") as folder,
        running("demo", env=environment(folder / "data", **allowed)) as started,
    ):
        yield started
