"""Organisations, their networks, their contacts and what they do to take their people along."""

from api.blame import blamed
from api.differences import compared
from api.entity import connection, entity, many, one
from api.facets import by, facets, folded, year
from api.history.connection import history
from api.node import Node
from projections.organisations import (
    ContactRow,
    MembershipRow,
    MobilisationRow,
    MobilisationSessionRow,
    NetworkRow,
    OrganisationRow,
)


@entity(
    id="Its id.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    registered_at="When it was entered.",
    updated_at="When the last fact about it was recorded.",
    name="The name that it bears.",
    kind="What kind of organisation it is.",
    siren="Its SIREN, where it has one.",
    rna="Its number in the register of associations, where it has one.",
    dissolved="Whether it has ceased to exist.",
)
class Organisation(OrganisationRow, Node):
    """An organisation that takes part: a company, an association, an authority …."""

    territory = one("The territory where it is at home.")
    merged_into = one("The organisation in which it went up, where that happened.")
    memberships = connection("Its places in networks.")
    contacts = many("Those who answer for it, in the order of their ids; a few.")
    alliances = connection("The alliances to which it belongs or did, the first joined first.")
    enrolments = connection("The cohorts that it applied to, the oldest application first.")
    roadmaps = connection("Its roadmaps, the oldest first.")
    assignments = connection("Its roles in actions, in the order of naming.")
    attendances = connection("Who came to which session for it.")
    mobilisations = many("What it does to take its people along, the oldest first; a few.")
    diff = compared()
    blame = blamed()
    history = history("organisation")


@entity(id="Its id.", name="The name under which it is known.")
class Network(NetworkRow, Node):
    """A network that crosses territories, such as that of the air quality agencies."""

    memberships = connection("Its members.")


@entity(joined_at="When the organisation joined.")
class Membership(MembershipRow):
    """An organisation's place in a network."""

    organisation = one("The member.")
    network = one("The network.")


@entity(
    id="Its id.",
    function="The person's function.",
    name="The person's name; null once the person was forgotten.",
    email="The person's e-mail address, where it is known.",
    telephone="The person's telephone number, where it is known.",
    designated_at="Since when the person answers for the organisation.",
)
class Contact(ContactRow, Node):
    """A person who answers for an organisation."""

    organisation = one("The organisation.")


@entity(
    id="Its id.",
    name="What it is called.",
    kind="What it consists of.",
    rhythm="How often it comes back.",
    started_at="When it was recorded.",
)
class Mobilisation(MobilisationRow, Node):
    """What an organisation does to take its own people along."""

    sessions = many("Its sittings, in the order of their days.")


@entity(held_on="The day.", attendance="How many came, where that is known.")
class MobilisationSession(MobilisationSessionRow):
    """One sitting of a mobilisation."""


ORGANISATIONS = facets(
    OrganisationRow,
    "Organisation",
    orders=("name", "registered_at"),
    name=folded("Its name."),
    kind=by("What kind of organisation it is."),
    territory=by("The territory where it is at home.", "territory_key", shows="territory"),
    network=by(
        "A network that it is a member of.", "network_id", via=("memberships",), shows="network"
    ),
    cohort=by("A cohort that it applied to.", "cohort_id", via=("enrolments",), shows="cohort"),
    registered_at=by("When it was entered.", grouped=False),
    registered_year=year("The year in which it was entered.", "registered_at"),
    dissolved=by("Whether it has ceased to exist."),
)
"""By what organisations can be chosen and grouped."""

NETWORKS = facets(
    NetworkRow,
    "Network",
    orders=("name",),
    name=folded("Its name."),
    member=by(
        "An organisation that is a member of it.",
        "organisation_id",
        via=("memberships",),
        shows="organisation",
    ),
)
"""By what networks can be chosen."""
