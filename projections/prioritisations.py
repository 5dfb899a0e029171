"""Prioritisations of alliances: criteria, options, arguments on both sides, and the decision."""

from collections.abc import Iterable
from datetime import date, datetime

from domain.aggregate import AggregateEvent
from domain.alliance import Alliance
from domain.identity import Id, external
from domain.label import Label
from domain.organisation import Organisation
from domain.prioritisation import Side
from domain.record import Recorded
from domain.theme import Theme
from projections.access import EVERYONE
from projections.mergers import IN_ALLIANCES, concerned, follow
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table prioritisation (
    id text collate "C" primary key,
    alliance_id text collate "C" not null,
    title text not null,
    question text,
    least_score integer not null,
    most_score integer not null,
    opened_at timestamptz not null,
    decided_on date,
    rationale text
);
create index prioritisation_by_alliance on prioritisation (alliance_id, opened_at, id);

create table criterion (
    id text collate "C" primary key,
    prioritisation_id text collate "C" not null,
    alliance_id text collate "C" not null,
    version integer not null,
    name text not null,
    description text
);
create index criterion_by_prioritisation on criterion (prioritisation_id, version, id);

create table option (
    id text collate "C" primary key,
    prioritisation_id text collate "C" not null,
    alliance_id text collate "C" not null,
    version integer not null,
    title text not null,
    theme text collate "C",
    description text,
    status text not null,
    withdrawn_because text,
    rank integer
);
create index option_by_prioritisation on option (prioritisation_id, version, id);

create table argument (
    id text collate "C" primary key,
    prioritisation_id text collate "C" not null,
    alliance_id text collate "C" not null,
    version integer not null,
    side text not null,
    text text not null,
    option_id text collate "C",
    criterion_id text collate "C",
    organisation_id text collate "C",
    role text,
    recorded_at timestamptz not null
);
create index argument_by_prioritisation on argument (prioritisation_id, version, id);
create index argument_by_option on argument (option_id, version, id);
create index argument_by_organisation on argument (organisation_id);

create table option_score (
    option_id text collate "C" not null,
    criterion_id text collate "C" not null,
    organisation_id text collate "C" not null,
    prioritisation_id text collate "C" not null,
    alliance_id text collate "C" not null,
    score integer not null,
    scored_at timestamptz not null,
    primary key (option_id, criterion_id, organisation_id)
);
create index option_score_by_organisation on option_score (organisation_id);
create index option_score_by_prioritisation on option_score
    (prioritisation_id, option_id, criterion_id, organisation_id);
"""


class OptionStatus(Label):
    """Whether an option can be chosen, and whether it was."""

    OPEN = "OPEN", "ouverte", "open"
    WITHDRAWN = "WITHDRAWN", "retirée", "withdrawn"
    CHOSEN = "CHOSEN", "retenue", "chosen"
    NOT_CHOSEN = "NOT_CHOSEN", "non retenue", "not chosen"


def _of_prioritisation(target: str, *order: str) -> Relation:
    return Relation(target, on=(("id", "prioritisation_id"),), many=True, order=order)


@row(
    "prioritisation",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    relations={
        "alliance": Relation("alliance", on=(("alliance_id", "id"),)),
        "criteria": _of_prioritisation("criterion", "version", "id"),
        "options": _of_prioritisation("option", "version", "id"),
        "arguments": _of_prioritisation("argument", "version", "id"),
        "scores": _of_prioritisation(
            "option_score", "option_id", "criterion_id", "organisation_id"
        ),
    },
)
class PrioritisationRow(Row):
    """The question what comes first, and its answer once it was decided."""

    id: Id
    alliance_id: Id
    title: str
    question: str | None
    least_score: int
    most_score: int
    opened_at: datetime
    decided_on: date | None
    rationale: str | None


@row(
    "criterion",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    relations={
        "prioritisation": Relation("prioritisation", on=(("prioritisation_id", "id"),)),
    },
)
class CriterionRow(Row):
    """Something against which options are held."""

    id: Id
    prioritisation_id: Id
    alliance_id: Id
    version: int
    name: str
    description: str | None


@row(
    "option",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    indexes=("prioritisation_id",),
    relations={
        "prioritisation": Relation("prioritisation", on=(("prioritisation_id", "id"),)),
        "arguments": Relation(
            "argument", on=(("id", "option_id"),), many=True, order=("version", "id")
        ),
        "scores": Relation(
            "option_score",
            on=(("id", "option_id"),),
            many=True,
            order=("criterion_id", "organisation_id"),
        ),
    },
)
class OptionRow(Row):
    """Something that may be chosen; its rank says in which place it was."""

    id: Id
    prioritisation_id: Id
    alliance_id: Id
    version: int
    title: str
    theme: Theme | None
    description: str | None
    status: OptionStatus
    withdrawn_because: str | None
    rank: int | None


@row(
    "argument",
    seen=EVERYONE,
    owner=("alliance", "alliance_id"),
    indexes=("organisation_id",),
    relations={
        "prioritisation": Relation("prioritisation", on=(("prioritisation_id", "id"),)),
        "option": Relation("option", on=(("option_id", "id"),)),
        "criterion": Relation("criterion", on=(("criterion_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class ArgumentRow(Row):
    """What speaks for or against an option, or the whole question where none is named."""

    id: Id
    prioritisation_id: Id
    alliance_id: Id
    version: int
    side: Side
    text: str
    option_id: Id | None
    criterion_id: Id | None
    organisation_id: Id | None
    role: str | None
    recorded_at: datetime


@row(
    "option_score",
    seen=EVERYONE,
    key=("option_id", "criterion_id", "organisation_id"),
    owner=("alliance", "alliance_id"),
    indexes=("organisation_id",),
    relations={
        "prioritisation": Relation("prioritisation", on=(("prioritisation_id", "id"),)),
        "option": Relation("option", on=(("option_id", "id"),)),
        "criterion": Relation("criterion", on=(("criterion_id", "id"),)),
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
    },
)
class OptionScoreRow(Row):
    """How well an option meets a criterion, as a member said last."""

    option_id: Id
    criterion_id: Id
    organisation_id: Id
    prioritisation_id: Id
    alliance_id: Id
    score: int
    scored_at: datetime


ROWS: tuple[type[Row], ...] = (
    PrioritisationRow,
    CriterionRow,
    OptionRow,
    ArgumentRow,
    OptionScoreRow,
)


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about what an alliance weighs into the read model."""
    at = recorded.recorded_at
    match recorded.event:
        case Alliance.PrioritisationOpened() as event:
            rows.put(_opened(event, at))
        case Alliance.CriterionAdded() as event:
            rows.put(
                CriterionRow(
                    id=external("criterion", event.criterion),
                    prioritisation_id=external("prioritisation", event.prioritisation),
                    alliance_id=external("alliance", event.originator_id),
                    version=event.originator_version,
                    name=event.name,
                    description=event.description,
                )
            )
        case Alliance.OptionAdded() as event:
            rows.put(_option(event))
        case Alliance.OptionWithdrawn(option=id, reason=reason):
            option = rows.change(OptionRow, external("option", id))
            option.status, option.withdrawn_because = OptionStatus.WITHDRAWN, reason
        case Alliance.ArgumentRecorded() as event:
            rows.put(_argument(rows, event, at))
        case Alliance.OptionScored() as event:
            rows.put(
                OptionScoreRow(
                    option_id=external("option", event.option),
                    criterion_id=external("criterion", event.criterion),
                    organisation_id=IN_ALLIANCES.survivor(rows, event.organisation),
                    prioritisation_id=external("prioritisation", event.prioritisation),
                    alliance_id=external("alliance", event.originator_id),
                    score=event.score,
                    scored_at=at,
                )
            )
        case Alliance.PrioritiesDecided() as event:
            _decide(rows, event)


def needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """Name the option that changes, or the whole of what is decided."""
    match recorded.event:
        case Organisation.Merged():
            yield from concerned(recorded, ArgumentRow)
            yield from concerned(recorded, OptionScoreRow)
        case Alliance.OptionWithdrawn(option=option):
            yield Need(OptionRow, "id", external("option", option))
        case Alliance.ArgumentRecorded(said=said):
            if said.party is not None:
                yield from IN_ALLIANCES.needs_of(said.party.organisation)
        case Alliance.OptionScored(organisation=organisation):
            yield IN_ALLIANCES.need(organisation)
        case Alliance.PrioritiesDecided(prioritisation=id):
            prioritisation = external("prioritisation", id)
            yield Need(PrioritisationRow, "id", prioritisation)
            yield Need(OptionRow, "prioritisation_id", prioritisation)


def follow_merger(rows: Rows, merged: Id, survivor: Id) -> None:
    """Let the survivor have said what a merged organisation said; its own scores stay."""
    follow(rows, ArgumentRow, merged, survivor)
    follow(rows, OptionScoreRow, merged, survivor)


def _opened(event: Alliance.PrioritisationOpened, at: datetime) -> PrioritisationRow:
    return PrioritisationRow(
        id=external("prioritisation", event.prioritisation),
        alliance_id=external("alliance", event.originator_id),
        title=event.title,
        question=event.question,
        least_score=event.least_score,
        most_score=event.most_score,
        opened_at=at,
        decided_on=None,
        rationale=None,
    )


def _option(event: Alliance.OptionAdded) -> OptionRow:
    return OptionRow(
        id=external("option", event.option),
        prioritisation_id=external("prioritisation", event.prioritisation),
        alliance_id=external("alliance", event.originator_id),
        version=event.originator_version,
        title=event.title,
        theme=event.theme,
        description=event.description,
        status=OptionStatus.OPEN,
        withdrawn_because=None,
        rank=None,
    )


def _argument(rows: Rows, event: Alliance.ArgumentRecorded, at: datetime) -> ArgumentRow:
    said = event.said
    party = said.party
    return ArgumentRow(
        id=external("argument", event.argument),
        prioritisation_id=external("prioritisation", event.prioritisation),
        alliance_id=external("alliance", event.originator_id),
        version=event.originator_version,
        side=said.side,
        text=said.text,
        option_id=external("option", said.option) if said.option else None,
        criterion_id=external("criterion", said.criterion) if said.criterion else None,
        organisation_id=IN_ALLIANCES.survivor_of(rows, party.organisation) if party else None,
        role=party.role if party else None,
        recorded_at=at,
    )


def _decide(rows: Rows, event: Alliance.PrioritiesDecided) -> None:
    """Rank the options that were chosen; those that were open beside them were not."""
    id, decision = external("prioritisation", event.prioritisation), event.decision
    prioritisation = rows.change(PrioritisationRow, id)
    prioritisation.decided_on, prioritisation.rationale = decision.decided_on, decision.rationale
    ranks = {external("option", option): rank for rank, option in enumerate(decision.chosen, 1)}
    among = {external("option", option) for option in decision.among}
    for known in rows.where(OptionRow, "prioritisation_id", id):
        if known.id in among:
            option = rows.change(OptionRow, known.id)
            option.rank = ranks.get(option.id)
            chosen = option.rank is not None
            option.status = OptionStatus.CHOSEN if chosen else OptionStatus.NOT_CHOSEN
