"""Actors: as what somebody did something, by the roles that they held when they did it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from api.context import Operation
from api.past import gathered, now
from domain.aggregate import AggregateEvent
from domain.catalogue import COMMANDS
from domain.granting import OnGrant
from domain.identity import PREFIXES, Id
from domain.record import Recorded
from domain.role import Role, ScopeKind
from projections.roles import held
from projections.table import Row


@dataclass(frozen=True, slots=True)
class Acting:
    """A role by which somebody could do something, and the place in which they held it."""

    role: Role
    kind: ScopeKind
    place: str
    """The id of what the place is, or the key of a territory; empty for the platform."""


class _Rank(NamedTuple):
    """How near a role is to what was done; the least is the nearest."""

    far: int
    role: int
    place: str


_PRINCIPAL: Final = f"{PREFIXES['principal']}_"
_WIDE: Final = (ScopeKind.TERRITORY, ScopeKind.PLATFORM)
_ORDER: Final = {role: number for number, role in enumerate(reversed(Role))}
_GRANTING: Final = {name for name, kind in COMMANDS.items() if issubclass(kind, OnGrant)}


async def acting_at(
    facts: Sequence[Recorded[AggregateEvent]], subject: Row, operation: Operation
) -> Mapping[int, Acting]:
    """Give for the positions of facts about a thing as what it was done; nothing where by none.

    Of several roles that allow the command the nearest to the thing counts: one that is held in a
    place which it names, then one where it names no place of the kind, then one in a territory,
    then one everywhere, and last one in another place than it names.

    Raises:
        api.past.PastNotGathered: the versions of rows are too far behind.
        ReadsUnavailable, ReadTooSlow: there is no answer.
    """
    asked = [each for each in facts if each.metadata.actor.startswith(_PRINCIPAL)]
    if not asked:
        return {}
    await gathered(max(each.position for each in asked), operation)
    found: dict[int, list[Acting]] = {}
    principals = [Id(each.metadata.actor) for each in asked]
    positions = [each.position for each in asked]
    for number, role, kind, place in await now(operation).rows(*held(principals, positions)):
        acting = Acting(Role[role], ScopeKind[kind], place)
        found.setdefault(positions[number], []).append(acting)
    near = _places(subject)
    commands = {each.position: each.metadata.command for each in asked}
    chosen = {at: _nearest(each, commands[at], near) for at, each in found.items()}
    return {at: each for at, each in chosen.items() if each is not None}


def _nearest(roles: Iterable[Acting], command: str, near: Collection[str]) -> Acting | None:
    entitled = _entitled(command)
    allowed = [each for each in roles if entitled is None or each.role in entitled]
    return min(allowed, key=lambda each: _rank(each, near), default=None)


def _entitled(command: str) -> Collection[Role] | None:
    """Give the roles by which a command may be given, None where any counts."""
    known = COMMANDS.get(command)
    if known is None or command in _GRANTING:
        return None
    return known.RULE.by | known.RULE.beside


def _rank(acting: Acting, near: Collection[str]) -> _Rank:
    return _Rank(_distance(acting, near), _ORDER[acting.role], acting.place)


def _distance(acting: Acting, near: Collection[str]) -> int:
    if acting.place in near:
        return 0
    if acting.kind in _WIDE:
        return 2 + _WIDE.index(acting.kind)
    # Who pilots another action did not act as its pilot; only what has merged may be told so.
    prefix = acting.place.partition("_")[0]
    return 2 + len(_WIDE) if any(each.startswith(f"{prefix}_") for each in near) else 1


def _places(subject: Row) -> frozenset[str]:
    """Give the ids of a thing and of what it names, one of which is where it lies."""
    columns = ("id", *(name for name in subject.TABLE.columns if name.endswith("_id")))
    return frozenset(str(each) for name in columns if (each := getattr(subject, name)) is not None)
