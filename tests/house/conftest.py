"""A folder for a server of one's own, and an account that is not root's."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.scratch import scratch

_NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A path at which nothing is."""
    with scratch("cordee-house-") as place:
        yield place / "postgres"


@pytest.fixture
def ordinary() -> AbstractContextManager[None]:
    """A context without root's rights, whoever runs the tests."""

    @contextmanager
    def without_rights() -> Iterator[None]:
        before = os.geteuid()
        if before == 0:
            os.seteuid(_NOBODY)
        try:
            yield
        finally:
            os.seteuid(before)

    return without_rights()
