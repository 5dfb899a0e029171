"""Answering from the database beside the read models, for callers who wait."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from api.ports import ReadsUnavailable
from infra.reads import LONGEST
from infra.store.availability import DISCONNECTED

T = TypeVar("T")


async def answered(asked: Awaitable[T]) -> T:
    """Give what the database says, within the time that a statement may take.

    Raises:
        ReadsUnavailable: it does not answer.
    """
    try:
        async with asyncio.timeout(LONGEST):
            return await asked
    except DISCONNECTED as error:
        raise ReadsUnavailable from error
