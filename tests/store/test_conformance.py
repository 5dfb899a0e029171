"""The recorder cases that ``eventsourcing`` ships, unchanged, on the product's own event store."""

from collections.abc import Iterator

import pytest
from eventsourcing.tests import persistence as shipped

from tests.store.recorder import AggregateStoreRecorder, StoreRecorder


class OnAFreshDatabase:
    """Gives each case a recorder on a database of its own."""

    _recorder: StoreRecorder
    recorder_class = StoreRecorder

    @pytest.fixture(autouse=True)
    def _recorder_of_this_case(self, database: str) -> Iterator[None]:
        self._recorder = self.recorder_class(database)
        yield
        self._recorder.close()

    def create_recorder(self) -> StoreRecorder:
        return self._recorder


class TestAsAggregateRecorder(OnAFreshDatabase, shipped.AggregateRecorderTestCase):
    """Streams: written atomically, read by version, refused when they have moved."""

    recorder_class = AggregateStoreRecorder


class TestAsApplicationRecorder(
    OnAFreshDatabase, shipped.ApplicationRecorderTestCase[StoreRecorder]
):
    """The log: read and followed by position, under concurrent writers."""

    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = True

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestAsTrackingRecorder(OnAFreshDatabase, shipped.TrackingRecorderTestCase):
    """Checkpoints: they go forward only."""


class TestAsProcessRecorder(OnAFreshDatabase, shipped.ProcessRecorderTestCase):
    """Events and checkpoint in one command: both or neither."""


class TestThatCommandsDoNotInterleave(
    OnAFreshDatabase, shipped.NonInterleavingNotificationIDsBaseCase
):
    """Two large commands at once: the positions of each are one after the other."""
