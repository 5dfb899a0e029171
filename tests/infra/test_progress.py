"""Progress: plain lines where nobody watches a terminal."""

import io

import pytest
from rich.console import Console

from infra import progress as module
from infra.progress import progress


def test_without_a_terminal_progress_is_a_plain_line() -> None:
    out = io.StringIO()
    with progress(Console(file=out), "Demo data", "commands") as tell:
        tell(1, 3)
        tell(3, 3)
    (line,) = out.getvalue().splitlines()
    assert line.startswith("Demo data: 3/3 commands, ")
    assert "\x1b" not in out.getvalue()


def test_as_long_as_nothing_is_done_no_time_is_left_to_be_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_EVERY", 0.0)
    out = io.StringIO()
    with progress(Console(file=out), "Read models", "events") as tell:
        tell(0, 3)
    assert out.getvalue() == "Read models: 0/3 events, 0 events/s\n"


def test_on_a_terminal_progress_is_a_bar_with_rate_and_time_left() -> None:
    out = io.StringIO()
    with progress(Console(file=out, force_terminal=True, width=100), "Demo", "commands") as tell:
        tell(1, 2)
        tell(2, 2)
    assert "2/2" in out.getvalue()
    assert "commands/s" in out.getvalue()
