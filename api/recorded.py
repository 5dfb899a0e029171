"""Recorded events by their positions, as far as a caller is told of them."""

from collections.abc import Collection, Mapping

from api.context import Operation
from api.hearing import Heard, hear


async def heard_at(positions: Collection[int], operation: Operation) -> Mapping[int, Heard]:
    """Give the events at some positions of which the caller is told.

    Raises:
        api.ports.FeedBroken: one of them cannot be read.
        api.ports.ReadsUnavailable: the log does not answer.
    """
    histories = operation.histories
    assert histories is not None, "whoever keeps the past can tell what happened"
    heard = await hear(await histories.facts_at(positions), operation)
    return {each.recorded.position: each for each in heard}
