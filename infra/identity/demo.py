"""The demo's personas, as its own files of commands open them, and the tokens that they get."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from api.personas import Held, Persona
from domain import text
from domain.command import Command
from domain.granting import GrantRole
from domain.identity import Id, external
from domain.organisation import JoinNetwork
from domain.principal import OpenPrincipal, Principal
from domain.role import Role, ScopeKind
from domain.territory import TERRITORIES
from domain.theme import Theme
from infra import command_file
from infra.identity.built_in import NAME, BuiltInIssuer
from infra.unit_of_work import made_id
from projections.organisations import network_id


@dataclass(frozen=True, slots=True)
class Place:
    """A place in which a persona holds a role."""

    kind: ScopeKind
    id: str
    """An external id, the key of a territory, or nothing for the platform."""
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a persona is, and where."""

    subject: str
    role: Role
    place: Place


class NoSuchPersona(Exception):
    """The demo has nobody who fits; the text names those who come near."""


class NoSuchRole(Exception):
    """Words mean no role, or several; the text names them."""


class Demo:
    """The personas of the demo, and the issuer of their tokens."""

    def __init__(self, issuer: BuiltInIssuer) -> None:
        self.issuer = issuer

    @classmethod
    def open(cls, data_dir: Path) -> "Demo":
        """Take the issuer of a data folder. Raises `SettingsError` when its key cannot be had."""
        return cls(BuiltInIssuer.open(data_dir))

    def all(self) -> Sequence[Persona]:
        """Give all personas, in the order of their file."""
        return [
            Persona(
                subject,
                external("principal", Principal.id_of(NAME, subject)),
                [
                    Held(part.role, part.place.name)
                    for part in self.parts
                    if part.subject == subject
                ],
            )
            for subject in dict.fromkeys(part.subject for part in self.parts)
        ]

    def token(self, persona: Persona) -> str:
        """Make a token that counts for some hours."""
        return self.token_of(persona.subject)

    def token_of(self, subject: str) -> str:
        """Make a token for the persona of a name."""
        return self.issuer.token(subject, time.time())

    @cached_property
    def parts(self) -> Sequence[Part]:
        """What all personas are, and where."""
        return list(_parts(_commands()))

    def find(self, who: str, place: str | None = None, kind: ScopeKind | None = None) -> str:
        """Give the subject of the persona who is named, or holds a role (in a place).

        ``who`` is a subject, or words of a role in French or English; ``place`` is the id, the
        key or the name of a place, or a part of its name.

        Raises:
            NoSuchPersona: none fits, or several do.
        """
        if any(part.subject == who for part in self.parts):
            return who
        fit = [part for part in self.parts if _means(who, part.role)]
        there = [part for part in fit if _is_there(part, place, kind)]
        subjects = dict.fromkeys(part.subject for part in there)
        if len(subjects) == 1:
            return next(iter(subjects))
        several = "Several personas fit. Name one, or its place" if there else "No persona fits"
        raise NoSuchPersona(f"{several}:\n{_listed(there or fit or self.parts)}")


def _commands() -> Iterator[tuple[Command, Id | None]]:
    """Give the commands of the demo, each with the id of what it creates."""
    names: command_file.Names = {}
    for file in command_file.DEMO:
        for line in command_file.read(file, names):
            command = line.command
            assert command.command_id is not None, "a file gives each command its id"
            created = command.created(made_id(command.command_id, 1), recorded=True)
            noun = command.CREATES
            yield command, None if created is None or noun is None else external(noun, created)


def _parts(commands: Iterator[tuple[Command, Id | None]]) -> Iterator[Part]:
    names: dict[str, str] = {}
    subjects: dict[str, str] = {}
    for command, created in commands:
        match command:
            case OpenPrincipal(subject=subject):
                subjects[external("principal", Principal.id_of(NAME, subject))] = subject
            case GrantRole():
                yield _part(command, subjects[command.principal], names)
            case JoinNetwork(network=network):
                names[network_id(network)] = network
            case _ if created is not None:
                named = getattr(command, "name", None) or getattr(command, "title", None)
                names[created] = str(named or "")


def _part(command: GrantRole, subject: str, names: dict[str, str]) -> Part:
    id = command.scope or ""
    thing, _, theme = id.partition("/")
    territory = TERRITORIES.get(id)
    name = territory.name if territory is not None else names.get(thing, thing)
    if theme:
        name = f"{name}, {Theme[theme].fr}"
    return Part(subject, command.role, Place(command.scope_kind, id, name))


def role_named(words: str) -> Role:
    """Give the role that words mean, in French or English. Raises `NoSuchRole`."""
    fit = [role for role in Role if role.held_at and _means(words, role)]
    exact = [role for role in fit if _words(words) in (_words(role.fr), _words(role.en))]
    if len(exact or fit) != 1:
        known = "\n".join(f"  {role.en} ({role.fr})" for role in fit or Role if role.held_at)
        raise NoSuchRole(f"“{words}” means no role, or several:\n{known}")
    return (exact or fit)[0]


_FEMININE: Final = (("trice", "teur"), ("euse", "eur"), ("iere", "ier"), ("e", ""))


def _means(who: str, role: Role) -> bool:
    """Tell whether words mean a role, in whatever language, case, gender or order."""
    given = _words(who)
    return bool(given) and any(
        given <= _words(name) for name in (role.value, role.fr, role.en) if name
    )


def _words(name: str) -> frozenset[str]:
    words = re.findall(r"[a-z]+", text.folded(name).replace("_", " "))
    return frozenset(_neuter(word) for word in words if word not in {"d", "de", "la", "of", "a"})


def _neuter(word: str) -> str:
    return next(
        (word.removesuffix(end) + instead for end, instead in _FEMININE if word.endswith(end)),
        word,
    )


def _is_there(part: Part, named: str | None, kind: ScopeKind | None) -> bool:
    place = part.place
    kinds = {place.kind, ScopeKind.ALLIANCE} if place.kind is ScopeKind.THEME else {place.kind}
    if kind is not None and kind not in kinds:
        return False
    if named is None or named in {place.id, place.id.partition("/")[0]}:
        return True
    return any(text.folded(named) in text.folded(name) for name in (place.name, part.subject))


def _listed(parts: Sequence[Part]) -> str:
    return "\n".join(
        f"  {part.subject}: {part.role.en}"
        + (f", {part.place.name} {part.place.id}" if part.place.id else "")
        for part in parts
    )
