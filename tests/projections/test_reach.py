"""Given what happened to a roadmap or an action, then what it says goes so far and no further."""

from collections.abc import Iterable, Sequence
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings

from domain.action import Action, ActionVisibility
from domain.aggregate import AggregateEvent
from domain.identity import Id
from domain.ownership import ActionOwner
from domain.part import Lever
from domain.roadmap import Roadmap, RoadmapOwner
from domain.sheet import Classification, Wording
from projections.passages import PASSAGES, Findable, PassagePart, PassageRow
from projections.reach import Reach
from projections.roadmaps import ROADMAPS, RoadmapRow
from projections.rows import Rows
from tests.domain.roadmaps import COMMITTEE, GOVERNANCE, NOW, bilan
from tests.history import news
from tests.projections.folding import folded, of_interest, only
from tests.projections.stories import stories

INSIDERS, FELLOWS, EVERYONE = Reach.INSIDERS, Reach.FELLOWS, Reach.EVERYONE
STEPS = ("submit", "publish", "revise", "submit", "publish", "revise", "archive")


def a_roadmap() -> Roadmap:
    """A roadmap that can be submitted."""
    owner = RoadmapOwner(organisation=uuid4(), cohort=uuid4())
    roadmap = Roadmap.draft(uuid4(), now=NOW, owner=owner, horizon=2030, title="Cap")
    roadmap.ask_generative_question("Comment aller ensemble ?")
    roadmap.set_new_course("Un commun")
    roadmap.add_lever(GOVERNANCE, Lever(title="Mesurer"))
    roadmap.add_objective(COMMITTEE, GOVERNANCE, bilan(wording="Un bilan"))
    return roadmap


def after(steps: Iterable[str]) -> Sequence[AggregateEvent]:
    """Tell what happened to a roadmap, step by step."""
    roadmap = a_roadmap()
    for step in steps:
        match step:
            case "submit":
                roadmap.submit(uuid4())
            case "publish":
                roadmap.publish()
            case "revise":
                roadmap.open_revision("Plus loin")
            case _:
                roadmap.archive("Fini")
    return news(roadmap)


@pytest.mark.parametrize(
    ("steps", "known_to", "read_by"),
    [
        ((), INSIDERS, INSIDERS),
        (("submit",), FELLOWS, FELLOWS),
        (("submit", "revise"), FELLOWS, INSIDERS),
        (("submit", "publish"), EVERYONE, EVERYONE),
        (("submit", "revise", "publish"), EVERYONE, INSIDERS),
        (("submit", "publish", "revise"), EVERYONE, INSIDERS),
        (("submit", "publish", "revise", "submit"), EVERYONE, FELLOWS),
        (STEPS[:5], EVERYONE, EVERYONE),
        (("archive",), INSIDERS, INSIDERS),
        (STEPS, EVERYONE, INSIDERS),
    ],
)
def test_a_roadmap_goes_as_far_as_it_was_submitted_and_published(
    steps: Sequence[str], known_to: Reach, read_by: Reach
) -> None:
    events = after(steps)
    row = only(folded(ROADMAPS, *events), RoadmapRow)
    assert (row.known_to, row.read_by) == (known_to, read_by)
    passages = list(folded(PASSAGES, *events).all(PassageRow))
    assert len(passages) == 5
    for passage in passages:
        named = passage.part is PassagePart.NAME
        assert passage.reach is (known_to if named else read_by)


@given(events=stories(150))
@settings(max_examples=35, suppress_health_check=list(HealthCheck))
def test_a_passage_is_never_found_by_more_than_may_read_it(events: list[AggregateEvent]) -> None:
    roadmaps, passages = Rows(), Rows()
    for projection, rows in ((ROADMAPS, roadmaps), (PASSAGES, passages)):
        for each in of_interest(projection, events):
            projection.take(rows, each)
    for passage in passages.all(PassageRow):
        if passage.kind is Findable.ROADMAP:
            roadmap = roadmaps.change(RoadmapRow, Id(passage.entity_id))
            named = passage.part is PassagePart.NAME
            assert passage.reach is (roadmap.known_to if named else roadmap.read_by)


def an_action(owner: ActionOwner) -> Action:
    """A public action."""
    wording = Wording(title="Réparer", description="des vélos")
    return Action.propose(
        uuid4(), now=NOW, owner=owner, wording=wording, classification=Classification()
    )


def test_a_restricted_action_is_found_as_its_row_says_and_a_public_one_by_all() -> None:
    action = an_action(ActionOwner(alliance=uuid4()))
    facts = news(action)
    assert {row.reach for row in folded(PASSAGES, *facts).all(PassageRow)} == {EVERYONE}
    action.set_visibility(ActionVisibility.RESTRICTED)
    facts += news(action)
    assert EVERYONE not in {row.reach for row in folded(PASSAGES, *facts).all(PassageRow)}
    action.set_visibility(ActionVisibility.PUBLIC)
    facts += news(action)
    assert {row.reach for row in folded(PASSAGES, *facts).all(PassageRow)} == {EVERYONE}


def test_an_action_under_a_lever_is_never_found_without_its_roadmap() -> None:
    action = an_action(ActionOwner(roadmap=uuid4(), lever=uuid4()))
    for visibility in (ActionVisibility.RESTRICTED, ActionVisibility.PUBLIC):
        action.set_visibility(visibility)
    assert EVERYONE not in {row.reach for row in folded(PASSAGES, *news(action)).all(PassageRow)}
