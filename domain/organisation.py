"""An organisation: a company, an association, an authority … that takes part."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from stdnum.exceptions import ValidationError
from stdnum.fr import siren as siren_number

from domain import calendar, identity, text
from domain import territory as reference
from domain.aggregate import Aggregate, AggregateCreated, AggregateEvent
from domain.command import Command, Work, command, places_of
from domain.identity import Id
from domain.label import Label
from domain.personal import Personal
from domain.refusal import NotFound, Refusal
from domain.role import REPRESENTATIVES, Place, Role, ScopeKind, around


class OrganisationKind(Label):
    """The kinds of organisation."""

    COMPANY = "COMPANY", "entreprise", "company"
    ASSOCIATION = "ASSOCIATION", "association", "association"
    PUBLIC_AUTHORITY = "PUBLIC_AUTHORITY", "collectivité", "public authority"
    STATE_SERVICE = "STATE_SERVICE", "service de l’État", "state service"
    PUBLIC_AGENCY = "PUBLIC_AGENCY", "agence publique", "public agency"
    CONSULAR_CHAMBER = "CONSULAR_CHAMBER", "chambre consulaire", "consular chamber"
    SOCIAL_LANDLORD = "SOCIAL_LANDLORD", "bailleur social", "social landlord"
    UNIVERSITY = "UNIVERSITY", "université ou recherche", "university or research"
    PROFESSIONAL_BRANCH = (
        "PROFESSIONAL_BRANCH",
        "branche professionnelle ou opérateur de compétences",
        "professional branch or skills operator",
    )
    UNION = "UNION", "syndicat", "union"


class MobilisationKind(Label):
    """What an organisation does to take its own people along."""

    RESOURCE_SHARING = "RESOURCE_SHARING", "partage de ressources", "sharing of resources"
    SCREENING = "SCREENING", "projection et échange", "screening and discussion"
    TRAINING = "TRAINING", "formation", "training"
    WORKSHOP = "WORKSHOP", "atelier", "workshop"


class Rhythm(Label):
    """How often something comes back."""

    ONCE = "ONCE", "une fois", "once"
    DAILY = "DAILY", "chaque jour", "daily"
    WEEKLY = "WEEKLY", "chaque semaine", "weekly"
    MONTHLY = "MONTHLY", "chaque mois", "monthly"
    OCCASIONAL = "OCCASIONAL", "selon l’occasion", "occasional"


# refusals


class InvalidSiren(Refusal):
    """{siren} is not a SIREN: nine digits whose last one is a Luhn key. Check it."""

    FRENCH = "{siren} n’est pas un SIREN : neuf chiffres, le dernier étant une clé de Luhn."


class InvalidRna(Refusal):
    """{rna} is not an RNA number: the letter W and nine characters. Check it."""

    FRENCH = "{rna} n’est pas un numéro RNA : la lettre W suivie de neuf caractères."


class SirenTaken(Refusal):
    """An organisation with the SIREN {siren} is registered already: {organisation}."""

    FRENCH = "Une organisation porte déjà le SIREN {siren} : {organisation}."


class OrganisationDissolved(Refusal):
    """This organisation was dissolved and cannot change any more."""

    FRENCH = "Cette organisation est dissoute et ne peut plus changer."


class OrganisationMerged(Refusal):
    """This organisation was merged into {survivor}: address that one."""

    FRENCH = "Cette organisation a fusionné dans {survivor} : adressez-vous à celle-ci."


class MergedIntoItself(Refusal):
    """An organisation cannot be merged into itself. Name the one that goes on."""

    FRENCH = "Une organisation ne peut fusionner avec elle-même. Indiquez celle qui continue."


class NotInNetwork(Refusal):
    """This organisation never belonged to the network {network}. Check its name."""

    FRENCH = "Cette organisation n’a jamais fait partie du réseau {network}. Vérifiez son nom."


class HeldInTheFuture(Refusal):
    """{day} is still to come: what is held lies today or in the past."""

    FRENCH = "Le {day} est à venir : on ne constate que ce qui a eu lieu."


class Organisation(Aggregate):
    """An organisation, its networks, its contacts and what it does to take its people along."""

    TOPIC = "organisation"

    class Event(AggregateEvent, frozen=True):
        """A fact about an organisation."""

    class Registered(Event, AggregateCreated, frozen=True, kw_only=True):
        """The organisation was entered, with the number under which it is known."""

        TOPIC = "organisation.registered"
        name: str
        kind: OrganisationKind
        siren: str | None = None
        rna: str | None = None
        territory: str | None = None

    class Renamed(Event, frozen=True, kw_only=True):
        """It bears another name from now on."""

        TOPIC = "organisation.renamed"
        name: str
        reason: str | None = None

        def apply(self, organisation: "Organisation") -> None:
            organisation.name = self.name

    class NetworkJoined(Event, frozen=True, kw_only=True):
        """It joined a network that crosses territories."""

        TOPIC = "organisation.network_joined"
        network: str

        def apply(self, organisation: "Organisation") -> None:
            organisation.networks[text.folded(self.network)] = True

    class NetworkLeft(Event, frozen=True, kw_only=True):
        """It left a network."""

        TOPIC = "organisation.network_left"
        network: str

        def apply(self, organisation: "Organisation") -> None:
            organisation.networks[text.folded(self.network)] = False

    class ContactDesignated(Event, frozen=True, kw_only=True):
        """A person answers for it; who that is belongs to the person."""

        TOPIC = "organisation.contact_designated"
        contact: UUID
        function: str
        name: Personal | None = None
        email: Personal | None = None
        telephone: Personal | None = None

        def apply(self, organisation: "Organisation") -> None:
            organisation.contacts.add(self.contact)

    class ContactReleased(Event, frozen=True, kw_only=True):
        """A person no longer answers for it."""

        TOPIC = "organisation.contact_released"
        contact: UUID

        def apply(self, organisation: "Organisation") -> None:
            organisation.contacts.discard(self.contact)
            organisation.released.add(self.contact)

    class MobilisationStarted(Event, frozen=True, kw_only=True):
        """It began to take its own people along."""

        TOPIC = "organisation.mobilisation_started"
        mobilisation: UUID
        name: str
        kind: MobilisationKind
        rhythm: Rhythm

        def apply(self, organisation: "Organisation") -> None:
            organisation.mobilisations[self.mobilisation] = set()

    class MobilisationSessionHeld(Event, frozen=True, kw_only=True):
        """One sitting of a mobilisation took place."""

        TOPIC = "organisation.mobilisation_session_held"
        mobilisation: UUID
        held_on: date
        attendance: int | None = None

        def apply(self, organisation: "Organisation") -> None:
            organisation.mobilisations[self.mobilisation].add(self.held_on)

    class Merged(Event, frozen=True, kw_only=True):
        """It went up in another one, to which every reference leads from now on."""

        TOPIC = "organisation.merged"
        into: UUID
        reason: str | None = None

        def apply(self, organisation: "Organisation") -> None:
            organisation.survivor = self.into

    class Absorbed(Event, frozen=True, kw_only=True):
        """Others went up in it; what was theirs is its own from now on."""

        TOPIC = "organisation.absorbed"
        organisations: tuple[UUID, ...]

        def apply(self, organisation: "Organisation") -> None:
            organisation.absorbed.update(self.organisations)

    class Dissolved(Event, frozen=True, kw_only=True):
        """It ceased to exist."""

        TOPIC = "organisation.dissolved"
        reason: str | None = None

        def apply(self, organisation: "Organisation") -> None:
            organisation.dissolved = True

    # decisions

    @classmethod
    def register(
        cls,
        id: UUID,
        *,
        now: datetime,
        name: str,
        kind: OrganisationKind,
        siren: str | None = None,
        rna: str | None = None,
        territory: str | None = None,
    ) -> Self:
        """Enter an organisation. The caller holds the claim on the SIREN."""
        return cls._create(
            cls.Registered,
            id=id,
            timestamp=now,
            name=text.name(name, "name"),
            kind=kind,
            siren=None if siren is None else _siren(siren, "siren"),
            rna=None if rna is None else _rna(rna, "rna"),
            territory=None if territory is None else reference.known(territory, "territory"),
        ).at(now)

    def rename(self, name: str, reason: str | None = None) -> None:
        """Give it another name."""
        self.require_living()
        if (clean := text.name(name, "name")) != self.name:
            self.record(self.Renamed, name=clean, reason=text.optional_text(reason, "reason"))

    def join_network(self, network: str) -> None:
        """Join a network; names are compared without case or accents."""
        self.require_living()
        network = text.name(network, "network")
        if not self.networks.get(text.folded(network)):
            self.record(self.NetworkJoined, network=network)

    def leave_network(self, network: str) -> None:
        """Leave a network."""
        self.require_living()
        network = text.name(network, "network")
        if text.folded(network) not in self.networks:
            raise NotInNetwork("network", network=network)
        if self.networks[text.folded(network)]:
            self.record(self.NetworkLeft, network=network)

    def designate_contact(
        self,
        contact: UUID,
        *,
        function: str,
        name: str | None = None,
        email: str | None = None,
        telephone: str | None = None,
    ) -> None:
        """Name a person who answers for it, by function and, if wanted, by name."""
        self.require_living()
        if contact not in self.contacts:
            self.record(
                self.ContactDesignated,
                contact=contact,
                function=text.name(function, "function"),
                name=_personal(contact, name, "name"),
                email=_personal(contact, email, "email"),
                telephone=_personal(contact, telephone, "telephone"),
            )

    def release_contact(self, contact: UUID) -> None:
        """Let a person off."""
        self.require_living()
        if contact in self.released:
            return
        if contact not in self.contacts:
            raise NotFound("contact", id=identity.external("contact", contact), noun="contact")
        self.record(self.ContactReleased, contact=contact)

    def start_mobilisation(
        self, mobilisation: UUID, *, name: str, kind: MobilisationKind, rhythm: Rhythm
    ) -> None:
        """Begin to take its own people along."""
        self.require_living()
        if mobilisation not in self.mobilisations:
            self.record(
                self.MobilisationStarted,
                mobilisation=mobilisation,
                name=text.name(name, "name"),
                kind=kind,
                rhythm=rhythm,
            )

    def hold_mobilisation_session(
        self, mobilisation: UUID, held_on: date, attendance: int | None = None
    ) -> None:
        """State that a sitting of a mobilisation took place."""
        self.require_living()
        if mobilisation not in self.mobilisations:
            raise NotFound(
                "mobilisation",
                id=identity.external("mobilisation", mobilisation),
                noun="mobilisation",
            )
        if held_on > calendar.today(self.now):
            raise HeldInTheFuture("held_on", day=held_on)
        if attendance is not None:
            text.within(attendance, 0, 1_000_000, "attendance")
        if held_on not in self.mobilisations[mobilisation]:
            self.record(
                self.MobilisationSessionHeld,
                mobilisation=mobilisation,
                held_on=held_on,
                attendance=attendance,
            )

    def merge_into(self, survivor: "Organisation", reason: str | None = None) -> None:
        """Go up in another organisation."""
        if self.survivor == survivor.id:
            return
        self.require_living()
        if survivor.id == self.id:
            raise MergedIntoItself("into")
        survivor.require_living("into")
        self.record(self.Merged, into=survivor.id, reason=text.optional_text(reason, "reason"))
        survivor.record(self.Absorbed, organisations=(self.id, *sorted(self.absorbed)))

    def dissolve(self, reason: str | None = None) -> None:
        """State that it ceased to exist."""
        if self.dissolved:
            return
        self.require_living()
        self.record(self.Dissolved, reason=text.optional_text(reason, "reason"))

    def require_living(self, path: str = "organisation") -> None:
        """Refuse what is addressed to an organisation that was merged or dissolved."""
        self.require_unmerged(path)
        if self.dissolved:
            raise OrganisationDissolved(path)

    def require_unmerged(self, path: str = "organisation") -> None:
        """Refuse what is addressed to an organisation for which another one stands now."""
        if self.survivor is not None:
            survivor = identity.external("organisation", self.survivor)
            raise OrganisationMerged(path, survivor=survivor)

    # access

    def places(self) -> Sequence[Place]:
        """Itself, and its home."""
        home = around(self.territory, ScopeKind.ORGANISATION)
        return (Place.of(ScopeKind.ORGANISATION, self.id), *home)

    async def beyond(self, work: Work) -> Sequence[Place]:
        """Where the organisation lies in which it went up."""
        return () if self.survivor is None else await places_of(Organisation, self.survivor, work)

    # evolution

    def __init__(self, name: str, siren: str | None, territory: str | None) -> None:
        self.name = name
        self.siren = siren
        self.territory = territory
        self.networks: dict[str, bool] = {}  # whether it still belongs to them
        self.contacts: set[UUID] = set()
        self.released: set[UUID] = set()
        self.mobilisations: dict[UUID, set[date]] = {}
        self.survivor: UUID | None = None
        self.absorbed: set[UUID] = set()
        self.dissolved = False

    @property
    def identities(self) -> tuple[UUID, ...]:
        """All ids under which others may know it: its own, then those that went up in it."""
        return (self.id, *sorted(self.absorbed))

    @property
    def living(self) -> bool:
        """Whether it is neither merged nor dissolved."""
        return self.survivor is None and not self.dissolved


async def standing_for(organisation: UUID, work: Work) -> Organisation | None:
    """The organisation that stands for one today: itself, or the one in which it went up."""
    found = await work.look(Organisation, organisation)
    while found is not None and found.survivor is not None:
        found = await work.look(Organisation, found.survivor)
    return found


def _siren(value: str, path: str) -> str:
    try:
        return str(siren_number.validate(value))
    except ValidationError:
        raise InvalidSiren(path, siren=value[:40]) from None


def _rna(value: str, path: str) -> str:
    compact = value.replace(" ", "").upper()
    if not re.fullmatch(r"W[0-9A-Z][0-9]{8}", compact):
        raise InvalidRna(path, rna=value[:40])
    return compact


def _personal(person: UUID, value: str | None, path: str) -> Personal | None:
    return None if value is None else Personal(person, text.name(value, path))


# commands

LIVING = (OrganisationDissolved, OrganisationMerged)


@command(
    by=(Role.PLATFORM_OPERATOR, Role.TERRITORY_ADMINISTRATOR),
    by_anywhere=(Role.COHORT_COORDINATOR, Role.ALLIANCE_COORDINATOR),
    refuses=(InvalidSiren, InvalidRna, SirenTaken, reference.UnknownTerritory),
    creates="organisation",
)
class RegisterOrganisation(Command):
    """Enter an organisation."""

    name: Annotated[str, "The name that it bears, 1 to 200 characters."]
    kind: Annotated[OrganisationKind, "What kind of organisation it is."]
    siren: Annotated[str | None, "Its SIREN, nine digits."] = None
    rna: Annotated[str | None, "Its number in the register of associations (RNA)."] = None
    territory: Annotated[str | None, "The territory where it is at home, such as region:28."] = None

    async def places(self, work: Work) -> Sequence[Place]:  # noqa: ARG002
        if self.territory is not None:
            reference.known(self.territory, "territory")
        return around(self.territory, ScopeKind.ORGANISATION)

    async def decide(self, work: Work) -> Organisation:
        organisation = Organisation.register(
            work.new_id(),
            now=work.now,
            name=self.name,
            kind=self.kind,
            siren=self.siren,
            rna=self.rna,
            territory=self.territory,
        )
        if organisation.siren:
            claim = await work.claim("siren", organisation.siren)
            if claim.held_by_another(organisation.id):
                assert claim.holder is not None
                holder = identity.external("organisation", claim.holder)
                raise SirenTaken("siren", siren=organisation.siren, organisation=holder)
            claim.take(organisation.id)
        return work.add(organisation)


@command(by=(Role.TERRITORY_ADMINISTRATOR, Role.ORGANISATION_LEADER), refuses=LIVING)
class RenameOrganisation(Command):
    """Give an organisation another name."""

    organisation: Annotated[Id, "The organisation."]
    name: Annotated[str, "Its new name, 1 to 200 characters."]
    reason: Annotated[str | None, "Why it changes its name."] = None

    async def decide(self, work: Work) -> Organisation:
        organisation = await work.get(Organisation, self.organisation)
        organisation.rename(self.name, self.reason)
        return organisation


@command(by=(Role.TERRITORY_ADMINISTRATOR, Role.ORGANISATION_LEADER), refuses=LIVING)
class JoinNetwork(Command):
    """Join a network that crosses territories."""

    organisation: Annotated[Id, "The organisation."]
    network: Annotated[str, "The network's name, such as AASQA; case and accents do not matter."]

    async def decide(self, work: Work) -> Organisation:
        organisation = await work.get(Organisation, self.organisation)
        organisation.join_network(self.network)
        return organisation


@command(
    by=(Role.TERRITORY_ADMINISTRATOR, Role.ORGANISATION_LEADER), refuses=(*LIVING, NotInNetwork)
)
class LeaveNetwork(Command):
    """Leave a network."""

    organisation: Annotated[Id, "The organisation."]
    network: Annotated[str, "The network's name."]

    async def decide(self, work: Work) -> Organisation:
        organisation = await work.get(Organisation, self.organisation)
        organisation.leave_network(self.network)
        return organisation


@command(by=(Role.TERRITORY_ADMINISTRATOR, *REPRESENTATIVES), refuses=LIVING, creates="contact")
class DesignateContact(Command):
    """Name a person who answers for an organisation.

    Name, e-mail and telephone are kept encrypted, and can be forgotten.
    """

    PERSONAL = frozenset({"name", "email", "telephone"})

    organisation: Annotated[Id, "The organisation."]
    function: Annotated[str, "The person's function, such as directrice."]
    name: Annotated[str | None, "The person's name."] = None
    email: Annotated[str | None, "The person's e-mail address."] = None
    telephone: Annotated[str | None, "The person's telephone number."] = None

    async def decide(self, work: Work) -> Organisation:
        organisation = await work.get(Organisation, self.organisation)
        organisation.designate_contact(
            work.new_id(),
            function=self.function,
            name=self.name,
            email=self.email,
            telephone=self.telephone,
        )
        return organisation


@command(by=(Role.TERRITORY_ADMINISTRATOR, *REPRESENTATIVES), refuses=LIVING)
class ReleaseContact(Command):
    """Let a person off who answered for an organisation."""

    organisation: Annotated[Id, "The organisation."]
    contact: Annotated[Id, "The contact."]

    async def decide(self, work: Work) -> Organisation:
        organisation = await work.get(Organisation, self.organisation)
        organisation.release_contact(identity.internal("contact", self.contact))
        return organisation


@command(by=REPRESENTATIVES, refuses=LIVING, creates="mobilisation")
class StartMobilisation(Command):
    """Begin to take the people of an organisation along."""

    organisation: Annotated[Id, "The organisation."]
    name: Annotated[str, "What it is called."]
    kind: Annotated[MobilisationKind, "What it consists of."]
    rhythm: Annotated[Rhythm, "How often it comes back."]

    async def decide(self, work: Work) -> Organisation:
        organisation = await work.get(Organisation, self.organisation)
        organisation.start_mobilisation(
            work.new_id(), name=self.name, kind=self.kind, rhythm=self.rhythm
        )
        return organisation


@command(by=REPRESENTATIVES, refuses=(*LIVING, HeldInTheFuture))
class HoldMobilisationSession(Command):
    """State that a sitting of a mobilisation took place."""

    organisation: Annotated[Id, "The organisation."]
    mobilisation: Annotated[Id, "The mobilisation."]
    held_on: Annotated[date, "The day."]
    attendance: Annotated[int | None, "How many came, where that is known."] = None

    async def decide(self, work: Work) -> Organisation:
        organisation = await work.get(Organisation, self.organisation)
        organisation.hold_mobilisation_session(
            identity.internal("mobilisation", self.mobilisation), self.held_on, self.attendance
        )
        return organisation


@command(
    by=(Role.PLATFORM_OPERATOR, Role.TERRITORY_ADMINISTRATOR),
    also="into",
    refuses=(*LIVING, MergedIntoItself),
)
class MergeOrganisation(Command):
    """Let an organisation go up in another one, to which every reference leads from then on."""

    organisation: Annotated[Id, "The organisation that goes up in the other."]
    into: Annotated[Id, "The organisation that goes on."]
    reason: Annotated[str | None, "Why they merge."] = None

    async def decide(self, work: Work) -> Organisation:
        organisation = await work.get(Organisation, self.organisation)
        organisation.merge_into(await work.get(Organisation, self.into), self.reason)
        await _release_siren(organisation, work)
        return organisation


@command(by=(Role.PLATFORM_OPERATOR, Role.TERRITORY_ADMINISTRATOR), refuses=LIVING)
class DissolveOrganisation(Command):
    """State that an organisation ceased to exist."""

    organisation: Annotated[Id, "The organisation."]
    reason: Annotated[str | None, "Why it ceased to exist."] = None

    async def decide(self, work: Work) -> Organisation:
        organisation = await work.get(Organisation, self.organisation)
        organisation.dissolve(self.reason)
        await _release_siren(organisation, work)
        return organisation


async def _release_siren(organisation: Organisation, work: Work) -> None:
    if organisation.siren:
        (await work.claim("siren", organisation.siren)).release(organisation.id)
