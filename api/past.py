"""The past: what is asked as of a moment is answered as it was answered then.

Every question on rows may be asked so, whole: what it leads to, its lists, figures and search. The
rows are those of that moment, among them what was withdrawn or deleted since; who is asking has the
rights that they have today.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLField, GraphQLObjectType, print_ast
from graphql.execution.collect_fields import GroupedFieldSet
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from api.binding import Binding
from api.consistency import PATIENCE
from api.context import Operation
from api.moments import AsOf, position_of
from api.ports import Reads
from api.question import Question, name_of
from domain.refusal import Refusal
from projections import past
from projections.guard import Eyes
from projections.statement import Statement

AS_OF: Final = "as_of"
"""What resolvers would call the argument."""
_NAME: Final = "asOf"


class PastNotGathered(Refusal):
    """The past is gathered up to position {reached}, not up to {position} yet. Ask again."""

    FRENCH = (
        "Le passé est rassemblé jusqu’à la position {reached}, pas encore jusqu’à {position}. "
        "Redemandez."
    )


class PastReads:
    """Answers questions from the read model as it was at a position, for one caller."""

    def __init__(self, reads: Reads, position: int, eyes: Eyes) -> None:
        # As of a moment another one may be asked for: that of a state which is compared with it.
        self._reads: Reads = reads.now if isinstance(reads, PastReads) else reads
        self._position = position
        self._eyes = eyes

    @property
    def now(self) -> Reads:
        """What answers as of now."""
        return self._reads

    async def answer(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[bytes | None]:
        """Run a rendered plan and give its one row: a JSON text for each root field."""
        return await self._reads.answer(*self._then(statement, arguments))

    async def rows(
        self, statement: Statement, arguments: Sequence[object]
    ) -> Sequence[Sequence[Any]]:
        """Run a statement and give its rows."""
        return await self._reads.rows(*self._then(statement, arguments))

    def _then(
        self, statement: Statement, arguments: Sequence[object]
    ) -> tuple[Statement, Sequence[object]]:
        number = len(arguments) + 1
        then = past.at(statement, number, self._eyes.viewer(number + 1))
        return then, [*arguments, self._position, *self._eyes.arguments]


def now(operation: Operation) -> Reads:
    """Give what answers as of now, for statements that say themselves of which moments they ask."""
    reads = operation.reads
    return reads.now if isinstance(reads, PastReads) else reads


class AsOfArgument(FieldExtension):
    """Lets a question be asked as of a moment. What to make of that is the executor's."""

    def apply(self, field: StrawberryField) -> None:
        """Add the argument, once for all schemas."""
        if any(each.python_name == AS_OF for each in field.arguments):
            return
        annotation: Any = Annotated[
            AsOf | None,
            strawberry.argument(
                description="The moment as of which to answer, all that is selected included; "
                "without one, as it is now."
            ),
        ]
        added = StrawberryArgument(
            python_name=AS_OF,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(annotation),
            default=UNSET,
        )
        field.arguments = [*field.arguments, added]

    def resolve(self, next_: Any, source: Any, info: Any, **given: Any) -> Any:
        """Resolve the field, whose context is that of the moment already."""
        given.pop(AS_OF, None)
        return next_(source, info, **given)

    async def resolve_async(self, next_: Any, source: Any, info: Any, **given: Any) -> Any:
        """Resolve the field, whose context is that of the moment already."""
        given.pop(AS_OF, None)
        return await next_(source, info, **given)


class Moment:
    """The moment as of which some root fields are asked."""

    def __init__(self, binding: Binding, keys: Iterable[str]) -> None:
        self._binding = binding
        self._keys = tuple(keys)

    async def of(self, question: Question, operation: Operation) -> Operation:
        """Give an operation that answers as of it; where nothing is given, the one that asks.

        Raises:
            api.binding.ArgumentRefused: the moment is yet to come, or the past is not gathered so
                far.
            api.ports.ReadsUnavailable: the log does not answer.
        """
        (given,) = self._binding.values(question.variables)
        if given is None:
            return operation
        assert isinstance(given, Mapping), "an input object was coerced"
        position = await self._binding.awaited(_gathered(AsOf(**given), operation))
        operation.as_of |= dict.fromkeys(self._keys, str(position))
        return at(position, operation)


async def gathered(position: int, operation: Operation) -> None:
    """Wait until the past can be asked about a position.

    Raises:
        PastNotGathered: it cannot in time.
    """
    pasts = operation.pasts
    assert pasts is not None, "whoever keeps no past offers none"
    if pasts.position() < position and not await pasts.reached(position, PATIENCE):
        raise PastNotGathered(position=position, reached=pasts.position())


async def _gathered(as_of: AsOf, operation: Operation) -> int:
    assert operation.pasts is not None, "whoever keeps no past offers none"
    given = as_of.position
    if isinstance(given, int) and given <= operation.pasts.position():
        return given  # that far the log is there
    position = await position_of(as_of, operation)
    await gathered(position, operation)
    return position


def at(position: int, operation: Operation) -> Operation:
    """Give an operation that reads what was there at a position, which the past has gathered."""
    return operation.at(position, PastReads(operation.reads, position, operation.eyes))


def by_moment(
    root: GraphQLObjectType, fields: GroupedFieldSet
) -> tuple[GroupedFieldSet, list[tuple[Moment, GroupedFieldSet]]]:
    """Tell root fields apart by the moment as of which they are asked, those without one first."""
    now: GroupedFieldSet = {}
    then: dict[str, GroupedFieldSet] = {}
    for key, details in fields.items():
        asked = [each for each in details[0].node.arguments or () if each.name.value == _NAME]
        if asked and _NAME in _field(root, key, fields).args:
            then.setdefault(print_ast(asked[0].value), {})[key] = details
        else:
            now[key] = details
    found = []
    for group in then.values():
        first = next(iter(group))
        binding = Binding(
            _field(root, first, group), group[first][0], lambda given: (given.get(_NAME),)
        )
        found.append((Moment(binding, group), group))
    return now, found


def _field(root: GraphQLObjectType, key: str, fields: GroupedFieldSet) -> GraphQLField:
    field: GraphQLField = root.fields[name_of(fields[key])]
    return field
