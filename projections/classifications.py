"""Under what actions are counted and may be counted more than once: themes, audiences, places."""

from collections.abc import Iterable, Sequence

from domain.action import Action
from domain.aggregate import AggregateEvent
from domain.identity import Id, external
from domain.record import Recorded
from domain.sheet import Audience
from domain.theme import Theme
from projections.access import Through
from projections.rows import Need, Rows, key_of
from projections.table import Relation, Row, row

DDL = """
create table action_theme (
    action_id text collate "C" not null,
    theme text collate "C" not null,
    place integer not null,
    primary key (action_id, theme)
);
create index action_theme_in_order on action_theme (action_id, place, theme);
create index action_theme_by_theme on action_theme (theme, action_id);

create table action_audience (
    action_id text collate "C" not null,
    audience text collate "C" not null,
    place integer not null,
    primary key (action_id, audience)
);
create index action_audience_in_order on action_audience (action_id, place, audience);
create index action_audience_by_audience on action_audience (audience, action_id);

create table action_territory (
    action_id text collate "C" not null,
    territory_key text collate "C" not null,
    place integer not null,
    primary key (action_id, territory_key)
);
create index action_territory_in_order on action_territory (action_id, place, territory_key);
create index action_territory_by_territory on action_territory (territory_key, action_id);
"""


@row(
    "action_theme",
    seen=Through("action"),
    key=("action_id", "theme"),
    owner=("action", "action_id"),
    relations={"action": Relation("action", on=(("action_id", "id"),))},
)
class ActionThemeRow(Row):
    """A theme that an action serves, in the order in which they were named."""

    action_id: Id
    theme: Theme
    place: int


@row(
    "action_audience",
    seen=Through("action"),
    key=("action_id", "audience"),
    owner=("action", "action_id"),
    relations={"action": Relation("action", on=(("action_id", "id"),))},
)
class ActionAudienceRow(Row):
    """An audience that an action is for, in the order in which they were named."""

    action_id: Id
    audience: Audience
    place: int


@row(
    "action_territory",
    seen=Through("action"),
    key=("action_id", "territory_key"),
    owner=("action", "action_id"),
    relations={
        "action": Relation("action", on=(("action_id", "id"),)),
        "territory": Relation("territory", on=(("territory_key", "key"),)),
    },
)
class ActionTerritoryRow(Row):
    """A territory in which an action takes place, in the order in which they were named."""

    action_id: Id
    territory_key: str
    place: int


ROWS: tuple[type[Row], ...] = (ActionThemeRow, ActionAudienceRow, ActionTerritoryRow)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about how an action is classified into the read model."""
    action = external("action", recorded.stream_id)
    match recorded.event:
        case Action.Proposed(classification=classification):
            _serve(rows, action, classification.themes)
            _address(rows, action, classification.audiences)
            _place(rows, action, classification.territories)
        case Action.ThemesSet(themes=themes):
            _clear(rows, ActionThemeRow, action)
            _serve(rows, action, themes)
        case Action.AudiencesSet(audiences=audiences):
            _clear(rows, ActionAudienceRow, action)
            _address(rows, action, audiences)
        case Action.TerritoriesSet(territories=territories):
            _clear(rows, ActionTerritoryRow, action)
            _place(rows, action, territories)


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name what an action was classified under before."""
    action = external("action", recorded.stream_id)
    match recorded.event:
        case Action.ThemesSet():
            yield Need(ActionThemeRow, "action_id", action)
        case Action.AudiencesSet():
            yield Need(ActionAudienceRow, "action_id", action)
        case Action.TerritoriesSet():
            yield Need(ActionTerritoryRow, "action_id", action)


def _clear(rows: Rows, kind: type[Row], action: Id) -> None:
    for former in rows.where(kind, "action_id", action):
        rows.drop(kind, *key_of(former))


def _serve(rows: Rows, action: Id, themes: Sequence[Theme]) -> None:
    for place, theme in enumerate(themes, 1):
        rows.put(ActionThemeRow(action_id=action, theme=theme, place=place))


def _address(rows: Rows, action: Id, audiences: Sequence[Audience]) -> None:
    for place, audience in enumerate(audiences, 1):
        rows.put(ActionAudienceRow(action_id=action, audience=audience, place=place))


def _place(rows: Rows, action: Id, territories: Sequence[str]) -> None:
    for place, key in enumerate(territories, 1):
        rows.put(ActionTerritoryRow(action_id=action, territory_key=key, place=place))
