"""Roles: what somebody may be, and the places in which they are it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Self
from uuid import UUID

from domain.label import Label
from domain.territory import TERRITORIES
from domain.theme import Theme


class ScopeKind(Label):
    """The kinds of place in which a role can be held."""

    PLATFORM = "PLATFORM", "plateforme", "platform"
    TERRITORY = "TERRITORY", "territoire", "territory"
    COHORT = "COHORT", "promotion", "cohort"
    ORGANISATION = "ORGANISATION", "organisation", "organisation"
    ALLIANCE = "ALLIANCE", "alliance", "alliance"
    THEME = "THEME", "thématique d’une alliance", "theme of an alliance"
    ACTION = "ACTION", "action", "action"
    NETWORK = "NETWORK", "réseau", "network"
    CHALLENGE = "CHALLENGE", "challenge territorial", "challenge"


class Role(Label):
    """What a person or a machine may be. Everybody is PUBLIC, everywhere."""

    PLATFORM_OPERATOR = "PLATFORM_OPERATOR", "exploitant de la plateforme", "platform operator"
    TERRITORY_ADMINISTRATOR = (
        "TERRITORY_ADMINISTRATOR",
        "administrateur du territoire",
        "territory administrator",
    )
    COHORT_COORDINATOR = "COHORT_COORDINATOR", "coordinateur de promotion", "cohort coordinator"
    FACILITATOR = "FACILITATOR", "facilitateur", "facilitator"
    ORGANISATION_LEADER = "ORGANISATION_LEADER", "dirigeant d’organisation", "organisation leader"
    PLANET_CHAMPION = "PLANET_CHAMPION", "Planet Champion", "planet champion"
    ORGANISATION_MEMBER = "ORGANISATION_MEMBER", "membre d’organisation", "organisation member"
    ALLIANCE_COORDINATOR = (
        "ALLIANCE_COORDINATOR",
        "coordinateur d’alliance",
        "alliance coordinator",
    )
    ALLIANCE_MEMBER = "ALLIANCE_MEMBER", "membre d’alliance", "alliance member"
    THEME_PILOT = "THEME_PILOT", "pilote de thématique", "theme pilot"
    ACTION_PILOT = "ACTION_PILOT", "pilote d’action", "action pilot"
    EXPERT = "EXPERT", "expert", "expert"
    PARTNER_NETWORK = "PARTNER_NETWORK", "réseau partenaire", "partner network"
    AUDITOR = "AUDITOR", "auditeur", "auditor"
    PUBLIC = "PUBLIC", "public", "public"

    @property
    def held_at(self) -> frozenset[ScopeKind]:
        """The kinds of place in which it can be held; none for what everybody is."""
        return HELD_AT.get(self, frozenset())


HELD_AT: Mapping[Role, frozenset[ScopeKind]] = {
    role: frozenset(kinds)
    for role, kinds in {
        Role.PLATFORM_OPERATOR: (ScopeKind.PLATFORM,),
        Role.TERRITORY_ADMINISTRATOR: (ScopeKind.TERRITORY,),
        Role.COHORT_COORDINATOR: (ScopeKind.COHORT, ScopeKind.TERRITORY),
        Role.FACILITATOR: (ScopeKind.COHORT, ScopeKind.ORGANISATION),
        Role.ORGANISATION_LEADER: (ScopeKind.ORGANISATION,),
        Role.PLANET_CHAMPION: (ScopeKind.ORGANISATION,),
        Role.ORGANISATION_MEMBER: (ScopeKind.ORGANISATION,),
        Role.ALLIANCE_COORDINATOR: (ScopeKind.ALLIANCE, ScopeKind.TERRITORY),
        Role.ALLIANCE_MEMBER: (ScopeKind.ALLIANCE,),
        Role.THEME_PILOT: (ScopeKind.THEME,),
        Role.ACTION_PILOT: (ScopeKind.ACTION,),
        Role.EXPERT: (ScopeKind.ALLIANCE,),
        Role.PARTNER_NETWORK: (ScopeKind.NETWORK,),
        Role.AUDITOR: (
            ScopeKind.PLATFORM,
            ScopeKind.TERRITORY,
            ScopeKind.COHORT,
            ScopeKind.ALLIANCE,
            ScopeKind.ORGANISATION,
        ),
    }.items()
}
"""Where each role can be held that can be granted."""


REPRESENTATIVES = (Role.ORGANISATION_LEADER, Role.PLANET_CHAMPION)
"""Who speaks for an organisation."""
PEOPLE = (*REPRESENTATIVES, Role.ORGANISATION_MEMBER)
"""Who belongs to an organisation."""
INSIDERS = frozenset(Role) - {Role.PLATFORM_OPERATOR, Role.PARTNER_NETWORK, Role.PUBLIC}
"""Those who know of what is not for everybody, in the places where they hold these roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A place in which a role is held; what lies in it is within the reach of the role.

    A territory holds its parts, and the cohorts, alliances, organisations and challenges that are
    at home in it; a cohort the roadmaps written in it; an organisation its roadmaps; an alliance
    all that is its own; the platform everything.
    """

    kind: ScopeKind
    key: str
    """The key of a territory; ``<alliance>/<theme>`` for a theme; nothing for the platform; else
    the 32 hexadecimal digits of a UUID."""

    @classmethod
    def of(cls, kind: ScopeKind, uuid: UUID) -> Self:
        """The place that a cohort, an organisation, an alliance … is."""
        return cls(kind=kind, key=uuid.hex)

    @classmethod
    def theme(cls, alliance: UUID, theme: Theme) -> Self:
        """A theme of an alliance."""
        return cls(kind=ScopeKind.THEME, key=f"{alliance.hex}/{theme}")

    @property
    def uuid(self) -> UUID:
        """The id of that which the place is, or for a theme of the alliance to which it belongs."""
        return UUID(hex=self.key.partition("/")[0])


PLATFORM = Scope(kind=ScopeKind.PLATFORM, key="")
"""The place that holds everything."""

THROUGH: Mapping[Role, ScopeKind] = {
    Role.COHORT_COORDINATOR: ScopeKind.COHORT,
    Role.ALLIANCE_COORDINATOR: ScopeKind.ALLIANCE,
}
"""Of what lies in a territory, that within whose kind a role counts there: whoever coordinates the
cohorts of a region has no say in its alliances."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in which something lies, and as what it lies in that territory."""

    scope: Scope
    through: ScopeKind | None = None

    @classmethod
    def of(cls, kind: ScopeKind, uuid: UUID) -> Self:
        """The place that a cohort, an organisation, an alliance … is."""
        return cls(Scope.of(kind, uuid))

    def reached_by(self, role: Role) -> bool:
        """Whether a role that is held in this place counts for what lies in it."""
        return (
            self.scope.kind is not ScopeKind.TERRITORY
            or role not in THROUGH
            or self.through is THROUGH[role]
        )


@cache
def around(territory: str | None, through: ScopeKind) -> tuple[Place, ...]:
    """A territory of reference and all in which it lies, the platform at last.

    What is at home nowhere in particular is at home in the country.
    """
    places = []
    key: str | None = territory or "FR"
    while key is not None:
        places.append(Place(Scope(kind=ScopeKind.TERRITORY, key=key), through))
        key = TERRITORIES[key].parent
    return (*places, Place(PLATFORM))
