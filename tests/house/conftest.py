"""A folder for a server of one's own, and an account that is not root's."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

_NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that is empty: those of pytest's own are too long for a socket."""
    place = Path(tempfile.mkdtemp(prefix="cordee-house-"))
    yield place / "postgres"
    shutil.rmtree(place)


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
