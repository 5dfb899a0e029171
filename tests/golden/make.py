"""Writes the golden files that are missing; what is there is never touched.

``python -m tests.golden.make``, after an event class was added or got a new version.
"""

from unittest.mock import patch

from tests.golden.samples import MAPPER, NONCE, event_classes, golden, sample


def main() -> None:
    """Write the state of each event class that has none for its version."""
    for kind in event_classes():
        path = golden(kind, kind.class_version)
        if not path.exists():
            with patch("infra.mapper.secrets.token_bytes", return_value=NONCE):
                state = MAPPER.to_stored_event(sample(kind)).state
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(state + b"\n")
            print(path)


if __name__ == "__main__":
    main()
