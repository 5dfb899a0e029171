"""The rules as a table: who sees which type, and which of its fields fewer see.

``python -m api.rules`` prints what stands in the README.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from strawberry.utils.str_converters import to_camel_case

import api.schema  # noqa: F401 - to import the schema is to know every type
from api.entity import ENTITIES
from projections.access import AllOf, AnyOf, Everyone, Nobody, Rule, Through

_FIGURES: Final = "everybody; what is about fewer than ten people is withheld"
_NAMED: Final = "who sees the principal who did it"
_HEARD: Final = "who sees that to which it happened, or the part of it"
_CHANGED: Final = (
    "who sees the fact, and saw what it changed before and after by the rules for the row, as it "
    "was then, with the roles of today"
)

BESIDE: Final[Mapping[str, str]] = {
    "Query.viewer": "oneself",
    "Query.exportPerson": "who may forget the person, and the person",
    "Query.seat": "whoever knows the id of the registration",
    "SearchHit": "who sees that in which it stands",
    "PassagePiece": "who sees that in which it stands",
    "Event": _HEARD,
    "Event.actor": _NAMED,
    "Event.commandId": _NAMED,
    "Event.reason": _NAMED,
    **dict.fromkeys(("Bookmark", "News", "NewsCount", "NewsSummary"), "oneself"),
    "NewsEntry": _HEARD,
    "NewsEntry.actor": _NAMED,
    "NewsEntry.commandId": _NAMED,
    "NewsEntry.reason": _NAMED,
    **dict.fromkeys(
        ("Webhook", "WebhookNotice", "WebhookDelivery", "WebhookAttempt"),
        "who registered the webhook",
    ),
    "Moment": "everybody",
    "Truth": "its insiders: who would see it if it were a draft, or restricted",
    "EffectiveFact": "its insiders who may hear of the fact",
    "HistoryEntry": _HEARD,
    "HistoryActor": _HEARD,
    "HistoryEntry.commandId": _NAMED,
    "HistoryEntry.principal": _NAMED,
    "HistoryEntry.reason": "insiders of the thing, and who sees the principal who did it",
    **dict.fromkeys(("HistoryChange", "HistoryPart", "HistoryValue"), _CHANGED),
    **dict.fromkeys(
        ("Difference", "FieldDifference", "PartDifference", "ComparedWords"),
        "who sees both states, each by the rules for the rows, as they were then",
    ),
    **dict.fromkeys(
        ("Blame", "BlamedSentence"), "who sees the wording; of the event, who hears of it"
    ),
    "NumberSource": "who sees what is counted",
    "TreeHead": "everybody",
    "TreeSigner": "everybody",
    "InclusionProof": "everybody",
    "ConsistencyProof": "everybody",
    "ProvenEvent": "whoever sees everything, and the principal who did it",
    "Enumeration": "everybody",
    "EnumerationValue": "everybody",
    "SheetProblem": "who sent the file",
    **dict.fromkeys(
        (
            "FootprintStats",
            "FootprintGroup",
            "Footprints",
            "FootprintDistribution",
            "FootprintBand",
            "DomainFootprint",
            "TrajectoryYear",
            "Withheld",
        ),
        _FIGURES,
    ),
    **dict.fromkeys(
        ("…Stats", "…Group", "…Total", "Figures", "…Connection", "…Edge", "PageInfo"),
        "they tell and count what the caller sees, and nothing else",
    ),
    **dict.fromkeys(("…Success", "Refusal"), "who gave the command"),
}
"""Who sees what is not made from one row, or is found in another way than rows are."""


def who_sees() -> str:
    """Every type, with those who see it, as a table in Markdown."""
    groups: dict[str, list[str]] = {}
    for name, rule in _ruled():
        groups.setdefault(_sentence(rule), []).append(f"`{name}`")
    for name, who in BESIDE.items():
        groups.setdefault(who, []).append(f"`{name}`")
    rows = sorted((", ".join(sorted(names)), who) for who, names in groups.items())
    lines = [("Types and fields", "Who sees them"), ("---", "---"), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ruled() -> Iterator[tuple[str, Rule]]:
    """Give every type, and every field that has a rule of its own, with its rule."""
    for entity in ENTITIES.values():
        table = entity.row.TABLE
        type_name = entity.served.__name__
        yield type_name, table.seen
        for column, rule in table.shown.items():
            if rule != table.seen and not isinstance(rule, Nobody):
                yield f"{type_name}.{to_camel_case(column)}", rule


def _sentence(rule: Rule) -> str:
    match rule:
        case Everyone():
            return "everybody"
        case AnyOf(who=str(who)):
            return who
        case Through(relation, None):
            return f"who sees the {relation}"
        case Through(_, rule=told) if told is not None:
            return _sentence(told)
        case AllOf(rules):
            return " and ".join(map(_sentence, rules))
        case _:
            raise TypeError(f"{rule} needs words: give its `any_of` a `who`")


if __name__ == "__main__":
    print(who_sees())  # noqa: T201
