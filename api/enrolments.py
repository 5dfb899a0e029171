"""Enrolments: how organisations come into a cohort, and who stands for them."""

from api.entity import entity, many, one
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
