"""Bindings: how the slots of a plan get their values, each time that a question is asked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from graphql import FieldNode, GraphQLField, Node, VariableNode
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues, get_argument_values

from domain.refusal import Refusal
from projections.slot import Slot

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
        self._constant: Values | None = None
        if not any(map(_varies, self._node.arguments or ())):
            self._constant = self._refusing(self.arguments(VariableValues({}, {})))

    def arguments(self, variables: VariableValues) -> Arguments:
        """Give the arguments, coerced, defaults included."""
        return get_argument_values(self._field, self._node, variables, self._fragment_variables)

    def values(self, variables: VariableValues) -> Values:
        """Give the values for one asking.

        Raises:
            ArgumentRefused: the arguments make no sense.
        """
        if self._constant is not None:
            return self._constant
        return self._refusing(self.arguments(variables))

    def _refusing(self, arguments: Arguments) -> Values:
        try:
            return self._read(arguments)
        except Refusal as refusal:
            raise ArgumentRefused(refusal, self._node) from None


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
