"""Access: for whom a role counts, in whose name one may act, and what is not there for whom."""

from datetime import date
from typing import cast
from uuid import UUID

import pytest

from domain.action import Action, ProposeAction
from domain.aggregate import Aggregate
from domain.allies import JoinAlliance
from domain.assignment import SteeringRole
from domain.catalogue import COMMANDS
from domain.classification import SetActionThemes
from domain.cohort import OpenCohort
from domain.command import Command, Work, command
from domain.deliberation import RecordArgument
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.execution import ReportProgress
from domain.identity import Id, external, internal
from domain.lever import AddLever, AddObjective
from domain.lineage import AdoptAction
from domain.organisation import MergeOrganisation, OrganisationKind, RegisterOrganisation
from domain.person import ForgetPerson, Person
from domain.principal import ClosePrincipal
from domain.prioritisation import Side
from domain.questionnaire import AnswerEntry, AnswerSurvey
from domain.refusal import Forbidden, NotFound, Refusal
from domain.roadmap import (
    AskGenerativeQuestion,
    PublishRoadmap,
    Roadmap,
    SetNewCourse,
    SubmitRoadmap,
)
from domain.role import INSIDERS, PLATFORM, Role, Scope, ScopeKind
from domain.standing import Standing
from domain.steering import NameParty
from domain.theme import Theme
from domain.upkeep import MakeActionPublic, RestrictAction, RewordAction
from tests.domain.realms import SOMEBODY, Realm, Still, holding
from tests.domain.work import Memory

NORMANDIE, BRETAGNE = "region:28", "region:53"


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def here(memory: Memory) -> Realm:
    return Realm(memory, NORMANDIE)


@pytest.fixture
def elsewhere(memory: Memory) -> Realm:
    return Realm(memory, BRETAGNE)


def at(realm: Realm, role: Role, kind: ScopeKind) -> Standing:
    """Somebody who holds a role in a realm."""
    return holding(role, realm.scope(kind))


def leader_of(organisation: Id) -> Standing:
    uuid = internal("organisation", organisation)
    return holding(Role.ORGANISATION_LEADER, Scope.of(ScopeKind.ORGANISATION, uuid))


def told(memory: Memory, command: object, standing: Standing) -> Refusal | None:
    """Why somebody may not give a command; None if they may."""
    return Still(memory).admission(cast(Command, command), standing)


class TestDeclaring:
    """No command without a rule."""

    def test_a_command_says_who_may_give_it(self) -> None:
        with pytest.raises(TypeError, match="by"):
            command()  # type: ignore[call-arg]

    def test_a_command_says_where_that_lies_of_which_it_speaks(self) -> None:
        class Whisper(Command):
            """Say something of nothing in particular."""

            async def decide(self, work: Work) -> Roadmap:
                raise NotImplementedError

        with pytest.raises(TypeError, match="Whisper does not say where"):
            command(by=[Role.AUDITOR])(Whisper)
        assert "Whisper" not in COMMANDS

    def test_every_aggregate_that_a_command_speaks_of_says_where_it_lies(self) -> None:
        subjects = {kind.SUBJECT for kind in COMMANDS.values()} - {Person}
        assert all(subject.places is not Aggregate.places for subject in subjects)


class TestInWhoseName:
    """For whom a command is given, beside that of which it speaks."""

    def test_people_answer_argue_and_join_for_their_own_organisation(
        self, memory: Memory, here: Realm, elsewhere: Realm
    ) -> None:
        leader = at(elsewhere, Role.ORGANISATION_LEADER, ScopeKind.ORGANISATION)
        alliance = here.ids["alliance"]
        own = JoinAlliance(alliance=alliance, organisation=elsewhere.ids["organisation"])
        others = JoinAlliance(alliance=alliance, organisation=here.ids["organisation"])
        assert told(memory, own, leader) is None
        assert isinstance(told(memory, others, leader), Forbidden)

    @pytest.mark.parametrize("role", [Role.ALLIANCE_MEMBER, Role.EXPERT])
    def test_a_contributor_speaks_for_no_organisation(
        self, memory: Memory, here: Realm, role: Role
    ) -> None:
        contributor = at(here, role, ScopeKind.ALLIANCE)
        argument = RecordArgument(
            alliance=here.ids["alliance"],
            prioritisation=external("prioritisation", UUID(int=9)),
            side=Side.FOR,
            text="Oui",
            role="chargée de mission",
        )
        named = RecordArgument(
            alliance=here.ids["alliance"],
            prioritisation=external("prioritisation", UUID(int=9)),
            side=Side.FOR,
            text="Oui",
            organisation=here.ids["organisation"],
        )
        assert told(memory, argument, contributor) is None
        assert isinstance(told(memory, named, contributor), Forbidden)

    def test_an_expert_answers_no_survey(self, memory: Memory, here: Realm) -> None:
        answer = AnswerSurvey(
            alliance=here.ids["alliance"],
            survey=external("survey", UUID(int=9)),
            role="chargée de mission",
            answers=[AnswerEntry(question=external("question", UUID(int=9)), text="Oui")],
        )
        member = at(here, Role.ALLIANCE_MEMBER, ScopeKind.ALLIANCE)
        assert told(memory, answer, member) is None
        expert = at(here, Role.EXPERT, ScopeKind.ALLIANCE)
        assert isinstance(told(memory, answer, expert), Forbidden)

    def test_a_merger_takes_a_role_on_both_sides(
        self, memory: Memory, here: Realm, elsewhere: Realm
    ) -> None:
        merger = MergeOrganisation(
            organisation=here.ids["organisation"], into=elsewhere.ids["organisation"]
        )
        for realm in (here, elsewhere):
            one_side = at(realm, Role.TERRITORY_ADMINISTRATOR, ScopeKind.TERRITORY)
            assert isinstance(told(memory, merger, one_side), Forbidden)
        both = holding(
            Role.TERRITORY_ADMINISTRATOR,
            here.scope(ScopeKind.TERRITORY),
            elsewhere.scope(ScopeKind.TERRITORY),
        )
        country = holding(Role.TERRITORY_ADMINISTRATOR, Scope(kind=ScopeKind.TERRITORY, key="FR"))
        assert told(memory, merger, both) is None
        assert told(memory, merger, country) is None


class TestPlaces:
    """Where something lies, and who is within reach of it."""

    def test_what_is_at_home_nowhere_is_at_home_in_the_country(self, memory: Memory) -> None:
        kind = OrganisationKind.COMPANY
        command = RegisterOrganisation(name="Sans domicile", kind=kind)
        for key, refused in (("FR", False), (NORMANDIE, True)):
            scope = Scope(kind=ScopeKind.TERRITORY, key=key)
            administrator = holding(Role.TERRITORY_ADMINISTRATOR, scope)
            assert (told(memory, command, administrator) is not None) is refused

    def test_a_cohort_over_two_regions_lies_in_both(self, memory: Memory) -> None:
        command = OpenCohort(name="CEC Ouest", territories=[BRETAGNE, "region:52"])
        for key, refused in ((BRETAGNE, False), ("region:52", False), (NORMANDIE, True)):
            scope = Scope(kind=ScopeKind.TERRITORY, key=key)
            coordinator = holding(Role.COHORT_COORDINATOR, scope)
            assert (told(memory, command, coordinator) is not None) is refused

    def test_what_was_an_organisations_lies_in_the_one_that_it_went_up_in(
        self, memory: Memory, here: Realm, elsewhere: Realm
    ) -> None:
        command = AskGenerativeQuestion(roadmap=here.ids["roadmap"], text="Comment ?")
        leader = at(elsewhere, Role.ORGANISATION_LEADER, ScopeKind.ORGANISATION)
        assert isinstance(told(memory, command, leader), NotFound)
        memory.do(
            MergeOrganisation(
                organisation=here.ids["organisation"], into=elsewhere.ids["organisation"]
            )
        )
        assert told(memory, command, leader) is None

    def test_those_who_carry_an_action_tell_how_it_goes_and_change_nothing_else(
        self, memory: Memory, here: Realm, elsewhere: Realm
    ) -> None:
        action = here.ids["action"]
        holder = at(elsewhere, Role.ORGANISATION_MEMBER, ScopeKind.ORGANISATION)
        report = ReportProgress(action=action, percent=30, reported_on=date(2026, 1, 20))
        assert isinstance(told(memory, report, holder), Forbidden)
        memory.do(
            NameParty(
                action=action,
                role=SteeringRole.HOLDER,
                organisation=elsewhere.ids["organisation"],
            )
        )
        assert told(memory, report, holder) is None
        assert isinstance(
            told(memory, RewordAction(action=action, title="Autre"), holder), Forbidden
        )

    def test_a_pilot_sets_the_standing_of_actions_of_the_own_theme(
        self, memory: Memory, here: Realm
    ) -> None:
        pilot = at(here, Role.THEME_PILOT, ScopeKind.THEME)
        command = here.command(COMMANDS["SetActionStanding"])
        for themes, refused in (
            ([Theme.WATER, Theme.SOLIDARITY], False),
            ([Theme.SOLIDARITY], True),
        ):
            memory.do(SetActionThemes(action=here.ids["action"], themes=themes))
            assert (told(memory, command, pilot) is not None) is refused


class TestWhatIsNotThere:
    """What one may not see is not there, whatever is asked of it."""

    def test_a_draft_is_not_there_for_others_and_like_one_that_never_was(
        self, memory: Memory, here: Realm, elsewhere: Realm
    ) -> None:
        stranger = at(elsewhere, Role.ORGANISATION_LEADER, ScopeKind.ORGANISATION)
        never = external("roadmap", UUID(int=9))
        hidden = told(memory, SetNewCourse(roadmap=here.ids["roadmap"], text="Cap"), stranger)
        missing = told(memory, SetNewCourse(roadmap=never, text="Cap"), stranger)
        assert isinstance(hidden, NotFound)
        assert isinstance(missing, NotFound)
        assert str(hidden).replace(here.ids["roadmap"], never) == str(missing)

    def test_whoever_sees_a_roadmap_is_told_that_they_may_not_change_it(
        self, memory: Memory, here: Realm, elsewhere: Realm
    ) -> None:
        command = SetNewCourse(roadmap=here.ids["roadmap"], text="Cap")
        facilitator = at(here, Role.FACILITATOR, ScopeKind.COHORT)
        assert isinstance(told(memory, command, facilitator), Forbidden)
        fellow = self.fellow(memory, here)
        stranger = at(elsewhere, Role.ORGANISATION_LEADER, ScopeKind.ORGANISATION)
        assert isinstance(told(memory, command, fellow), NotFound)
        self.submit(memory, here)
        assert isinstance(told(memory, command, fellow), Forbidden)
        assert isinstance(told(memory, command, stranger), NotFound)
        memory.do(PublishRoadmap(roadmap=here.ids["roadmap"]))
        assert isinstance(told(memory, command, stranger), Forbidden)

    def test_a_restricted_action_is_there_for_its_own_only(
        self, memory: Memory, here: Realm, elsewhere: Realm
    ) -> None:
        action = here.ids["action"]
        command = RewordAction(action=action, title="Autre")
        stranger = at(elsewhere, Role.ALLIANCE_COORDINATOR, ScopeKind.ALLIANCE)
        pilot = at(here, Role.THEME_PILOT, ScopeKind.THEME)
        named = at(elsewhere, Role.ORGANISATION_MEMBER, ScopeKind.ORGANISATION)
        assert isinstance(told(memory, command, stranger), Forbidden)
        memory.do(RestrictAction(action=action))
        assert isinstance(told(memory, command, stranger), NotFound)
        assert isinstance(told(memory, command, pilot), Forbidden)
        assert isinstance(told(memory, command, named), NotFound)
        organisation = elsewhere.ids["organisation"]
        memory.do(NameParty(action=action, role=SteeringRole.PARTNER, organisation=organisation))
        assert isinstance(told(memory, command, named), Forbidden)
        memory.do(MakeActionPublic(action=action))
        assert isinstance(told(memory, command, stranger), Forbidden)

    def test_what_is_hidden_cannot_be_taken_over_or_referred_to(
        self, memory: Memory, here: Realm, elsewhere: Realm
    ) -> None:
        coordinator = at(elsewhere, Role.ALLIANCE_COORDINATOR, ScopeKind.ALLIANCE)
        adoption = AdoptAction(origin=here.ids["action"], alliance=elsewhere.ids["alliance"])
        memory.do(RestrictAction(action=here.ids["action"]))
        with pytest.raises(NotFound) as refused:
            memory.do(adoption, standing=coordinator)
        assert refused.value.facts["id"] == here.ids["action"]
        memory.do(MakeActionPublic(action=here.ids["action"]))
        adopted = memory.do(adoption, standing=coordinator).about
        assert isinstance(adopted, Action)

    def test_the_action_of_a_draft_is_there_for_those_of_the_draft(
        self, memory: Memory, here: Realm, elsewhere: Realm
    ) -> None:
        roadmap = here.ids["roadmap"]
        lever = memory.do(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
        action = memory.do(ProposeAction(title="Agir", roadmap=roadmap, lever=lever)).id
        command = RewordAction(action=action, title="Autre")
        stranger = at(elsewhere, Role.ORGANISATION_LEADER, ScopeKind.ORGANISATION)
        assert isinstance(told(memory, command, stranger), NotFound)
        owner = at(here, Role.PLANET_CHAMPION, ScopeKind.ORGANISATION)
        assert told(memory, command, owner) is None

    def test_principals_are_known_to_themselves_and_to_who_oversees_them(
        self, memory: Memory, here: Realm
    ) -> None:
        principal = here.ids["principal"]
        command = ClosePrincipal(principal=principal)
        assert isinstance(told(memory, command, Standing(SOMEBODY)), NotFound)
        auditor = holding(Role.AUDITOR, PLATFORM)
        assert isinstance(told(memory, command, auditor), Forbidden)
        myself = Standing(internal("principal", principal))
        assert isinstance(told(memory, command, myself), Forbidden)
        administrator = at(here, Role.TERRITORY_ADMINISTRATOR, ScopeKind.TERRITORY)
        assert isinstance(told(memory, command, administrator), NotFound)
        memory.do(here.command(COMMANDS["GrantRole"]))
        assert isinstance(told(memory, command, administrator), Forbidden)

    def test_a_person_who_is_hidden_is_not_there_to_be_forgotten(
        self, memory: Memory, here: Realm
    ) -> None:
        hidden = told(memory, ForgetPerson(person=here.ids["principal"]), Standing(SOMEBODY))
        never = external("principal", UUID(int=9))
        missing = told(memory, ForgetPerson(person=never), Standing(SOMEBODY))
        assert str(hidden).replace(here.ids["principal"], never) == str(missing)

    @pytest.mark.parametrize("role", sorted(set(Role) - INSIDERS - {Role.PUBLIC}))
    def test_who_runs_the_platform_or_follows_it_sees_no_draft(
        self, memory: Memory, here: Realm, role: Role
    ) -> None:
        kind = next(iter(role.held_at))
        command = SetNewCourse(roadmap=here.ids["roadmap"], text="Cap")
        assert isinstance(told(memory, command, at(here, role, kind)), NotFound)

    def fellow(self, memory: Memory, here: Realm) -> Standing:
        """Somebody of another organisation that is enrolled in the same cohort."""
        for step in (ApplyToCohort, AdmitOrganisation, EnrolOrganisation):
            memory.do(step(cohort=here.ids["cohort"], organisation=here.ids["into"]))
        return leader_of(here.ids["into"])

    def submit(self, memory: Memory, here: Realm) -> None:
        roadmap = here.ids["roadmap"]
        memory.do(AskGenerativeQuestion(roadmap=roadmap, text="Comment ?"))
        memory.do(SetNewCourse(roadmap=roadmap, text="Cap"))
        lever = memory.do(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
        memory.do(AddObjective(roadmap=roadmap, lever=lever, wording="Un bilan"))
        memory.do(SubmitRoadmap(roadmap=roadmap))
