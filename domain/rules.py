"""The rules as a table: who may give which command, and who may grant which role.

``python -m domain.rules`` prints what stands in the README.
"""

from collections.abc import Iterable

from domain.catalogue import COMMANDS
from domain.command import Command, Rule
from domain.granting import GRANTED_BY
from domain.role import Role, ScopeKind


def who_may() -> str:
    """Every command, with those who may give it, as a table in Markdown."""
    groups: dict[tuple[str, str], list[str]] = {}
    for command in COMMANDS.values():
        told = command.SUBJECT.TOPIC.replace("_", " "), _sentence(command.RULE)
        groups.setdefault(told, []).append(_mutation(command))
    rows = [
        (noun, who, ", ".join(f"`{name}`" for name in sorted(names)))
        for (noun, who), names in sorted(groups.items())
    ]
    return _table(("What", "Who, in the place where it lies", "Commands"), rows)


def who_grants() -> str:
    """Every role, where it can be held and who may grant it, as a table in Markdown."""
    rows = [
        (role.en, _listed(kind.en for kind in ScopeKind if kind in role.held_at), _roles(granters))
        for role, granters in GRANTED_BY.items()
        if role.held_at
    ]
    return _table(("Role", "Held at", "Granted and revoked by"), rows)


def _sentence(rule: Rule) -> str:
    if Role.PUBLIC in rule.by:
        return "everybody"
    ways = [_roles(rule.by) + (", for both organisations" if rule.also else "")]
    if rule.by_organisation:
        ways.append(f"of the organisation that is named: {_roles(rule.by_organisation)}")
    if rule.by_contributor:
        ways.append(f"where no organisation is named: {_roles(rule.by_contributor)}")
    if rule.by_anywhere:
        ways.append(f"wherever they are it: {_roles(rule.by_anywhere)}")
    if rule.by_oneself:
        ways.append("oneself")
    return "; ".join(ways)


def _mutation(command: type[Command]) -> str:
    return command.__name__[0].lower() + command.__name__[1:]


def _roles(roles: Iterable[Role]) -> str:
    held = frozenset(roles)
    return _listed(role.en for role in Role if role in held)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    print(who_may(), who_grants(), sep="\n\n")  # noqa: T201
