"""A client of another maker on its tour (`tour.mjs`): a process, and what it tells."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any, Final

from tests.clients.node import PATIENCE, Node

LISTENING: Final = "listening"
"""What a client tells once it has done all but hear on after the server was away."""


class Tour:
    """A client that is under way."""

    def __init__(self, node: Node, client: str, given: dict[str, str]) -> None:
        """``given`` says where the server is and who is asking, as `tour.mjs` reads it."""
        self.told: dict[str, Any] = {}
        self._process = node.start(f"{client}.mjs", json.dumps(given))
        self._watch = Timer(PATIENCE, self._process.kill)
        self._watch.start()

    def listen(self) -> None:
        """Wait until the client has done all that it does while the server runs."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if self._tells(line) == LISTENING:
                return
        raise AssertionError(self._process.communicate()[1])

    def go_on(self, last: str) -> None:
        """Say what the last position is that it will hear, and wait until it has."""
        out, wrong = self._process.communicate(f"{last}\n")
        for line in out.splitlines():
            self._tells(line)
        assert self._process.returncode == 0, wrong

    def end(self) -> None:
        """End the client, wherever it is."""
        self._watch.cancel()
        with self._process as process:
            process.kill()

    def _tells(self, line: str) -> str:
        told = json.loads(line)
        self.told[told["what"]] = told["told"]
        return str(told["what"])


@contextmanager
def touring(node: Node, client: str, **given: str) -> Iterator[Tour]:
    """Send a client on its tour, and end it with the context."""
    tour = Tour(node, client, given)
    try:
        yield tour
    finally:
        tour.end()
