"""Questions: where a reader can enter."""

import strawberry

from api.actions import ACTIONS
from api.alliances import ALLIANCES
from api.bookmarks import bookmarks
from api.challenges import CHALLENGES
from api.cohorts import COHORTS
from api.differences import compared_by_id
from api.enrolments import ENROLMENTS
from api.entity import linked
from api.enumerations import Enumeration, all_enumerations
from api.footprint_batches import FOOTPRINT_BATCHES
from api.footprints import footprint_stats
from api.indicators import INDICATOR_COURSES, INDICATORS
from api.meetings import MEETINGS
from api.moments import moment
from api.news import news
from api.organisations import NETWORKS, ORGANISATIONS
from api.participations import PARTICIPATIONS
from api.persons import exported
from api.principals import PRINCIPALS
from api.progress import ACTION_YEARS
from api.proofs import consistency, inclusion, tree_head
from api.reviews import FINDINGS
from api.roadmaps import ROADMAPS
from api.root import any_node, any_nodes, asking, by_id, by_key, by_name, matching
from api.search import searched
from api.statistics import stats
from api.territories import TERRITORIES
from api.truth import true_on
from api.webhooks.webhook import webhook, webhooks
from api.workshops import WORKSHOPS


@linked
@strawberry.type(description="Questions.")
class Query:
    """Questions."""

    node = any_node("Anything by its id; null where there is no such thing.")
    nodes = any_nodes("Several things by their ids, in their order; null for each unknown one.")

    organisation = by_id("organisation", "Organisation", "An organisation by its id.")
    organisations = matching(
        ORGANISATIONS,
        ("name_key", "id"),
        "Every organisation, by name; case and accents do not matter.",
    )
    organisation_stats = stats(ORGANISATIONS, "What organisations come to.")
    network = by_name("network", "Network", "A network by its name, such as AASQA.")
    networks = matching(NETWORKS, ("name_key", "id"), "Every network, by name.")
    cohort = by_id("cohort", "Cohort", "A cohort by its id.")
    cohorts = matching(COHORTS, ("opened_at", "id"), "Every cohort, the oldest first.")
    cohort_stats = stats(COHORTS, "What cohorts come to.")
    enrolment_stats = stats(ENROLMENTS, "What organisations' ways into cohorts come to.")
    roadmap = by_id("roadmap", "Roadmap", "A roadmap by its id.")
    roadmaps = matching(ROADMAPS, ("drafted_at", "id"), "Every roadmap, the oldest first.")
    roadmap_stats = stats(ROADMAPS, "What roadmaps come to.")
    alliance = by_id("alliance", "Alliance", "An alliance by its id.")
    alliances = matching(
        ALLIANCES,
        ("name_key", "id"),
        "Every alliance, by name; case and accents do not matter.",
    )
    alliance_stats = stats(ALLIANCES, "What alliances come to.")
    meeting_stats = stats(MEETINGS, "What meetings of alliances come to.")
    finding_stats = stats(FINDINGS, "What reviews found of actions, year by year.")
    indicators = matching(INDICATORS, ("name_key", "id"), "What every alliance measures, by name.")
    indicator_stats = stats(INDICATORS, "What indicators come to.")
    indicator_course_stats = stats(
        INDICATOR_COURSES,
        "How far indicators are, within alliances and across them, by member or in all.",
    )
    action = by_id("action", "Action", "An action by its id.")
    actions = matching(ACTIONS, ("proposed_at", "id"), "Every action, the oldest first.")
    action_stats = stats(ACTIONS, "What actions come to.")
    action_year_stats = stats(ACTION_YEARS, "How far actions were, year by year.")
    challenge = by_id("challenge", "Challenge", "A challenge by its id.")
    challenges = matching(
        CHALLENGES, ("starts_on", "id"), "Every challenge, in the order of their first days."
    )
    challenge_stats = stats(CHALLENGES, "What challenges come to.")
    workshop = by_id("workshop", "Workshop", "A workshop by its id.")
    workshops = matching(
        WORKSHOPS,
        ("starts_at", "id"),
        "Every workshop of a challenge, in the order of their hours.",
    )
    workshop_stats = stats(WORKSHOPS, "What workshops of challenges come to.")
    footprint_batch = by_id("footprint_batch", "FootprintBatch", "A batch of footprints by its id.")
    footprint_batches = matching(
        FOOTPRINT_BATCHES,
        ("recorded_at", "id"),
        "Every batch of footprints, in the order of recording.",
    )
    footprint_stats = footprint_stats(
        "What footprints come to, by batches and never below the threshold of disclosure."
    )
    participation_stats = stats(
        PARTICIPATIONS, "How many people came to workshops, against how many are to be reached."
    )
    seat = by_id("seat", "Seat", "How a registration stands, by its id alone.", noun="registration")
    territory = by_key("territory", "Territory", "A territory by its key, such as region:28.")
    territories = matching(
        TERRITORIES, ("name_key", "key"), "Every territory of reference, by name."
    )

    viewer = asking(
        "principal", "Principal", "Who is asking, with the roles that they hold; null for anybody."
    )
    principal = by_id("principal", "Principal", "A principal by its id.")
    principals = matching(
        PRINCIPALS,
        ("opened_at", "id"),
        "Every principal that the caller may know of, the oldest first.",
    )

    news = news(
        "What happened beyond a bookmark of the caller: what is published, and may be seen. "
        "To ask moves no bookmark; markRead does."
    )
    bookmarks = bookmarks("The bookmarks of the caller, by name.")

    webhook = webhook("A webhook of the caller by its id; null where they have none such.")
    webhooks = webhooks("The webhooks of the caller, the oldest first.")

    export_person = exported(
        "All that is held about a person, by the id of a contact, assignment, registration or "
        "principal: for themselves, and for whoever may have them forgotten."
    )

    true_on = true_on(
        "What is known by now of a day of an action or a roadmap: what was recorded late and what "
        "was corrected counts from the day on which it was so."
    )
    moment = moment(
        "The moment of an instant or a position: at which position the log was, and since when."
    )
    tree_head = tree_head(
        "The newest signed head of the tree over the log, or the first over so many events; null "
        "while there is none."
    )
    proof = inclusion(
        "That an event is in the log and was never changed: a proof by the newest head."
    )
    consistency = consistency(
        "That the log of a later head goes on from that of an earlier one: nothing that it held "
        "was changed or removed."
    )

    search = searched(
        "What is found by its words, the best first: organisations, cohorts, roadmaps, alliances "
        "and actions."
    )

    diff = compared_by_id(
        "What is another in a thing between two moments or versions, by its id; null for what has "
        "no such states."
    )

    enumerations: list[Enumeration] = strawberry.field(
        resolver=all_enumerations,
        description="Every vocabulary, with the French and the English label of each value.",
    )
