"""Bindings: how the slots of a plan get their values, each time that a question is asked."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLField,
    Node,
    VariableNode,
    is_non_null_type,
    is_required_argument,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues, get_argument_values

from domain.refusal import Refusal
from projections.slot import Slot

T = TypeVar("T")

Arguments: TypeAlias = Mapping[str, Any]
Values: TypeAlias = Sequence[object]
Read: TypeAlias = Callable[[Arguments], Values]
"""Gives the values of some slots for the arguments of a field. Raises a `Refusal`."""


class ArgumentRefused(Exception):
    """The arguments of a field make no sense."""

    def __init__(self, refusal: Refusal, node: FieldNode) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.node = node


class Binding:
    """The values that come from the arguments of one field."""

    def __init__(self, field: GraphQLField, details: FieldDetails, read: Read) -> None:
        self._field = field
        self._node = details.node
        self._fragment_variables = details.fragment_variable_values
        self._read = read
        self._direct: _Direct | None = None
        self._constant: Values | None = None
        varying = [each for each in self._node.arguments or () if _varies(each)]
        if not varying:
            self._constant = self._refusing(self.arguments(VariableValues({}, {})))
        # Coercing them all costs a third of a question, whose variables were coerced already.
        whole = all(isinstance(each.value, VariableNode) for each in varying)
        if varying and whole and not self._fragment_variables:
            self._direct = _Direct.of(field, self._node, varying)

    def arguments(self, variables: VariableValues) -> Arguments:
        """Give the arguments, coerced, defaults included."""
        found = None if self._direct is None else self._direct.arguments(variables.coerced)
        if found is not None:
            return found
        return get_argument_values(self._field, self._node, variables, self._fragment_variables)

    def values(self, variables: VariableValues) -> Values:
        """Give the values for one asking.

        Raises:
            ArgumentRefused: the arguments make no sense.
        """
        if self._constant is not None:
            return self._constant
        return self._refusing(self.arguments(variables))

    async def awaited(self, value: Awaitable[T]) -> T:
        """Await what arguments lead to.

        Raises:
            ArgumentRefused: it is refused.
        """
        try:
            return await value
        except Refusal as refusal:
            raise ArgumentRefused(refusal, self._node) from None

    def _refusing(self, arguments: Arguments) -> Values:
        try:
            return self._read(arguments)
        except Refusal as refusal:
            raise ArgumentRefused(refusal, self._node) from None


@dataclass(frozen=True, slots=True)
class _Direct:
    """Arguments of which each is a constant, or a variable as it is."""

    fixed: dict[str, Any]
    varying: tuple[tuple[str, str, bool, dict[str, Any] | None], ...]
    """The name of each, its variable, whether null will not do, and what it is without a value."""

    @classmethod
    def of(cls, field: GraphQLField, node: FieldNode, varying: Sequence[ArgumentNode]) -> "_Direct":
        """Work out what does not depend on values. Raises GraphQLError."""
        rest = FieldNode(
            name=node.name,
            arguments=tuple(each for each in node.arguments or () if not _varies(each)),
        )
        variables = {each.name.value: each.value for each in varying}
        found = []
        for name, variable in variables.items():
            argument = field.args[name]
            alone = GraphQLField(field.type, args={name: argument})
            absent = None if is_required_argument(argument) else get_argument_values(alone, rest)
            assert isinstance(variable, VariableNode), "another value is not direct"
            out, wanted = argument.out_name or name, is_non_null_type(argument.type)
            found.append((out, variable.name.value, wanted, absent))
        others = {name: each for name, each in field.args.items() if name not in variables}
        return cls(get_argument_values(GraphQLField(field.type, others), rest), tuple(found))

    def arguments(self, given: Mapping[str, Any]) -> Arguments | None:
        """Give the arguments; None where one of them makes no sense."""
        found = self.fixed.copy()
        for name, variable, wanted, absent in self.varying:
            if variable in given:
                value = found[name] = given[variable]
                if wanted and value is None:
                    return None
            elif absent is None:
                return None
            else:
                found |= absent
        return found


class Slots:
    """The slots of a plan, given out one after the other with what binds them."""

    def __init__(self, reserved: int) -> None:
        self._taken = reserved
        self._bindings: list[Binding] = []
        self._slots: list[Slot] = []

    @property
    def given(self) -> tuple[Slot, ...]:
        """The slots that were given out."""
        return tuple(self._slots)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """What binds the slots, in their order, those that are reserved aside."""
        return tuple(self._bindings)

    @property
    def first(self) -> int:
        """The number of the first slot that is still free."""
        return self._taken + 1

    @property
    def mark(self) -> tuple[int, int, int]:
        """How many were given out so far, for `release`."""
        return self._taken, len(self._bindings), len(self._slots)

    def release(self, mark: tuple[int, int, int]) -> None:
        """Take back all that were given out since a mark: nothing is going to use them."""
        self._taken, bindings, slots = mark
        del self._bindings[bindings:]
        del self._slots[slots:]

    def take(self, binding: Binding, *types: str) -> tuple[Slot, ...]:
        """Take a slot for each value of a binding."""
        self._bindings.append(binding)
        first = self._taken + 1
        self._taken += len(types)
        slots = tuple(Slot(number, sql) for number, sql in enumerate(types, first))
        self._slots += slots
        return slots


def _varies(node: Node) -> bool:
    """Tell whether a part of a document depends on a variable."""
    if isinstance(node, VariableNode):
        return True
    parts = (getattr(node, key) for key in node.keys)
    return any(
        _varies(item)
        for part in parts
        for item in (part if isinstance(part, list | tuple) else (part,))
        if isinstance(item, Node)
    )
