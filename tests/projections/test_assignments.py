"""Given who carries actions, when it is folded, then this can be read."""

from domain.assignment import SteeringRole
from domain.identity import external
from projections.actions import ACTIONS
from projections.assignments import AssignmentRow
from tests.domain.given import an_id, an_organisation
from tests.history import AT, news
from tests.projections.folding import folded, only, shown
from tests.projections.test_actions import an_action
from tests.projections.test_mergers import merged


def test_parties_stand_in_the_order_in_which_they_were_named() -> None:
    action, organisation = an_action(), an_organisation("DREAL")
    action.name_party(an_id(), SteeringRole.PILOT, organisation=organisation)
    action.name_party(an_id(), SteeringRole.GOVERNING_BODY, designation="Comité régional")
    action.name_party(an_id(), SteeringRole.PILOT_PERSON, person="Quelqu’un")
    first, second, third = shown(folded(ACTIONS, *news(action)), AssignmentRow, "place")
    assert (first.role, first.named_at) == (SteeringRole.PILOT, AT)
    assert first.organisation_id == external("organisation", organisation.id)
    assert first.action_id == external("action", action.id)
    assert (second.designation, second.person) == ("Comité régional", None)
    assert (third.organisation_id, third.person) == (None, "Quelqu’un")


def test_who_was_released_has_no_role_any_more() -> None:
    action, id = an_action(), an_id()
    action.name_party(id, SteeringRole.PARTNER, designation="Collectivités")
    action.release_party(id)
    assert not shown(folded(ACTIONS, *news(action)), AssignmentRow)


def test_a_role_follows_the_survivor_of_a_merger_before_and_after_it() -> None:
    one, survivor = an_organisation("Un"), an_organisation("Deux")
    before, after = an_action(), an_action()
    before.name_party(an_id(), SteeringRole.HOLDER, organisation=one)
    after.name_party(an_id(), SteeringRole.HOLDER, organisation=one)
    rows = folded(ACTIONS, *news(before), *merged(one, survivor), *news(after))
    survivors = {row.organisation_id for row in rows.all(AssignmentRow)}
    assert survivors == {external("organisation", survivor.id)}


def test_two_mergers_lead_to_the_last_survivor() -> None:
    one, two, three = (an_organisation(name) for name in ("Un", "Deux", "Trois"))
    action = an_action()
    action.name_party(an_id(), SteeringRole.PILOT, organisation=one)
    rows = folded(ACTIONS, *news(action), *merged(one, two), *merged(two, three))
    assert only(rows, AssignmentRow).organisation_id == external("organisation", three.id)
