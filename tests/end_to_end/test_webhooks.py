"""The README's receiver of webhooks, run as it is printed there."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from infra.webhooks.secret import new_secret
from tests.end_to_end.running import PATIENCE, Running
from tests.end_to_end.test_partners import printed

((RECEIVER,), (TELL, MINE)) = (printed("Webhooks", each) for each in ("python", "graphql"))
REMOVE: Final = "mutation($id: ID!) { removeWebhook(input: { id: $id }) { __typename } }"


@pytest.fixture(scope="module")
def token(demo: Running) -> str:
    """A token of the demo's auditor."""
    return demo.token("auditor")


@contextmanager
def receiving(folder: Path, secret: str) -> Iterator[tuple[str, Path]]:
    """Run the receiver, and give its address and where it says what came."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    program, said = folder / "receiver.py", folder / "said"
    program.write_text(RECEIVER.replace("9000", str(port)), encoding="utf-8")
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, program],
            env={**os.environ, "SECRET": secret},
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
    try:
        yield f"http://127.0.0.1:{port}/", said
    finally:
        process.kill()
        process.wait()


def told_by_the_feed(demo: Running, token: str) -> set[str]:
    """Give the sequences of what somebody is told of Normandie."""
    headers = {"authorization": f"Bearer {token}"}
    page = f"{demo.url}/events?territories=region:28&limit=5000"
    return {each["sequence"] for each in httpx.get(page, headers=headers).json()}


def test_the_printed_receiver_is_told_what_the_feed_tells(
    demo: Running, token: str, tmp_path: Path
) -> None:
    secret = new_secret()
    with receiving(tmp_path, secret) as (url, said):
        done = demo.ask(TELL, token=token, url=url, secret=secret)["registerWebhook"]
        assert done["webhook"]["state"] == "UNVERIFIED"
        expected = told_by_the_feed(demo, token)
        deadline = time.monotonic() + PATIENCE
        while len(lines := said.read_text(encoding="utf-8").splitlines()) < len(expected):
            assert time.monotonic() < deadline, lines
            time.sleep(0.05)
    assert {line.split(" ")[0] for line in lines} == expected
    assert len(expected) > 50
    assert all(re.match(r"[0-9]{19} \w", line) for line in lines)

    (mine,) = demo.ask(MINE, token=token)["webhooks"]
    assert mine["state"] == "ACTIVE"
    assert demo.ask(REMOVE, token=token, id=done["webhook"]["id"])
