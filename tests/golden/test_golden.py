"""Every version of every event that was ever stored loads for ever."""

from pathlib import Path
from uuid import UUID

import pytest

from domain.aggregate import AggregateEvent
from infra.mapper import VersionedEvent
from tests.golden.samples import FOLDER, MAPPER, NONCE, PLAIN, event_classes, golden, sample

KINDS = {kind.TOPIC: kind for kind in event_classes()}
FILES = sorted(FOLDER.glob("*/v*.json"))


def stored(path: Path) -> VersionedEvent:
    """Give the event of a golden file as the log would."""
    topic, version = path.parent.name, int(path.stem[1:])
    state = path.read_bytes().rstrip(b"\n")
    return VersionedEvent(PLAIN[UUID], PLAIN[int], topic, state, version)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_version_of_every_event_has_a_golden_file(kind: type[AggregateEvent]) -> None:
    for version in range(1, kind.class_version + 1):
        assert golden(kind, version).exists(), "run python -m tests.golden.make"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_golden_file_loads(path: Path) -> None:
    event = MAPPER.to_domain_event(stored(path))
    assert type(event) is KINDS[path.parent.name]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_newest_golden_file_loads_and_is_stored_again_byte_for_byte(
    kind: type[AggregateEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.mapper.secrets.token_bytes", lambda _: NONCE)
    before = stored(golden(kind, kind.class_version))
    event = MAPPER.to_domain_event(before)
    assert event == sample(kind)
    assert MAPPER.to_stored_event(event) == before
