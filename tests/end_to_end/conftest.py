"""The demo, started once for each module of tests that asks it."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.end_to_end.running import Running, environment, running


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder whose path is short enough for a socket."""
    with TemporaryDirectory(prefix="cordee-") as folder:
        yield Path(folder) / "data"


@pytest.fixture(scope="module")
def demo(data: Path) -> Iterator[Running]:
    """The demo, as `make demo` starts it."""
    with running("demo", env=environment(data)) as started:
        yield started
