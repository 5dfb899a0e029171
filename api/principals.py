"""Principals: who calls, the roles that they hold, and the keys of machines."""

from api.entity import entity, many, one
from api.facets import by, facets
from api.history.connection import history
from api.node import Node
from projections.principals import ApiKeyRow, PrincipalRow, RoleGrantRow


@entity(
    id="Its id.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    opened_at="Since when it is known.",
    updated_at="When the last fact about it was recorded.",
    kind="Whether it is a person or a machine.",
    name="The person's name, for those who may know it; null once the person was forgotten.",
    label="What the machine is for.",
    closed="Whether it is let in no more.",
)
class Principal(PrincipalRow, Node):
    """A person or a machine that calls."""

    grants = many("The roles that it holds, in the order in which they were granted.")
    keys = many("The keys by which it may prove who it is, the oldest first; a few.")
    history = history("principal")


@entity(
    role="The role.",
    scope_kind="What kind of place it is.",
    place="The id of the place, the key of a territory, nothing for the whole platform.",
    scope_key="The place within its kind, such as the theme of an alliance.",
    suspended="Whether it rests, because the principal is closed.",
    granted_at="Since when it is held.",
)
class RoleGrant(RoleGrantRow):
    """A role that a principal holds in a place."""

    principal = one("Who holds it.")
    territory = one("The territory, where the place is one.")
    cohort = one("The cohort, where the place is one.")
    organisation = one("The organisation, where the place is one.")
    alliance = one("The alliance, where the place is one or a theme of one.")
    action = one("The action, where the place is one.")
    network = one("The network, where the place is one.")
    challenge = one("The challenge, where the place is one.")


@entity(
    "key",
    id="Its id.",
    label="What it is for.",
    issued_at="When it was issued.",
    expires_on="The last day on which it can be used.",
    revoked_at="When it was revoked, where it was.",
)
class ApiKey(ApiKeyRow, Node):
    """A secret by which a principal proves who it is. It is told once, and never again."""

    principal = one("Whose it is.")


PRINCIPALS = facets(
    PrincipalRow,
    "Principal",
    orders=("opened_at",),
    kind=by("Whether it is a person or a machine."),
    label=by("What the machine is for.", grouped=False),
    closed=by("Whether it is let in no more."),
    role=by("A role that it holds.", via=("grants",)),
    opened_at=by("Since when it is known.", grouped=False),
    updated_at=by("When the last fact about it was recorded.", grouped=False),
)
"""By what principals can be chosen."""
