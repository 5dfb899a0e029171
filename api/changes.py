"""Changes: the selection that was asked of one thing, sent anew when something happened to it.

It is sent once at the beginning, so that nothing lies between a question and its subscription, and
then whenever a fact about the thing itself changed what was asked. Facts that came while it was
read are in what was read. Each reading is decided on what its caller may see by then, and is paid
like a question; where a budget is spent, it waits until there is enough, and misses nothing but
what lay between. Those who follow one thing in the same words, and see it alike, share its
readings (`api.answer_cache`).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
import strawberry

from api.answers import bound, kept_or_read
from api.consistency import PATIENCE
from api.context import Info, Operation
from api.entity import NODES, REFERS
from api.faults import fault
from api.frame import Frame, Telling
from api.happenings import Happenings
from api.identity import RateLimited
from api.node import known
from api.planner import Compiled, Planner
from api.plans import Plans
from api.prices import PRICE, SUBSCRIPTION, Price
from api.purse import Purse
from api.question import Question, definition_of, name_of
from api.root import Find
from api.selections import NotFromRows
from domain.identity import Id, internal
from projections.guard import Eyes
from projections.lookup import Lookup

CHANGED: Final = "changed"
"""Where a subscription's metadata says the noun of what it follows."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is asked of a thing each time that something happened to it."""

    key: str
    noun: str
    compiled: Compiled


def changed(noun: str, type: str, description: str) -> Any:
    """Serve a thing by its id as a subscription: as it is, and then whenever it changed."""

    async def resolve(
        info: Info, id: Annotated[Id, strawberry.argument(description="Its id.")]
    ) -> AsyncIterator[Any]:
        operation, lookup = info.context, Lookup(NODES[noun].row, ("id",))
        try:
            wanted = known(id, noun)
            async for _ in _moments(noun, wanted, operation):
                operation.wrote(operation.position)  # what was read before is as it was before
                yield None if wanted is None else await operation.loaders.one(lookup, (wanted,))
        except Exception as error:
            raise fault(error, operation.caller.language, [info.field_name]) from error

    return strawberry.subscription(
        resolver=resolve,
        graphql_type=Any,
        description=description,
        metadata={CHANGED: noun, REFERS: f"{type} | None", PRICE: Price(once=SUBSCRIPTION)},
    )


def _watch(question: Question, eyes: Eyes) -> Watch | None:
    root = question.schema.subscription_type
    assert root is not None, "there are subscriptions"
    asked = tuple(question.fields(root).items())
    field = root.fields.get(name_of(asked[0][1])) if len(asked) == 1 else None
    noun = None if field is None else definition_of(field).metadata.get(CHANGED)
    if field is None or noun is None:
        return None
    key, details = asked[0]
    planner = Planner(question, eyes)
    table = NODES[noun].row.TABLE.name
    try:
        planner.found(Find(table, "id", "id", lambda given: known(given, noun)), field, details)
    except NotFromRows:
        return None
    return Watch(key, noun, planner.compiled())


WATCHES: Final = Plans(_watch)
"""What this process reads again for its subscribers; None where facts alone are asked for."""


async def follow(
    watch: Watch, question: Question, operation: Operation
) -> AsyncGenerator[Telling, None]:
    """Tell a thing as it is, and then whenever what is asked of it is another.

    Raises:
        GraphQLError: the id makes no sense; the read model or the feed does not answer.
    """
    arguments = bound(watch.compiled, question, operation)
    wanted = arguments[len(operation.eyes.arguments)]
    key = orjson.dumps(watch.key)
    last: object = ...
    try:
        async for _ in _moments(watch.noun, wanted, operation):
            (text,) = await kept_or_read(watch.compiled, arguments, operation)
            if text != last:
                last = text
                data = b"{%b:%b}" % (key, b"null" if text is None else text)
                yield Telling([Frame.told(data, operation.position).paid(operation.cost)])
    except Exception as error:
        raise fault(error, operation.caller.language, [watch.key]) from error


async def _moments(noun: str, id: Any, operation: Operation) -> AsyncIterator[None]:
    """Tell when to read a thing: now, and once the read model shows a further fact about it."""
    begin = operation.position
    yield
    if id is None:  # nothing can ever bear it
        return
    thing, price = internal(noun, id), operation.cost["asked"] - SUBSCRIPTION
    fan_out = operation.fan_out
    with fan_out.joined(Happenings, lambda: Happenings(fan_out.feed, begin)) as happenings:
        while True:
            at = await happenings.next(thing, operation.position)
            while not await operation.positions.reached(at, PATIENCE):
                pass
            operation.cost = await _paid(operation.purse, price)
            operation.position = max(at, operation.positions.position())
            yield


async def _paid(purse: Purse, price: int) -> Mapping[str, int]:
    """Take a price out of a purse as soon as there is enough in it, and tell what was taken."""
    while True:
        try:
            return purse.spend(price)
        except RateLimited as refusal:
            await asyncio.sleep(refusal.facts["seconds"])
