"""Ids as callers see them: a readable prefix that says what it names, and a UUID."""

import re
from collections.abc import Mapping
from typing import NewType
from uuid import UUID

from domain.refusal import NotFound, WrongKindOfId

Id = NewType("Id", str)
"""An opaque id, such as ``org_0190f1a2…`` (prefix, underscore, 32 hexadecimal digits)."""

PREFIXES: Mapping[str, str] = {
    "organisation": "org",
    "contact": "ctc",
    "mobilisation": "mob",
    "network": "net",
    "cohort": "coh",
    "session": "ses",
    "webinar": "web",
    "camp": "cmp",
    "resource": "res",
    "roadmap": "map",
    "lever": "lev",
    "objective": "obj",
    "plan_item": "pln",
    "ecosystem_mobilisation": "eco",
    "comment": "cmt",
    "submission": "sub",
    "alliance": "ali",
    "expert": "xpt",
    "working_group": "wkg",
    "meeting": "mtg",
    "survey": "svy",
    "question": "qst",
    "indicator": "ind",
    "measurement": "mea",
    "prioritisation": "pri",
    "criterion": "crt",
    "option": "opt",
    "argument": "arg",
    "review": "rev",
    "action": "act",
    "assignment": "asg",
    "budget_line": "bud",
    "step": "stp",
    "document": "doc",
    "note": "nte",
    "impact": "imp",
    "principal": "prn",
    "key": "key",
    "challenge": "cha",
    "workshop": "wks",
    "registration": "reg",
    "footprint_batch": "fpb",
    "person": "per",
}
"""The prefix of each noun. A prefix, once released, never changes its meaning."""

NOUNS: Mapping[str, str] = {prefix: noun for noun, prefix in PREFIXES.items()}


def external(noun: str, uuid: UUID) -> Id:
    """Give the id that callers see."""
    return Id(f"{PREFIXES[noun]}_{uuid.hex}")


def internal(noun: str, id: Id) -> UUID:
    """Read a caller's id.

    Raises `WrongKindOfId` when it names something else than ``noun``, and `NotFound` when it
    is no id at all: nothing can be found under it.
    """
    prefix, _, digits = id.partition("_")
    if not re.fullmatch("[0-9a-f]{32}", digits):
        raise NotFound(id=id[:80], noun=noun)
    if prefix != PREFIXES[noun]:
        raise WrongKindOfId(id=id, noun=noun, prefix=PREFIXES[noun])
    return UUID(hex=digits)
