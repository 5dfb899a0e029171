"""Refusals as types: each has its own, so that a client can tell them apart and act."""

import re
from dataclasses import dataclass

import strawberry

from api.naming import camel
from domain.command import Command
from domain.refusal import Language, Refusal


@strawberry.interface(
    name="Refusal", description="Why a command was not accepted. Nothing was done."
)
class Refused:
    """Why a command was not accepted."""

    code: str = strawberry.field(description="What it is, for programs: it never changes.")
    message: str = strawberry.field(
        description="What it is and what to do, in French or English by Accept-Language."
    )
    path: list[str] = strawberry.field(description="The field of the input that is to blame.")


_TYPES: dict[type[Refusal], type[Refused]] = {}


@dataclass(frozen=True, slots=True)
class Shown:
    """A refusal as its caller sees it.

    Not an instance of its type: Strawberry does not find that one again in a sorted schema.
    """

    kind: type[Refusal]
    code: str
    message: str
    path: list[str]


def type_of(refusal: type[Refusal]) -> type[Refused]:
    """Give the type of a refusal."""
    if refusal not in _TYPES:
        assert refusal.__name__ not in {known.__name__ for known in _TYPES}

        def is_type_of(found: object, _info: object) -> bool:
            return isinstance(found, Shown) and found.kind is refusal

        made = type(refusal.__name__, (Refused,), {"is_type_of": staticmethod(is_type_of)})
        _TYPES[refusal] = strawberry.type(made, description=_description(refusal))
    return _TYPES[refusal]


def present(refusal: Refusal, language: Language) -> Shown:
    """Give a refusal the form in which it leaves."""
    return Shown(type(refusal), refusal.code, refusal.message(language), path_of(refusal))


def undeclared(command: type[Command], refusal: Refusal) -> RuntimeError:
    """Make the fault that a command met a refusal which it does not declare."""
    fault = RuntimeError(f"{command.__name__} does not declare {refusal.code}: {refusal}")
    fault.__cause__ = refusal
    return fault


def path_of(refusal: Refusal) -> list[str]:
    """Name the input's field that is to blame, as callers write it."""
    names = () if refusal.path is None else refusal.path.split(".")
    return ["input", *map(camel, names)]


def _description(refusal: type[Refusal]) -> str:
    assert refusal.__doc__ is not None
    return re.sub(r"\{\w+\}", "…", " ".join(refusal.__doc__.split()))
