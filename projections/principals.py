"""Principals as they are now: the roles that each holds, and the keys by which machines call."""

from collections.abc import Iterable
from datetime import date, datetime

from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.principal import Principal, PrincipalKind
from domain.record import Recorded
from domain.role import Role, Scope, ScopeKind
from projections.access import NOBODY, Among, Own, Rule, Through, any_of
from projections.circle import CIRCLES, EVERYWHERE, GRANTORS, OVERSEERS, Circle
from projections.projection import Projection
from projections.reach import COUNTRY
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table principal (
    id text collate "C" primary key,
    version integer not null,
    opened_at timestamptz not null,
    updated_at timestamptz not null,
    kind text not null,
    name text,
    label text,
    closed boolean not null
);
create index principal_by_opening on principal (opened_at, id);

create table role_grant (
    principal_id text collate "C" not null,
    role text collate "C" not null,
    scope_kind text collate "C" not null,
    scope_key text collate "C" not null,
    place text collate "C" not null,
    suspended boolean not null,
    granted_at timestamptz not null,
    primary key (principal_id, role, scope_kind, scope_key)
);
create index role_grant_in_order on role_grant
    (principal_id, granted_at, role, scope_kind, scope_key);
create index role_grant_by_place on role_grant (place, granted_at, principal_id);

create table api_key (
    id text collate "C" primary key,
    principal_id text collate "C" not null,
    label text not null,
    digest text not null,
    issued_at timestamptz not null,
    expires_on date,
    revoked_at timestamptz
);
create index api_key_by_principal on api_key (principal_id, issued_at, id);
"""


def _over_grant(circle: Circle) -> Rule:
    return any_of(
        Among(("place",), circle),
        Through("organisation", Among(("territory_key",), circle, otherwise=COUNTRY)),
    )


def _over_principal(circle: Circle, who: str) -> Rule:
    return any_of(Own("id"), Among((), circle), Through("grants", _over_grant(circle)), who=who)


_OVERSEEN = "oneself, operators, administrators of a territory in which it holds a role"


@row(
    "principal",
    seen=_over_principal(OVERSEERS, f"{_OVERSEEN}, and its auditors"),
    shown={"name": _over_principal(GRANTORS, _OVERSEEN)},
    personal={"name": "id"},
    owner=("principal", "id"),
    relations={
        "grants": Relation(
            "role_grant",
            on=(("id", "principal_id"),),
            many=True,
            order=("granted_at", "role", "scope_kind", "scope_key"),
        ),
        "keys": Relation(
            "api_key", on=(("id", "principal_id"),), many=True, order=("issued_at", "id")
        ),
    },
)
class PrincipalRow(Row):
    """A person or a machine that calls. The name of a person who was forgotten is null."""

    id: Id
    version: int
    opened_at: datetime
    updated_at: datetime
    kind: PrincipalKind
    name: str | None
    label: str | None
    closed: bool


@row(
    "role_grant",
    seen=any_of(
        Own("principal_id"),
        _over_grant(OVERSEERS),
        who="oneself, operators, administrators and auditors of the territory of the place",
    ),
    key=("principal_id", "role", "scope_kind", "scope_key"),
    owner=("principal", "principal_id"),
    relations={
        "principal": Relation("principal", on=(("principal_id", "id"),)),
        "territory": Relation("territory", on=(("place", "key"),)),
        "cohort": Relation("cohort", on=(("place", "id"),)),
        "organisation": Relation("organisation", on=(("place", "id"),)),
        "alliance": Relation("alliance", on=(("place", "id"),)),
        "action": Relation("action", on=(("place", "id"),)),
        "network": Relation("network", on=(("place", "id"),)),
        "challenge": Relation("challenge", on=(("place", "id"),)),
    },
)
class RoleGrantRow(Row):
    """A role that a principal holds in a place; it rests while the principal is closed."""

    principal_id: Id
    role: Role
    scope_kind: ScopeKind
    scope_key: str
    place: str
    """The id of what the place is, or the key of a territory; for a theme, its alliance's id."""
    suspended: bool
    granted_at: datetime


@row(
    "api_key",
    seen=any_of(Own("principal_id"), Among((), GRANTORS), who="oneself, operators"),
    shown={"digest": NOBODY},
    owner=("principal", "principal_id"),
    relations={"principal": Relation("principal", on=(("principal_id", "id"),))},
)
class ApiKeyRow(Row):
    """A secret by which a principal proves who it is: only its digest is known."""

    id: Id
    principal_id: Id
    label: str
    digest: str
    issued_at: datetime
    expires_on: date | None
    revoked_at: datetime | None


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about a principal into the read model."""
    event, at = recorded.event, recorded.recorded_at
    id = external("principal", event.originator_id)
    if isinstance(event, Principal.Opened):
        rows.put(_opened(id, event, at))
        return
    principal = rows.change(PrincipalRow, id)
    principal.version, principal.updated_at = event.originator_version, at
    match event:
        case Principal.RoleGranted(role=role, scope=scope):
            rows.put(_granted(id, role, scope, at))
        case Principal.RoleRevoked(role=role, scope=scope):
            rows.drop(RoleGrantRow, id, role, scope.kind, scope.key)
        case Principal.KeyIssued():
            rows.put(_issued(id, event, at))
        case Principal.KeyRevoked(key=key):
            rows.change(ApiKeyRow, external("key", key)).revoked_at = at
        case Principal.Closed():
            _suspend(rows, principal, suspended=True)
        case Principal.Reopened():
            _suspend(rows, principal, suspended=False)


def also_needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the roles that rest or come back, and the key that is revoked."""
    match recorded.event:
        case Principal.Closed() | Principal.Reopened():
            yield Need(RoleGrantRow, "principal_id", external("principal", recorded.stream_id))
        case Principal.KeyRevoked(key=key):
            yield Need(ApiKeyRow, "id", external("key", key))


def _suspend(rows: Rows, principal: PrincipalRow, *, suspended: bool) -> None:
    principal.closed = suspended
    for grant in rows.where(RoleGrantRow, "principal_id", principal.id):
        key = (grant.principal_id, grant.role, grant.scope_kind, grant.scope_key)
        rows.change(RoleGrantRow, *key).suspended = suspended


def _opened(id: Id, event: Principal.Opened, at: datetime) -> PrincipalRow:
    return PrincipalRow(
        id=id,
        version=event.originator_version,
        opened_at=at,
        updated_at=at,
        kind=event.kind,
        name=None if event.name is None else event.name.text,
        label=event.label,
        closed=False,
    )


def _granted(id: Id, role: Role, scope: Scope, at: datetime) -> RoleGrantRow:
    return RoleGrantRow(
        principal_id=id,
        role=role,
        scope_kind=scope.kind,
        scope_key=scope.key,
        place=_place(scope),
        suspended=False,
        granted_at=at,
    )


def _place(scope: Scope) -> str:
    match scope.kind:
        case ScopeKind.PLATFORM:
            return EVERYWHERE
        case ScopeKind.TERRITORY:
            return scope.key
        case ScopeKind.THEME:
            return external("alliance", scope.uuid)
        case kind:
            return external(kind.value.lower(), scope.uuid)


def _issued(id: Id, event: Principal.KeyIssued, at: datetime) -> ApiKeyRow:
    return ApiKeyRow(
        id=external("key", event.key),
        principal_id=id,
        label=event.label,
        digest=event.digest,
        issued_at=at,
        expires_on=event.expires_on,
        revoked_at=None,
    )


PRINCIPALS = Projection(
    name="principals",
    ddl="".join((DDL, *(circle.ddl for circle in CIRCLES))),
    rows=(PrincipalRow, RoleGrantRow, ApiKeyRow),
    follows=(Principal,),
    fold=fold,
    also_needs=also_needs,
)
