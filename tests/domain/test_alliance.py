"""An alliance: who belongs to it, on what it works, what each gives, and how it ends."""

from datetime import date

import pytest

from domain.alliance import (
    Alliance,
    AllianceClosed,
    AllianceKind,
    AllianceNotClosed,
    CloseAlliance,
    CorrectConclusion,
    LaunchAlliance,
    NoteAllianceErratum,
)
from domain.alliance_roadmap import DraftAllianceRoadmap
from domain.allies import (
    AssociateExpert,
    ChangeMembership,
    CloseTheme,
    CommitToTheme,
    CountMembers,
    JoinAlliance,
    LeaveAlliance,
    OpenTheme,
    ReleaseExpert,
    WithdrawCommitment,
)
from domain.conclusion import Conclusion
from domain.membership import (
    AlreadyMember,
    Contribution,
    ContributionMissing,
    MembershipKind,
    NotAMember,
    ThemeNotOpen,
)
from domain.organisation import (
    DissolveOrganisation,
    MergeOrganisation,
    OrganisationDissolved,
    OrganisationKind,
)
from domain.party import PartyUnclear
from domain.refusal import DatesReversed, InvalidNumber
from domain.roadmap import ArchiveRoadmap, DayStillToCome, Roadmap, RoadmapExists
from domain.territory import UnknownTerritory
from domain.theme import Theme
from tests.domain.alliances import CLERMONT, TOMORROW, Assembly
from tests.domain.work import Memory

# launch


def test_an_alliance_is_launched_for_a_territory_with_a_horizon() -> None:
    decided = Memory().do(
        LaunchAlliance(
            name="  Alliance pour la transition ",
            territory=CLERMONT,
            launched_on=date(2024, 2, 6),
            horizon=2026,
        )
    )
    (launched,) = decided.events

    assert isinstance(launched, Alliance.Launched)
    assert launched.name == "Alliance pour la transition"
    assert launched.kind is AllianceKind.ALLIANCE
    assert (launched.territory, launched.horizon) == (CLERMONT, 2026)


def test_a_working_group_is_launched_within_a_regional_cop() -> None:
    world = Memory()
    cop = world.do(
        LaunchAlliance(name="COP normande", kind=AllianceKind.REGIONAL_COP, territory="region:28")
    )
    (launched,) = world.do(
        LaunchAlliance(
            name="Groupe emplois-compétences",
            kind=AllianceKind.WORKING_GROUP,
            territory="region:28",
            parent=cop.id,
        )
    ).events

    assert isinstance(launched, Alliance.Launched)
    assert launched.parent == cop.about.id


def test_nothing_is_launched_within_an_alliance_that_is_closed() -> None:
    world = Assembly()
    world.close()

    with world.refuses(AllianceClosed, "parent"):
        world.send(LaunchAlliance(name="Suite", territory=CLERMONT, parent=world.alliance))


def test_an_alliance_is_not_launched_in_the_future() -> None:
    world = Assembly()
    with world.refuses(DayStillToCome, "launched_on"):
        world.send(LaunchAlliance(name="Suite", territory=CLERMONT, launched_on=TOMORROW))


@pytest.mark.parametrize("horizon", [1999, 2101])
def test_a_horizon_is_a_year_of_this_century(horizon: int) -> None:
    world = Assembly()
    with world.refuses(InvalidNumber, "horizon"):
        world.send(LaunchAlliance(name="Suite", territory=CLERMONT, horizon=horizon))


def test_an_alliance_belongs_to_a_territory_of_reference() -> None:
    world = Assembly()
    with world.refuses(UnknownTerritory, "territory"):
        world.send(LaunchAlliance(name="Suite", territory="region:99"))


# members


def test_an_organisation_joins_once() -> None:
    world = Assembly()
    joins = JoinAlliance(alliance=world.alliance, organisation=world.organisation("LPO"))

    assert world.only(joins, Alliance.MemberJoined).kind is MembershipKind.MEMBER
    assert world.send(joins) == []


def test_a_member_does_not_join_in_another_way_but_changes_its_membership() -> None:
    world = Assembly()
    with world.refuses(AlreadyMember, "organisation") as refused:
        world.send(
            JoinAlliance(
                alliance=world.alliance, organisation=world.member, kind=MembershipKind.PARTNER
            )
        )
    assert "comme membre" in refused.value.message("fr")

    changed = ChangeMembership(
        alliance=world.alliance, organisation=world.member, kind=MembershipKind.PARTNER
    )
    assert world.only(changed, Alliance.MembershipChanged).kind is MembershipKind.PARTNER
    assert world.send(changed) == []


def test_an_organisation_that_is_dissolved_does_not_join() -> None:
    world = Assembly()
    gone = world.organisation("Ancienne association")
    world.do(DissolveOrganisation(organisation=gone))

    with world.refuses(OrganisationDissolved):
        world.send(JoinAlliance(alliance=world.alliance, organisation=gone))


def test_a_member_that_left_may_join_again() -> None:
    world = Assembly()
    world.send(LeaveAlliance(alliance=world.alliance, organisation=world.member, reason="Budget"))
    joins = JoinAlliance(
        alliance=world.alliance, organisation=world.member, kind=MembershipKind.PARTNER
    )

    assert world.only(joins, Alliance.MemberJoined).kind is MembershipKind.PARTNER


def test_who_left_is_committed_to_nothing_and_in_no_working_group() -> None:
    world = Assembly()
    world.commit()
    world.working_group()
    world.send(LeaveAlliance(alliance=world.alliance, organisation=world.member, reason="Budget"))

    alliance = world.state()
    assert alliance.commitments == {}
    assert list(alliance.working_groups.values()) == [frozenset()]


def test_who_never_joined_cannot_leave() -> None:
    world = Assembly()
    stranger = world.organisation("Passante")
    with world.refuses(NotAMember, "organisation"):
        world.send(LeaveAlliance(alliance=world.alliance, organisation=stranger, reason="Non"))


def test_after_a_merger_the_survivor_is_the_member() -> None:
    world = Assembly()
    world.commit()
    survivor = world.organisation("Assemblia")
    world.do(MergeOrganisation(organisation=world.member, into=survivor))
    commits = CommitToTheme(
        alliance=world.alliance,
        organisation=survivor,
        theme=Theme.WATER,
        contributions=[Contribution.KNOWLEDGE],
    )
    assert world.send(commits) == []
    with world.refuses(AlreadyMember):
        world.send(
            JoinAlliance(
                alliance=world.alliance, organisation=survivor, kind=MembershipKind.FOUNDER
            )
        )

    left = world.only(
        LeaveAlliance(alliance=world.alliance, organisation=survivor, reason="Fusion"),
        Alliance.MemberLeft,
    )
    assert left.organisation != survivor


def test_members_are_counted_by_kind_beside_those_known_by_name() -> None:
    world = Assembly()
    about_forty = CountMembers(alliance=world.alliance, count=38, approximate=True)
    companies = CountMembers(alliance=world.alliance, kind=OrganisationKind.COMPANY, count=3)

    assert world.only(about_forty, Alliance.MembersCounted).counted.approximate
    assert world.only(companies, Alliance.MembersCounted).kind is OrganisationKind.COMPANY
    assert world.send(about_forty) == []
    assert world.state().counted[None].count == 38


@pytest.mark.parametrize("count", [-1, 10**18])
def test_a_count_of_members_is_within_reason(count: int) -> None:
    world = Assembly()
    with world.refuses(InvalidNumber, "count"):
        world.send(CountMembers(alliance=world.alliance, count=count))


# themes and commitments


def test_an_alliance_chooses_its_themes_and_may_call_them_as_it_likes() -> None:
    world = Assembly()
    opens = OpenTheme(alliance=world.alliance, theme=Theme.SOLIDARITY, title="Transition solidaire")

    assert world.only(opens, Alliance.ThemeOpened).title == "Transition solidaire"
    assert world.send(opens) == []
    assert world.send(OpenTheme(alliance=world.alliance, theme=Theme.SOLIDARITY))


def test_a_theme_that_is_closed_ends_the_commitments_to_it() -> None:
    world = Assembly()
    world.commit()
    closes = CloseTheme(alliance=world.alliance, theme=Theme.WATER)

    world.only(closes, Alliance.ThemeClosed)
    assert world.state().commitments == {}
    assert world.send(closes) == []


def test_a_member_commits_itself_by_what_it_gives_each_once() -> None:
    world = Assembly()
    commits = CommitToTheme(
        alliance=world.alliance,
        organisation=world.member,
        theme=Theme.WATER,
        contributions=[
            Contribution.MEASUREMENT,
            Contribution.KNOWLEDGE,
            Contribution.MEASUREMENT,
        ],
    )

    made = world.only(commits, Alliance.CommitmentMade)
    assert made.contributions == (Contribution.KNOWLEDGE, Contribution.MEASUREMENT)
    assert world.send(commits) == []


def test_only_members_commit() -> None:
    world = Assembly()
    stranger = world.organisation("Passante")
    with world.refuses(NotAMember, "organisation"):
        world.send(
            CommitToTheme(
                alliance=world.alliance,
                organisation=stranger,
                theme=Theme.WATER,
                contributions=[Contribution.ACTION],
            )
        )


def test_a_member_commits_itself_to_an_open_theme_only() -> None:
    world = Assembly()
    with world.refuses(ThemeNotOpen, "theme") as refused:
        world.send(
            CommitToTheme(
                alliance=world.alliance,
                organisation=world.member,
                theme=Theme.MOVING,
                contributions=[Contribution.ACTION],
            )
        )
    assert "mieux se déplacer" in refused.value.message("fr")


def test_a_commitment_to_give_nothing_is_refused() -> None:
    world = Assembly()
    with world.refuses(ContributionMissing, "contributions"):
        world.send(
            CommitToTheme(
                alliance=world.alliance,
                organisation=world.member,
                theme=Theme.WATER,
                contributions=[],
            )
        )


def test_a_commitment_is_withdrawn_once() -> None:
    world = Assembly()
    world.commit()
    withdraws = WithdrawCommitment(
        alliance=world.alliance, organisation=world.member, theme=Theme.WATER, reason="Moyens"
    )

    world.only(withdraws, Alliance.CommitmentWithdrawn)
    assert world.send(withdraws) == []


# experts


def test_an_expert_is_an_organisation_that_need_not_be_a_member() -> None:
    world = Assembly()
    atmo = world.organisation("Atmo Auvergne-Rhône-Alpes")
    helps = AssociateExpert(alliance=world.alliance, organisation=atmo, theme=Theme.AIR_QUALITY)

    decided = world.decided(helps)
    assert len(decided.events) == 1
    assert world.send(helps) == []

    lets_off = ReleaseExpert(alliance=world.alliance, expert=decided.part("expert"))
    world.only(lets_off, Alliance.ExpertReleased)
    assert world.send(lets_off) == []


def test_an_expert_may_be_a_person_by_role_for_all_of_the_work() -> None:
    world = Assembly()
    helps = AssociateExpert(alliance=world.alliance, role="animatrice du CISCA")

    associated = world.only(helps, Alliance.ExpertAssociated)
    assert (associated.party.role, associated.theme) == ("animatrice du CISCA", None)


@pytest.mark.parametrize("both", [True, False])
def test_an_expert_is_either_an_organisation_or_a_role(both: bool) -> None:
    world = Assembly()
    organisation, role = (world.member, "animatrice") if both else (None, None)
    with world.refuses(PartyUnclear, "organisation"):
        world.send(AssociateExpert(alliance=world.alliance, organisation=organisation, role=role))


# closing


def test_an_alliance_is_closed_with_what_it_agreed_on() -> None:
    world = Assembly()
    closes = CloseAlliance(
        alliance=world.alliance,
        closed_on=date(2025, 6, 17),
        conclusion=Conclusion(objectives=" Moins d’eau ", common_actions="Un plan de sobriété"),
    )

    assert world.only(closes, Alliance.Closed).conclusion.objectives == "Moins d’eau"
    assert world.send(closes) == []


@pytest.mark.parametrize(
    ("day", "refusal"), [(date(2024, 2, 5), DatesReversed), (TOMORROW, DayStillToCome)]
)
def test_an_alliance_is_closed_between_its_launch_and_today(
    day: date, refusal: type[DatesReversed]
) -> None:
    world = Assembly()
    with world.refuses(refusal, "closed_on"):
        world.send(CloseAlliance(alliance=world.alliance, closed_on=day))


def test_a_conclusion_is_corrected_only_where_there_is_one() -> None:
    world = Assembly()
    corrects = CorrectConclusion(
        alliance=world.alliance, conclusion=Conclusion(summary="Autre"), reason="Une coquille"
    )
    with world.refuses(AllianceNotClosed, "alliance"):
        world.send(corrects)
    world.close()

    world.only(corrects, Alliance.ConclusionCorrected)
    assert world.send(corrects) == []


def test_an_erratum_is_noted_once_open_or_closed() -> None:
    world = Assembly()
    notes = NoteAllianceErratum(
        alliance=world.alliance,
        subject="Date de lancement",
        correction="Le 6 février 2024",
        reason="Relu dans le compte rendu",
    )

    world.only(notes, Alliance.ErratumNoted)
    world.close()
    assert world.send(notes) == []


# its roadmap


def test_an_alliance_has_one_living_roadmap_for_its_territory() -> None:
    world = Assembly()
    drafts = DraftAllianceRoadmap(alliance=world.alliance, horizon=2026)
    decided = world.decided(drafts)
    (drafted,) = [event for event in decided.events if isinstance(event, Roadmap.Drafted)]
    assert drafted.territory == CLERMONT
    assert drafted.alliance == world.state().id

    with world.refuses(RoadmapExists, "alliance"):
        world.send(drafts)

    world.do(ArchiveRoadmap(roadmap=decided.id, reason="Une autre la remplace"))
    assert world.send(drafts)
