"""Whatever roles are granted and revoked, in any order: a command is decided if one covers it."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from domain.agenda import MoveMeeting
from domain.command import Command
from domain.enrolment import HoldPlaces
from domain.granting import GrantRole, RevokeRole
from domain.identity import Id, internal
from domain.organisation import RenameOrganisation
from domain.principal import ClosePrincipal, OpenPrincipal, Principal, ReopenPrincipal
from domain.refusal import Forbidden, NotFound, Refusal
from domain.roadmap import AskGenerativeQuestion
from domain.role import Role, Scope, ScopeKind
from domain.standing import Standing
from domain.upkeep import RewordAction
from tests.domain.realms import Realm
from tests.domain.work import Memory

Held = tuple[Role, ScopeKind, str]
"""A role, with the kind and the key of the place in which it is held."""

COMMANDS: dict[str, Callable[[Realm, str], Command]] = {
    "organisation": lambda realm, text: RenameOrganisation(
        organisation=realm.ids["organisation"], name=text
    ),
    "cohort": lambda realm, text: HoldPlaces(cohort=realm.ids["cohort"], count=1, note=text),
    "roadmap": lambda realm, text: AskGenerativeQuestion(roadmap=realm.ids["roadmap"], text=text),
    "meeting": lambda realm, text: MoveMeeting(
        alliance=realm.ids["alliance"], meeting=realm.ids["meeting"], place=text
    ),
    "action": lambda realm, text: RewordAction(action=realm.ids["action"], title=text),
}


def covering(realm: Realm, what: str) -> set[Held]:
    """All that lets one give a command in a realm, written out."""
    land = [(ScopeKind.TERRITORY, key) for key in (realm.territory, *_ABOVE[realm.territory])]

    def own(role: Role, *kinds: ScopeKind) -> set[Held]:
        return {(role, kind, realm.scope(kind).key) for kind in kinds}

    def by_territory(role: Role) -> set[Held]:
        return {(role, *place) for place in land}

    leading = own(Role.ORGANISATION_LEADER, ScopeKind.ORGANISATION)
    convening = own(Role.ALLIANCE_COORDINATOR, ScopeKind.ALLIANCE)
    convening |= by_territory(Role.ALLIANCE_COORDINATOR)
    match what:
        case "organisation":
            return leading | by_territory(Role.TERRITORY_ADMINISTRATOR)
        case "cohort":
            coordinator = Role.COHORT_COORDINATOR
            return own(coordinator, ScopeKind.COHORT) | by_territory(coordinator)
        case "roadmap":
            return leading | own(Role.PLANET_CHAMPION, ScopeKind.ORGANISATION)
        case "meeting":
            return convening | own(Role.THEME_PILOT, ScopeKind.THEME)
        case _:
            return convening | own(Role.ACTION_PILOT, ScopeKind.ACTION)


_ABOVE = {"departement:76": ("region:28", "FR"), "region:28": ("FR",)}

GRANTS = [
    (role, kind)
    for role in (
        Role.TERRITORY_ADMINISTRATOR,
        Role.COHORT_COORDINATOR,
        Role.ORGANISATION_LEADER,
        Role.PLANET_CHAMPION,
        Role.ALLIANCE_COORDINATOR,
        Role.THEME_PILOT,
        Role.ACTION_PILOT,
        Role.AUDITOR,
    )
    for kind in ScopeKind
    if kind in role.held_at
]


class RolesComeAndGo(RuleBasedStateMachine):
    """One caller, two realms of which one lies in the territory of the other."""

    @initialize()
    def begin(self) -> None:
        """Two realms, and somebody who holds nothing."""
        self.memory = Memory()
        self.realms = [Realm(self.memory, key) for key in ("region:28", "departement:76")]
        self.caller = self.memory.do(OpenPrincipal(issuer="i", subject="s")).id
        self.held: set[Held] = set()
        self.closed = False
        self.count = 0

    @rule(grant=st.sampled_from(GRANTS), realm=st.integers(0, 1))
    def grant(self, grant: tuple[Role, ScopeKind], realm: int) -> None:
        """A role is granted, unless the caller is closed."""
        if not self.closed:
            self._told(GrantRole, *grant, self.realms[realm])
            self.held.add(self._held(*grant, self.realms[realm]))

    @rule(grant=st.sampled_from(GRANTS), realm=st.integers(0, 1))
    def revoke(self, grant: tuple[Role, ScopeKind], realm: int) -> None:
        """A role is revoked, held or not."""
        self._told(RevokeRole, *grant, self.realms[realm])
        self.held.discard(self._held(*grant, self.realms[realm]))

    @rule()
    def close_or_reopen(self) -> None:
        """The caller is let in no more, or again."""
        kind = ReopenPrincipal if self.closed else ClosePrincipal
        self.memory.do(kind(principal=self.caller))
        self.closed = not self.closed

    @rule(what=st.sampled_from(sorted(COMMANDS)), realm=st.integers(0, 1))
    def send(self, what: str, realm: int) -> None:
        """The caller gives a command: it is decided if what they hold covers it, and else not."""
        self.count += 1
        where = self.realms[realm]
        covered = not self.closed and bool(self.held & covering(where, what))
        refused: Refusal | None = None
        try:
            self.memory.do(COMMANDS[what](where, f"n° {self.count}"), standing=self._standing())
        except (Forbidden, NotFound) as refusal:
            refused = refusal
        assert (refused is None) is covered, (what, where.territory, self.held, refused)

    def _standing(self) -> Standing:
        principal = self.memory.find(Principal, internal("principal", self.caller))
        assert principal is not None
        return principal.standing

    def _told(
        self, command: type[GrantRole | RevokeRole], role: Role, kind: ScopeKind, realm: Realm
    ) -> None:
        self.memory.do(
            command(principal=Id(self.caller), role=role, scope_kind=kind, scope=realm.named(kind))
        )

    def _held(self, role: Role, kind: ScopeKind, realm: Realm) -> Held:
        scope: Scope = realm.scope(kind)
        return role, scope.kind, scope.key


TestRolesComeAndGo = RolesComeAndGo.TestCase
