"""What somebody may not see is not there for them, whatever they say of it."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID

from api.node import noun_of
from domain.catalogue import COMMANDS
from domain.command import Command
from domain.identity import PREFIXES as NOUNS
from domain.identity import Id, external
from tests.attacks.asking import answers, put, sent
from tests.attacks.test_matrix import NEVER
from tests.attacks.town import Persona, Town
from tests.domain.intentions import NOUN_OF, SENT_ALONG

NOWHERE: Final = UUID(int=0xDEAD)
ADDRESSED: Final = {"GrantRole", "RevokeRole"}
"""Whoever may grant a role may grant it to anybody whose id they were told."""


def hidden(town: Town) -> dict[str, Id]:
    """What is hidden here from all who have no role in it, by noun."""
    ids = town.here.ids
    return {
        "roadmap": ids["draft"],
        "lever": ids["lever"],
        "comment": ids["comment"],
        "action": ids["restricted"],
        "assignment": ids["assignment"],
        "contact": ids["contact"],
        "registration": ids["registration"],
        "principal": ids["principal"],
    }


def strangers(town: Town) -> list[Persona]:
    there = [one for one in town.personas if one.realm is town.elsewhere]
    nobody = [one for one in town.personas if one.role is None]
    return [one for one in [*there, *nobody] if not knows_here(town, one)]


def knows_here(town: Town, persona: Persona) -> bool:
    query = "query($ids: [ID!]!) {nodes(ids: $ids) {id}}"
    found = town.ask(query, persona, ids=list(hidden(town).values()))
    return any(found["nodes"])


def attempts(town: Town, ids: Mapping[str, Id]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every command on what is elsewhere, with one id each that is something of here."""
    for name, kind in COMMANDS.items():
        if name in ADDRESSED:
            continue
        whole = sent(with_all_ids(town, kind))
        for place, value in slots(whole):
            if (noun := noun_of(value)) is not None and noun in ids:
                yield f"{name} {'.'.join(map(str, place))}", put(whole, place, ids[noun])


def with_all_ids(town: Town, kind: type[Command]) -> Command:
    """A command on what is elsewhere, with every id that can be given."""
    hints = get_type_hints(kind)
    optional = {
        each.name: town.elsewhere.ids.get(noun) or external(noun, NOWHERE)
        for each in fields(kind)  # type: ignore[arg-type]
        if each.default is not MISSING
        and each.name not in SENT_ALONG
        and Id in (hints[each.name], *get_args(hints[each.name]))
        and (noun := NOUN_OF.get(each.name, each.name)) in NOUNS
    }
    return town.elsewhere.command(kind, expected_version=NEVER, **optional)


def slots(given: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Where ids stand in an input."""
    if isinstance(given, dict):
        for name, value in given.items():
            yield from slots(value, (*place, name))
    elif isinstance(given, list):
        for number, value in enumerate(given):
            yield from slots(value, (*place, number))
    elif isinstance(given, str) and noun_of(given) is not None:
        yield place, given


def test_a_command_on_what_is_hidden_is_answered_as_if_it_had_never_been(town: Town) -> None:
    there = hidden(town)
    nowhere = {noun: external(noun, NOWHERE) for noun in there}
    on_hidden, on_nothing = (dict(attempts(town, ids)) for ids in (there, nowhere))
    assert len(on_hidden) >= 90
    wrong = []
    for persona in strangers(town):
        found, right = (answers(town, given, persona) for given in (on_hidden, on_nothing))
        for name, told in found.items():
            if without(told, there) != without(right[name], nowhere):
                wrong.append((str(persona), name, told, right[name]))
    assert wrong == []


def without(told: Any, ids: Mapping[str, Id]) -> str:
    """What was told, whatever the ids are."""
    text = str(told)
    for noun, id in ids.items():
        text = text.replace(id, noun)
    return text
