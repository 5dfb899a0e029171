"""Given what happened to actions, when it is folded, then this can be read."""

from datetime import date
from typing import Any
from uuid import uuid4

from domain.action import Action, ActionVisibility
from domain.identity import external
from domain.ownership import ActionOwner
from domain.progress import ExecutionStatus, ProgressReport
from domain.sheet import ActionCategory, ActionPriority, Axis, ParticipationLevel, Wording
from projections.actions import ACTIONS, ActionRow
from projections.budgets import BudgetAnswer
from tests.domain.actions import ALLIANCE, GEOTHERMAL, LAST_YEAR, LEVER, OWN, ROADMAP
from tests.domain.work import NOW
from tests.history import AT, news
from tests.projections.folding import folded, only


def an_action(**given: Any) -> Action:
    """An action just proposed, by an alliance unless it is said otherwise."""
    wanted = {"owner": OWN, "wording": Wording(title=GEOTHERMAL), **given}
    return Action.propose(uuid4(), now=NOW, **wanted)


def row_of(*actions: Action) -> ActionRow:
    """What can be read of the one action there is."""
    return only(folded(ACTIONS, *news(*actions)), ActionRow)


def test_a_proposal_can_be_read_with_its_owner_and_its_place_in_the_plan() -> None:
    axis = Axis(axis="Axe 1", sub_axis="ENR", sub_sub_axis="Géothermie")
    row = row_of(action := an_action(code="1_112", axis=axis))
    assert (row.id, row.version) == (external("action", action.id), 1)
    assert (row.proposed_at, row.updated_at) == (AT, AT)
    assert (row.alliance_id, row.roadmap_id) == (external("alliance", ALLIANCE), None)
    assert (row.code, row.title) == ("1_112", GEOTHERMAL)
    assert (row.axis, row.sub_axis, row.sub_sub_axis) == ("Axe 1", "ENR", "Géothermie")
    assert (row.visibility, row.status) == (ActionVisibility.PUBLIC, None)
    assert (row.budget_answer, row.percent) == (BudgetAnswer.NOT_ASKED, None)


def test_the_action_of_a_lever_names_lever_and_roadmap() -> None:
    row = row_of(an_action(owner=ActionOwner(roadmap=ROADMAP, lever=LEVER)))
    assert (row.roadmap_id, row.lever_id) == (
        external("roadmap", ROADMAP),
        external("lever", LEVER),
    )
    assert row.alliance_id is None


def test_a_part_names_the_action_of_which_it_is_one() -> None:
    whole = an_action()
    part = an_action(part_of=whole)
    rows = folded(ACTIONS, *news(whole, part))
    row = rows.get(ActionRow, external("action", part.id))
    assert row is not None
    assert row.part_of_id == external("action", whole.id)


def test_an_adopted_action_names_its_origin_and_the_version_that_was_adopted() -> None:
    origin = an_action()
    origin.prioritise(ActionPriority.HIGH)
    adopted = an_action(owner=ActionOwner(alliance=uuid4()))
    adopted.keep_origin(origin)
    origin.prioritise(ActionPriority.LOW)
    rows = folded(ACTIONS, *news(origin, adopted))
    row = rows.get(ActionRow, external("action", adopted.id))
    assert row is not None
    assert (row.origin_id, row.origin_version) == (external("action", origin.id), 2)
    assert row.adopted_at == AT


def test_an_action_says_what_it_was_reworded_to() -> None:
    action = an_action()
    action.reword(Wording(title="Un", description="D", objectives="O", means="M"))
    action.correct_wording(
        Wording(title="Deux", expected_effects="E", indicators="I"), "Le titre était d’une autre"
    )
    row = row_of(action)
    assert (row.title, row.description, row.objectives) == ("Deux", None, None)
    assert (row.expected_effects, row.means, row.indicators) == ("E", None, "I")


def test_an_action_is_filed_as_was_said_last() -> None:
    action = an_action(code="4_12", axis=Axis(axis="Axe 1"))
    action.recode("4_13")
    action.place_in_axis(Axis(axis="Axe 5"))
    action.categorise(ActionCategory.KNOWLEDGE)
    action.set_participation(ParticipationLevel.DIALOGUE)
    action.prioritise(ActionPriority.HIGH)
    action.set_visibility(ActionVisibility.RESTRICTED)
    row = row_of(action)
    assert (row.code, row.axis, row.sub_axis) == ("4_13", "Axe 5", None)
    assert (row.category, row.priority) == (ActionCategory.KNOWLEDGE, ActionPriority.HIGH)
    assert row.participation is ParticipationLevel.DIALOGUE
    assert row.visibility is ActionVisibility.RESTRICTED


def test_a_period_can_be_fixed_and_put_right() -> None:
    action = an_action()
    action.schedule(date(2026, 1, 1), date(2026, 12, 31))
    action.correct_schedule(date(2026, 2, 1), None, "Mal lu")
    row = row_of(action)
    assert (row.starts_on, row.ends_on) == (date(2026, 2, 1), None)


def test_a_blocked_action_says_what_is_in_its_way_until_it_is_not() -> None:
    action = an_action()
    action.change_status(ExecutionStatus.UNDER_WAY)
    action.block("Pas de financement")
    blocked = news(action)
    row = only(folded(ACTIONS, *blocked), ActionRow)
    assert (row.status, row.obstacle) == (ExecutionStatus.BLOCKED, "Pas de financement")
    action.unblock()
    row = only(folded(ACTIONS, *blocked, *news(action)), ActionRow)
    assert (row.status, row.obstacle) == (ExecutionStatus.UNDER_WAY, None)


def test_a_finished_action_stands_at_100_since_its_day_and_goes_on_when_reopened() -> None:
    action = an_action()
    action.block("Bientôt levé")
    action.finish(LAST_YEAR)
    finished = news(action)
    row = only(folded(ACTIONS, *finished), ActionRow)
    assert (row.status, row.settled_on) == (ExecutionStatus.DONE, LAST_YEAR)
    assert (row.percent, row.reported_on, row.obstacle) == (100, LAST_YEAR, None)
    action.reopen("Il reste un volet", percent=90)
    row = only(folded(ACTIONS, *finished, *news(action)), ActionRow)
    assert (row.status, row.settled_on) == (ExecutionStatus.UNDER_WAY, None)
    assert row.percent == 90


def test_an_abandoned_action_says_why_until_it_is_reopened() -> None:
    action = an_action()
    action.abandon("Sans porteur", LAST_YEAR)
    abandoned = news(action)
    row = only(folded(ACTIONS, *abandoned), ActionRow)
    assert (row.status, row.abandoned_because) == (ExecutionStatus.ABANDONED, "Sans porteur")
    action.reopen("Un porteur est trouvé")
    row = only(folded(ACTIONS, *abandoned, *news(action)), ActionRow)
    assert (row.status, row.abandoned_because) == (ExecutionStatus.UNDER_WAY, None)


def test_the_latest_day_says_how_far_an_action_is_whenever_it_was_reported() -> None:
    action = an_action()
    action.report_progress(date(2025, 12, 31), ProgressReport(percent=60))
    action.report_progress(date(2024, 12, 31), ProgressReport(percent=20))
    action.correct_progress(date(2025, 12, 31), ProgressReport(percent=67), "Un volet oublié")
    row = row_of(action)
    assert (row.percent, row.reported_on) == (67, date(2025, 12, 31))


def test_an_action_with_another_aim_says_the_new_one() -> None:
    action = an_action()
    action.refocus(2026, "La logistique à part", title="Approvisionner les cantines")
    assert row_of(action).title == "Approvisionner les cantines"
