"""Tasks that go on until they are stopped: one that ends by itself is told of."""

import asyncio
import traceback
from collections.abc import Coroutine
from contextvars import Context
from typing import Any

import structlog

log = structlog.get_logger()


def begin(work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
    """Let some work go on, in a context of its own: a request may have brought it about."""
    task = asyncio.get_running_loop().create_task(work, name=name, context=Context())
    task.add_done_callback(_ended)
    return task


def _ended(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical(
            "webhook.task_died",
            task=task.get_name(),
            error=type(error).__name__,
            traceback=traceback.format_tb(error.__traceback__),
        )
