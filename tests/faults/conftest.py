"""A database on which whole programs run, and somebody who may write to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import Settings
from tests.faults.program import settings_of
from tests.faults.writer import operators_key
from tests.scratch import scratch


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where programs may write."""
    with scratch("cordee-faults-") as folder:
        yield folder


@pytest.fixture
def settings(folder: Path) -> Settings:
    """The settings that a program has, too, but for its port and its database."""
    return settings_of(folder)


@pytest.fixture
async def key(settings: Settings, prepared: str) -> str:
    """A key of somebody who may register and rename organisations."""
    return await operators_key(settings, prepared)
