"""Cohorts: where they come from, what they hold, and what came of them."""

from api.blame import blamed
from api.differences import compared
from api.entity import connection, entity, many, one
from api.facets import by, facets, folded, year
from api.history.connection import history
from api.node import Node
from projections.cohorts import (
    CohortRow,
    CohortTerritoryRow,
    ErratumRow,
    PlaceHoldRow,
    ResourceRow,
)


@entity(
    id="Its id.",
    version="How many facts about it were recorded; give it as expectedVersion.",
    opened_at="When it was entered.",
    updated_at="When the last fact about it was recorded.",
    name="The name that it bears.",
    edition="Which edition of its programme it is.",
    status="Where it stands on its way.",
    capacity="How many organisations it can take, where that is known.",
    places_held="How many places are held for organisations that are known by number only.",
    starts_on="The day on which it begins.",
    ends_on="The day on which it ends.",
    started_on="The day on which it did begin.",
    closed_on="The day on which it was closed.",
    report_organisations="How many organisations went all the way, as its report says.",
    report_title="The title of its report.",
    report_url="Where its report can be read.",
    report_summary="What its report says, in short.",
    report_corrected_because="Why its report was corrected, where it was.",
)
class Cohort(CohortRow, Node):
    """A cohort: organisations that go through a programme together."""

    territories = many("The territories that it spans, in the order of their keys; a few.")
    sessions = many("Its sessions, in the order of their numbers; a few.")
    webinars = many("Its webinars, in the order of their days; a few.")
    base_camps = many("Its base camps, the oldest first; a few.")
    enrolments = connection("The organisations that applied, in the order in which they did.")
    resources = connection("What was shared with it, in the order of the days.")
    place_holds = many("How places were held and released, in order; a few.")
    errata = many("What is recorded of it and wrong, in words; a few.")
    roadmaps = connection("The roadmaps that were drafted within it, the oldest first.")
    springs_from_cohort = one("The cohort from which it springs.")
    springs_from_roadmap = one("The roadmap from which it springs.")
    springs_from_lever = one("The lever of a roadmap that is to launch it.")
    launched_cohorts = connection("The cohorts that spring from it, the oldest first.")
    diff = compared()
    blame = blamed()
    history = history("cohort")


@entity()
class CohortTerritory(CohortTerritoryRow):
    """One of the territories of a cohort."""

    cohort = one("The cohort.")
    territory = one("The territory.")


@entity(
    id="Its id.",
    title="Its title.",
    kind="What it is.",
    url="Where it can be found.",
    shared_on="The day on which it was shared.",
)
class Resource(ResourceRow, Node):
    """Something to read, to see or to use that was shared with a cohort."""

    cohort = one("The cohort with which it was shared.")


@entity(
    places="How many places were held; negative where they were released.",
    note="For whom, or why.",
    recorded_at="When it was recorded.",
)
class PlaceHold(PlaceHoldRow):
    """Places that were held for organisations that are known by number only, or released."""


@entity(
    subject="What is wrong.",
    correction="What is right.",
    reason="Why it was noted.",
    noted_at="When it was noted.",
)
class Erratum(ErratumRow):
    """What is recorded of a subject is wrong, in words that say how."""


COHORTS = facets(
    CohortRow,
    "Cohort",
    orders=("name", "opened_at", "starts_on"),
    name=folded("Its name."),
    edition=by("Which edition of its programme it is."),
    status=by("Where it stands on its way."),
    territory=by(
        "A territory that it spans.", "territory_key", via=("territories",), shows="territory"
    ),
    opened_at=by("When it was entered.", grouped=False),
    starts_on=by("The day on which it begins.", grouped=False),
    ends_on=by("The day on which it ends.", grouped=False),
    year=year("The year in which it begins.", "starts_on"),
    capacity=by("How many organisations it can take.", grouped=False),
    measures={
        "capacity": "How many organisations they can take.",
        "places_held": "How many places are held for organisations that are known by number only.",
    },
)
"""By what cohorts can be chosen and grouped, and what is summed up of them."""
