"""Yearly reviews of alliances: where actions stand, and the accounts that were published."""

from api.entity import connection, entity, many, one
from api.facets import by, facets
from api.node import Node
from projections.reviews import (
    AccountThemeRow,
    FindingRow,
    ReviewAccountRow,
    ReviewContributorRow,
    ReviewRow,
    StatedProgressRow,
)


@entity(
    id="Its id.",
    year="The year that is reviewed.",
    expected="How many contributors are expected in all, where that is known.",
    closes_on="The day by which contributions are expected.",
    status="Whether its figures may still move.",
    opened_at="When it was opened.",
    published_on="The day on which it was published the last time.",
    reopened_because="Why it was reopened, where it was.",
)
class Review(ReviewRow, Node):
    """The review of a year of an alliance."""

    alliance = one("The alliance.")
    contributors = many("The members that are to contribute, in the order of their ids; bounded.")
    findings = connection("Where it found each action.")
    stated_progress = many("The progress of themes where only an average was told; a few.")
    accounts = many("What was published of it, the first account first; a few.")
    account = one("What was published of it the last time.")


@entity()
class ReviewContributor(ReviewContributorRow):
    """A member that is expected to contribute to a review."""

    review = one("The review.")
    organisation = one("The member.")


@entity(
    year="The year that is reviewed.",
    standing="Where the review leaves the action.",
    theme="The theme for which the action counts in this review.",
    progress="How far it is, in percent; null where that is not known, which is not zero.",
    note="What one should know about it.",
    found_at="When it was recorded.",
)
class Finding(FindingRow):
    """Where a review found an action."""

    review = one("The review.")
    action = one("The action.")


@entity(
    theme="The theme.",
    year="The year that is reviewed.",
    progress="The average progress of its actions as it was stated, in percent.",
    note="Where the figure comes from.",
    stated_at="When it was recorded.",
    version="The version of the alliance with which it was recorded.",
)
class StatedProgress(StatedProgressRow):
    """The average progress of a theme as it was stated, which is not computed here."""

    review = one("The review.")


_FIGURES = {
    "actions": "How many actions there are.",
    "new": "How many of them are new.",
    "renewed": "How many are renewed.",
    "refocused": "How many are refocused.",
    "finished": "How many are finished.",
    "answered": "For how many progress is known: not answered is not zero.",
    "average_progress": "The average progress over those for which it is known, in percent.",
}


@entity(
    position="The position of the log at which its figures are frozen.",
    published_on="The day of the publication.",
    **_FIGURES,
)
class ReviewAccount(ReviewAccountRow):
    """A published account, with its figures as they were then."""

    review = one("The review.")
    themes = many("What it says of each theme, in the order of the vocabulary; a few.")


@entity(
    theme="The theme; null for actions that stand under none.",
    stated_progress="The average progress as it was stated, where it was, in percent.",
    **_FIGURES,
)
class AccountTheme(AccountThemeRow):
    """What a published account says of a theme, computed beside what was only stated."""


FINDINGS = facets(
    FindingRow,
    "Finding",
    orders=("year",),
    alliance=by("The alliance whose review it is.", "alliance_id", grouped=False),
    review=by("The review.", "review_id", shows="review"),
    action=by("The action.", "action_id", grouped=False),
    year=by("The year of the review."),
    standing=by("Where the review left the action."),
    theme=by("The theme under which the review found it."),
    category=by("What the action does for jobs and skills.", via=("action",)),
    status=by("Where the execution of the action stands.", via=("action",)),
    measures={"progress": "How far the actions were, in percent."},
)
"""By what findings can be chosen and grouped, and what is summed up of them."""
