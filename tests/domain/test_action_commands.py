"""Actions by command: who owns them, which codes they bear, where they come from."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain import identity
from domain.action import Action, PartOfAnotherPlan, ProposeAction
from domain.alliance import AllianceClosed, CloseAlliance
from domain.alliance_roadmap import DraftAllianceRoadmap
from domain.assignment import SteeringRole
from domain.budget import BasisMissing, BudgetBasis, BudgetStage
from domain.classification import (
    CategoriseAction,
    PlaceActionInAxis,
    PrioritiseAction,
    SetActionAudiences,
    SetActionParticipation,
    SetActionTerritories,
    SetActionThemes,
)
from domain.cohort import OpenCohort
from domain.command import Command
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.execution import (
    AbandonAction,
    BlockAction,
    ChangeActionStatus,
    CorrectProgress,
    FinishAction,
    RefocusAction,
    RenewAction,
    ReopenAction,
    ReportProgress,
    UnblockAction,
)
from domain.follow_up import (
    AddActionNote,
    AddStep,
    CompleteStep,
    CorrectImpact,
    DropStep,
    LinkDocument,
    MeasureImpact,
    UnlinkDocument,
)
from domain.funding import (
    CommitBudgetLine,
    CorrectBudget,
    CorrectBudgetLine,
    DescribeFunding,
    RecordBudgetNotAnswered,
    ReviseBudgetLine,
    StateBudget,
    WithdrawBudgetLine,
)
from domain.identity import Id
from domain.lever import AddLever, AddObjective, DropLever, DropObjective
from domain.lineage import (
    AdoptAction,
    AdoptedAtHome,
    LinkActionToObjective,
    ServesNoLever,
    TurnPlanItemIntoAction,
    UnlinkActionFromObjective,
)
from domain.organisation import DissolveOrganisation, OrganisationDissolved
from domain.ownership import CodeTaken, OwnerUnclear
from domain.part import PartDropped, PlanItemUnderWay
from domain.plan import AddPlanItem, DropPlanItem
from domain.progress import ActionSettled, ExecutionStatus
from domain.refusal import InvalidNumber, NotFound, WrongKindOfId
from domain.roadmap import ArchiveRoadmap, DraftRoadmap, Roadmap, RoadmapArchived
from domain.sheet import ActionCategory, ActionPriority, Audience, ParticipationLevel
from domain.steering import NameParty, ReleaseParty
from domain.theme import Theme
from domain.upkeep import (
    CorrectActionSchedule,
    CorrectActionWording,
    MakeActionPublic,
    RecodeAction,
    RestrictAction,
    RewordAction,
    ScheduleAction,
)
from tests.domain.actions import GEOTHERMAL, LAST_YEAR, TODAY, Told

NOBODY = identity.external("action", uuid4())


@pytest.fixture
def story() -> Told:
    return Told()


def recorded(story: Told, command: Any) -> list[str]:
    """The topics of what came of a command."""
    return [event.TOPIC for event in story.do(command).events]


def a_roadmap(story: Told) -> tuple[Id, Id]:
    """The roadmap of an organisation in a cohort, with a lever."""
    organisation = story.organisation("Territoire apprenant")
    cohort = story.do(OpenCohort(name="CEC Ouest", territories=["region:53"])).id
    for step in (ApplyToCohort, AdmitOrganisation, EnrolOrganisation):
        story.do(step(cohort=cohort, organisation=organisation))
    drafted = DraftRoadmap(organisation=organisation, cohort=cohort, horizon=2030)
    roadmap = story.do(drafted).id
    return roadmap, story.do(AddLever(roadmap=roadmap, title="Essaimer")).part("lever")


# owners


def test_an_action_is_proposed_in_an_alliance(story: Told) -> None:
    alliance = story.alliance()
    decided = story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL, code="4_13"))

    assert {event.TOPIC for event in decided.events} == {
        "action.proposed",
        "claim.opened",
        "claim.taken",
    }
    assert decided.id == decided.part("action")
    assert story.action(decided.id).owner.alliance == identity.internal("alliance", alliance)


def test_an_action_is_proposed_under_a_lever(story: Told) -> None:
    roadmap, lever = a_roadmap(story)
    action = story.do(ProposeAction(roadmap=roadmap, lever=lever, title="Une cohorte")).id

    assert story.action(action).owner.lever == identity.internal("lever", lever)


def test_an_action_has_one_owner_and_no_more(story: Told) -> None:
    alliance, (roadmap, lever) = story.alliance(), a_roadmap(story)
    owners: list[dict[str, Any]] = [
        {},
        {"roadmap": roadmap},
        {"lever": lever},
        {"alliance": alliance, "roadmap": roadmap},
        {"alliance": alliance, "lever": lever},
        {"alliance": alliance, "roadmap": roadmap, "lever": lever},
    ]
    for owner in owners:
        story.refuses(ProposeAction(title=GEOTHERMAL, **owner), OwnerUnclear)


def test_the_owner_of_an_action_is_there(story: Told) -> None:
    alliance, (roadmap, lever) = story.alliance(), a_roadmap(story)
    unknown = identity.external("alliance", uuid4())
    story.refuses(ProposeAction(title=GEOTHERMAL, alliance=unknown), NotFound)
    story.refuses(ProposeAction(title=GEOTHERMAL, alliance=roadmap), WrongKindOfId)
    elsewhere = identity.external("lever", uuid4())
    command = ProposeAction(title=GEOTHERMAL, roadmap=roadmap, lever=elsewhere)
    story.refuses(command, NotFound, "lever")
    command = ProposeAction(title=GEOTHERMAL, roadmap=alliance, lever=lever)
    story.refuses(command, WrongKindOfId)


def test_nothing_is_proposed_to_a_closed_alliance(story: Told) -> None:
    alliance = story.alliance()
    story.do(CloseAlliance(alliance=alliance, closed_on=LAST_YEAR))

    story.refuses(ProposeAction(alliance=alliance, title=GEOTHERMAL), AllianceClosed)


def test_nothing_is_proposed_under_what_is_archived_or_dropped(story: Told) -> None:
    roadmap, lever = a_roadmap(story)
    other = story.do(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
    story.do(DropLever(roadmap=roadmap, lever=other, reason="Trop"))
    dropped = ProposeAction(roadmap=roadmap, lever=other, title=GEOTHERMAL)
    story.refuses(dropped, PartDropped, "lever")
    story.do(ArchiveRoadmap(roadmap=roadmap, reason="Fin"))
    archived = ProposeAction(roadmap=roadmap, lever=lever, title=GEOTHERMAL)
    story.refuses(archived, RoadmapArchived, "roadmap")


def test_a_part_of_an_action_has_the_same_owner(story: Told) -> None:
    here, there = story.alliance(), story.alliance("Alliance de Clermont", "epci:246300701")
    whole = story.do(ProposeAction(alliance=here, title=GEOTHERMAL)).id
    story.do(ProposeAction(alliance=here, title="Une étude", part_of=whole))

    command = ProposeAction(alliance=there, title="Une étude", part_of=whole)
    story.refuses(command, PartOfAnotherPlan, "part_of")
    story.refuses(ProposeAction(alliance=here, title="Une étude", part_of=NOBODY), NotFound)


# codes


def test_a_code_has_one_action_in_an_alliance(story: Told) -> None:
    alliance = story.alliance()
    first = story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL, code="4_13")).id
    command = ProposeAction(alliance=alliance, title="Une autre", code=" 4_13 ")

    assert first in story.refuses(command, CodeTaken, "code").message("fr")


def test_codes_are_compared_as_they_are_written(story: Told) -> None:
    alliance = story.alliance()
    for code in ("1_112", "4_12", "4_13", "4_120", "04_12", "4-12"):
        story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL, code=code, axis="Axe 1"))


def test_another_alliance_may_use_the_same_code(story: Told) -> None:
    for name in ("COP normande", "Alliance de Clermont"):
        story.do(ProposeAction(alliance=story.alliance(name), title=GEOTHERMAL, code="4_13"))


def test_actions_without_a_code_do_not_stand_in_each_others_way(story: Told) -> None:
    alliance = story.alliance()
    for _ in range(2):
        assert recorded(story, ProposeAction(alliance=alliance, title=GEOTHERMAL)) == [
            "action.proposed"
        ]


def test_a_code_is_unique_in_the_roadmap_of_an_organisation(story: Told) -> None:
    roadmap, lever = a_roadmap(story)
    other = story.do(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
    story.do(ProposeAction(roadmap=roadmap, lever=lever, title=GEOTHERMAL, code="A"))

    command = ProposeAction(roadmap=roadmap, lever=other, title="Une autre", code="A")
    story.refuses(command, CodeTaken, "code")


def test_a_code_is_unique_in_an_alliance_and_its_roadmap(story: Told) -> None:
    alliance = story.alliance()
    roadmap = story.do(DraftAllianceRoadmap(alliance=alliance, horizon=2026)).id
    lever = story.do(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
    story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL, code="4_13"))

    command = ProposeAction(roadmap=roadmap, lever=lever, title="Une autre", code="4_13")
    story.refuses(command, CodeTaken, "code")


def test_nothing_is_proposed_under_the_roadmap_of_a_closed_alliance(story: Told) -> None:
    alliance = story.alliance()
    roadmap = story.do(DraftAllianceRoadmap(alliance=alliance, horizon=2026)).id
    lever = story.do(AddLever(roadmap=roadmap, title="Mesurer")).part("lever")
    story.do(CloseAlliance(alliance=alliance, closed_on=LAST_YEAR))

    command = ProposeAction(roadmap=roadmap, lever=lever, title=GEOTHERMAL)
    story.refuses(command, AllianceClosed, "roadmap")


def test_a_code_that_was_given_up_is_free_again(story: Told) -> None:
    alliance = story.alliance()
    first = story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL, code="4_13")).id
    second = story.do(ProposeAction(alliance=alliance, title="Une autre", code="4_14")).id
    story.refuses(RecodeAction(action=second, code="4_13"), CodeTaken, "code")
    story.do(RecodeAction(action=first, code="4_15"))
    story.do(RecodeAction(action=second, code="4_13"))
    assert recorded(story, RecodeAction(action=second, code="4_13")) == []
    story.do(RecodeAction(action=second))

    story.do(ProposeAction(alliance=alliance, title="Une troisième", code="4_13"))


def test_the_code_of_an_abandoned_action_is_not_given_again(story: Told) -> None:
    alliance = story.alliance()
    first = story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL, code="4_13")).id
    story.do(AbandonAction(action=first, reason="Sans porteur"))

    story.refuses(ProposeAction(alliance=alliance, title="Une autre", code="4_13"), CodeTaken)


# lineage


def test_an_action_is_adopted_elsewhere_at_its_version(story: Told) -> None:
    here, there = story.alliance(), story.alliance("Alliance de Clermont", "epci:246300701")
    origin = story.do(
        ProposeAction(
            alliance=here,
            title=GEOTHERMAL,
            description="Une animation",
            code="4_13",
            axis="Axe 1",
            category=ActionCategory.KNOWLEDGE,
            themes=[Theme.PRODUCING],
            territories=["region:28"],
            priority=ActionPriority.HIGH,
        )
    ).id
    story.do(RewordAction(action=origin, title="Animer la géothermie"))
    command = AdoptAction(origin=origin, alliance=there, territories=["epci:246300701"])
    decided = story.do(command)
    story.do(RewordAction(action=origin, title="Animer la géothermie de surface"))

    adopted = story.action(decided.id)
    ((proposed, adoption),) = [decided.events]
    assert (proposed.TOPIC, adoption.TOPIC) == ("action.proposed", "action.adopted")
    assert isinstance(adoption, Action.Adopted)
    assert identity.external("action", adoption.origin) == origin
    assert adoption.origin_version == 2
    assert adopted.wording.title == "Animer la géothermie"
    assert adopted.classification.category is ActionCategory.KNOWLEDGE
    assert adopted.classification.territories == ("epci:246300701",)
    assert adopted.classification.priority is None
    assert (adopted.code, adopted.axis.axis, adopted.status) == (None, None, None)


def test_an_adoption_may_bear_another_title_and_code(story: Told) -> None:
    here, there = story.alliance(), story.alliance("Alliance de Clermont")
    origin = story.do(ProposeAction(alliance=here, title=GEOTHERMAL, code="4_13")).id
    command = AdoptAction(origin=origin, alliance=there, title="Géothermie ici", code="4_13")
    adopted = story.do(command).id

    assert story.action(adopted).wording.title == "Géothermie ici"
    story.refuses(command, CodeTaken, "code")


def test_an_action_is_not_adopted_by_its_own_owner(story: Told) -> None:
    alliance = story.alliance()
    origin = story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL)).id

    story.refuses(AdoptAction(origin=origin, alliance=alliance), AdoptedAtHome, "origin")
    story.refuses(AdoptAction(origin=NOBODY, alliance=alliance), NotFound)
    story.refuses(AdoptAction(origin=alliance, alliance=alliance), WrongKindOfId)


def test_an_action_is_not_adopted_within_a_plan(story: Told) -> None:
    alliance = story.alliance()
    roadmap = story.do(DraftAllianceRoadmap(alliance=alliance, horizon=2026)).id
    levers = [
        story.do(AddLever(roadmap=roadmap, title=title)).part("lever") for title in ("Un", "Deux")
    ]
    origin = story.do(ProposeAction(roadmap=roadmap, lever=levers[0], title=GEOTHERMAL)).id

    story.refuses(AdoptAction(origin=origin, roadmap=roadmap, lever=levers[1]), AdoptedAtHome)
    story.refuses(AdoptAction(origin=origin, alliance=alliance), AdoptedAtHome)


def test_a_lever_may_adopt_the_action_of_an_alliance_that_is_settled(story: Told) -> None:
    alliance, (roadmap, lever) = story.alliance(), a_roadmap(story)
    origin = story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL)).id
    story.do(FinishAction(action=origin))
    adopted = story.do(AdoptAction(origin=origin, roadmap=roadmap, lever=lever)).id

    assert story.action(adopted).status is None


def test_a_plan_item_lives_on_as_an_action_of_its_lever(story: Told) -> None:
    roadmap, lever = a_roadmap(story)
    due = date(2026, 6, 30)
    item = story.do(
        AddPlanItem(roadmap=roadmap, title="Chercher un financement", lever=lever, due=due)
    ).part("plan_item")
    decided = story.do(TurnPlanItemIntoAction(roadmap=roadmap, plan_item=item, code="A1"))

    action = story.action(decided.id)
    assert {event.TOPIC for event in decided.events} >= {
        "action.proposed",
        "action.scheduled",
        "roadmap.plan_item_turned_into_action",
        "claim.taken",
    }
    assert action.wording.title == "Chercher un financement"
    assert action.owner.lever == identity.internal("lever", lever)
    assert action.period == (None, due)
    plan = story.find(Roadmap, identity.internal("roadmap", roadmap))
    assert plan is not None
    assert plan.actions == {identity.internal("plan_item", item): action.id}
    refusal = story.refuses(
        TurnPlanItemIntoAction(roadmap=roadmap, plan_item=item), PlanItemUnderWay
    )
    assert decided.id in refusal.message("en")


def test_a_plan_item_that_serves_no_lever_needs_one_to_become_an_action(story: Told) -> None:
    roadmap, lever = a_roadmap(story)
    item = story.do(AddPlanItem(roadmap=roadmap, title="Recruter")).part("plan_item")
    story.refuses(TurnPlanItemIntoAction(roadmap=roadmap, plan_item=item), ServesNoLever, "lever")
    command = TurnPlanItemIntoAction(roadmap=roadmap, plan_item=item, lever=lever)

    assert "action.scheduled" not in recorded(story, command)


def test_a_plan_item_becomes_an_action_while_it_is_there(story: Told) -> None:
    roadmap, lever = a_roadmap(story)
    unknown = identity.external("plan_item", uuid4())
    story.refuses(TurnPlanItemIntoAction(roadmap=roadmap, plan_item=unknown), NotFound)
    item = story.do(AddPlanItem(roadmap=roadmap, title="Recruter")).part("plan_item")
    story.do(DropPlanItem(roadmap=roadmap, plan_item=item, reason="Trop cher"))
    command = TurnPlanItemIntoAction(roadmap=roadmap, plan_item=item, lever=lever)
    story.refuses(command, PartDropped, "plan_item")
    story.do(ArchiveRoadmap(roadmap=roadmap, reason="Fin"))
    story.refuses(command, RoadmapArchived, "roadmap")


def test_an_action_serves_objectives_of_roadmaps(story: Told) -> None:
    alliance, (roadmap, lever) = story.alliance(), a_roadmap(story)
    action = story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL)).id
    add = AddObjective(roadmap=roadmap, lever=lever, wording="Un bilan carbone")
    first, second = (story.do(add).part("objective") for _ in range(2))
    link = LinkActionToObjective(action=action, roadmap=roadmap, objective=first)
    unlink = UnlinkActionFromObjective(action=action, objective=first)
    steps: list[Command] = [link, link, unlink, unlink]

    assert [recorded(story, step) for step in steps] == [
        ["action.objective_linked"],
        [],
        ["action.objective_unlinked"],
        [],
    ]
    unknown = identity.external("objective", uuid4())
    story.refuses(
        LinkActionToObjective(action=action, roadmap=roadmap, objective=unknown), NotFound
    )
    story.do(DropObjective(roadmap=roadmap, objective=second, reason="Trop vague"))
    story.refuses(
        LinkActionToObjective(action=action, roadmap=roadmap, objective=second), PartDropped
    )
    story.do(ArchiveRoadmap(roadmap=roadmap, reason="Fin"))
    story.refuses(link, RoadmapArchived)


# every command


def test_a_whole_life_is_told_by_commands(story: Told) -> None:
    alliance, region = story.alliance(), story.organisation("Région Normandie")
    proposal = story.do(ProposeAction(alliance=alliance, title=GEOTHERMAL, code="4_13"))
    action = proposal.id
    party = story.do(NameParty(action=action, role=SteeringRole.PILOT, organisation=region))
    line = story.do(
        CommitBudgetLine(
            action=action, amount=Decimal(10), basis=BudgetBasis.BEFORE_TAX, funder=region
        )
    ).part("budget_line")
    step = story.do(AddStep(action=action, title="Une étude")).part("step")
    other = story.do(AddStep(action=action, title="Une autre")).part("step")
    link = LinkDocument(action=action, title="Bilan", url="https://normandie.fr/bilan")
    document = story.do(link).part("document")
    found = story.do(
        MeasureImpact(action=action, what="Réseaux", value=Decimal(3), unit="count")
    ).part("impact")
    why = "Erreur de saisie"
    told: list[tuple[Command, str]] = [
        (RewordAction(action=action, title="Animer la géothermie"), "reworded"),
        (CorrectActionWording(action=action, title=GEOTHERMAL, reason=why), "wording_corrected"),
        (RecodeAction(action=action, code="4_14"), "recoded"),
        (PlaceActionInAxis(action=action, axis="Axe 1"), "placed_in_axis"),
        (CategoriseAction(action=action, category=ActionCategory.KNOWLEDGE), "categorised"),
        (SetActionThemes(action=action, themes=[Theme.PRODUCING]), "themes_set"),
        (SetActionAudiences(action=action, audiences=[Audience.COMPANIES]), "audiences_set"),
        (SetActionTerritories(action=action, territories=["region:28"]), "territories_set"),
        (
            SetActionParticipation(action=action, participation=ParticipationLevel.NONE),
            "participation_set",
        ),
        (PrioritiseAction(action=action, priority=ActionPriority.HIGH), "priority_set"),
        (RestrictAction(action=action), "visibility_set"),
        (MakeActionPublic(action=action), "visibility_set"),
        (ScheduleAction(action=action, starts_on=LAST_YEAR), "scheduled"),
        (
            CorrectActionSchedule(action=action, ends_on=TODAY, reason=why),
            "schedule_corrected",
        ),
        (ReleaseParty(action=action, assignment=party.part("assignment")), "party_released"),
        (
            ReviseBudgetLine(
                action=action,
                budget_line=line,
                amount=Decimal(12),
                basis=BudgetBasis.WITH_TAX,
            ),
            "budget_line_revised",
        ),
        (
            CorrectBudgetLine(
                action=action,
                budget_line=line,
                amount=Decimal(13),
                basis=BudgetBasis.WITH_TAX,
                reason=why,
            ),
            "budget_line_corrected",
        ),
        (
            WithdrawBudgetLine(action=action, budget_line=line, reason=why),
            "budget_line_withdrawn",
        ),
        (RecordBudgetNotAnswered(action=action), "budget_not_answered"),
        (
            StateBudget(action=action, amount=Decimal(52_000), basis=BudgetBasis.UNSTATED),
            "budget_stated",
        ),
        (
            CorrectBudget(
                action=action, amount=Decimal(53_000), basis=BudgetBasis.UNSTATED, reason=why
            ),
            "budget_corrected",
        ),
        (DescribeFunding(action=action, text="Fonds vert"), "funding_described"),
        (ChangeActionStatus(action=action, status=ExecutionStatus.LATE), "status_changed"),
        (BlockAction(action=action, obstacle="Recours"), "blocked"),
        (UnblockAction(action=action), "unblocked"),
        (
            ReportProgress(action=action, percent=50, reported_on=TODAY, organisation=region),
            "progress_reported",
        ),
        (
            CorrectProgress(action=action, percent=51, reported_on=TODAY, reason=why),
            "progress_corrected",
        ),
        (AddActionNote(action=action, text="Bravo"), "note_added"),
        (CompleteStep(action=action, step=step), "step_done"),
        (DropStep(action=action, step=other), "step_dropped"),
        (UnlinkDocument(action=action, document=document), "document_unlinked"),
        (
            CorrectImpact(
                action=action,
                impact=found,
                what="Réseaux",
                value=Decimal(4),
                unit="count",
                reason=why,
            ),
            "impact_corrected",
        ),
        (RenewAction(action=action, year=2026), "renewed"),
        (RefocusAction(action=action, year=2027, reason="Trop large"), "refocused"),
        (FinishAction(action=action, effective_on=TODAY), "finished"),
        (ReopenAction(action=action, reason=why), "reopened"),
        (AbandonAction(action=action, reason="Sans porteur"), "abandoned"),
    ]
    for command, topic in told:
        assert f"action.{topic}" in recorded(story, command), command
        if not isinstance(command, AddActionNote):
            assert recorded(story, command) == [], "repeated, it records nothing"


def test_a_command_about_an_action_that_is_not_there_is_refused(story: Told) -> None:
    commands: list[Command] = [
        RewordAction(action=NOBODY, title=GEOTHERMAL),
        ReportProgress(action=NOBODY, percent=1, reported_on=TODAY),
        FinishAction(action=NOBODY),
        StateBudget(action=NOBODY, amount=Decimal(1), basis=BudgetBasis.WITH_TAX),
    ]
    for command in commands:
        story.refuses(command, NotFound)
    story.refuses(FinishAction(action=story.alliance()), WrongKindOfId)


def test_bad_input_from_a_caller_is_refused(story: Told) -> None:
    action = story.do(ProposeAction(alliance=story.alliance(), title=GEOTHERMAL)).id
    gone = story.organisation("Avant")
    story.do(DissolveOrganisation(organisation=gone))
    no_basis: list[Command] = [
        StateBudget(action=action, amount=Decimal(52_000)),
        CommitBudgetLine(action=action, amount=Decimal(52_000)),
        ReviseBudgetLine(
            action=action, budget_line=identity.external("budget_line", uuid4()), amount=Decimal(1)
        ),
    ]
    for command in no_basis:
        story.refuses(command, BasisMissing, "basis")
    story.refuses(
        ReportProgress(action=action, percent=101, reported_on=TODAY), InvalidNumber, "percent"
    )
    story.refuses(
        ReportProgress(action=action, percent=1, reported_on=TODAY, organisation=gone),
        OrganisationDissolved,
    )
    story.refuses(
        NameParty(action=action, role=SteeringRole.HOLDER, organisation=gone),
        OrganisationDissolved,
    )
    story.refuses(
        CommitBudgetLine(action=action, amount=Decimal(1), basis=BudgetBasis.WITH_TAX, funder=gone),
        OrganisationDissolved,
        "funder",
    )
    story.do(FinishAction(action=action, finished_on=LAST_YEAR))
    story.refuses(ScheduleAction(action=action, starts_on=TODAY), ActionSettled, "action")
    assert story.action(action).progress[LAST_YEAR].percent == 100


# what the regional plan of actions tells


def test_the_survey_of_the_region_can_be_told(story: Told) -> None:
    cop = story.alliance("Groupe de travail emplois-compétences")
    sheets = [
        story.do(ProposeAction(alliance=cop, title=f"Fiche {number}")).id for number in range(1, 27)
    ]
    known = [52_000, 600_000]
    for sheet, amount in zip(sheets[:2], known, strict=True):
        story.do(StateBudget(action=sheet, amount=Decimal(amount), basis=BudgetBasis.UNSTATED))
    for sheet in sheets[9:]:
        story.do(RecordBudgetNotAnswered(action=sheet))

    actions = [story.action(sheet) for sheet in sheets]
    assert sum(action.budget_not_answered for action in actions) == 17
    assert [
        action.budget_totals[BudgetStage.PLANNED].amount
        for action in actions
        if action.budget_totals
    ] == known


def test_the_actions_of_2026_can_be_told(story: Told) -> None:
    cop = story.alliance()
    fne, bio = story.organisation("FNE Normandie"), story.organisation("Bio en Normandie")
    numbered = [
        ("4_12", "Renforcer le programme d’observation ORECAN", "Axe 1"),
        ("4_13", GEOTHERMAL, "Axe 1"),
        ("1_112", "Renouveler le programme ECLORE", "Axe 1"),
        ("4_51", "Promouvoir le dispositif PACTE Industrie", "Axe 5"),
    ]
    for code, title, axis in numbered:
        story.do(
            ProposeAction(alliance=cop, code=code, title=title, axis=axis, themes=[Theme.PRODUCING])
        )
    egalim = story.do(
        ProposeAction(alliance=cop, title="Accompagner la loi Egalim", themes=[Theme.EATING])
    ).id
    for pilot in (fne, bio):
        story.do(NameParty(action=egalim, role=SteeringRole.CO_PILOT, organisation=pilot))
    story.do(RefocusAction(action=egalim, year=2026, reason="Deux axes à structurer"))
    moving = story.do(
        ProposeAction(alliance=cop, title="Programme national EVE", themes=[Theme.MOVING])
    ).id
    story.do(FinishAction(action=moving, finished_on=LAST_YEAR))

    assert story.action(egalim).refocused == {2026: "Deux axes à structurer"}
    assert story.action(moving).status is ExecutionStatus.DONE
