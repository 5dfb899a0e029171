"""Enrolments: how organisations come into a cohort, and who stands for them."""

from api.entity import entity, many, one
from api.facets import by, facets, year
from projections.enrolments import DelegateRow, EnrolmentRow


@entity(
    standing="How far it has come: applied, admitted, enrolled, or withdrawn.",
    held_place="Whether it took one of the places that were held.",
    applied_at="When it applied.",
    admitted_at="When it was admitted.",
    enrolled_at="When it was enrolled.",
    withdrew_at="When it withdrew.",
    withdrew_because="Why it withdrew.",
)
class Enrolment(EnrolmentRow):
    """An organisation's way into a cohort, and out of it where it withdrew."""

    cohort = one("The cohort.")
    organisation = one("The organisation.")
    roadmaps = many("The roadmaps that the organisation drafted within the cohort; a few.")
    delegates = many("Who stands for the organisation, in the order of their naming; a few.")


@entity(
    role="In which role.",
    function="Their function in the organisation.",
)
class Delegate(DelegateRow):
    """One who stands for an organisation in a cohort."""

    cohort = one("The cohort.")
    organisation = one("The organisation.")
    contact = one("The contact of the organisation that they are, where that is known.")


ENROLMENTS = facets(
    EnrolmentRow,
    "Enrolment",
    orders=("applied_at",),
    standing=by("How far it has come."),
    held_place=by("Whether it took one of the places that were held."),
    cohort=by("The cohort.", "cohort_id", shows="cohort"),
    organisation=by("The organisation.", "organisation_id", grouped=False),
    organisation_kind=by("What kind of organisation it is.", "kind", via=("organisation",)),
    territory=by(
        "The territory where the organisation is at home.",
        "territory_key",
        via=("organisation",),
        shows="territory",
    ),
    network=by(
        "A network that the organisation is a member of.",
        "network_id",
        via=("organisation", "memberships"),
        shows="network",
    ),
    applied_at=by("When it applied.", grouped=False),
    applied_year=year("The year in which it applied.", "applied_at"),
)
"""By what enrolments can be chosen and grouped."""
