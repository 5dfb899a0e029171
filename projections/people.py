"""People: who may know those by name who answer for an organisation."""

from domain.participation import Standing
from projections.access import Among, Holds, Rule, Through, all_of, any_of
from projections.circle import INSIDERS, KEEPERS, Circle
from projections.reach import COUNTRY

_TAKES_PART = (Standing.APPLIED.value, Standing.ADMITTED.value, Standing.ENROLLED.value)


def _of_organisation(circle: Circle, who: str) -> Rule:
    return any_of(
        Among(("organisation_id",), circle),
        Through(
            "enrolments", all_of(Holds("standing", _TAKES_PART), Among(("cohort_id",), circle))
        ),
        Through("organisation", Among(("territory_key",), circle, otherwise=COUNTRY)),
        who=who,
    )


_KEEP = (
    "the people of the organisation, those who coach or coordinate it in a cohort, administrators"
)

BY_NAME: Rule = _of_organisation(KEEPERS, f"{_KEEP} of its territory")
"""Of what belongs to an organisation: its people, those who coach or coordinate it in a cohort,
and the administrators of its territory."""

BY_FUNCTION: Rule = _of_organisation(INSIDERS, f"{_KEEP} and auditors of its territory")
"""The same and auditors, who see that there is somebody, and not who."""
