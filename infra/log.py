"""Structured logs: one JSON object a line, or readable lines on a terminal."""

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import Final

import structlog

from api import trail
from domain.refusal import Refusal

_OURS: Final = ("domain", "projections", "api", "infra")
"""Where errors are defined whose messages say nothing of people."""


def configure_logging(level: str) -> None:
    """Send everything from ``level`` on to standard error, other libraries' logs included."""
    number = getattr(logging, level.upper())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_trail,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_discreet_traceback,
    ]
    rendered: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if sys.stderr.isatty()
        else [structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *rendered,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for chatty in ("uvicorn", "asyncio"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))


def _with_trail(
    _logger: object, _method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Tell for which request it is done, by the ids that its caller knows."""
    found = trail.current()
    if found is not None:
        entry.setdefault("request_id", found.request_id)
        entry.setdefault("trace_id", found.trace_id)
    return entry


def _with_discreet_traceback(
    _logger: object, _method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Tell where it went wrong and what kind of error it was, but not in the words of others.

    The message of an error may quote what somebody wrote, and so may the values of variables.
    """
    given = entry.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        entry["exception"] = "\n".join(_told(error))
    return entry


def _told(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _told(before)
        yield "which led to:"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    ours = type(error).__module__.partition(".")[0] in _OURS and not isinstance(error, Refusal)
    yield f"{type(error).__qualname__}: {error}" if ours else type(error).__qualname__
