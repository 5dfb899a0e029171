"""What compression costs: for those who accept none, and in each coding, by the length of answers.

It is measured against the same application without it, in the same run.
"""

import asyncio
import time
from collections.abc import Callable
from random import Random
from statistics import median
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.compression import Compression

ROUNDS: Final = 15
CALLS: Final = 200
ROWS: Final = (10, 50, 500)
VARY: Final = {"vary": "accept, accept-encoding"}
ACCEPTED: Final = {"nothing": b"identity", "gzip": b"gzip", "zstd": b"gzip, deflate, br, zstd"}


def written(rows: int) -> bytes:
    """Write an answer of so many rows, such as the interface gives."""
    chance = Random(rows)  # noqa: S311
    words = ("rive", "forêt", "atelier", "sol", "vélo", "énergie", "quartier", "commun", "semence")
    nodes = [
        {
            "id": f"org_{chance.getrandbits(128):032x}",
            "name": " ".join(chance.choices(words, k=3)),
            "kind": chance.choice(["COMPANY", "ASSOCIATION"]),
            "siren": str(chance.randint(10**8, 10**9)),
            "territory": {"name": chance.choice(words)},
            "version": chance.randint(1, 9),
        }
        for _ in range(rows)
    ]
    return orjson.dumps({"data": {"organisations": {"nodes": nodes}}})


def answering(body: bytes) -> ASGIApp:
    """Make an application that gives one answer."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(body, headers=VARY)(scope, receive, send)

    return app


async def asked(app: ASGIApp, accepted: bytes, heard: Callable[[Message], None]) -> None:
    """Ask once, as a browser does, in so many headers."""
    headers = [(b"host", b"test"), (b"accept", b"*/*"), (b"accept-encoding", accepted)]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        heard(message)

    await app(scope, receive, send)


async def timed(app: ASGIApp, accepted: bytes) -> float:
    """Give the seconds that one answer takes."""
    began = time.perf_counter()
    for _ in range(CALLS):
        await asked(app, accepted, lambda _message: None)
    return (time.perf_counter() - began) / CALLS


async def main() -> None:
    """Print a line for each length and coding: what it adds, and what is left of the bytes."""
    print(f"{'bytes':>8}  {'accepted':<10} {'added':>9}  {'of the bytes':>12}")
    for rows in ROWS:
        body = written(rows)
        plain, compressing = answering(body), Compression(answering(body))
        for name, accepted in ACCEPTED.items():
            added = []
            for _ in range(ROUNDS):
                without = await timed(plain, accepted)
                added.append(await timed(compressing, accepted) - without)
            sent: list[Message] = []
            await asked(compressing, accepted, sent.append)
            left = len(sent[-1]["body"]) / len(body)
            print(f"{len(body):>8}  {name:<10} {median(added) * 1e6:>6.1f} µs  {left:>12.2f}")


if __name__ == "__main__":
    asyncio.run(main())
