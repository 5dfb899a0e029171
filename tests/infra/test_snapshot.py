"""Snapshots: what is read back is what was kept, and nothing else."""

import pickle
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from domain.organisation import MobilisationKind, Organisation, OrganisationKind, Rhythm
from domain.personal import Personal
from infra import snapshot

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_snapshot_and_the_tail_are_the_whole() -> None:
    kind = OrganisationKind.UNION
    organisation = Organisation.register(uuid4(), now=NOW, name="A", kind=kind)
    mobilisation = uuid4()
    organisation.start_mobilisation(
        mobilisation, name="Films", kind=MobilisationKind.SCREENING, rhythm=Rhythm.WEEKLY
    )
    organisation.collect_events()
    kept = snapshot.taken(organisation)
    assert kept is not None

    organisation.hold_mobilisation_session(mobilisation, date(2026, 2, 1))
    restored = snapshot.restored(kept)
    for event in organisation.collect_events():
        event.mutate(restored)

    assert restored.state() == organisation.state()


def test_no_snapshot_tells_what_somebody_is_called() -> None:
    somebody = uuid4()
    kind = OrganisationKind.UNION
    organisation = Organisation.register(somebody, now=NOW, name="A", kind=kind)
    vars(organisation)["people"] = {somebody: [Personal(somebody, "Quelqu’une")]}
    assert snapshot.taken(organisation) is None

    vars(organisation)["people"] = {somebody: [Personal(somebody, None)]}
    assert snapshot.taken(organisation) is not None


def test_a_snapshot_that_names_anything_else_is_refused() -> None:
    harmful = pickle.dumps(print)
    with pytest.raises(pickle.UnpicklingError, match="may not name"):
        snapshot.restored(harmful)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(0, 1, False), (99, 100, True), (99, 101, True), (100, 101, False), (0, 250, True)],
)
def test_a_snapshot_is_due_when_a_hundred_is_passed(
    before: int, after: int, expected: bool
) -> None:
    assert snapshot.due(before, after) is expected
