"""Given what happened to alliances, when it is folded, then this can be read."""

from datetime import date
from typing import Any

from domain.alliance import (
    CloseAlliance,
    CorrectConclusion,
    LaunchAlliance,
    NoteAllianceErratum,
)
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
from domain.identity import Id
from domain.membership import Contribution, MembershipKind
from domain.organisation import MergeOrganisation, OrganisationKind
from domain.theme import Theme
from projections.alliances import (
    ALLIANCES,
    AllianceErratumRow,
    AllianceRow,
    AllianceStatus,
    AllianceThemeRow,
)
from projections.allies import AllianceMemberRow, CommitmentRow, ExpertRow, MemberCountRow
from projections.rows import Rows
from tests.domain.alliances import CLERMONT, Assembly
from tests.history import AT
from tests.projections.folding import folded, only, shown


class Told(Assembly):
    """An alliance whose whole story can be folded, in the order in which it happened."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        super().__init__()

    def do(self, command: Any, *rest: Any) -> Any:
        """Send a command, and remember what happened."""
        decided = super().do(command, *rest)
        self.events += decided.events
        return decided

    def rows(self) -> Rows:
        """What can be read after all that."""
        return folded(ALLIANCES, *self.events)

    def merge(self, one: Id, into: Id) -> None:
        """Let an organisation go up in another."""
        self.do(MergeOrganisation(organisation=one, into=into))


def given_by(rows: Rows, organisation: Id) -> set[tuple[Theme, Contribution]]:
    """What a member gives, by theme."""
    found = rows.all(CommitmentRow)
    return {(one.theme, one.contribution) for one in found if one.organisation_id == organisation}


def test_a_launched_alliance_can_be_read_with_all_that_is_known() -> None:
    told = Told()
    row = only(told.rows(), AllianceRow)
    assert (row.id, row.version, row.entered_at) == (told.alliance, 5, AT)
    assert row.name_key == "alliance pour la transition ecologique et solidaire"
    assert (row.territory_key, row.horizon) == (CLERMONT, 2026)
    assert (row.launched_on, row.status) == (date(2024, 2, 6), AllianceStatus.OPEN)


def test_a_part_knows_the_alliance_of_which_it_is_one() -> None:
    told = Told()
    part = told.do(LaunchAlliance(name="Groupe", territory=CLERMONT, parent=told.alliance)).id
    parents = {row.id: row.parent_id for row in told.rows().all(AllianceRow)}
    assert parents == {told.alliance: None, part: told.alliance}


def test_a_theme_is_shown_under_its_last_title_until_it_is_closed() -> None:
    told = Told()
    told.do(OpenTheme(alliance=told.alliance, theme=Theme.WATER, title="L’eau"))
    themes = {row.theme: row.title for row in told.rows().all(AllianceThemeRow)}
    assert themes == {Theme.AIR_QUALITY: None, Theme.WATER: "L’eau"}
    told.commit()
    told.do(CloseTheme(alliance=told.alliance, theme=Theme.WATER))
    rows = told.rows()
    assert [row.theme for row in rows.all(AllianceThemeRow)] == [Theme.AIR_QUALITY]
    assert not given_by(rows, told.member)


def test_a_member_that_left_stays_in_sight_and_can_come_back() -> None:
    told = Told()
    told.commit()
    told.do(
        ChangeMembership(
            alliance=told.alliance,
            organisation=told.member,
            kind=MembershipKind.PARTNER,
            reason="À sa demande",
        )
    )
    told.do(LeaveAlliance(alliance=told.alliance, organisation=told.member, reason="Fin"))
    rows = told.rows()
    left = rows.get(AllianceMemberRow, told.alliance, told.member)
    assert left is not None
    assert (left.kind, left.changed_because) == (MembershipKind.PARTNER, "À sa demande")
    assert (left.left_at, left.left_because) == (AT, "Fin")
    assert not given_by(rows, told.member)
    told.do(JoinAlliance(alliance=told.alliance, organisation=told.member))
    back = told.rows().get(AllianceMemberRow, told.alliance, told.member)
    assert back is not None
    assert (back.left_at, back.left_because) == (None, None)


def test_of_the_counts_of_a_kind_only_the_last_is_shown() -> None:
    told = Told()
    for kind, count in ((None, 40), (OrganisationKind.UNION, 2), (None, 38)):
        told.do(CountMembers(alliance=told.alliance, kind=kind, count=count, approximate=True))
    rows = shown(told.rows(), MemberCountRow, "version")
    assert [(row.kind, row.count, row.approximate) for row in rows] == [
        (OrganisationKind.UNION, 2, True),
        (None, 38, True),
    ]


def test_what_a_member_gives_to_a_theme_replaces_what_it_gave() -> None:
    told = Told()
    told.commit()
    both = [Contribution.ACTION, Contribution.MEASUREMENT]
    told.do(
        CommitToTheme(
            alliance=told.alliance,
            organisation=told.member,
            theme=Theme.WATER,
            contributions=both,
        )
    )
    assert given_by(told.rows(), told.member) == {(Theme.WATER, one) for one in both}
    told.do(
        WithdrawCommitment(
            alliance=told.alliance, organisation=told.member, theme=Theme.WATER, reason="Moyens"
        )
    )
    assert not given_by(told.rows(), told.member)


def test_an_expert_is_an_organisation_or_a_role_until_released() -> None:
    told = Told()
    by_role = told.expert()
    outsider = told.organisation("Atmo")
    told.do(AssociateExpert(alliance=told.alliance, organisation=outsider))
    told.do(ReleaseExpert(alliance=told.alliance, expert=by_role, reason="Mission finie"))
    experts = {row.id: row for row in told.rows().all(ExpertRow)}
    released = experts.pop(by_role)
    assert (released.role, released.theme) == ("ingénieure", Theme.AIR_QUALITY)
    assert (released.released_at, released.released_because) == (AT, "Mission finie")
    (other,) = experts.values()
    assert (other.organisation_id, other.theme, other.released_at) == (outsider, None, None)


def test_an_alliance_closes_with_its_conclusion_which_may_be_corrected() -> None:
    told = Told()
    told.close()
    row = only(told.rows(), AllianceRow)
    assert (row.status, row.closed_on) == (AllianceStatus.CLOSED, date(2025, 6, 17))
    assert (row.agreed_objectives, row.common_actions) == ("Dix pour cent de moins", "Un plan")
    told.do(
        CorrectConclusion(
            alliance=told.alliance,
            conclusion=Conclusion(title="Synthèse", url="https://exemple.fr", summary="En bref"),
            reason="Un oubli",
        )
    )
    row = only(told.rows(), AllianceRow)
    assert (row.agreed_objectives, row.report_title) == (None, "Synthèse")
    assert (row.report_url, row.report_summary) == ("https://exemple.fr", "En bref")
    assert row.conclusion_corrected_because == "Un oubli"


def test_a_closed_alliance_still_shows_its_errata() -> None:
    told = Told()
    told.do(CloseAlliance(alliance=told.alliance, closed_on=date(2025, 6, 17)))
    told.do(
        NoteAllianceErratum(
            alliance=told.alliance, subject="Le lieu", correction="Clermont", reason="Coquille"
        )
    )
    row = only(told.rows(), AllianceErratumRow)
    assert (row.subject, row.correction, row.reason) == ("Le lieu", "Clermont", "Coquille")


def test_what_a_member_was_and_gave_follows_its_survivor() -> None:
    told = Told()
    told.commit()
    survivor = told.organisation("Nouvelle")
    told.merge(told.member, survivor)
    rows = told.rows()
    members = {row.organisation_id for row in rows.all(AllianceMemberRow)}
    assert members == {survivor, told.other}
    assert given_by(rows, survivor) == {(Theme.WATER, Contribution.KNOWLEDGE)}


def test_where_both_are_members_the_survivors_way_stays() -> None:
    told = Told()
    told.merge(told.member, told.other)
    assert only(told.rows(), AllianceMemberRow).organisation_id == told.other


def test_a_survivor_that_left_takes_over_the_living_membership() -> None:
    told = Told()
    told.do(LeaveAlliance(alliance=told.alliance, organisation=told.other, reason="Fin"))
    told.merge(told.member, told.other)
    row = only(told.rows(), AllianceMemberRow)
    assert (row.organisation_id, row.left_at) == (told.other, None)


def test_what_is_said_of_a_merged_member_is_said_of_its_survivor() -> None:
    told = Told()
    survivor = told.organisation("Nouvelle")
    told.merge(told.member, survivor)
    told.do(
        CommitToTheme(
            alliance=told.alliance,
            organisation=survivor,
            theme=Theme.AIR_QUALITY,
            contributions=[Contribution.STRATEGY],
        )
    )
    told.do(LeaveAlliance(alliance=told.alliance, organisation=survivor, reason="Fin"))
    rows = told.rows()
    left = rows.get(AllianceMemberRow, told.alliance, survivor)
    assert left is not None
    assert left.left_because == "Fin"
    assert not given_by(rows, survivor)
