"""Ways: how each field at which an operation begins is answered.

``python -m api.ways`` prints it. What is not answered by one statement has a reason here.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from graphql import GraphQLField, GraphQLObjectType

from api import schema
from api.changes import CHANGED
from api.mutations import COMMAND
from api.question import definition_of
from api.root import ROOT
from api.webhooks.registering import MUTATIONS as WEBHOOKS

STATEMENT: Final = "one statement"
RESOLVERS: Final[Mapping[str, str]] = {
    "__schema": "introspection",
    "__type": "introspection",
    "search": "two statements: one finds, one reads what was found",
    "footprintStats": "one statement finds what may be told, one reads the rows that groups name",
    "news": "the feed, whose events are no rows",
    "bookmarks": "kept for the caller alone, beside the read model",
    "markRead": "a bookmark is no fact: no command moves it",
    "removeBookmark": "a bookmark is no fact: no command removes it",
    "webhook": "kept for the caller alone, beside the read model",
    "webhooks": "kept for the caller alone, beside the read model",
    **dict.fromkeys(WEBHOOKS, "a webhook is no fact, and has secrets: no command changes it"),
    "diff": "one statement for each state, whose differences are no rows",
    "moment": "the log alone knows when what was recorded",
    "trueOn": "facts are put into the order of their days, and folded",
    "exportPerson": "gathered from the log and the read model, by its own port",
    "treeHead": "the tree over the log, which is no row of the read model",
    "proof": "the tree over the log",
    "consistency": "the tree over the log",
    "enumerations": "said by the program itself, no row is read",
    "importActions": "a file is received, and many commands are carried out",
    "events": "the feed, whose events are no rows",
}
"""What resolvers answer, as a whole or in part, and why."""
WITHIN: Final[Mapping[str, str]] = {
    "history": "the log, and the versions of rows",
    "diff": "a statement for each of two states",
    "blame": "all versions of a thing and its parts",
    "sources": "what is counted, and the events that made it so",
}
"""What is asked of things, or of figures, and is in no row of theirs. Where it is asked, resolvers
answer the whole field with which the operation begins."""


def ways() -> Iterator[tuple[str, str, str]]:
    """Tell for each field its operation, its name, and how it is answered."""
    made = schema.create()._schema  # noqa: SLF001 - what Strawberry made of it
    roots = {
        "query": made.query_type,
        "mutation": made.mutation_type,
        "subscription": made.subscription_type,
    }
    for kind, root in roots.items():
        assert isinstance(root, GraphQLObjectType)
        for name, field in root.fields.items():
            yield kind, name, STATEMENT if _is_compiled(field) else RESOLVERS[name]
    for name in ("__schema", "__type"):
        yield "query", name, RESOLVERS[name]


def _is_compiled(field: GraphQLField) -> bool:
    return not definition_of(field).metadata.keys().isdisjoint({ROOT, COMMAND, CHANGED})


if __name__ == "__main__":
    for kind, name, way in ways():
        print(f"{kind:13}{name:40}{way}")  # noqa: T201 - it is a report
    for name, why in WITHIN.items():
        print(f"{'within':13}{name:40}{why}")  # noqa: T201
