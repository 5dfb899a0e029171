"""What holds for every command of an alliance: what it accepts, repeats, refuses and promises."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest

from domain.account import (
    OpenReview,
    PublishReview,
    ReopenReview,
    SetActionStanding,
    StateThemeProgress,
)
from domain.agenda import (
    CancelMeeting,
    CorrectMeeting,
    EndWorkingGroup,
    FormWorkingGroup,
    HoldMeeting,
    MoveMeeting,
    RegroupWorkingGroup,
    ScheduleMeeting,
)
from domain.alliance import (
    AllianceClosed,
    CloseAlliance,
    CorrectConclusion,
    LaunchAlliance,
    NoteAllianceErratum,
)
from domain.alliance_roadmap import DraftAllianceRoadmap
from domain.allies import (
    AssociateExpert,
    ChangeMembership,
    CloseTheme,
    CommitToTheme,
    CountMembers,
    JoinAlliance,
    LeaveAlliance,
    OpenTheme,
    ReleaseExpert,
    WithdrawCommitment,
)
from domain.command import COMMANDS, Command, Envelope
from domain.conclusion import Conclusion
from domain.deliberation import (
    AddCriterion,
    AddOption,
    DecidePriorities,
    OpenPrioritisation,
    RecordArgument,
    ScoreOption,
    WithdrawOption,
)
from domain.identity import PREFIXES, Id, external
from domain.indicator import Direction
from domain.link import InvalidLink
from domain.meeting import MeetingKind
from domain.membership import Contribution, MembershipKind
from domain.observation import (
    CorrectMeasurement,
    DefineIndicator,
    DropIndicator,
    DropTarget,
    RecordBaseline,
    ReportMeasurement,
    SetTarget,
    WithdrawMeasurement,
)
from domain.organisation import OrganisationKind
from domain.prioritisation import CriterionEntry, OptionEntry, Side
from domain.questionnaire import (
    AddQuestion,
    AnswerEntry,
    AnswerSurvey,
    CloseSurvey,
    CountReturns,
    ExtendSurvey,
    OpenSurvey,
)
from domain.refusal import (
    BlankText,
    ControlCharacters,
    Refusal,
    TextTooLong,
    WrongKindOfId,
)
from domain.review import ActionStanding, ReviewNotPublished
from domain.territory import UnknownTerritory
from domain.theme import Theme
from tests.domain.alliances import ATMO, CLERMONT, CLOSES, OPENS, TOMORROW, YESTERDAY, Assembly
from tests.domain.given import BELL, LONG
from tests.domain.intentions import NOUN_OF
from tests.domain.test_laws import KNOWN_BY_ID

ROOMS = {
    "domain.account",
    "domain.agenda",
    "domain.alliance",
    "domain.alliance_roadmap",
    "domain.allies",
    "domain.deliberation",
    "domain.observation",
    "domain.questionnaire",
}

EVEN_WHEN_CLOSED = {
    "LaunchAlliance",
    "CorrectConclusion",
    "CorrectMeasurement",
    "CorrectMeeting",
    "NoteAllianceErratum",
    "WithdrawMeasurement",
}
"""Corrections, and what begins another alliance."""

ENVELOPE = {field.name for field in fields(Envelope)} - {"reason"}


def well_meant(world: Assembly) -> list[Command]:
    """One command of each kind, every text of which is given and that is welcome as things are."""
    alliance, member = world.alliance, world.member
    held = world.meeting(number=1)
    world.do(HoldMeeting(alliance=alliance, meeting=held, attendance=12))
    coming = world.meeting(number=2, day=YESTERDAY)
    survey, later = world.survey(), world.survey(opens_on=TOMORROW)
    question = world.question(survey)
    indicator = world.indicator()
    measurement = world.measurement(indicator)
    world.do(SetTarget(alliance=alliance, indicator=indicator, due_year=2040, value=Decimal(100)))
    world.commit()
    ranking = world.prioritisation()
    option, criterion = world.option(ranking), world.criterion(ranking)
    review, published = world.review(2025), world.review(2024)
    world.do(PublishReview(alliance=alliance, review=published))
    group, expert, action = world.working_group(), world.expert(), world.action()
    outsider = world.organisation("Agence d’urbanisme")
    why = "Les membres en ont convenu"
    return [
        LaunchAlliance(
            name="Groupe de travail", territory=CLERMONT, purpose="Débattre", parent=alliance
        ),
        DraftAllianceRoadmap(alliance=alliance, horizon=2026, title="Feuille de route"),
        JoinAlliance(alliance=alliance, organisation=outsider, kind=MembershipKind.PARTNER),
        ChangeMembership(
            alliance=alliance, organisation=member, kind=MembershipKind.FOUNDER, reason=why
        ),
        LeaveAlliance(alliance=alliance, organisation=world.other, reason=why),
        CountMembers(alliance=alliance, kind=OrganisationKind.COMPANY, count=9, note="Environ"),
        OpenTheme(alliance=alliance, theme=Theme.BIODIVERSITY, title="Le vivant"),
        CloseTheme(alliance=alliance, theme=Theme.AIR_QUALITY, reason=why),
        CommitToTheme(
            alliance=alliance,
            organisation=member,
            theme=Theme.WATER,
            contributions=[Contribution.ACTION],
        ),
        WithdrawCommitment(alliance=alliance, organisation=member, theme=Theme.WATER, reason=why),
        AssociateExpert(alliance=alliance, organisation=outsider),
        ReleaseExpert(alliance=alliance, expert=expert, reason=why),
        FormWorkingGroup(alliance=alliance, name="Eau", mandate=why, organisations=[member]),
        RegroupWorkingGroup(alliance=alliance, working_group=group, organisations=[world.other]),
        EndWorkingGroup(alliance=alliance, working_group=group, outcome="Un avis"),
        ScheduleMeeting(
            alliance=alliance,
            title="Réunion conclusive",
            kind=MeetingKind.CLOSING,
            working_group=group,
            place="Clermont-Ferrand",
        ),
        MoveMeeting(alliance=alliance, meeting=coming, place="Riom", reason=why),
        CancelMeeting(alliance=alliance, meeting=coming, reason=why),
        HoldMeeting(alliance=alliance, meeting=coming, attendance=40, outcome="Des objectifs"),
        CorrectMeeting(alliance=alliance, meeting=held, outcome="Un diagnostic", reason=why),
        OpenSurvey(
            alliance=alliance,
            title="Questionnaire initial",
            opens_on=OPENS,
            closes_on=CLOSES,
            questions=["Quels objectifs ?"],
            note="Diffusé à tous",
        ),
        AddQuestion(alliance=alliance, survey=later, text="Quelles stratégies ?"),
        ExtendSurvey(alliance=alliance, survey=survey, closes_on=date(2026, 3, 1), reason=why),
        AnswerSurvey(
            alliance=alliance,
            survey=survey,
            organisation=member,
            answers=[AnswerEntry(question=question, text="Un plan vélo")],
        ),
        CountReturns(alliance=alliance, survey=survey, sheets=26, contributors=14, note="Fiches"),
        CloseSurvey(alliance=alliance, survey=survey, reason=why),
        DefineIndicator(
            alliance=alliance,
            name="Eau consommée",
            unit="m³",
            direction=Direction.FALLING,
            code="eau",
            description="Tous usages",
        ),
        DropIndicator(alliance=alliance, indicator=indicator, reason=why),
        RecordBaseline(
            alliance=alliance,
            indicator=indicator,
            organisation=member,
            year=2019,
            value=Decimal(1200),
            unit="t",
            source=ATMO,
        ),
        SetTarget(
            alliance=alliance, indicator=indicator, due_year=2030, value=Decimal(600), unit="t"
        ),
        DropTarget(alliance=alliance, indicator=indicator, due_year=2040, reason=why),
        ReportMeasurement(
            alliance=alliance,
            indicator=indicator,
            organisation=member,
            starts_on=date(2025, 1, 1),
            ends_on=date(2025, 12, 31),
            value=Decimal(850),
            unit="t",
            source=ATMO,
            note="Provisoire",
        ),
        CorrectMeasurement(
            alliance=alliance, measurement=measurement, value=Decimal(910), unit="t", reason=why
        ),
        WithdrawMeasurement(alliance=alliance, measurement=measurement, reason=why),
        OpenPrioritisation(
            alliance=alliance,
            title="Deuxième chantier",
            question="En faut-il un ?",
            criteria=[CriterionEntry(name="Charge", description="Des partenaires")],
            options=[OptionEntry(title="Mieux produire", description="Un levier")],
        ),
        AddCriterion(
            alliance=alliance, prioritisation=ranking, name="Synergies", description="Entre elles"
        ),
        AddOption(
            alliance=alliance, prioritisation=ranking, title="Se loger", description="Rénover"
        ),
        WithdrawOption(alliance=alliance, prioritisation=ranking, option=option, reason=why),
        RecordArgument(
            alliance=alliance,
            prioritisation=ranking,
            side=Side.FOR,
            text="Un levier déterminant",
            option=option,
            criterion=criterion,
            organisation=member,
        ),
        ScoreOption(
            alliance=alliance,
            prioritisation=ranking,
            organisation=member,
            option=option,
            criterion=criterion,
            score=5,
        ),
        DecidePriorities(
            alliance=alliance, prioritisation=ranking, options=[option], rationale=why
        ),
        OpenReview(alliance=alliance, year=2026, organisations=[member]),
        SetActionStanding(
            alliance=alliance,
            review=review,
            action=action,
            standing=ActionStanding.RENEWED,
            theme=Theme.WATER,
            progress=56,
            note="Reconduite",
        ),
        StateThemeProgress(
            alliance=alliance,
            review=review,
            theme=Theme.WATER,
            progress=Decimal(67),
            note="Moyenne",
        ),
        PublishReview(alliance=alliance, review=review),
        ReopenReview(alliance=alliance, review=published, reason=why),
        NoteAllianceErratum(alliance=alliance, subject="Nom", correction="Sans tiret", reason=why),
        CloseAlliance(
            alliance=alliance,
            closed_on=date(2025, 6, 17),
            conclusion=Conclusion(
                objectives="Moins dix pour cent",
                common_actions="Un plan",
                title="Synthèse",
                url="https://www.clermontmetropole.eu/alliance",
                summary="Des actions collectives",
            ),
        ),
    ]


WELCOME = [type(command) for command in well_meant(Assembly())]


def world_for(kind: type[Command]) -> tuple[Assembly, Command]:
    """A world of its own, and the command of a kind that is welcome in it."""
    world = Assembly()
    (command,) = [command for command in well_meant(world) if type(command) is kind]
    return world, command


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each text and id that a command gives, with its path and its hint, values inside included."""
    hints = get_type_hints(type(value))
    for field in fields(value):
        given = getattr(value, field.name)
        if given is None or field.name in ENVELOPE:
            continue
        hint, place = hints[field.name], f"{path}{field.name}"
        if get_origin(hint) is UnionType or type(None) in get_args(hint):
            hint = get_args(hint)[0]
        if is_dataclass(given):
            yield from leaves(given, f"{place}.")
        elif isinstance(given, list):
            for index, item in enumerate(given):
                if is_dataclass(item):
                    yield from leaves(item, f"{place}.{index}.")
                else:
                    yield f"{place}.{index}", get_args(hint)[0], item
        else:
            yield place, hint, given


def put(value: Any, path: str, new: Any) -> Any:
    """A command with something else at a path."""
    first, _, rest = path.partition(".")
    if isinstance(value, list):
        index = int(first)
        return [put(item, rest, new) if i == index else item for i, item in enumerate(value)]
    return replace(value, **{first: put(getattr(value, first), rest, new)}) if first else new


TEXTS = [
    (kind, path)
    for kind, command in zip(WELCOME, well_meant(Assembly()), strict=True)
    for path, hint, _ in leaves(command)
    if hint is str
]
IDS = [
    (kind, path)
    for kind, command in zip(WELCOME, well_meant(Assembly()), strict=True)
    for path, hint, _ in leaves(command)
    if hint is Id
]


def test_each_intention_on_an_alliance_is_a_command_of_its_own() -> None:
    rooms = {name for name, kind in COMMANDS.items() if kind.__module__ in ROOMS}

    assert {kind.__name__ for kind in WELCOME} | {"CorrectConclusion"} == rooms


@pytest.mark.parametrize("kind", WELCOME)
def test_what_is_welcome_is_recorded(kind: type[Command]) -> None:
    world, command = world_for(kind)

    assert world.send(command)


@pytest.mark.parametrize(
    "kind", [kind for kind in WELCOME if kind.__name__ not in KNOWN_BY_ID | {"ReopenReview"}]
)
def test_what_is_repeated_is_recorded_once(kind: type[Command]) -> None:
    world, command = world_for(kind)
    decided = world.decided(command)

    assert world.do(command, decided.decision).events == []


def test_a_review_cannot_be_reopened_twice() -> None:
    world, command = world_for(ReopenReview)
    world.send(command)

    with world.refuses(ReviewNotPublished, "review"):
        world.send(command)


@pytest.mark.parametrize(
    "kind", [kind for kind in WELCOME if kind.__name__ not in EVEN_WHEN_CLOSED]
)
def test_after_the_closing_nothing_is_accepted(kind: type[Command]) -> None:
    world, command = world_for(kind)
    world.close()
    if kind is CloseAlliance:
        command = put(command, "closed_on", date(2025, 6, 18))

    with world.refuses(AllianceClosed, "alliance"):
        world.send(command)


@pytest.mark.parametrize(
    "kind", [kind for kind in WELCOME if kind.__name__ in EVEN_WHEN_CLOSED - {"LaunchAlliance"}]
)
def test_after_the_closing_a_correction_is_accepted(kind: type[Command]) -> None:
    world, command = world_for(kind)
    world.close()

    assert world.send(command)


@pytest.mark.parametrize(("kind", "path"), TEXTS)
@pytest.mark.parametrize(
    ("text", "refusal"),
    [(" \n", BlankText), (LONG, TextTooLong), (BELL, ControlCharacters)],
    ids=["blank", "endless", "bell"],
)
def test_a_text_that_cannot_be_read_is_refused(
    kind: type[Command], path: str, text: str, refusal: type[Refusal]
) -> None:
    if path == "territory":
        refusal = UnknownTerritory
    world, command = world_for(kind)

    with world.refuses(refusal, path):
        world.send(put(command, path, text))


@pytest.mark.parametrize(("kind", "path"), IDS)
def test_an_id_of_another_kind_is_refused(kind: type[Command], path: str) -> None:
    world, command = world_for(kind)
    network = external("network", UUID(int=7))

    with world.refuses(WrongKindOfId):
        world.send(put(command, path, network))


@pytest.mark.parametrize(("kind", "path"), IDS)
def test_an_id_of_nothing_is_refused(kind: type[Command], path: str) -> None:
    name = next(part for part in reversed(path.split(".")) if not part.isdigit())
    noun = NOUN_OF.get(name, name)
    assert noun in PREFIXES
    world, command = world_for(kind)

    with world.refuses(Refusal):
        world.send(put(command, path, external(noun, UUID(int=7))))


def test_a_link_in_a_conclusion_leads_to_the_web() -> None:
    world, command = world_for(CloseAlliance)

    with world.refuses(InvalidLink, "conclusion.url"):
        world.send(put(command, "conclusion.url", "clermontmetropole.eu"))


def test_a_conclusion_can_be_corrected_after_the_closing_only() -> None:
    world = Assembly()
    corrected = CorrectConclusion(
        alliance=world.alliance, conclusion=Conclusion(summary="Autre"), reason="Une coquille"
    )
    with world.refuses(Refusal):
        world.send(corrected)
    world.close()

    assert world.send(corrected)
    assert world.send(corrected) == []
