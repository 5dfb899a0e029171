"""Inside: who belongs to a thing, and may know why what was done to it was done.

They write it, host it, coach, coordinate, administer or audit it; what is open to others makes
nobody an insider.
"""

# Tables are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Mapping
from typing import Final

from domain.identity import Id
from projections import guard
from projections.access import Among, Rule, any_of
from projections.circle import INSIDERS
from projections.guard import Eyes
from projections.lookup import Bound
from projections.reach import COUNTRY, IN_ACTION, IN_ROADMAP
from projections.table import TABLES

INSIDE: Final[Mapping[str, Rule]] = {
    "organisation": any_of(
        Among(("id",), INSIDERS), Among(("territory_key",), INSIDERS, otherwise=COUNTRY)
    ),
    "cohort": Among(("id",), INSIDERS),
    "roadmap": IN_ROADMAP,
    "alliance": Among(("id",), INSIDERS),
    "action": IN_ACTION,
    "challenge": Among(("territory_key", "host_id"), INSIDERS),
}
"""By noun the rule that the row of a thing fulfils for its insiders; other things have none."""


def asked(noun: str, id: Id, eyes: Eyes) -> Bound | None:
    """Ask whether somebody is an insider of a thing; None where nobody is."""
    if noun not in INSIDE:
        return None
    viewer, table = eyes.viewer(2), TABLES[noun]
    inside = guard.fulfilled(INSIDE[noun], table, "t", viewer) or "true"
    text = f"select exists (select from {table.name} t where t.id = $1::text and {inside})"
    return guard.complete(text, viewer), (id, *eyes.arguments)
