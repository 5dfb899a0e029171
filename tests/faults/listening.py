"""Clients that follow what happens, over a WebSocket and by server-sent events."""

from contextlib import suppress
from typing import Final

import httpx
import orjson
import websockets

PATIENCE: Final = 10.0
EVENTS: Final = "subscription ($after: Position!) { events(after: $after) { position } }"


async def positions_by_socket(
    url: str, key: str, *, after: int, enough: int | None = None
) -> tuple[list[int], int | None]:
    """Listen over a WebSocket until it is closed; give the positions, and the code."""
    seen: list[int] = []
    async with websockets.connect(
        f"{url.replace('http', 'ws')}/graphql",
        subprotocols=[websockets.Subprotocol("graphql-transport-ws")],
        additional_headers={"authorization": f"Bearer {key}"},
    ) as socket:
        await socket.send(orjson.dumps({"type": "connection_init"}), text=True)
        subscribing = {"query": EVENTS, "variables": {"after": str(after)}}
        await socket.recv()
        await socket.send(
            orjson.dumps({"type": "subscribe", "id": "1", "payload": subscribing}), text=True
        )
        with suppress(websockets.ConnectionClosedError):  # also of a server that says why
            async for message in socket:
                told = orjson.loads(message)
                assert told["type"] == "next", told
                seen.append(int(told["payload"]["data"]["events"]["position"]))
                if enough == len(seen):
                    break
    return seen, socket.close_code


async def positions_by_stream(url: str, key: str, *, after: int) -> tuple[list[int], str]:
    """Listen to server-sent events until they break off; give the positions, and all that came."""
    text = ""
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        asked = client.stream(
            "POST",
            f"{url}/graphql",
            json={"query": EVENTS, "variables": {"after": str(after)}},
            headers={"accept": "text/event-stream", "authorization": f"Bearer {key}"},
        )
        async with asked as answer:
            assert answer.headers["content-type"].startswith("text/event-stream"), (
                await answer.aread()
            )
            with suppress(httpx.RemoteProtocolError):
                async for piece in answer.aiter_text():
                    text += piece
    ids = [int(line[4:]) for line in text.splitlines() if line.startswith("id: ")]
    return ids, text
