"""Standing: how an endpoint is paused, and what its owner is told of it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
import structlog

from api.webhooks.notices import Notice
from api.webhooks.port import KeptNotice

log = structlog.get_logger()

_PAUSE: Final = """
update webhook.endpoint set paused = true where id = $1 and not paused returning true
"""

_NOTE: Final = "insert into webhook.notice (endpoint, code, facts) values ($1, $2, $3::jsonb)"


async def pause(
    connection: Any, endpoint: UUID, notice: Notice, facts: Mapping[str, Any] | None = None
) -> None:
    """Pause an endpoint, and tell its owner why; one that is paused already is left as it is."""
    async with connection.transaction():
        if await connection.fetchval(_PAUSE, endpoint):
            await note(connection, endpoint, notice, facts)
            log.info("webhook.paused", endpoint=str(endpoint), because=notice.value)


async def note(
    connection: Any, endpoint: UUID, notice: Notice, facts: Mapping[str, Any] | None = None
) -> None:
    """Tell the owner of an endpoint something."""
    await connection.execute(_NOTE, endpoint, notice.value, orjson.dumps(facts or {}).decode())


def note_of(row: Mapping[str, Any]) -> KeptNotice:
    """Read what an owner was told."""
    return KeptNotice(at=row["at"], code=row["code"], facts=orjson.loads(row["facts"]))
