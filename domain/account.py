"""The yearly account of an alliance: where its actions stand, and how far its themes are."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from domain import identity
from domain.action import Action, PartOfAnotherPlan
from domain.alliance import Alliance, AllianceClosed, member
from domain.command import Command, Work, command
from domain.identity import Id
from domain.membership import NotAMember, ThemeNotOpen
from domain.quantity import InvalidQuantity
from domain.review import (
    ActionStanding,
    Finding,
    ReviewExists,
    ReviewIsPublished,
    ReviewNotPublished,
    StatedProgress,
)
from domain.roadmap import DayStillToCome, Roadmap
from domain.role import Place, Role, Scope
from domain.theme import Theme


@command(
    by=(Role.ALLIANCE_COORDINATOR,),
    refuses=(AllianceClosed, NotAMember, ReviewExists),
    creates="review",
)
class OpenReview(Command):
    """Begin the review of a year; each year of an alliance has one."""

    alliance: Annotated[Id, "The alliance."]
    year: Annotated[int, "The year that is reviewed."]
    organisations: Annotated[
        list[Id] | None, "The members that are to contribute, 1 000 at most."
    ] = None
    expected: Annotated[
        int | None, "How many contributors are expected in all, those not named included."
    ] = None
    closes_on: Annotated[date | None, "The day by which contributions are expected."] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.open_review(
            work.new_id(),
            year=self.year,
            organisations=[await member(o, alliance, work) for o in self.organisations or ()],
            expected=self.expected,
            closes_on=self.closes_on,
        )
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR, Role.THEME_PILOT),
    refuses=(AllianceClosed, ReviewIsPublished, ThemeNotOpen, PartOfAnotherPlan),
)
class SetActionStanding(Command):
    """State where a review leaves an action of an alliance; a later statement replaces it."""

    alliance: Annotated[Id, "The alliance."]
    review: Annotated[Id, "The review."]
    action: Annotated[Id, "An action of the alliance, or of a roadmap of the alliance."]
    standing: Annotated[ActionStanding, "Where the review leaves it."]
    theme: Annotated[Theme | None, "The theme for which it counts in this review."] = None
    progress: Annotated[int | None, "How far it is, 0 to 100 percent, where that is known."] = None
    note: Annotated[str | None, "What one should know about it."] = None

    async def nearby(self, subject: Alliance, work: Work) -> Sequence[Place]:
        """The theme for which the action counts, if it serves that and counts for no other yet."""
        if self.theme is None:
            return ()
        place = Place(Scope.theme(subject.id, self.theme))
        action = await work.look(Action, identity.internal("action", self.action))
        if action is None:
            return (place,)
        id, serves = action.id, action.classification.themes or (self.theme,)
        if await _answers_for(action, work) != subject.id:
            return (place,)  # one that another plan hides is refused as one that never was
        review = subject.reviews.get(identity.internal("review", self.review))
        finding = None if review is None else review.findings.get(id)
        counted = self.theme if finding is None else finding.theme or self.theme
        if counted is not self.theme or self.theme not in serves:
            return ()
        return (place,)

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        action = await work.get(Action, self.action)
        if await _answers_for(action, work) != alliance.id:
            raise PartOfAnotherPlan("action", action=self.action)
        finding = Finding(
            standing=self.standing, theme=self.theme, progress=self.progress, note=self.note
        )
        alliance.set_standing(identity.internal("review", self.review), action.id, finding)
        return alliance


@command(
    by=(Role.ALLIANCE_COORDINATOR, Role.THEME_PILOT),
    refuses=(AllianceClosed, ReviewIsPublished, ThemeNotOpen, InvalidQuantity),
)
class StateThemeProgress(Command):
    """State the average progress of a theme where only that is known; it is never computed."""

    alliance: Annotated[Id, "The alliance."]
    review: Annotated[Id, "The review."]
    theme: Annotated[Theme, "The theme."]
    progress: Annotated[Decimal, "The average progress of its actions, 0 to 100 percent."]
    note: Annotated[str | None, "Where the figure comes from."] = None

    async def nearby(self, subject: Alliance, work: Work) -> Sequence[Place]:  # noqa: ARG002
        return (Place(Scope.theme(subject.id, self.theme)),)

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        review = identity.internal("review", self.review)
        stated = StatedProgress(progress=self.progress, note=self.note)
        alliance.state_theme_progress(review, self.theme, stated)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed, DayStillToCome))
class PublishReview(Command):
    """Make a review public; its figures are frozen at this point of the log."""

    alliance: Annotated[Id, "The alliance."]
    review: Annotated[Id, "The review."]
    published_on: Annotated[
        date | None, "The day of the publication; by default effectiveOn, or today."
    ] = None

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        review = identity.internal("review", self.review)
        alliance.publish_review(review, self.published_on or self.effective_on)
        return alliance


@command(by=(Role.ALLIANCE_COORDINATOR,), refuses=(AllianceClosed, ReviewNotPublished))
class ReopenReview(Command):
    """Let a published review be changed and published anew; the figures of before are kept."""

    alliance: Annotated[Id, "The alliance."]
    review: Annotated[Id, "The review."]
    reason: Annotated[str, "Why it is to change."]

    async def decide(self, work: Work) -> Alliance:
        alliance = await work.get(Alliance, self.alliance)
        alliance.reopen_review(identity.internal("review", self.review), self.reason)
        return alliance


async def _answers_for(action: Action, work: Work) -> UUID | None:
    """The alliance that answers for an action, its own or that of one of its roadmaps."""
    if action.owner.roadmap is not None:
        roadmap = await work.look(Roadmap, action.owner.roadmap)
        return None if roadmap is None else roadmap.owner.alliance
    return action.owner.alliance
