"""The vocabularies, with what people call each value in French and in English.

To import this module makes each of them an enumeration of the interface: it comes before any
type that has a field of one.
"""

import inspect
from collections.abc import Iterator

import strawberry
from graphql import GraphQLEnumType, GraphQLSchema
from strawberry.types.enum import StrawberryEnumDefinition

import api.webhooks.port  # noqa: F401 - with these, every vocabulary is known
import domain.catalogue  # noqa: F401
import projections.catalogue
import projections.changes
import projections.difference
import projections.wording  # noqa: F401
from domain.label import Label


@strawberry.type(description="A value of a vocabulary.")
class EnumerationValue:
    """A value of a vocabulary."""

    value: str = strawberry.field(description="The value, as it is written in queries.")
    fr: str = strawberry.field(description="What people call it in French.")
    en: str = strawberry.field(description="What people call it in English.")


@strawberry.type(description="A vocabulary: the values that a field can have.")
class Enumeration:
    """A vocabulary."""

    name: str = strawberry.field(description="The name of its type.")
    values: list[EnumerationValue] = strawberry.field(description="Its values, in their order.")


def vocabularies() -> list[type[Label]]:
    """Give every vocabulary, by name."""
    return sorted(_below(Label), key=lambda label: label.__name__)


def all_enumerations() -> list[Enumeration]:
    """Give every vocabulary with its labels."""
    return [
        Enumeration(
            name=label.__name__,
            values=[
                EnumerationValue(value=member.name, fr=member.fr, en=member.en) for member in label
            ],
        )
        for label in vocabularies()
    ]


def give_members(schema: GraphQLSchema) -> None:
    """Let what callers give be a member of its vocabulary: rules compare members, not names.

    To sort a schema makes its enumerations anew, as plain ones that know values alone.
    """
    for label in vocabularies():
        made = schema.type_map.get(label.__name__)
        if isinstance(made, GraphQLEnumType):
            for value in made.values.values():
                value.value = label[value.value]


def _below(label: type[Label]) -> Iterator[type[Label]]:
    for found in label.__subclasses__():
        if found.__module__.startswith(("domain.", "projections.", "api.")):
            yield found
        yield from _below(found)


def _make_enumeration(label: type[Label]) -> None:
    strawberry.enum(label, description=_sentence(label))
    definition: StrawberryEnumDefinition = vars(label)["__strawberry_definition__"]
    for shown, member in zip(definition.values, label, strict=True):
        shown.description = f"{member.fr} · {member.en}"


def _sentence(label: type[Label]) -> str:
    assert label.__doc__ is not None, f"{label.__name__} says what it is"
    return inspect.cleandoc(label.__doc__)


for vocabulary in vocabularies():
    _make_enumeration(vocabulary)
