"""Territories of reference."""

from api.entity import connection, entity, one
from api.facets import by, facets, folded
from projections.territories import TerritoryRow


@entity(
    key="Its key, such as region:28; commands name territories by it.",
    kind="On which level it is.",
    code="Its official code (INSEE), the SIREN for an intercommunality.",
    name="Its name.",
)
class Territory(TerritoryRow):
    """A territory with its official code, and where it lies."""

    parent = one("The territory in which it lies.")
    children = connection("The territories that lie in it.")
    cohorts = connection("The cohorts that span it.")
    challenges = connection("The challenges that take place there, in the order of their days.")
    alliances = connection("The alliances that work for it, by name.")
    organisations = connection("The organisations that are at home there.")


TERRITORIES = facets(
    TerritoryRow,
    "Territory",
    orders=("name",),
    name=folded("Its name."),
    kind=by("On which level it is."),
    code=by("Its official code.", grouped=False),
    parent=by("The territory in which it lies.", "parent_key", shows="parent"),
)
"""By what territories can be chosen."""
