"""Deliberation: how an alliance weighs its options and decides what comes first."""

from datetime import date
from typing import Annotated

from domain import identity, text
from domain.alliance import Alliance, AllianceClosed, member
from domain.command import Command, Work, command
from domain.identity import Id
from domain.membership import NotAMember
from domain.party import PartyUnclear, optional_party
from domain.prioritisation import (
    CRITERIA,
    OPTIONS,
    Argument,
    CriterionEntry,
    CriterionMissing,
    NothingChosen,
    OptionEntry,
    OptionNotOpen,
    PrioritiesAreDecided,
    Side,
)
from domain.roadmap import DayStillToCome
from domain.role import PEOPLE, REPRESENTATIVES, Role
from domain.theme import Theme


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    refuses=(AllianceClosed, CriterionMissing),
    creates="prioritisation",
)
class OpenPrioritisation(Command):
    """Ask what comes first, against criteria and among options."""

    alliance: Annotated[Id, "The alliance."]
    title: Annotated[str, "Its title, 1 to 200 characters."]
    question: Annotated[str | None, "What is to be settled, in full."] = None
    criteria: Annotated[list[CriterionEntry], "Against what options are held, 1 to 20."]
    options: Annotated[
        list[OptionEntry] | None, "What may be chosen, 100 at most; more can be added."
    ] = None
    least_score: Annotated[int, "The lowest score, 0 to 99."] = 1
    most_score: Annotated[int, "The highest score, above the lowest, 100 at most."] = 5

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        criteria = text.at_most(self.criteria, CRITERIA, "criteria")
        options = text.at_most(self.options or (), OPTIONS, "options")
        alliance.open_prioritisation(
            work.new_id(),
            title=self.title,
            question=self.question,
            least_score=self.least_score,
            most_score=self.most_score,
            criteria={work.new_id(): criterion for criterion in criteria},
            options={work.new_id(): option for option in options},
        )
        return alliance


UNDECIDED = (AllianceClosed, PrioritiesAreDecided)


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=UNDECIDED, creates="criterion")
class AddCriterion(Command):
    """Hold the options of a prioritisation against a further criterion."""

    alliance: Annotated[Id, "The alliance."]
    prioritisation: Annotated[Id, "The prioritisation."]
    name: Annotated[str, "What it is called, 1 to 200 characters."]
    description: Annotated[str | None, "What it means."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.add_criterion(
            identity.internal("prioritisation", self.prioritisation),
            work.new_id(),
            CriterionEntry(name=self.name, description=self.description),
        )
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=UNDECIDED, creates="option")
class AddOption(Command):
    """Add an option to those that can be chosen."""

    alliance: Annotated[Id, "The alliance."]
    prioritisation: Annotated[Id, "The prioritisation."]
    title: Annotated[str, "What would be chosen, 1 to 200 characters."]
    theme: Annotated[Theme | None, "The theme that it stands for, if it is one."] = None
    description: Annotated[str | None, "What choosing it would mean."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.add_option(
            identity.internal("prioritisation", self.prioritisation),
            work.new_id(),
            OptionEntry(title=self.title, theme=self.theme, description=self.description),
        )
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=UNDECIDED)
class WithdrawOption(Command):
    """Take an option out of those that can be chosen."""

    alliance: Annotated[Id, "The alliance."]
    prioritisation: Annotated[Id, "The prioritisation."]
    option: Annotated[Id, "The option."]
    reason: Annotated[str, "Why it is withdrawn."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.withdraw_option(
            identity.internal("prioritisation", self.prioritisation),
            identity.internal("option", self.option),
            self.reason,
        )
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=PEOPLE,
    by_contributor=(Role.ALLIANCE_MEMBER, Role.EXPERT),
    refuses=(*UNDECIDED, OptionNotOpen, PartyUnclear),
    creates="argument",
)
class RecordArgument(Command):
    """Note what speaks for or against an option, or the whole question where none is named."""

    alliance: Annotated[Id, "The alliance."]
    prioritisation: Annotated[Id, "The prioritisation."]
    side: Annotated[Side, "Which way it speaks."]
    text: Annotated[str, "The argument, 1 to 8 000 characters."]
    option: Annotated[Id | None, "The option of which it speaks."] = None
    criterion: Annotated[Id | None, "The criterion that it has in mind."] = None
    organisation: Annotated[Id | None, "The organisation that brought it up, if told."] = None
    role: Annotated[str | None, "The person who brought it up, by role, if told."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        organisation = option = criterion = None
        if self.organisation is not None:
            organisation = await member(self.organisation, alliance, work)
        if self.option is not None:
            option = identity.internal("option", self.option)
        if self.criterion is not None:
            criterion = identity.internal("criterion", self.criterion)
        alliance.record_argument(
            identity.internal("prioritisation", self.prioritisation),
            work.new_id(),
            Argument(
                side=self.side,
                text=self.text,
                option=option,
                criterion=criterion,
                party=optional_party(organisation, self.role),
            ),
        )
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    by_organisation=REPRESENTATIVES,
    refuses=(*UNDECIDED, NotAMember, OptionNotOpen),
)
class ScoreOption(Command):
    """Let a member say how well an option meets a criterion; its later score counts."""

    alliance: Annotated[Id, "The alliance."]
    prioritisation: Annotated[Id, "The prioritisation."]
    organisation: Annotated[Id, "The member that scores."]
    option: Annotated[Id, "The option, which is open."]
    criterion: Annotated[Id, "The criterion."]
    score: Annotated[int, "The score, within the bounds of the prioritisation."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.score_option(
            identity.internal("prioritisation", self.prioritisation),
            option=identity.internal("option", self.option),
            criterion=identity.internal("criterion", self.criterion),
            organisation=await member(self.organisation, alliance, work),
            score=self.score,
        )
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    refuses=(*UNDECIDED, OptionNotOpen, NothingChosen, DayStillToCome),
)
class DecidePriorities(Command):
    """Decide what comes first, among the options that are open."""

    alliance: Annotated[Id, "The alliance."]
    prioritisation: Annotated[Id, "The prioritisation."]
    options: Annotated[list[Id], "The open options that are chosen, the most important one first."]
    rationale: Annotated[str, "Why these, up to 8 000 characters."]
    decided_on: Annotated[
        date | None, "The day of the decision; by default effectiveOn, or today."
    ] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        options = text.at_most(self.options, OPTIONS, "options")
        alliance.decide_priorities(
            identity.internal("prioritisation", self.prioritisation),
            [identity.internal("option", option) for option in options],
            self.rationale,
            self.decided_on or self.effective_on,
        )
        return alliance
