"""Circles: the places that are a caller's own, as they follow from the roles that were granted.

A circle is a set of places: ids of organisations, cohorts, alliances and actions, keys of
territories, and `EVERYWHERE`. It is read from the read model within the statement that needs it,
so that a role which was revoked opens nothing from then on, in the past as little as today.
"""

# What is written into the statements are names of ours.
# ruff: noqa: S608

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from domain.participation import Standing
from domain.role import INSIDERS as _INSIDERS
from domain.role import THROUGH, Role, ScopeKind

EVERYWHERE: Final = ""
"""The place that holds all others."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A set of places that follows from who is asking."""

    name: str
    body: str
    """What the function does that gives the places of a ``caller``, as the keys of an object.

    To find a key takes hardly longer among thousands, which whoever administers a region has; to
    go through a list of them for each row took a quarter of a millisecond.
    """

    @property
    def table(self) -> str:
        """The name under which a statement knows it; its only row has the places."""
        return f"circle_{self.name}"

    @property
    def ddl(self) -> str:
        """The function that reads it, in the snapshot of the statement that calls it.

        A statement that has no need of it pays nearly nothing for it: this is why it is one.
        """
        return f"""
create or replace function places_of_{self.name}(caller text) returns jsonb
language plpgsql stable as $$
{self.body.strip()}
$$;
"""

    def sql(self, principal: str) -> str:
        """Write it as a part of a ``with`` clause. It is read when it is first looked at."""
        return f"{self.table} as materialized (select places_of_{self.name}({principal}) as places)"


def _roles(roles: Iterable[Role]) -> str:
    return ", ".join(f"'{role.value}'" for role in Role if role in roles)


def _counting(through: ScopeKind) -> str:
    """Name the roles that count for what lies in a territory as something of a kind."""
    return _roles({role for role in Role if THROUGH.get(role, through) is through})


def _places(roles: Collection[Role]) -> str:
    """Give the places where a caller has one of some roles, and all that lies in these."""
    return f"""
declare
    places text[];
    wide boolean;
begin
    select
        array_agg(place) filter (where scope_kind <> '{ScopeKind.TERRITORY.value}'),
        bool_or(scope_kind in ('{ScopeKind.PLATFORM.value}', '{ScopeKind.TERRITORY.value}'))
    into places, wide
    from role_grant
    where principal_id = caller and not suspended and role in ({_roles(roles)});
    if wide then
        places := places || array(
            with recursive land(key, role) as (
                select t.key, g.role
                from role_grant g
                join territory t on g.scope_kind = '{ScopeKind.PLATFORM.value}'
                    or (g.scope_kind = '{ScopeKind.TERRITORY.value}' and t.key = g.place)
                where g.principal_id = caller and not g.suspended and g.role in ({_roles(roles)})
                union
                select t.key, l.role from land l join territory t on t.parent_key = l.key
            )
            select key from land where role in ({_counting(ScopeKind.ORGANISATION)})
            union select c.cohort_id from land l join cohort_territory c on c.territory_key = l.key
                where l.role in ({_counting(ScopeKind.COHORT)})
            union select a.id from land l join alliance a on a.territory_key = l.key
                where l.role in ({_counting(ScopeKind.ALLIANCE)})
        );
    end if;
    return coalesce(jsonb_object(places, places), '{{}}');
end
"""


INSIDERS: Final = Circle("insiders", _places(_INSIDERS))
"""Where a caller works, coaches, coordinates, administers or audits."""

KEEPERS: Final = Circle(
    "keepers",
    _places(_INSIDERS - {Role.ALLIANCE_MEMBER, Role.THEME_PILOT, Role.EXPERT, Role.AUDITOR}),
)
"""Where a caller deals with people by name: an auditor does not."""

FELLOWS: Final = Circle(
    "fellows",
    f"""
declare
    places text[];
begin
    places := array(
        select e.cohort_id
        from role_grant g join enrolment e on e.organisation_id = g.place
        where g.principal_id = caller and not g.suspended and g.role in ({_roles(_INSIDERS)})
            and g.scope_kind = '{ScopeKind.ORGANISATION.value}'
            and e.standing = '{Standing.ENROLLED.value}'
        union
        select m.alliance_id
        from role_grant g join alliance_member m on m.organisation_id = g.place
        where g.principal_id = caller and not g.suspended and g.role in ({_roles(_INSIDERS)})
            and g.scope_kind = '{ScopeKind.ORGANISATION.value}'
            and m.left_at is null
    );
    return jsonb_object(places, places);
end
""",
)
"""The cohorts and alliances in which an organisation of the caller's takes part."""

OVERSEERS: Final = Circle(
    "overseers",
    _places({Role.PLATFORM_OPERATOR, Role.TERRITORY_ADMINISTRATOR, Role.AUDITOR}),
)
"""Where a caller may know who has which role."""

GRANTORS: Final = Circle(
    "grantors", _places({Role.PLATFORM_OPERATOR, Role.TERRITORY_ADMINISTRATOR})
)
"""Where a caller may know by name who has which role."""

CIRCLES: Final = (INSIDERS, KEEPERS, FELLOWS, OVERSEERS, GRANTORS)
"""Every circle there is."""
