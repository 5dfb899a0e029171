"""Passages: what can be found by its words, each text with the thing that it belongs to.

One table holds the texts of all kinds of things, so that a search is one look into one index.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from domain import text
from domain.action import Action, ActionVisibility
from domain.aggregate import AggregateEvent
from domain.alliance import Alliance
from domain.cohort import Cohort
from domain.identity import Id, external
from domain.label import Label
from domain.organisation import Organisation
from domain.record import Recorded
from domain.roadmap import Roadmap
from domain.sheet import Wording
from domain.territory import TERRITORIES
from projections.access import Holds, Through, all_of, any_of
from projections.projection import Projection
from projections.reach import BESIDE_ROADMAP, IN_ROADMAP, Reach
from projections.rows import MissingRow, Need, Rows
from projections.table import Relation, Row, row

# What a text weighs when it is ranked follows from the part that it is.
DDL = """
create table passage (
    about_id text collate "C" not null,
    part text not null,
    entity_id text collate "C" not null,
    kind text not null,
    text text not null,
    name_key text collate "C",
    territory_keys text[] not null,
    inherited_keys text[] not null,
    reach text not null,
    words tsvector not null generated always as (
        setweight(
            to_tsvector('search.french', text),
            case
                when part in ('NAME', 'CODE') then 'A'::"char"
                when part in ('GENERATIVE_QUESTION', 'NEW_COURSE', 'LEVER', 'PURPOSE')
                    then 'B'::"char"
                else 'C'::"char"
            end
        )
    ) stored,
    primary key (about_id, part)
);
create index passage_not_for_everyone on passage (about_id, part)
    where (reach = 'EVERYONE') is not true;
create index passage_by_entity on passage (entity_id, part);
create index passage_by_word on passage using gin (words) with (fastupdate = off);
create index passage_by_likeness on passage using gin (name_key search.gin_trgm_ops)
    with (fastupdate = off) where name_key is not null;
"""


class Findable(Label):
    """What can be searched for."""

    ORGANISATION = "ORGANISATION", "organisation", "organisation"
    COHORT = "COHORT", "cohorte", "cohort"
    ROADMAP = "ROADMAP", "feuille de route", "roadmap"
    ALLIANCE = "ALLIANCE", "alliance", "alliance"
    ACTION = "ACTION", "action", "action"


class PassagePart(Label):
    """Which part of a thing a passage is."""

    NAME = "NAME", "nom ou titre", "name or title"
    CODE = "CODE", "code", "code"
    PURPOSE = "PURPOSE", "raison d’être", "purpose"
    GENERATIVE_QUESTION = "GENERATIVE_QUESTION", "question générative", "generative question"
    NEW_COURSE = "NEW_COURSE", "nouveau cap", "new course"
    LEVER = "LEVER", "levier", "lever"
    OBJECTIVE = "OBJECTIVE", "objectif", "objective"
    DESCRIPTION = "DESCRIPTION", "description", "description"
    EXPECTED_EFFECTS = "EXPECTED_EFFECTS", "effets attendus", "expected effects"


FOUND = any_of(
    Holds("reach", (Reach.EVERYONE,)),
    all_of(Holds("kind", (Findable.ACTION.value,)), Through("action")),
    all_of(
        Holds("kind", (Findable.ROADMAP.value,)),
        any_of(
            all_of(Holds("reach", (Reach.FELLOWS,)), Through("roadmap", BESIDE_ROADMAP)),
            Through("roadmap", IN_ROADMAP),
        ),
    ),
    who="who sees that in which it stands",
)
"""Who may find something by a passage. What all may read is told by the passage itself: it is
never newer than what the passage says, as the roadmap's row might be."""


@row(
    "passage",
    seen=FOUND,
    key=("about_id", "part"),
    indexes=("about_id", "entity_id"),
    relations={
        "action": Relation("action", on=(("entity_id", "id"),)),
        "roadmap": Relation("roadmap", on=(("entity_id", "id"),)),
    },
)
class PassageRow(Row):
    """A text by which a thing is found.

    ``entity_id`` is what is found, ``about_id`` itself or the part of it that bears the text,
    such as a lever. Each thing has a passage for its name, whose text is empty where it has none:
    its other passages learn from it where the thing is. Territories stand with all in which they
    lie; ``inherited_keys`` are those that it has because it belongs to something else.
    """

    about_id: Id
    part: PassagePart
    entity_id: Id
    kind: Findable
    text: str
    name_key: str | None
    territory_keys: list[str]
    inherited_keys: list[str]
    reach: Reach
    """How far it goes; for an action EVERYONE, or as the action itself says."""


FOLLOWED: tuple[type[AggregateEvent], ...] = (
    Organisation.Registered,
    Organisation.Renamed,
    Cohort.Opened,
    Roadmap.Drafted,
    Roadmap.GenerativeQuestionAsked,
    Roadmap.NewCourseSet,
    Roadmap.LeverAdded,
    Roadmap.LeverReworded,
    Roadmap.LeverDropped,
    Roadmap.ObjectiveAdded,
    Roadmap.ObjectiveReworded,
    Roadmap.ObjectiveDropped,
    Roadmap.Submitted,
    Roadmap.Published,
    Roadmap.RevisionOpened,
    Alliance.Launched,
    Action.Proposed,
    Action.Reworded,
    Action.WordingCorrected,
    Action.Refocused,
    Action.Recoded,
    Action.TerritoriesSet,
    Action.VisibilitySet,
)
_REACH_FURTHER: tuple[type[AggregateEvent], ...] = (
    Roadmap.Submitted,
    Roadmap.Published,
    Roadmap.RevisionOpened,
    Action.VisibilitySet,
)
"""Those by which all that a thing says reaches others than before."""


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take what a fact says in words into the read model."""
    event, entity = recorded.event, _entity(recorded)
    match event:
        case Organisation.Registered(name=name, territory=territory):
            _enter(rows, entity, Findable.ORGANISATION, name, [territory])
        case Cohort.Opened(name=name, territories=territories):
            _enter(rows, entity, Findable.COHORT, name, territories)
        case Roadmap.Drafted(title=title, territory=territory):
            owners = _belongs_to(event)
            _enter(rows, entity, Findable.ROADMAP, title, [territory], owners, reach=Reach.INSIDERS)
        case Alliance.Launched(name=name, territory=territory, purpose=purpose):
            _enter(rows, entity, Findable.ALLIANCE, name, [territory])
            _say(rows, entity, PassagePart.PURPOSE, purpose)
        case Action.Proposed(wording=wording, classification=classification, owner=owner):
            own, code = classification.territories, event.code
            reach = Reach.EVERYONE if owner.roadmap is None else Reach.FELLOWS
            _enter(
                rows, entity, Findable.ACTION, wording.title, own, _belongs_to(event), reach=reach
            )
            _say(rows, entity, PassagePart.CODE, code)
            _reword(rows, entity, wording)
        case Organisation.Renamed(name=name):
            _say(rows, entity, PassagePart.NAME, name)
        case Roadmap.Event():
            _fold_roadmap(rows, entity, event)
        case Action.Event():
            _fold_action(rows, entity, event)


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the passages of a thing itself, and of all that it belongs to."""
    for id in (_entity(recorded), *_belongs_to(recorded.event)):
        yield Need(PassageRow, "about_id", id)
    if isinstance(recorded.event, _REACH_FURTHER):
        yield Need(PassageRow, "entity_id", _entity(recorded))


def _fold_roadmap(rows: Rows, roadmap: Id, event: Roadmap.Event) -> None:
    match event:
        case Roadmap.GenerativeQuestionAsked(text=said):
            _say(rows, roadmap, PassagePart.GENERATIVE_QUESTION, said)
        case Roadmap.NewCourseSet(text=said):
            _say(rows, roadmap, PassagePart.NEW_COURSE, said)
        case Roadmap.LeverAdded() | Roadmap.LeverReworded():
            said = _joined(event.title, event.description)
            _say(rows, roadmap, PassagePart.LEVER, said, external("lever", event.lever))
        case Roadmap.ObjectiveAdded() | Roadmap.ObjectiveReworded():
            about = external("objective", event.objective)
            _say(rows, roadmap, PassagePart.OBJECTIVE, event.wording, about)
        case Roadmap.LeverDropped(lever=lever):
            rows.drop(PassageRow, external("lever", lever), PassagePart.LEVER)
        case Roadmap.ObjectiveDropped(objective=objective):
            rows.drop(PassageRow, external("objective", objective), PassagePart.OBJECTIVE)
        case Roadmap.Submitted():
            submitted = dict.fromkeys(Reach, Reach.FELLOWS)
            _reach(rows, roadmap, submitted, name={Reach.INSIDERS: Reach.FELLOWS})
        case Roadmap.Published():
            # A text that was changed since it was submitted is not what is published.
            published = {Reach.FELLOWS: Reach.EVERYONE}
            _reach(rows, roadmap, published, name=dict.fromkeys(Reach, Reach.EVERYONE))
        case Roadmap.RevisionOpened():
            _reach(rows, roadmap, dict.fromkeys(Reach, Reach.INSIDERS), name={})


def _fold_action(rows: Rows, action: Id, event: Action.Event) -> None:
    match event:
        case Action.Reworded(wording=wording) | Action.WordingCorrected(wording=wording):
            _say(rows, action, PassagePart.NAME, wording.title)
            _reword(rows, action, wording)
        case Action.Refocused(title=title, description=description):
            _say(rows, action, PassagePart.NAME, title)
            _say(rows, action, PassagePart.DESCRIPTION, description)
        case Action.Recoded(code=code):
            _say(rows, action, PassagePart.CODE, code)
        case Action.TerritoriesSet(territories=territories):
            for passage in rows.where(PassageRow, "about_id", action):
                keys = sorted({*passage.inherited_keys, *_around(territories)})
                rows.put(replace(passage, territory_keys=keys))
        case Action.VisibilitySet(visibility=ActionVisibility.PUBLIC):
            _reach(rows, action, public := {Reach.INSIDERS: Reach.EVERYONE}, name=public)
        case Action.VisibilitySet():
            _reach(rows, action, restricted := {Reach.EVERYONE: Reach.INSIDERS}, name=restricted)


def _reach(
    rows: Rows, entity: Id, texts: Mapping[Reach, Reach], *, name: Mapping[Reach, Reach]
) -> None:
    """Let the name and the other texts of a thing go as far as each goes from now on."""
    for passage in rows.where(PassageRow, "entity_id", entity):
        further = name if passage.part is PassagePart.NAME else texts
        rows.put(replace(passage, reach=further.get(passage.reach, passage.reach)))


def _reword(rows: Rows, action: Id, wording: Wording) -> None:
    """Take over what a sheet says beside its title."""
    _say(rows, action, PassagePart.DESCRIPTION, wording.description)
    _say(rows, action, PassagePart.OBJECTIVE, wording.objectives)
    _say(rows, action, PassagePart.EXPECTED_EFFECTS, wording.expected_effects)


def _enter(  # noqa: PLR0917 - in the order in which they are said
    rows: Rows,
    entity: Id,
    kind: Findable,
    name: str | None,
    territories: Iterable[str | None],
    belongs_to: Iterable[Id] = (),
    reach: Reach = Reach.EVERYONE,
) -> None:
    """Let a thing be found by its name, in its territories and in those of what it belongs to."""
    others = [rows.get(PassageRow, id, PassagePart.NAME) for id in belongs_to]
    inherited = {key for other in others if other is not None for key in other.territory_keys}
    rows.put(
        PassageRow(
            about_id=entity,
            part=PassagePart.NAME,
            entity_id=entity,
            kind=kind,
            text=name or "",
            name_key=text.folded(name) if name else None,
            territory_keys=sorted({*inherited, *_around(territories)}),
            inherited_keys=sorted(inherited),
            reach=reach,
        )
    )


def _say(
    rows: Rows, entity: Id, part: PassagePart, said: str | None, about: Id | None = None
) -> None:
    """Let a thing be found by what a part of it says now, or no longer by that part."""
    if said is None:
        rows.drop(PassageRow, about or entity, part)
        return
    name = rows.get(PassageRow, entity, PassagePart.NAME)
    if name is None:
        raise MissingRow(f"passage {entity}")
    key = text.folded(said) if part is PassagePart.NAME else None
    # What a roadmap says can only change while it is a draft.
    reach = Reach.INSIDERS if name.kind is Findable.ROADMAP else name.reach
    rows.put(
        replace(name, about_id=about or entity, part=part, text=said, name_key=key, reach=reach)
    )


def _entity(recorded: Recorded[AggregateEvent]) -> Id:
    return external(type(recorded.event).TOPIC.partition(".")[0], recorded.stream_id)


def _belongs_to(event: AggregateEvent) -> list[Id]:
    """Name that whose territories are also those of a thing that comes into being."""
    match event:
        case Roadmap.Drafted():
            named = {
                "organisation": event.organisation,
                "cohort": event.cohort,
                "alliance": event.alliance,
            }
        case Action.Proposed(owner=owner):
            named = {"alliance": owner.alliance, "roadmap": owner.roadmap}
        case _:
            named = {}
    return [external(noun, id) for noun, id in named.items() if id is not None]


def _around(territories: Iterable[str | None]) -> set[str]:
    """Give territories with all in which they lie; None is none."""
    found: set[str] = set()
    left = [key for key in territories if key is not None]
    while left:
        key = left.pop()
        found.add(key)
        known = TERRITORIES.get(key)
        if known is not None and known.parent is not None:
            left.append(known.parent)
    return found


def _joined(title: str, description: str | None) -> str:
    return title if description is None else f"{title}\n{description}"


PASSAGES = Projection(
    name="passages",
    ddl=DDL,
    rows=(PassageRow,),
    follows=(),
    fold=fold,
    also_follows=FOLLOWED,
    also_needs=needs,
)
