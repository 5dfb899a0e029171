"""Reach: how far what a roadmap says goes, and an action that its owner restricts.

A draft is its owners' and of those who coach, coordinate, administer or audit them; a submitted
version is for the cohort, or for the alliance that owns it; a published one for all. While a
revision is open, its text is a draft again, and what was published stays readable.
"""

from enum import StrEnum

from domain.action import ActionVisibility
from projections.access import Among, Holds, Rule, Through, all_of, any_of
from projections.circle import FELLOWS, INSIDERS

COUNTRY = "FR"
"""Where an organisation is at home that is at home nowhere in particular."""


class Reach(StrEnum):
    """Who may read something."""

    INSIDERS = "INSIDERS"
    """Its owners, and those who coach, coordinate, administer or audit them."""
    FELLOWS = "FELLOWS"
    """Also those who take part in the cohort, or in the alliance that owns it."""
    EVERYONE = "EVERYONE"


IN_ROADMAP: Rule = any_of(
    Among(("organisation_id", "cohort_id", "alliance_id", "territory_key"), INSIDERS),
    Through("organisation", Among(("territory_key",), INSIDERS, otherwise=COUNTRY)),
    who="the people of the organisation or alliance that writes it, those who coach or coordinate "
    "its cohort, administrators and auditors of its territory",
)
"""Of a roadmap: its insiders."""

BESIDE_ROADMAP: Rule = Among(("cohort_id", "alliance_id"), FELLOWS)
"""Of a roadmap: those who take part in its cohort, or in the alliance that owns it."""

AROUND_ROADMAP: Rule = any_of(
    IN_ROADMAP,
    BESIDE_ROADMAP,
    who="the same, and once it is submitted whoever takes part in the cohort or alliance",
)
"""Of a roadmap: those who may read a submitted version."""


def reached(column: str, who: str) -> Rule:
    """Of a roadmap: those whom what a column speaks of reaches."""
    return any_of(
        Holds(column, (Reach.EVERYONE,)),
        all_of(Holds(column, (Reach.FELLOWS,)), BESIDE_ROADMAP),
        IN_ROADMAP,
        who=who,
    )


KNOWN: Rule = reached(
    "known_to",
    "everybody once a version is published; once one is submitted whoever takes part in the cohort "
    "or alliance; before, the people of the organisation or alliance that writes it, those who "
    "coach or coordinate its cohort, administrators and auditors of its territory",
)
"""Of a roadmap: those who may know that there is one."""
READ: Rule = reached(
    "read_by",
    "as for the roadmap; while a revision is open, as for a draft",
)
"""Of a roadmap: those who may read what it says now."""

IN_ACTION: Rule = any_of(
    Among(("id", "alliance_id"), INSIDERS),
    Through("assignments", Among(("organisation_id",), INSIDERS)),
    Through("roadmap", IN_ROADMAP),
    who="the people of its owner and of organisations with a role in it, administrators and "
    "auditors of the territory",
)
"""Of an action: its owner's people, those who have a role in it, administrators and auditors."""

ACTION: Rule = any_of(
    all_of(
        Holds("visibility", (ActionVisibility.PUBLIC.value,)),
        any_of(
            Holds("reach", (Reach.EVERYONE,)),
            all_of(Holds("reach", (Reach.FELLOWS,)), Through("roadmap", BESIDE_ROADMAP)),
        ),
    ),
    IN_ACTION,
    who="everybody, if it is public and its roadmap is; else the people of its owner and of "
    "organisations with a role in it, administrators and auditors of the territory",
)
"""Of an action: those who may see it. One under a lever is seen with the roadmap."""
