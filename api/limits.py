"""Limits on what one request may ask for, each told by name when it is met."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, cast

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
)

from domain.refusal import Refusal

MOST_BYTES: Final = 256 * 1024
"""Bytes of a request's body, and of a WebSocket's message."""
MOST_FILE_BYTES: Final = 10_000_000
"""Bytes of a file that comes with a request."""
LONGEST_BODY: Final = 20.0
"""Seconds in which the body of a request is there."""
LONGEST_REQUEST: Final = 60.0
"""Seconds in which a request is answered; each statement and each command has less."""
GREETING: Final = 10.0
"""Seconds in which whoever opened a WebSocket begins to speak."""
MOST_MESSAGES: Final = 1_000
"""Messages that a WebSocket takes in `MESSAGES_IN`: a hundred operations begin and end in 200."""
MESSAGES_IN: Final = 10.0
"""Seconds."""
MOST_ERRORS: Final = 5
"""What is wrong with a document is told up to here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one operation may ask for; who runs an instance may say otherwise."""

    tokens: int = 2_000
    """Tokens of a document."""
    depth: int = 12
    """Fields inside each other."""
    aliases: int = 30
    """Aliases in an operation."""
    root_fields: int = 20
    """Fields with which an operation begins."""
    mutations: int = 5
    """Mutations in an operation."""
    directives: int = 50
    """Directives in an operation."""
    objects: int = 10_000
    """Objects that an operation may give."""

    def rules(self) -> tuple[type[ASTValidationRule], ...]:
        """Make the rules that hold documents against them, beside those of the language."""
        return (
            bounded(DepthRule, self.depth),
            bounded(RootFieldRule, self.root_fields),
            bounded(MutationRule, self.mutations),
            bounded(AliasRule, self.aliases),
            bounded(DirectiveRule, self.directives),
        )


USUAL: Final = Limits()


class TooManyTokens(Refusal):
    """This document has more than {limit} tokens. Ask in several steps."""

    FRENCH = "Le document compte plus de {limit} lexèmes. Procédez en plusieurs fois."


class TooIntricate(Refusal):
    """This repeats fields, or nests fragments, too often to be checked. Write it more simply."""

    FRENCH = (
        "La requête répète des champs, ou imbrique des fragments, trop souvent pour être vérifiée. "
        "Écrivez-la plus simplement."
    )


class TooDeep(Refusal):
    """This asks for fields more than {limit} levels deep. Ask in several steps."""

    FRENCH = "La requête descend à plus de {limit} niveaux. Procédez en plusieurs fois."


class TooManyAliases(Refusal):
    """This gives fields more than {limit} other names. Ask in several steps."""

    FRENCH = "La requête donne plus de {limit} alias. Procédez en plusieurs fois."


class TooManyRootFields(Refusal):
    """This asks for more than {limit} things at once. Ask in several steps."""

    FRENCH = "La requête demande plus de {limit} choses à la fois. Procédez en plusieurs fois."


class TooManyMutations(Refusal):
    """This does more than {limit} things at once. Do them in several steps."""

    FRENCH = "La requête fait plus de {limit} choses à la fois. Procédez en plusieurs fois."


class TooManyDirectives(Refusal):
    """This has more than {limit} directives. Ask in several steps."""

    FRENCH = "La requête a plus de {limit} directives. Procédez en plusieurs fois."


def breached(refusal: Refusal, node: Node | None = None) -> GraphQLError:
    """Tell of a limit that a document goes beyond, whoever sends it: their language comes later."""
    extensions = {"code": refusal.code}
    return GraphQLError(refusal.message("en"), node, original_error=refusal, extensions=extensions)


class Limit(ASTValidationRule):
    """A rule that allows so much of something, and tells its breach as a refusal."""

    most: ClassVar[int]
    refusal: ClassVar[type[Refusal]]

    def hold(self, count: int, operation: OperationDefinitionNode) -> None:
        """Report what an operation has too much of."""
        if count > self.most:
            self.report_error(breached(self.refusal(limit=self.most), operation))


def bounded(rule: type[Limit], most: int) -> type[Limit]:
    """Make a rule with its bound, once: a validation makes an object of it each time."""
    return cast(type[Limit], type(rule.__name__, (rule,), {"most": most}))


class DepthRule(Limit):
    """No field lies deeper than so; introspection is as deep as it needs to be."""

    refusal = TooDeep

    def __init__(self, context: ValidationContext) -> None:
        """Measure each fragment once, however often it is spread."""
        super().__init__(context)
        self._heights: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_rest: object) -> None:
        """Measure an operation."""
        self.hold(self._height(node.selection_set), node)

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


class RootFieldRule(Limit):
    """An operation begins with so many fields at most."""

    refusal: ClassVar[type[Refusal]] = TooManyRootFields

    def enter_operation_definition(self, node: OperationDefinitionNode, *_rest: object) -> None:
        """Count the fields of an operation by the names that they have in its answer."""
        if self.concerns(node.operation):
            self.hold(len(set(self._keys(node.selection_set, set()))), node)

    def concerns(self, kind: OperationType) -> bool:
        """Tell whether operations of a kind are counted."""
        return kind is not OperationType.MUTATION

    def _keys(self, selections: SelectionSetNode, seen: set[str]) -> Iterator[str]:
        for selection in selections.selections:
            match selection:
                case FieldNode(name=name, alias=alias):
                    yield (alias or name).value
                case InlineFragmentNode(selection_set=inner):
                    yield from self._keys(inner, seen)
                case FragmentSpreadNode(name=name) if name.value not in seen:
                    seen.add(name.value)
                    fragment = self.context.get_fragment(name.value)
                    if fragment is not None:
                        yield from self._keys(fragment.selection_set, seen)


class MutationRule(RootFieldRule):
    """An operation does so many things at most, which are fewer than it may ask for."""

    refusal = TooManyMutations

    def concerns(self, kind: OperationType) -> bool:
        """Tell whether operations of a kind are counted."""
        return kind is OperationType.MUTATION


class _CountingRule(Limit):
    """Counts something as it is written, in each operation and in the fragments that it uses."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._counts: dict[int, int] = {}
        self._here = 0

    def enter_operation_definition(self, node: OperationDefinitionNode, *_rest: object) -> None:
        """Count for an operation from here on."""
        self._here = id(node)

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_rest: object) -> None:
        """Count for a fragment from here on."""
        self._here = id(node)

    def count(self) -> None:
        """Count one where the document is being read."""
        self._counts[self._here] = self._counts.get(self._here, 0) + 1

    def leave_document(self, node: DocumentNode, *_rest: object) -> None:
        """Judge each operation by what was counted in it, and in its fragments once."""
        for operation in node.definitions:
            if isinstance(operation, OperationDefinitionNode):
                used = self.context.get_recursively_referenced_fragments(operation)
                counted = sum(self._counts.get(id(part), 0) for part in (operation, *used))
                self.hold(counted, operation)


class AliasRule(_CountingRule):
    """An operation gives fields so many other names at most."""

    refusal = TooManyAliases

    def enter_field(self, node: FieldNode, *_rest: object) -> None:
        """Count a field that has another name."""
        if node.alias is not None:
            self.count()


class DirectiveRule(_CountingRule):
    """An operation has so many directives at most."""

    refusal = TooManyDirectives

    def enter_directive(self, *_: object) -> None:
        """Count a directive."""
        self.count()
