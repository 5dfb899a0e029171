"""Organisations as they are now, with their networks, contacts and mobilisations."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import uuid5

from domain import text
from domain.aggregate import AggregateEvent
from domain.claim import NAMESPACE
from domain.identity import Id, external
from domain.organisation import MobilisationKind, Organisation, OrganisationKind, Rhythm
from domain.personal import Personal
from domain.record import Recorded
from projections.access import EVERYONE
from projections.people import BY_FUNCTION, BY_NAME
from projections.projection import Projection
from projections.rows import Need, Rows
from projections.table import Relation, Row, row

DDL = """
create table organisation (
    id text collate "C" primary key,
    version integer not null,
    registered_at timestamptz not null,
    updated_at timestamptz not null,
    name text not null,
    name_key text collate "C" not null,
    kind text not null,
    siren text,
    rna text,
    territory_key text,
    merged_into_id text collate "C",
    dissolved boolean not null
);
create index organisation_by_name on organisation (name_key, id);
create index organisation_by_kind on organisation (kind, name_key, id);
create index organisation_by_registration on organisation (registered_at, id);
create index organisation_by_territory on organisation (territory_key, name_key, id);
create unique index organisation_by_siren on organisation (siren)
    where siren is not null and merged_into_id is null and not dissolved;

create table network (
    id text collate "C" primary key,
    name text not null,
    name_key text collate "C" not null
);
create index network_by_name on network (name_key, id);

create table membership (
    organisation_id text collate "C" not null,
    network_id text collate "C" not null,
    joined_at timestamptz not null,
    primary key (organisation_id, network_id)
);
create index membership_by_network on membership (network_id, organisation_id);

create table contact (
    id text collate "C" primary key,
    organisation_id text collate "C" not null,
    function text not null,
    name text,
    email text,
    telephone text,
    designated_at timestamptz not null
);
create index contact_by_organisation on contact (organisation_id, id);

create table mobilisation (
    id text collate "C" primary key,
    organisation_id text collate "C" not null,
    name text not null,
    kind text not null,
    rhythm text not null,
    started_at timestamptz not null
);
create index mobilisation_by_organisation on mobilisation (organisation_id, started_at, id);

create table mobilisation_session (
    mobilisation_id text collate "C" not null,
    held_on date not null,
    organisation_id text collate "C" not null,
    attendance integer,
    primary key (mobilisation_id, held_on)
);
create index mobilisation_session_by_organisation on mobilisation_session (organisation_id);
"""


@row(
    "organisation",
    seen=EVERYONE,
    owner=("organisation", "id"),
    relations={
        "territory": Relation("territory", on=(("territory_key", "key"),)),
        "merged_into": Relation("organisation", on=(("merged_into_id", "id"),)),
        "memberships": Relation(
            "membership", on=(("id", "organisation_id"),), many=True, order=("network_id",)
        ),
        "contacts": Relation("contact", on=(("id", "organisation_id"),), many=True, order=("id",)),
        "mobilisations": Relation(
            "mobilisation", on=(("id", "organisation_id"),), many=True, order=("started_at", "id")
        ),
        "alliances": Relation(
            "alliance_member",
            on=(("id", "organisation_id"),),
            many=True,
            order=("joined_at", "alliance_id"),
        ),
        "enrolments": Relation(
            "enrolment",
            on=(("id", "organisation_id"),),
            many=True,
            order=("applied_at", "cohort_id"),
        ),
        "roadmaps": Relation(
            "roadmap", on=(("id", "organisation_id"),), many=True, order=("drafted_at", "id")
        ),
        "assignments": Relation(
            "assignment", on=(("id", "organisation_id"),), many=True, order=("named_at", "id")
        ),
        "attendances": Relation(
            "attendance",
            on=(("id", "organisation_id"),),
            many=True,
            order=("session_id", "place"),
        ),
    },
)
class OrganisationRow(Row):
    """An organisation."""

    id: Id
    version: int
    registered_at: datetime
    updated_at: datetime
    name: str
    name_key: str
    kind: OrganisationKind
    siren: str | None
    rna: str | None
    territory_key: str | None
    merged_into_id: Id | None
    dissolved: bool


@row(
    "network",
    seen=EVERYONE,
    relations={
        "memberships": Relation(
            "membership", on=(("id", "network_id"),), many=True, order=("organisation_id",)
        ),
    },
)
class NetworkRow(Row):
    """A network that crosses territories."""

    id: Id
    name: str
    name_key: str


@row(
    "membership",
    seen=EVERYONE,
    key=("organisation_id", "network_id"),
    owner=("organisation", "organisation_id"),
    relations={
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "network": Relation("network", on=(("network_id", "id"),)),
    },
)
class MembershipRow(Row):
    """An organisation's place in a network."""

    organisation_id: Id
    network_id: Id
    joined_at: datetime


@row(
    "contact",
    seen=BY_FUNCTION,
    shown=dict.fromkeys(("name", "email", "telephone"), BY_NAME),
    personal=dict.fromkeys(("name", "email", "telephone"), "id"),
    owner=("organisation", "organisation_id"),
    relations={
        "organisation": Relation("organisation", on=(("organisation_id", "id"),)),
        "enrolments": Relation(
            "enrolment",
            on=(("organisation_id", "organisation_id"),),
            many=True,
            order=("applied_at", "cohort_id"),
        ),
    },
)
class ContactRow(Row):
    """A person who answers for an organisation. A forgotten person's data are null."""

    id: Id
    organisation_id: Id
    function: str
    name: str | None
    email: str | None
    telephone: str | None
    designated_at: datetime


@row(
    "mobilisation",
    seen=EVERYONE,
    owner=("organisation", "organisation_id"),
    relations={
        "sessions": Relation(
            "mobilisation_session",
            on=(("id", "mobilisation_id"),),
            many=True,
            order=("held_on", "mobilisation_id"),
        ),
    },
)
class MobilisationRow(Row):
    """What an organisation does to take its own people along."""

    id: Id
    organisation_id: Id
    name: str
    kind: MobilisationKind
    rhythm: Rhythm
    started_at: datetime


@row(
    "mobilisation_session",
    seen=EVERYONE,
    key=("mobilisation_id", "held_on"),
    owner=("organisation", "organisation_id"),
)
class MobilisationSessionRow(Row):
    """One sitting of a mobilisation."""

    mobilisation_id: Id
    held_on: date
    organisation_id: Id
    attendance: int | None


def network_id(name: str) -> Id:
    """The id of a network follows from its name, case and accents aside."""
    return external("network", uuid5(NAMESPACE, f"network\x1f{text.folded(name)}"))


def fold(rows: Rows, recorded: Recorded[AggregateEvent]) -> None:
    """Take one fact about an organisation into the read model."""
    event, at = recorded.event, recorded.recorded_at
    id = external("organisation", event.originator_id)
    if isinstance(event, Organisation.Registered):
        rows.put(_registered(id, event, at))
        return
    organisation = rows.change(OrganisationRow, id)
    organisation.version, organisation.updated_at = event.originator_version, at
    match event:
        case Organisation.Renamed():
            organisation.name = event.name
            organisation.name_key = text.folded(event.name)
        case Organisation.NetworkJoined():
            network = network_id(event.network)
            if rows.get(NetworkRow, network) is None:
                key = text.folded(event.network)
                rows.put(NetworkRow(id=network, name=event.network, name_key=key))
            rows.put(MembershipRow(organisation_id=id, network_id=network, joined_at=at))
        case Organisation.NetworkLeft():
            rows.drop(MembershipRow, id, network_id(event.network))
        case Organisation.ContactDesignated():
            rows.put(_designated(id, event, at))
        case Organisation.ContactReleased():
            rows.drop(ContactRow, external("contact", event.contact))
        case Organisation.MobilisationStarted():
            rows.put(
                MobilisationRow(
                    id=external("mobilisation", event.mobilisation),
                    organisation_id=id,
                    name=event.name,
                    kind=event.kind,
                    rhythm=event.rhythm,
                    started_at=at,
                )
            )
        case Organisation.MobilisationSessionHeld():
            rows.put(
                MobilisationSessionRow(
                    mobilisation_id=external("mobilisation", event.mobilisation),
                    held_on=event.held_on,
                    organisation_id=id,
                    attendance=event.attendance,
                )
            )
        case Organisation.Merged():
            organisation.merged_into_id = external("organisation", event.into)
        case Organisation.Dissolved():
            organisation.dissolved = True


def also_needs(recorded: Recorded[AggregateEvent]) -> Iterable[Need]:
    """A network that is joined may be known from other organisations."""
    if isinstance(recorded.event, Organisation.NetworkJoined):
        yield Need(NetworkRow, "id", network_id(recorded.event.network))


def _registered(id: Id, event: Organisation.Registered, at: datetime) -> OrganisationRow:
    return OrganisationRow(
        id=id,
        version=event.originator_version,
        registered_at=at,
        updated_at=at,
        name=event.name,
        name_key=text.folded(event.name),
        kind=event.kind,
        siren=event.siren,
        rna=event.rna,
        territory_key=event.territory,
        merged_into_id=None,
        dissolved=False,
    )


def _designated(id: Id, event: Organisation.ContactDesignated, at: datetime) -> ContactRow:
    return ContactRow(
        id=external("contact", event.contact),
        organisation_id=id,
        function=event.function,
        name=_text(event.name),
        email=_text(event.email),
        telephone=_text(event.telephone),
        designated_at=at,
    )


def _text(personal: Personal | None) -> str | None:
    return None if personal is None else personal.text


ORGANISATIONS = Projection(
    name="organisations",
    ddl=DDL,
    rows=(
        OrganisationRow,
        NetworkRow,
        MembershipRow,
        ContactRow,
        MobilisationRow,
        MobilisationSessionRow,
    ),
    follows=(Organisation,),
    fold=fold,
    also_needs=also_needs,
)
