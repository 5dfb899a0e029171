"""Disturbances: what ends somebody's wait before that comes for which they wait."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from api.admission import lapse
from api.ports import Identities, Identity
from domain.refusal import Refusal


async def undisturbed(
    awaited: Awaitable[object],
    parting: asyncio.Event,
    identity: Identity,
    identities: Identities,
) -> None:
    """Wait for something, but not until a server that was told to end is gone.

    Raises:
        Unauthenticated: the caller is not any more who they proved to be.
    """
    waits: list[asyncio.Future[Any]] = [
        asyncio.ensure_future(awaited),
        asyncio.ensure_future(parting.wait()),
    ]
    if identity.expires_at is not None or identity.key is not None:
        waits.append(asyncio.ensure_future(lapse(identity, identities)))
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            if isinstance(refusal := each.result(), Refusal):
                raise refusal
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
