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

from api.limits import MOST_ERRORS, USUAL, Limits, TooIntricate, TooManyTokens, breached
from api.newest import Newest

MOST: Final = 1_000
"""Documents that are kept."""
HEAVIEST: Final = 500_000
"""Characters of all that are kept: parsed and planned, they take 170 times as many bytes."""
_TOO_LONG: Final = "Document contains more than"
"""What the parser says of a document that has too many tokens."""
_ABORTED: Final = "Validation aborted."
"""What the rules of the language say of a document that takes too long to be held against them."""
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

    def __init__(self, schema: GraphQLSchema, limits: Limits = USUAL) -> None:
        self._schema = schema
        self._most_tokens = limits.tokens
        # Made once, for making rules costs more than keeping to them.
        language = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
        self._rules = (*language, *limits.rules())
        self._known: Newest[str, Document] = Newest(MOST, HEAVIEST)
        self._kept: dict[str, Document] = {}

    def __len__(self) -> int:
        return len(self._known)

    @property
    def weight(self) -> int:
        """The characters of those that may be forgotten."""
        return self._known.weight

    def keep(self, text: str) -> Document:
        """Give a document that is not forgotten, however many come after it."""
        document = self._kept[text] = self._read(text)
        return document

    def get(self, text: str) -> Document:
        """Give a document, parsed and validated."""
        document = self._kept.get(text) or self._known.get(text)
        if document is None:
            document = self._read(text)
            if len(text) <= LONGEST:
                self._known.keep(text, document, len(text))
        return document

    def _read(self, text: str) -> Document:
        try:
            node = parse(text, max_tokens=self._most_tokens)
        except GraphQLSyntaxError as error:
            if _TOO_LONG in error.message:
                wrong = breached(TooManyTokens(limit=self._most_tokens))
                return Document(None, [wrong], {}, {})
            return Document(None, [error], {}, {})
        errors = validate(
            self._schema, node, self._rules, max_errors=MOST_ERRORS, hide_suggestions=True
        )
        if errors and errors[-1].message == _ABORTED:
            errors[-1] = breached(TooIntricate())
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
