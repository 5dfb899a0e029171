"""Documents: parsed and validated once, then known by their text."""

from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.collect_fields import FragmentDetails
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.limits import LIMITS, MOST_ERRORS, MOST_TOKENS, TooManyTokens, breached

MOST: Final = 1_000
"""Documents that are kept."""
RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule, *LIMITS)
"""What a document must keep to; made once, for making rules costs more than keeping to them."""
_TOO_LONG: Final = "Document contains more than"
"""What the parser says of a document that has too many tokens."""
LONGEST: Final = 64 * 1024
"""Characters of a document that is kept: a longer one is parsed each time."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document, with what is wrong with it."""

    node: DocumentNode | None
    """None where it cannot be parsed."""
    errors: list[GraphQLError]
    operations: dict[str | None, OperationDefinitionNode]
    fragments: dict[str, FragmentDetails]

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """Give the operation of a name; without a name, the only one there is."""
        if name is not None:
            return self.operations.get(name)
        if len(self.operations) != 1:
            return None
        (only,) = self.operations.values()
        return only


class Documents:
    """The newest documents by their texts."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: dict[str, Document] = {}

    def get(self, text: str) -> Document:
        """Give a document, parsed and validated."""
        document = self._known.get(text)
        if document is None:
            document = self._read(text)
            if len(text) <= LONGEST:
                if len(self._known) >= MOST:
                    del self._known[next(iter(self._known))]
                self._known[text] = document
        return document

    def _read(self, text: str) -> Document:
        try:
            node = parse(text, max_tokens=MOST_TOKENS)
        except GraphQLSyntaxError as error:
            if _TOO_LONG in error.message:
                return Document(None, [breached(TooManyTokens(limit=MOST_TOKENS))], {}, {})
            return Document(None, [error], {}, {})
        errors = validate(self._schema, node, RULES, max_errors=MOST_ERRORS, hide_suggestions=True)
        definitions = node.definitions
        return Document(
            node,
            errors,
            {
                found.name.value if found.name else None: found
                for found in definitions
                if isinstance(found, OperationDefinitionNode)
            },
            {
                found.name.value: FragmentDetails(found)
                for found in definitions
                if isinstance(found, FragmentDefinitionNode)
            },
        )
