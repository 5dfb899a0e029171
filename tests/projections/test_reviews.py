"""Given the yearly reviews of alliances, when they are folded, then this can be read."""

from datetime import date
from decimal import Decimal
from typing import Any

from domain.account import (
    OpenReview,
    PublishReview,
    ReopenReview,
    SetActionStanding,
    StateThemeProgress,
)
from domain.identity import Id
from domain.review import ActionStanding
from domain.theme import Theme
from projections.reviews import (
    AccountThemeRow,
    FindingRow,
    ReviewAccountRow,
    ReviewContributorRow,
    ReviewRow,
    ReviewStatus,
    StatedProgressRow,
)
from tests.projections.folding import only, shown
from tests.projections.test_alliances import Told


def find(told: Told, review: Id, action: Id, standing: ActionStanding, **more: Any) -> None:
    """State where an action stands."""
    told.do(
        SetActionStanding(
            alliance=told.alliance, review=review, action=action, standing=standing, **more
        )
    )


def test_a_review_says_who_is_to_contribute_and_until_when() -> None:
    told = Told()
    told.do(
        OpenReview(
            alliance=told.alliance,
            year=2025,
            organisations=[told.member],
            expected=14,
            closes_on=date(2026, 2, 1),
        )
    )
    rows = told.rows()
    row = only(rows, ReviewRow)
    assert (row.year, row.expected, row.closes_on) == (2025, 14, date(2026, 2, 1))
    assert row.status is ReviewStatus.OPEN
    assert only(rows, ReviewContributorRow).organisation_id == told.member


def test_of_what_a_review_found_of_an_action_the_last_is_shown() -> None:
    told = Told()
    review, action = told.review(), told.action()
    find(told, review, action, ActionStanding.NEW)
    find(
        told,
        review,
        action,
        ActionStanding.RENEWED,
        theme=Theme.WATER,
        progress=40,
        note="En cours",
    )
    row = only(told.rows(), FindingRow)
    assert (row.action_id, row.year, row.standing) == (action, 2025, ActionStanding.RENEWED)
    assert (row.theme, row.progress, row.note) == (Theme.WATER, 40, "En cours")


def test_a_stated_average_stays_apart_from_computed_ones() -> None:
    told = Told()
    review, action = told.review(), told.action()
    find(told, review, action, ActionStanding.NEW, theme=Theme.WATER, progress=40)
    told.do(
        StateThemeProgress(
            alliance=told.alliance, review=review, theme=Theme.WATER, progress=Decimal(67)
        )
    )
    told.do(PublishReview(alliance=told.alliance, review=review))
    rows = told.rows()
    assert only(rows, StatedProgressRow).progress == Decimal(67)
    theme = only(rows, AccountThemeRow)
    assert (theme.theme, theme.actions, theme.new) == (Theme.WATER, 1, 1)
    assert (theme.average_progress, theme.stated_progress) == (Decimal(40), Decimal(67))


def test_a_published_account_is_frozen_at_its_position() -> None:
    told = Told()
    review, action, other = told.review(), told.action(), told.action("Un plan vélo")
    find(told, review, action, ActionStanding.FINISHED, progress=100)
    find(told, review, other, ActionStanding.NEW)
    told.do(PublishReview(alliance=told.alliance, review=review, published_on=date(2026, 1, 20)))
    frozen = len(told.events)
    row = only(told.rows(), ReviewAccountRow)
    assert (row.position, row.published_on) == (frozen, date(2026, 1, 20))
    assert (row.actions, row.finished, row.new, row.answered) == (2, 1, 1, 1)
    assert row.average_progress == Decimal(100)
    told.do(ReopenReview(alliance=told.alliance, review=review, reason="Une erreur"))
    find(told, review, other, ActionStanding.NEW, progress=10)
    told.do(PublishReview(alliance=told.alliance, review=review))
    rows = told.rows()
    accounts = shown(rows, ReviewAccountRow, "version")
    assert [account.answered for account in accounts] == [1, 2]
    known = only(rows, ReviewRow)
    assert (known.status, known.reopened_because) == (ReviewStatus.PUBLISHED, "Une erreur")
    assert known.published_version == accounts[1].version


def test_a_survivor_is_expected_where_the_merged_member_was() -> None:
    told = Told()
    both = [told.member, told.other]
    told.do(OpenReview(alliance=told.alliance, year=2025, organisations=both))
    told.merge(told.member, told.other)
    assert only(told.rows(), ReviewContributorRow).organisation_id == told.other
