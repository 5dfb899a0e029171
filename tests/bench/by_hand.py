"""What a server written by hand does: the peer of `tests.bench.reads`."""

from typing import Any

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.bench.questions import ASKED, Asked
from tests.generations import PATH

JSON = "application/json"
_STATIC: dict[int, bytes] = {}


async def by_hand(dsn: str, connections: int) -> Starlette:
    """Give routes of bare Starlette: a hand-written statement for each question, static bytes."""

    async def init(connection: Any) -> None:
        await connection.set_type_codec(
            "json", schema="pg_catalog", format="binary", encoder=bytes, decoder=bytes
        )

    async def nothing(_connection: Any) -> None:
        """Spare the reset: the hand is a careful one."""

    pool = await asyncpg.create_pool(
        dsn,
        min_size=connections,
        max_size=connections,
        init=init,
        reset=nothing,
        server_settings={
            "search_path": PATH,
            "plan_cache_mode": "force_generic_plan",
            "jit": "off",
        },
    )

    def computed(asked: Asked) -> Any:
        async def answer(request: Request) -> Response:
            given = orjson.loads(await request.body())["variables"][asked.bound]
            async with pool.acquire() as connection:
                row = await connection.fetchrow(asked.sql, given)
            return _sent(row)

        return answer

    async def static(request: Request) -> Response:
        await request.body()
        size = int(request.path_params["size"])
        return Response(_STATIC.setdefault(size, b'{"data":{' + b" " * (size - 9)), media_type=JSON)

    routes = [Route("/static/{size}", static, methods=["GET", "POST"])]
    for number, asked in enumerate(ASKED):
        routes.append(Route(f"/{number}", computed(asked), methods=["POST"]))
    return Starlette(routes=routes)


def _sent(row: Any) -> Response:
    return Response(b'{"data":' + (row[0] or b"null") + b"}", media_type=JSON)
