"""Every mutation and every question, by every role, over the interface: as the rules say."""

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from api.naming import camel, lower_first
from api.node import noun_of
from api.refusals import path_of
from api.webhooks.registering import MUTATIONS as WEBHOOKS
from domain.catalogue import COMMANDS
from domain.command import Command
from domain.refusal import Refusal
from domain.role import Role, ScopeKind
from tests.attacks.asking import answers, sent
from tests.attacks.town import ANYBODY, Persona, Town
from tests.domain.test_access_matrix import may

NEVER: Final = 999_999
"""A version that nothing ever has: whoever is let in changes nothing all the same."""
WITHOUT_A_COMMAND: Final = {"importActions", "markRead", "removeBookmark", *WEBHOOKS}
"""Mutations that are no commands: one gives many of them, the others are about the caller alone."""
ABOUT_A_PLACE: Final = {"GrantRole", "RevokeRole"}
"""Who may depends on the place alone, not on whose role it is."""


def commands(town: Town) -> dict[str, Command]:
    return {
        name: replace(town.here.command(kind), expected_version=NEVER)  # type: ignore[type-var]
        for name, kind in COMMANDS.items()
    }


def held(town: Town, persona: Persona) -> Iterator[tuple[Role, ScopeKind]]:
    """What somebody holds here, or around it."""
    if persona.role is not None and persona.place is not None:
        if persona.realm is town.here or persona.place is ScopeKind.PLATFORM:
            yield persona.role, persona.place
        return
    for part in town.demo.parts:
        if part.subject == persona.name and part.place.id in ("", "region:28"):
            yield part.role, part.place.kind


def expected(town: Town, command: Command, persona: Persona) -> bool:
    kind = type(command)
    anywhere = {part.role for part in town.demo.parts if part.subject == persona.name}
    return (
        Role.PUBLIC in kind.RULE.by
        or bool(kind.RULE.by_anywhere & (anywhere | {persona.role}))
        or any(may(kind, command, role, place) for role, place in held(town, persona))
    )


def told_the_program(town: Town, command: Command) -> tuple[str, ...]:
    try:
        town.give(command)
    except Refusal as refusal:
        return refusal.code, *path_of(refusal)
    raise AssertionError(f"{command} was done")


def knows(town: Town, persona: Persona, ids: Collection[str]) -> set[str]:
    """Those ids that lead somebody to something."""
    found = town.ask("query($ids: [ID!]!) {nodes(ids: $ids) {id}}", persona, ids=sorted(ids))
    return {node["id"] for node in found["nodes"] if node is not None}


def test_every_mutation_is_a_command_with_a_rule_or_is_known_to_be_none(town: Town) -> None:
    found = town.ask("{__schema {mutationType {fields {name}}}}")
    names = {field["name"] for field in found["__schema"]["mutationType"]["fields"]}
    assert names == {lower_first(name) for name in COMMANDS} | WITHOUT_A_COMMAND
    assert all(kind.RULE.by for kind in COMMANDS.values())


def test_every_command_does_for_each_role_what_its_rule_says(town: Town) -> None:
    given = commands(town)
    passing = {name: told_the_program(town, command) for name, command in given.items()}
    named = {name: ids_in(command) for name, command in given.items()}
    wrong = []
    for persona in town.personas:
        known = knows(town, persona, {id for ids in named.values() for id in ids.values()})
        for name, told in answers(town, given, persona).items():
            hidden = {
                ("NOT_FOUND", "input", field)
                for field, id in named[name].items()
                if id not in known
            }
            subject = camel(given[name].SUBJECT.TOPIC)
            refused = told.get("code"), *told.get("path", ())
            if expected(town, given[name], persona):
                right = {passing[name], *hidden}
            elif persona is ANYBODY:
                right = {("NOT_SIGNED_IN", "input")}
            elif COMMANDS[name].DISCREET:
                right = {("NOT_FOUND", "input", "person")}
            elif name in ABOUT_A_PLACE or named[name].get(subject, "") in {*known, ""}:
                right = {("FORBIDDEN", "input"), *hidden}
            else:
                right = {("NOT_FOUND", "input", subject)}
            if refused not in right:
                wrong.append((str(persona), name, refused, right))
    assert wrong == []


def test_spreadsheets_are_taken_in_from_whoever_may_propose_actions(town: Town) -> None:
    propose = commands(town)["ProposeAction"]
    for persona in town.personas:
        code = imported(town, persona)
        if expected(town, propose, persona):
            assert code == "BROKEN_SHEET", str(persona)
        else:
            assert code == ("STRANGERS_FILE" if persona is ANYBODY else "FORBIDDEN"), str(persona)


def imported(town: Town, persona: Persona) -> str:
    """Send what is no spreadsheet, and give the code of the answer."""
    query = """mutation($input: ImportActionsInput!) {
        importActions(input: $input) {... on Refusal {code}}
    }"""
    given = {"alliance": town.here.ids["alliance"], "file": None}
    parts: dict[str, tuple[str | None, str | bytes]] = {
        "operations": (None, json.dumps({"query": query, "variables": {"input": given}})),
        "map": (None, '{"0": ["variables.input.file"]}'),
        "0": ("plan.xlsx", b"no spreadsheet"),
    }
    proof = {} if persona.token is None else {"authorization": f"Bearer {persona.token}"}
    sent = town.http.post("/graphql", files=parts, headers={"graphql-preflight": "1", **proof})
    body = town.run(sent).json()
    told = body["errors"][0]["extensions"] if "errors" in body else body["data"]["importActions"]
    return str(told["code"])


def ids_in(command: Command) -> dict[str, str]:
    """The ids that a command names, by its fields."""
    given = sent(command)
    return {field: id for field, id in given.items() if noun_of(str(id)) is not None}
