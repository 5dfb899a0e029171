"""The yearly reviews of an alliance: standings, stated averages, and figures that are frozen."""

from decimal import Decimal
from typing import Any

import pytest

from domain.account import (
    OpenReview,
    PublishReview,
    ReopenReview,
    SetActionStanding,
    StateThemeProgress,
)
from domain.action import PartOfAnotherPlan, ProposeAction
from domain.alliance import Alliance
from domain.alliance_roadmap import DraftAllianceRoadmap
from domain.identity import Id
from domain.lever import AddLever
from domain.membership import NotAMember, ThemeNotOpen
from domain.quantity import InvalidQuantity
from domain.refusal import InvalidNumber
from domain.review import ActionStanding, ReviewExists, ReviewIsPublished, ReviewNotPublished
from domain.roadmap import DayStillToCome
from domain.theme import Theme
from tests.domain.alliances import TOMORROW, Assembly


def standing(world: Assembly, review: Id, action: Id, **fields: Any) -> SetActionStanding:
    """Where a review leaves an action: renewed unless told otherwise."""
    given: dict[str, Any] = {"standing": ActionStanding.RENEWED, **fields}
    return SetActionStanding(alliance=world.alliance, review=review, action=action, **given)


def stating(world: Assembly, review: Id, progress: str, theme: Theme = Theme.WATER) -> Any:
    """The average progress of a theme, as it was stated."""
    return StateThemeProgress(
        alliance=world.alliance, review=review, theme=theme, progress=Decimal(progress)
    )


# opening


def test_a_year_has_one_review() -> None:
    world = Assembly()
    world.review(2025)
    with world.refuses(ReviewExists, "year"):
        world.review(2025)
    world.review(2026)


@pytest.mark.parametrize("year", [1999, 2101])
def test_a_review_is_of_a_year_of_this_century(year: int) -> None:
    world = Assembly()
    with world.refuses(InvalidNumber, "year"):
        world.review(year)


def test_contributors_are_expected_by_name_and_by_number() -> None:
    world = Assembly()
    opens = OpenReview(
        alliance=world.alliance, year=2025, organisations=[world.member, world.other], expected=14
    )

    opened = world.only(opens, Alliance.ReviewOpened)
    assert (len(opened.organisations), opened.expected) == (2, 14)


def test_no_fewer_contributors_are_expected_than_are_named_and_all_are_members() -> None:
    world = Assembly()
    stranger = world.organisation("Passante")
    with world.refuses(InvalidNumber, "expected"):
        world.send(
            OpenReview(
                alliance=world.alliance,
                year=2025,
                organisations=[world.member, world.other],
                expected=1,
            )
        )
    with world.refuses(NotAMember, "organisations.0"):
        world.send(OpenReview(alliance=world.alliance, year=2025, organisations=[stranger]))


# standings


def test_the_last_standing_of_an_action_counts() -> None:
    world = Assembly()
    review, action = world.review(), world.action()
    sets = standing(world, review, action)
    world.only(sets, Alliance.StandingSet)
    assert world.send(sets) == []
    world.send(standing(world, review, action, standing=ActionStanding.REFOCUSED))

    (known,) = world.state().reviews.values()
    assert [one.standing for one in known.findings.values()] == [ActionStanding.REFOCUSED]


def test_an_action_of_a_roadmap_of_the_alliance_is_reviewed() -> None:
    world = Assembly()
    roadmap = world.do(DraftAllianceRoadmap(alliance=world.alliance, horizon=2026)).id
    lever = world.do(AddLever(roadmap=roadmap, title="Sobriété")).part("lever")
    action = world.do(ProposeAction(roadmap=roadmap, lever=lever, title="Mesurer")).id

    assert world.send(standing(world, world.review(), action))


def test_an_action_of_another_alliance_is_not_reviewed() -> None:
    world = Assembly()
    review, action = world.review(), world.action(alliance=world.launched("COP normande"))
    with world.refuses(PartOfAnotherPlan, "action"):
        world.send(standing(world, review, action))


@pytest.mark.parametrize("progress", [-1, 101])
def test_progress_is_a_percentage(progress: int) -> None:
    world = Assembly()
    review, action = world.review(), world.action()
    with world.refuses(InvalidNumber, "progress"):
        world.send(standing(world, review, action, progress=progress))


def test_an_action_counts_for_an_open_theme() -> None:
    world = Assembly()
    review, action = world.review(), world.action()
    with world.refuses(ThemeNotOpen, "theme"):
        world.send(standing(world, review, action, theme=Theme.MOVING))


# stated averages


def test_an_average_is_stated_where_only_that_is_known() -> None:
    world = Assembly()
    states = stating(world, world.review(), "67")

    assert world.only(states, Alliance.ThemeProgressStated).stated.progress == 67
    assert world.send(states) == []


@pytest.mark.parametrize(
    ("progress", "refusal"),
    [
        ("100.4", InvalidNumber),
        ("101", InvalidNumber),
        ("-1", InvalidNumber),
        ("NaN", InvalidQuantity),
    ],
)
def test_a_stated_average_is_a_percentage(progress: str, refusal: type[InvalidNumber]) -> None:
    world = Assembly()
    review = world.review()
    with world.refuses(refusal, "progress"):
        world.send(stating(world, review, progress))


# publication


def test_a_published_review_carries_its_figures_by_theme() -> None:
    world = Assembly()
    review = world.review()
    for title, kind, theme, progress in (
        ("Haies", ActionStanding.RENEWED, Theme.WATER, 50),
        ("Tourbières", ActionStanding.RENEWED, Theme.WATER, 61),
        ("Friches", ActionStanding.NEW, Theme.WATER, None),
        ("Broyeurs", ActionStanding.FINISHED, None, 100),
    ):
        action = world.action(title)
        world.send(standing(world, review, action, standing=kind, theme=theme, progress=progress))
    world.send(stating(world, review, "56"))

    publishes = PublishReview(alliance=world.alliance, review=review)
    published = world.only(publishes, Alliance.ReviewPublished)
    water, none = published.themes
    assert (water.theme, none.theme) == (Theme.WATER, None)
    assert (water.figures.actions, water.figures.renewed, water.figures.new) == (3, 2, 1)
    assert (water.figures.answered, water.figures.average_progress) == (2, Decimal("55.50"))
    assert water.stated_progress == 56
    assert (published.figures.actions, published.figures.finished) == (4, 1)
    assert world.send(publishes) == []


def test_where_no_progress_is_known_there_is_no_average() -> None:
    world = Assembly()
    review = world.review()
    world.send(standing(world, review, world.action()))
    published = world.only(
        PublishReview(alliance=world.alliance, review=review), Alliance.ReviewPublished
    )

    assert (published.figures.answered, published.figures.average_progress) == (0, None)


def test_what_is_published_is_frozen_until_it_is_reopened_with_a_reason() -> None:
    world = Assembly()
    review, action = world.review(), world.action()
    publishes = PublishReview(alliance=world.alliance, review=review)
    world.send(publishes)
    for command in (standing(world, review, action), stating(world, review, "67")):
        with world.refuses(ReviewIsPublished, "review"):
            world.send(command)

    reopens = ReopenReview(alliance=world.alliance, review=review, reason="Une action oubliée")
    world.only(reopens, Alliance.ReviewReopened)
    with world.refuses(ReviewNotPublished, "review"):
        world.send(reopens)
    world.send(standing(world, review, action))
    assert world.only(publishes, Alliance.ReviewPublished).figures.actions == 1


def test_a_review_is_not_published_tomorrow() -> None:
    world = Assembly()
    review = world.review()
    with world.refuses(DayStillToCome, "published_on"):
        world.send(PublishReview(alliance=world.alliance, review=review, published_on=TOMORROW))
