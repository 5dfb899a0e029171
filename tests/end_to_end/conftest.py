"""The demo, started once for all who ask it, and data folders for those who start their own."""

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


@pytest.fixture(scope="session")
def demo() -> Iterator[Running]:
    """The demo, as `make demo` starts it, for all who only ask it."""
    with (
        TemporaryDirectory(prefix="cordee-") as folder,
        running("demo", env=environment(Path(folder) / "data")) as started,
    ):
        yield started
