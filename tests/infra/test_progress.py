"""Progress: plain lines where nobody watches a terminal."""

import io

from rich.console import Console

from infra.progress import progress


def test_without_a_terminal_progress_is_a_plain_line() -> None:
    out = io.StringIO()
    with progress(Console(file=out), "Demo data", "commands") as tell:
        tell(1, 3)
        tell(3, 3)
    (line,) = out.getvalue().splitlines()
    assert line.startswith("Demo data: 3/3 commands, ")
    assert "\x1b" not in out.getvalue()


def test_on_a_terminal_progress_is_a_bar_with_rate_and_time_left() -> None:
    out = io.StringIO()
    with progress(Console(file=out, force_terminal=True, width=100), "Demo", "commands") as tell:
        tell(1, 2)
        tell(2, 2)
    assert "2/2" in out.getvalue()
    assert "commands/s" in out.getvalue()
