"""Limits on what one request may ask for, each told by name when it is met."""

from typing import Final

from graphql import (
    ASTValidationRule,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
)

from domain.refusal import Refusal

MOST_BYTES: Final = 256 * 1024
"""Bytes of a request's body, and of a WebSocket's message."""
MOST_TOKENS: Final = 2_000
"""Tokens of a document."""
DEEPEST: Final = 12
"""Fields inside each other."""
MOST_ERRORS: Final = 5
"""What is wrong with a document is told up to here."""


class TooDeep(Refusal):
    """This asks for fields more than {limit} levels deep. Ask in several steps."""

    FRENCH = "La requête descend à plus de {limit} niveaux. Procédez en plusieurs fois."


class DepthRule(ASTValidationRule):
    """No field lies deeper than `DEEPEST`; introspection is as deep as it needs to be."""

    def __init__(self, context: ValidationContext) -> None:
        """Measure each fragment once, however often it is spread."""
        super().__init__(context)
        self._heights: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_rest: object) -> None:
        """Measure an operation."""
        if self._height(node.selection_set) > DEEPEST:
            refusal = TooDeep(limit=DEEPEST)
            extensions = {"code": refusal.code}
            self.report_error(GraphQLError(refusal.message("en"), node, extensions=extensions))

    def _height(self, selections: SelectionSetNode | None) -> int:
        if selections is None:
            return 0
        return max(map(self._of, selections.selections), default=0)

    def _of(self, selection: SelectionNode) -> int:
        match selection:
            case FieldNode(name=name, selection_set=inner):
                return 0 if name.value.startswith("__") else 1 + self._height(inner)
            case InlineFragmentNode(selection_set=inner):
                return self._height(inner)
            case FragmentSpreadNode(name=name):
                return self._of_fragment(name.value)
            case _:
                raise AssertionError(selection)

    def _of_fragment(self, name: str) -> int:
        if name not in self._heights:
            self._heights[name] = 0  # one that contains itself is refused by another rule
            fragment = self.context.get_fragment(name)
            self._heights[name] = self._height(fragment.selection_set if fragment else None)
        return self._heights[name]
