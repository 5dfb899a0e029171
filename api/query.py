"""Questions: where a reader can enter."""

import strawberry

from api.entity import linked
from api.enumerations import Enumeration, all_enumerations
from api.root import any_node, any_nodes, by_id, by_key, by_name, every


@linked
@strawberry.type(description="Questions.")
class Query:
    """Questions."""

    node = any_node("Anything by its id; null where there is no such thing.")
    nodes = any_nodes("Several things by their ids, in their order; null for each unknown one.")

    organisation = by_id("organisation", "Organisation", "An organisation by its id.")
    organisations = every(
        "organisation",
        "Organisation",
        ("name_key", "id"),
        "Every organisation, by name; case and accents do not matter.",
    )
    network = by_name("network", "Network", "A network by its name, such as AASQA.")
    networks = every("network", "Network", ("name_key", "id"), "Every network, by name.")
    cohort = by_id("cohort", "Cohort", "A cohort by its id.")
    cohorts = every("cohort", "Cohort", ("opened_at", "id"), "Every cohort, the oldest first.")
    roadmap = by_id("roadmap", "Roadmap", "A roadmap by its id.")
    roadmaps = every("roadmap", "Roadmap", ("drafted_at", "id"), "Every roadmap, the oldest first.")
    territory = by_key("territory", "Territory", "A territory by its key, such as region:28.")
    territories = every(
        "territory", "Territory", ("name_key", "key"), "Every territory of reference, by name."
    )

    enumerations: list[Enumeration] = strawberry.field(
        resolver=all_enumerations,
        description="Every vocabulary, with the French and the English label of each value.",
    )
