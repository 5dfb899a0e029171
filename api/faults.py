"""Errors as callers see them: typed where they can act on them, masked where they cannot."""

from typing import Final

import structlog
from graphql import GraphQLError, Node
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api import trail
from api.naming import camel
from api.ports import FeedBroken, ReadsUnavailable, ReadTooSlow
from domain.refusal import Language, Refusal

_LOG = structlog.get_logger(__name__)

MASK: Final = "Something went wrong on our side. Give the traceId when you report it."


def refused(refusal: Refusal, language: Language, node: Node | None = None) -> GraphQLError:
    """Tell that a question makes no sense, and why."""
    return GraphQLError(refusal.message(language), node, extensions=_facts(refusal))


def presented(error: GraphQLError, language: Language) -> GraphQLError:
    """Give an error the form in which it leaves; what nobody expected is logged and masked."""
    cause = error.original_error
    extensions: dict[str, object]
    match cause:
        case None | GraphQLError():
            return error
        case Refusal():
            extensions = _facts(cause)
            message = cause.message(language)
        case ReadsUnavailable():
            extensions = {"code": "UNAVAILABLE"}
            message = "The read model does not answer. Ask again."
        case ReadTooSlow():
            extensions = {"code": "TOO_SLOW"}
            message = "This takes longer than a question may. Ask for less at once."
        case FeedBroken():
            extensions = {"code": "UNREADABLE_EVENT", "position": str(cause.position)}
            message = f"The event at position {cause.position} cannot be read. Report it."
        case _:
            trace = trail.trace_id()
            _LOG.error("fault", trace_id=trace, path=error.path, exc_info=cause)
            extensions = {"code": "FAULT", "traceId": trace}
            message = MASK
    return GraphQLError(
        message, error.nodes, error.source, error.positions, error.path, extensions=extensions
    )


def fault(error: Exception, language: Language, path: list[str | int]) -> GraphQLError:
    """Give what went wrong outside of resolvers the form in which it leaves."""
    return presented(GraphQLError(str(error), path=path, original_error=error), language)


async def broken(_request: Request, _error: Exception) -> Response:
    """Answer a request that failed outside of every operation; the server logs the error."""
    trace = trail.trace_id()
    error = {"message": MASK, "extensions": {"code": "FAULT", "traceId": trace}}
    return JSONResponse({"errors": [error]}, 500, trail.headers())


def _facts(refusal: Refusal) -> dict[str, object]:
    facts: dict[str, object] = {"code": refusal.code}
    if refusal.path is not None:
        facts["argument"] = ".".join(map(camel, refusal.path.split(".")))
    if "seconds" in refusal.facts:
        facts["retryAfter"] = refusal.facts["seconds"]
    return facts
