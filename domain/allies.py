"""Allies: who belongs to an alliance, on what it works, and what each of them gives."""

from collections.abc import Sequence
from typing import Annotated

from domain import identity
from domain.alliance import Alliance, AllianceClosed, member
from domain.command import Command, Work, command
from domain.identity import Id
from domain.membership import (
    AlreadyMember,
    Contribution,
    ContributionMissing,
    MemberCount,
    MembershipKind,
    NotAMember,
    ThemeNotOpen,
)
from domain.organisation import LIVING, Organisation, OrganisationKind
from domain.party import Party, PartyUnclear
from domain.role import REPRESENTATIVES, Place, Role, Scope
from domain.theme import Theme


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=(Role.ORGANISATION_LEADER,),
    refuses=(AllianceClosed, AlreadyMember, *LIVING),
)
class JoinAlliance(Command):
    """Let an organisation become a member of an alliance, or become one again."""

    alliance: Annotated[Id, "The alliance."]
    organisation: Annotated[Id, "The organisation that joins."]
    kind: Annotated[MembershipKind, "How it belongs to the alliance."] = MembershipKind.MEMBER

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.join(await work.get(Organisation, self.organisation), self.kind)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed, NotAMember))
class ChangeMembership(Command):
    """Let a member belong to an alliance in another way."""

    alliance: Annotated[Id, "The alliance."]
    organisation: Annotated[Id, "The member."]
    kind: Annotated[MembershipKind, "How it belongs to the alliance from now on."]
    reason: Annotated[str | None, "Why that changes."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        organisation = await member(self.organisation, alliance, work)
        alliance.change_membership(organisation, self.kind, self.reason)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=(Role.ORGANISATION_LEADER,),
    refuses=(AllianceClosed, NotAMember),
)
class LeaveAlliance(Command):
    """Let a member go; its commitments end, what it answered and scored stays."""

    alliance: Annotated[Id, "The alliance."]
    organisation: Annotated[Id, "The member that leaves."]
    reason: Annotated[str, "Why it leaves."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.leave(await work.get(Organisation, self.organisation), self.reason)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed,))
class CountMembers(Command):
    """State how many members an alliance has beside those known by name; a later count holds."""

    alliance: Annotated[Id, "The alliance."]
    kind: Annotated[
        OrganisationKind | None, "Of which kind they are; of all kinds together when left out."
    ] = None
    count: Annotated[int, "How many they are, 0 for none."]
    approximate: Annotated[bool, "Whether that is a round number, such as about forty."] = False
    note: Annotated[str | None, "Who they are, or where the number comes from."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        counted = MemberCount(count=self.count, approximate=self.approximate, note=self.note)
        alliance.count_members(self.kind, counted)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed,))
class OpenTheme(Command):
    """Let an alliance work on a theme, or go on with it under another title."""

    alliance: Annotated[Id, "The alliance."]
    theme: Annotated[Theme, "The theme."]
    title: Annotated[str | None, "What this alliance calls it, if not by its label."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.open_theme(self.theme, self.title)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed,))
class CloseTheme(Command):
    """Let an alliance work on a theme no more; the commitments to it end."""

    alliance: Annotated[Id, "The alliance."]
    theme: Annotated[Theme, "The theme."]
    reason: Annotated[str | None, "Why it is closed."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.close_theme(self.theme, self.reason)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=REPRESENTATIVES,
    refuses=(AllianceClosed, NotAMember, ThemeNotOpen, ContributionMissing),
)
class CommitToTheme(Command):
    """Commit a member to a theme; what it gives replaces what it gave to this theme before."""

    alliance: Annotated[Id, "The alliance."]
    organisation: Annotated[Id, "The member."]
    theme: Annotated[Theme, "A theme on which the alliance works."]
    contributions: Annotated[list[Contribution], "All that it gives, one at least."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        organisation = await member(self.organisation, alliance, work)
        alliance.commit(organisation, self.theme, self.contributions)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=REPRESENTATIVES,
    refuses=(AllianceClosed, NotAMember),
)
class WithdrawCommitment(Command):
    """Let a member off what it committed itself to for a theme."""

    alliance: Annotated[Id, "The alliance."]
    organisation: Annotated[Id, "The member."]
    theme: Annotated[Theme, "The theme."]
    reason: Annotated[str, "Why it gives this up."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        organisation = await member(self.organisation, alliance, work)
        alliance.withdraw_commitment(organisation, self.theme, self.reason)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR, Role.THEME_PILOT),
    refuses=(AllianceClosed, ThemeNotOpen, PartyUnclear, *LIVING),
    creates="expert",
)
class AssociateExpert(Command):
    """Let an organisation or a person help an alliance with a theme, or with all of its work."""

    alliance: Annotated[Id, "The alliance."]
    organisation: Annotated[Id | None, "The organisation that helps; it need not be a member."] = (
        None
    )
    role: Annotated[str | None, "The person who helps, by role, where no organisation does."] = None
    theme: Annotated[Theme | None, "The theme; all of the work when left out."] = None

    async def nearby(self, subject: Alliance, work: Work) -> Sequence[Place]:  # noqa: ARG002
        return () if self.theme is None else (Place(Scope.theme(subject.id, self.theme)),)

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        helper = None
        if self.organisation is not None:
            organisation = await work.get(Organisation, self.organisation)
            organisation.require_living()
            helper = organisation.id
        party = Party(organisation=helper, role=self.role)
        alliance.associate_expert(work.new_id(), party, self.theme)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed,))
class ReleaseExpert(Command):
    """Let an expert of an alliance off."""

    alliance: Annotated[Id, "The alliance."]
    expert: Annotated[Id, "The expert."]
    reason: Annotated[str | None, "Why the help ends."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.release_expert(identity.internal("expert", self.expert), self.reason)
        return alliance
