"""Roadmaps as callers write them: command by command, with the ids that they were given."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.catalogue import COMMANDS
from domain.cohort import Cohort, OpenCohort
from domain.enrolment import AdmitOrganisation, ApplyToCohort, EnrolOrganisation
from domain.identity import Id
from domain.lever import (
    AddLever,
    AddObjective,
    DropLever,
    DropObjective,
    MeasureObjective,
    ReorderLevers,
    RewordLever,
    RewordObjective,
)
from domain.organisation import (
    DissolveOrganisation,
    MergeOrganisation,
    OrganisationDissolved,
    OrganisationKind,
    OrganisationMerged,
    RegisterOrganisation,
)
from domain.part import ImpactScope, RoadmapPart, WrongPart
from domain.participation import NotEnrolled
from domain.plan import (
    AddEcosystemMobilisation,
    AddPlanItem,
    DropEcosystemMobilisation,
    DropPlanItem,
    RewordPlanItem,
)
from domain.refusal import NotFound, Refusal, TooManyItems, WrongKindOfId
from domain.roadmap import (
    ArchiveRoadmap,
    AskGenerativeQuestion,
    CommentOnRoadmap,
    DraftRoadmap,
    OpenRevision,
    PublishRoadmap,
    Roadmap,
    RoadmapExists,
    RoadmapStatus,
    SetNewCourse,
    SubmitRoadmap,
    TellTurningPoint,
)
from tests.domain.work import Memory

HANDED_IN = date(2023, 12, 10)

LEVERS: dict[str, list[tuple[str, ImpactScope | None]]] = {
    "Gouvernance partagée": [
        ("Nouvelle gouvernance", None),
        ("Comité des parties prenantes", None),
        ("Gouvernance formée", None),
    ],
    "Mesure de l’impact": [
        ("Bilan de l’association", ImpactScope.LOCAL),
        ("Bilan des événements", ImpactScope.LOCAL),
        ("Bilans du territoire", ImpactScope.GLOBAL),
    ],
    "Services et outils": [("Label", None), ("Plateforme", None), ("Badges ouverts", None)],
    "Liens entre territoires": [("Partenariats", None)],
    "Une convention au pays de Vannes": [("Première édition", None)],
}
"""The levers of an association in CEC Ouest 2023 with their objectives, in short."""


class Territory:
    """An organisation that is enrolled in a cohort, and a memory of all that happens."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.cohort = self.open_cohort()
        self.organisation = self.register("Territoire apprenant")
        self.enrol(self.organisation, self.cohort)

    def do(self, command: object) -> Memory.Decided:
        return self.memory.do(command)

    def open_cohort(self) -> Id:
        return self.do(OpenCohort(name="CEC Ouest", territories=["region:53", "region:52"])).id

    def register(self, name: str) -> Id:
        return self.do(RegisterOrganisation(name=name, kind=OrganisationKind.ASSOCIATION)).id

    def enrol(self, organisation: Id, cohort: Id) -> None:
        for step in (ApplyToCohort, AdmitOrganisation, EnrolOrganisation):
            self.do(step(cohort=cohort, organisation=organisation))

    def draft(self) -> Id:
        command = DraftRoadmap(organisation=self.organisation, cohort=self.cohort, horizon=2030)
        return self.do(command).id

    def complete(self) -> tuple[Id, list[Id]]:
        """A roadmap that can be submitted, with its levers."""
        roadmap = self.draft()
        self.do(TellTurningPoint(roadmap=roadmap, text="Une journée de fresques"))
        self.do(AskGenerativeQuestion(roadmap=roadmap, text="Comment inspirer le territoire ?"))
        self.do(SetNewCourse(roadmap=roadmap, text="Un acteur qui relie"))
        levers = []
        for title, objectives in LEVERS.items():
            lever = self.do(AddLever(roadmap=roadmap, title=title)).part("lever")
            for wording, scope in objectives:
                self.do(AddObjective(roadmap=roadmap, lever=lever, wording=wording, scope=scope))
            levers.append(lever)
        return roadmap, levers

    def submitted(self) -> Id:
        roadmap, _ = self.complete()
        self.do(SubmitRoadmap(roadmap=roadmap, submitted_on=HANDED_IN))
        return roadmap

    def refused(self, kind: type[Refusal], command: Any) -> Refusal:
        """Expect that a command is refused for a reason that it declares."""
        before = {stream: len(events) for stream, events in self.memory.streams.items()}
        with pytest.raises(kind) as caught:
            self.do(command)
        assert kind in command.REFUSES
        assert {s: len(events) for s, events in self.memory.streams.items()} == before
        return caught.value


@pytest.fixture
def territory() -> Territory:
    return Territory()


def roadmap_of(decided: Memory.Decided) -> Roadmap:
    assert isinstance(decided.about, Roadmap)
    return decided.about


# the story


def test_an_association_writes_its_roadmap_and_submits_it(territory: Territory) -> None:
    roadmap, levers = territory.complete()
    for title in ("Accompagnement", "Recrutement", "Bilan", "Prototype", "Badges", "Convention"):
        territory.do(AddPlanItem(roadmap=roadmap, title=title, lever=levers[-1]))
    territory.do(
        AddEcosystemMobilisation(roadmap=roadmap, text="Former les équipes", audience="salariés")
    )
    done = roadmap_of(territory.do(SubmitRoadmap(roadmap=roadmap, submitted_on=HANDED_IN)))

    assert [lever.title for lever in done.levers.values()] == list(LEVERS)
    assert len(done.objectives) == 11
    assert len(done.plan) == 6
    assert done.submitted_on == HANDED_IN


def test_a_submission_takes_the_day_on_which_it_took_effect(territory: Territory) -> None:
    roadmap, _ = territory.complete()
    done = roadmap_of(territory.do(SubmitRoadmap(roadmap=roadmap, effective_on=HANDED_IN)))

    assert done.submitted_on == HANDED_IN


def test_the_lever_that_launches_a_cohort_is_its_origin(territory: Territory) -> None:
    roadmap, levers = territory.complete()
    opened = territory.do(
        OpenCohort(
            name="CEC Pays de Vannes",
            territories=["departement:56"],
            springs_from_roadmap=roadmap,
            springs_from_lever=levers[-1],
        )
    )

    assert isinstance(opened.about, Cohort)


def test_a_submitted_roadmap_is_published_revised_and_submitted_again(
    territory: Territory,
) -> None:
    roadmap = territory.submitted()
    for command in (
        PublishRoadmap(roadmap=roadmap),
        OpenRevision(roadmap=roadmap, reason="Un levier de moins"),
        SubmitRoadmap(roadmap=roadmap),
    ):
        done = roadmap_of(territory.do(command))

    assert (done.submissions, done.published) == (2, 1)
    assert done.status is RoadmapStatus.SUBMITTED


def test_every_part_is_changed_by_the_id_that_it_was_given(territory: Territory) -> None:
    roadmap, levers = territory.complete()
    do = territory.do
    added = do(AddObjective(roadmap=roadmap, lever=levers[0], wording="Un bilan"))
    objective = added.part("objective")
    item = do(AddPlanItem(roadmap=roadmap, title="Financer")).part("plan_item")
    mobilisation = do(AddEcosystemMobilisation(roadmap=roadmap, text="Former")).part(
        "ecosystem_mobilisation"
    )
    for command in (
        RewordLever(roadmap=roadmap, lever=levers[0], title="Gouvernance"),
        ReorderLevers(roadmap=roadmap, levers=levers[::-1]),
        RewordObjective(roadmap=roadmap, objective=objective, wording="Un bilan", unit="t CO2e"),
        MeasureObjective(
            roadmap=roadmap, objective=objective, value=Decimal("12.5"), measured_on=HANDED_IN
        ),
        RewordPlanItem(roadmap=roadmap, plan_item=item, title="Financer", lever=levers[1]),
        CommentOnRoadmap(roadmap=roadmap, text="Quand ?", about=RoadmapPart.PLAN_ITEM, part=item),
        CommentOnRoadmap(roadmap=roadmap, text="Bravo"),
        DropPlanItem(roadmap=roadmap, plan_item=item, reason="Financé"),
        DropEcosystemMobilisation(roadmap=roadmap, ecosystem_mobilisation=mobilisation),
        DropObjective(roadmap=roadmap, objective=objective, reason="Trop vague"),
        DropLever(roadmap=roadmap, lever=levers[0], reason="Atteint"),
    ):
        assert do(command).events, f"{type(command).__name__} recorded nothing"


# who may draft, and how many


def test_an_organisation_that_is_not_enrolled_drafts_no_roadmap(territory: Territory) -> None:
    stranger = territory.register("Une autre")
    command = DraftRoadmap(organisation=stranger, cohort=territory.cohort, horizon=2030)
    refusal = territory.refused(NotEnrolled, command)

    assert refusal.path == "organisation"


def test_one_roadmap_lives_for_an_organisation_in_a_cohort(territory: Territory) -> None:
    roadmap = territory.draft()
    command = DraftRoadmap(
        organisation=territory.organisation, cohort=territory.cohort, horizon=2035
    )
    refusal = territory.refused(RoadmapExists, command)

    assert refusal.message("fr").startswith(f"Une feuille de route est déjà en vigueur : {roadmap}")


def test_another_cohort_means_another_roadmap(territory: Territory) -> None:
    first = territory.draft()
    territory.cohort = territory.open_cohort()
    territory.enrol(territory.organisation, territory.cohort)

    assert territory.draft() != first


def test_an_archived_roadmap_makes_room_for_another(territory: Territory) -> None:
    first = territory.draft()
    territory.do(ArchiveRoadmap(roadmap=first, reason="Mal partie"))
    second = territory.draft()
    again = territory.do(ArchiveRoadmap(roadmap=first, reason="Mal partie"))

    assert second != first
    assert again.events == []
    territory.refused(
        RoadmapExists,
        DraftRoadmap(organisation=territory.organisation, cohort=territory.cohort, horizon=2030),
    )


def test_an_organisation_that_is_gone_drafts_no_roadmap(territory: Territory) -> None:
    survivor = territory.register("La suivante")
    command = DraftRoadmap(
        organisation=territory.organisation, cohort=territory.cohort, horizon=2030
    )
    territory.do(MergeOrganisation(organisation=territory.organisation, into=survivor))
    refusal = territory.refused(OrganisationMerged, command)
    assert survivor in refusal.message("en")

    territory.organisation = territory.register("La dernière")
    territory.enrol(territory.organisation, territory.cohort)
    territory.do(DissolveOrganisation(organisation=territory.organisation))
    territory.refused(
        OrganisationDissolved,
        DraftRoadmap(organisation=territory.organisation, cohort=territory.cohort, horizon=2030),
    )


# wrong ids

NOWHERE = "0" * 32


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        (f"map_{NOWHERE}", NotFound),
        (f"org_{NOWHERE}", WrongKindOfId),
        ("map_42", NotFound),
        (f"map_{'F' * 32}", NotFound),
        ("", NotFound),
        ("x" * 10_000, NotFound),
    ],
)
def test_a_wrong_id_of_a_roadmap_is_told(
    territory: Territory, bad: str, refusal: type[Refusal]
) -> None:
    refused = territory.refused(refusal, SetNewCourse(roadmap=Id(bad), text="Cap"))

    assert len(refused.message("fr")) < 300


def test_the_id_of_another_kind_of_part_is_told(territory: Territory) -> None:
    roadmap, levers = territory.complete()
    lever = levers[0]
    for command in (
        RewordObjective(roadmap=roadmap, objective=lever, wording="x"),
        DropObjective(roadmap=roadmap, objective=lever, reason="x"),
        MeasureObjective(roadmap=roadmap, objective=lever, value=Decimal(1), measured_on=HANDED_IN),
        RewordLever(roadmap=roadmap, lever=roadmap, title="x"),
        DropLever(roadmap=roadmap, lever=roadmap, reason="x"),
        ReorderLevers(roadmap=roadmap, levers=[*levers, roadmap]),
        AddObjective(roadmap=roadmap, lever=roadmap, wording="x"),
        AddPlanItem(roadmap=roadmap, title="x", lever=roadmap),
        RewordPlanItem(roadmap=roadmap, plan_item=lever, title="x"),
        DropPlanItem(roadmap=roadmap, plan_item=lever, reason="x"),
        DropEcosystemMobilisation(roadmap=roadmap, ecosystem_mobilisation=lever),
        CommentOnRoadmap(roadmap=roadmap, text="x", about=RoadmapPart.OBJECTIVE, part=lever),
    ):
        territory.refused(WrongKindOfId, command)


def test_a_lever_of_another_roadmap_is_not_found(territory: Territory) -> None:
    _, levers = territory.complete()
    territory.organisation = territory.register("La voisine")
    territory.enrol(territory.organisation, territory.cohort)
    neighbour = territory.draft()

    territory.refused(NotFound, RewordLever(roadmap=neighbour, lever=levers[0], title="x"))


def test_a_comment_on_the_turning_point_names_no_part(territory: Territory) -> None:
    roadmap, levers = territory.complete()
    about = RoadmapPart.TURNING_POINT
    territory.refused(
        WrongPart, CommentOnRoadmap(roadmap=roadmap, text="x", about=about, part=levers[0])
    )


def test_an_order_of_endless_length_is_refused(territory: Territory) -> None:
    roadmap, levers = territory.complete()
    territory.refused(TooManyItems, ReorderLevers(roadmap=roadmap, levers=levers * 1_000))


# what a command promises


def test_each_intention_on_a_roadmap_is_a_command_of_its_own() -> None:
    rooms = {"domain.roadmap", "domain.lever", "domain.plan"}
    found = {name for name, command in COMMANDS.items() if command.__module__ in rooms}

    assert found == {
        "DraftRoadmap",
        "TellTurningPoint",
        "AskGenerativeQuestion",
        "SetNewCourse",
        "CommentOnRoadmap",
        "SubmitRoadmap",
        "PublishRoadmap",
        "OpenRevision",
        "ArchiveRoadmap",
        "AddLever",
        "RewordLever",
        "ReorderLevers",
        "DropLever",
        "AddObjective",
        "RewordObjective",
        "DropObjective",
        "MeasureObjective",
        "AddPlanItem",
        "RewordPlanItem",
        "DropPlanItem",
        "AddEcosystemMobilisation",
        "DropEcosystemMobilisation",
    }
