"""The search for objects that only keep each other alive, in a process that settled."""

import gc
from collections.abc import Iterator

import pytest

from infra import garbage


@pytest.fixture(autouse=True)
def _afterwards_as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_was_loaded_before_is_not_gone_through_again() -> None:
    gc.collect()
    known = len(gc.get_objects())
    garbage.settle()
    assert len(gc.get_objects()) < known / 100


def test_circles_are_still_found() -> None:
    garbage.settle()
    circle: list[object] = []
    circle.append(circle)
    del circle
    assert gc.collect() >= 1
    assert gc.isenabled()
