"""Yearly reviews of alliances: where actions stand, and the accounts that were published.

What an account says is frozen: the figures that the event carries, at the position of the log
at which it was published. A review that is reopened and published anew has two accounts.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from domain.aggregate import AggregateEvent
from domain.alliance import Alliance
from domain.identity import Id, external
from domain.label import Label
from domain.organisation import Organisation
from domain.record import Recorded
from domain.review import ActionStanding
from domain.theme import Theme
from projections.access import EVERYONE, Through
from projections.column import Position
from projections.mergers import IN_ALLIANCES, concerned, follow
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table review (
    id text collate "C" primary key,
    alliance_id text collate "C" not null,
    year integer not null,
    expected integer,
    closes_on date,
    status text not null,
    opened_at timestamptz not null,
    published_on date,
    published_version integer,
    reopened_because text
);
create index review_by_alliance on review (alliance_id, year, id);

create table review_contributor (
    review_id text collate "C" not null,
    organisation_id text collate "C" not null,
    alliance_id text collate "C" not null,
    primary key (review_id, organisation_id)
);
create index review_contributor_by_organisation on review_contributor
    (organisation_id, review_id);

create table finding (
    review_id text collate "C" not null,
    action_id text collate "C" not null,
    alliance_id text collate "C" not null,
    year integer not null,
    standing text not null,
    theme text collate "C",
    progress integer,
    note text,
    found_at timestamptz not null,
    primary key (review_id, action_id)
);
create index finding_by_action on finding (action_id, year, review_id);
create index finding_by_standing on finding (alliance_id, year, standing);
create index finding_by_theme on finding (alliance_id, year, theme);

create table stated_progress (
    review_id text collate "C" not null,
    theme text collate "C" not null,
    alliance_id text collate "C" not null,
    year integer not null,
    progress numeric not null,
    note text,
    stated_at timestamptz not null,
    version integer not null,
    primary key (review_id, theme)
);
create index stated_progress_in_order on stated_progress (review_id, version, theme);

create table review_account (
    review_id text collate "C" not null,
    version integer not null,
    alliance_id text collate "C" not null,
    position bigint not null,
    published_on date not null,
    actions integer not null,
    new integer not null,
    renewed integer not null,
    refocused integer not null,
    finished integer not null,
    answered integer not null,
    average_progress numeric,
    primary key (review_id, version)
);

create table account_theme (
    review_id text collate "C" not null,
    version integer not null,
    place integer not null,
    alliance_id text collate "C" not null,
    theme text collate "C",
    actions integer not null,
    new integer not null,
    renewed integer not null,
    refocused integer not null,
    finished integer not null,
    answered integer not null,
    average_progress numeric,
    stated_progress numeric,
    primary key (review_id, version, place)
);
"""


class ReviewStatus(Label):
    """Whether the figures of a review may still move."""

    OPEN = "OPEN", "en cours", "under way"
    PUBLISHED = "PUBLISHED", "publié", "published"


def _of_review(target: str, *order: str) -> Relation:
    return Relation(target, on=(("id", "review_id"),), many=True, order=order)


@row(
    "review",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "contributors": _of_review("review_contributor", "organisation_id"),
        "findings": _of_review("finding", "action_id"),
        "stated_progress": _of_review("stated_progress", "version", "theme"),
        "accounts": _of_review("review_account", "version"),
        "account": Relation(
            "review_account", on=(("id", "review_id"), ("published_version", "version"))
        ),
    },
)
class ReviewRow(Row):
    """The review of a year."""

    id: Id
    alliance_id: Id
    year: int
    expected: int | None
    closes_on: date | None
    status: ReviewStatus
    opened_at: datetime
    published_on: date | None
    published_version: int | None
    reopened_because: str | None


@row(
    "review_contributor",
    seen=EVERYONE,
    key=("review_id", "organisation_id"),
    owner=("alliance", "alliance_id"),
    indexes=("organisation_id",),
    relations={
        "review": Relation("review", on=(("review_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class ReviewContributorRow(Row):
    """A member that is expected to contribute to a review."""

    review_id: Id
    organisation_id: Id
    alliance_id: Id


@row(
    "finding",
    seen=Through("action"),
    key=("review_id", "action_id"),
    owner=("alliance", "alliance_id"),
    relations={
        "review": Relation("review", on=(("review_id", "id"),)),
        "action": Relation("action", on=(("action_id", "id"),)),
    },
)
class FindingRow(Row):
    """Where a review found an action."""

    review_id: Id
    action_id: Id
    alliance_id: Id
    year: int
    standing: ActionStanding
    theme: Theme | None
    progress: int | None
    note: str | None
    found_at: datetime


@row(
    "stated_progress",
    seen=EVERYONE,
    key=("review_id", "theme"),
    owner=("alliance", "alliance_id"),
    relations={"review": Relation("review", on=(("review_id", "id"),))},
)
class StatedProgressRow(Row):
    """The average progress of a theme as it was stated, which no one computed here."""

    review_id: Id
    theme: Theme
    alliance_id: Id
    year: int
    progress: Decimal
    note: str | None
    stated_at: datetime
    version: int


@row(
    "review_account",
    seen=EVERYONE,
    key=("review_id", "version"),
    owner=("alliance", "alliance_id"),
    relations={
        "review": Relation("review", on=(("review_id", "id"),)),
        "themes": Relation(
            "account_theme",
            on=(("review_id", "review_id"), ("version", "version")),
            many=True,
            order=("place",),
        ),
    },
)
class ReviewAccountRow(Row):
    """A published account, with its figures as they were at a position of the log."""

    review_id: Id
    version: int
    alliance_id: Id
    position: Position
    published_on: date
    actions: int
    new: int
    renewed: int
    refocused: int
    finished: int
    answered: int
    average_progress: Decimal | None


@row(
    "account_theme",
    seen=EVERYONE,
    key=("review_id", "version", "place"),
    owner=("alliance", "alliance_id"),
)
class AccountThemeRow(Row):
    """What a published account says of a theme, computed beside what was only stated."""

    review_id: Id
    version: int
    place: int
    alliance_id: Id
    theme: Theme | None
    actions: int
    new: int
    renewed: int
    refocused: int
    finished: int
    answered: int
    average_progress: Decimal | None
    stated_progress: Decimal | None


ROWS: tuple[type[Row], ...] = (
    ReviewRow,
    ReviewContributorRow,
    FindingRow,
    StatedProgressRow,
    ReviewAccountRow,
    AccountThemeRow,
)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about the reviews of an alliance into the read model."""
    match recorded.event:
        case Alliance.ReviewOpened() as event:
            _open(rows, event, recorded.recorded_at)
        case Alliance.StandingSet() as event:
            review = rows.change(ReviewRow, external("review", event.review))
            rows.put(_finding(review, event, recorded.recorded_at))
        case Alliance.ThemeProgressStated() as event:
            review = rows.change(ReviewRow, external("review", event.review))
            rows.put(_stated(review, event, recorded.recorded_at))
        case Alliance.ReviewPublished() as event:
            review = rows.change(ReviewRow, external("review", event.review))
            review.status, review.published_on = ReviewStatus.PUBLISHED, event.published_on
            review.published_version = event.originator_version
            _publish(rows, review, event, recorded.position)
        case Alliance.ReviewReopened(review=id, reason=reason):
            review = rows.change(ReviewRow, external("review", id))
            review.status, review.reopened_because = ReviewStatus.OPEN, reason


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the review that changes, and who is to contribute."""
    match recorded.event:
        case Organisation.Merged():
            yield from concerned(recorded, ReviewContributorRow)
        case Alliance.ReviewOpened(organisations=organisations):
            yield from IN_ALLIANCES.needs_of(*organisations)
        case (
            Alliance.StandingSet(review=review)
            | Alliance.ThemeProgressStated(review=review)
            | Alliance.ReviewPublished(review=review)
            | Alliance.ReviewReopened(review=review)
        ):
            yield Need(ReviewRow, "id", external("review", review))


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor be expected where a merged organisation was."""
    follow(rows, ReviewContributorRow, merged, survivor)


def _open(rows: Rows, event: Alliance.ReviewOpened, at: datetime) -> None:
    id, alliance = external("review", event.review), external("alliance", event.originator_id)
    rows.put(
        ReviewRow(
            id=id,
            alliance_id=alliance,
            year=event.year,
            expected=event.expected,
            closes_on=event.closes_on,
            status=ReviewStatus.OPEN,
            opened_at=at,
            published_on=None,
            published_version=None,
            reopened_because=None,
        )
    )
    for organisation in event.organisations:
        rows.put(
            ReviewContributorRow(
                review_id=id,
                organisation_id=IN_ALLIANCES.survivor(rows, organisation),
                alliance_id=alliance,
            )
        )


def _finding(review: ReviewRow, event: Alliance.StandingSet, at: datetime) -> FindingRow:
    return FindingRow(
        review_id=review.id,
        action_id=external("action", event.action),
        alliance_id=review.alliance_id,
        year=review.year,
        standing=event.finding.standing,
        theme=event.finding.theme,
        progress=event.finding.progress,
        note=event.finding.note,
        found_at=at,
    )


def _stated(
    review: ReviewRow, event: Alliance.ThemeProgressStated, at: datetime
) -> StatedProgressRow:
    return StatedProgressRow(
        review_id=review.id,
        theme=event.theme,
        alliance_id=review.alliance_id,
        year=review.year,
        progress=event.stated.progress,
        note=event.stated.note,
        stated_at=at,
        version=event.originator_version,
    )


def _publish(rows: Rows, review: ReviewRow, event: Alliance.ReviewPublished, position: int) -> None:
    figures = event.figures
    rows.put(
        ReviewAccountRow(
            review_id=review.id,
            version=event.originator_version,
            alliance_id=review.alliance_id,
            position=Position(position),
            published_on=event.published_on,
            actions=figures.actions,
            new=figures.new,
            renewed=figures.renewed,
            refocused=figures.refocused,
            finished=figures.finished,
            answered=figures.answered,
            average_progress=figures.average_progress,
        )
    )
    for place, theme in enumerate(event.themes, 1):
        rows.put(
            AccountThemeRow(
                review_id=review.id,
                version=event.originator_version,
                place=place,
                alliance_id=review.alliance_id,
                theme=theme.theme,
                actions=theme.figures.actions,
                new=theme.figures.new,
                renewed=theme.figures.renewed,
                refocused=theme.figures.refocused,
                finished=theme.figures.finished,
                answered=theme.figures.answered,
                average_progress=theme.figures.average_progress,
                stated_progress=theme.stated_progress,
            )
        )
