"""Two real stories, told by commands: Clermont's alliance, and a working group of Normandy's COP.

Figures, dates and titles are those of the public documents.
"""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.account import OpenReview, PublishReview, SetActionStanding, StateThemeProgress
from domain.action import ProposeAction
from domain.agenda import FormWorkingGroup, HoldMeeting, ScheduleMeeting
from domain.alliance import Alliance, AllianceKind, CloseAlliance, LaunchAlliance
from domain.alliance_roadmap import DraftAllianceRoadmap
from domain.allies import AssociateExpert, CommitToTheme, CountMembers, JoinAlliance, OpenTheme
from domain.conclusion import Conclusion
from domain.deliberation import AddOption, DecidePriorities, OpenPrioritisation, RecordArgument
from domain.identity import Id
from domain.indicator import Direction
from domain.meeting import MeetingKind
from domain.membership import Contribution, MembershipKind
from domain.observation import DefineIndicator
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.prioritisation import CriterionEntry, Side
from domain.questionnaire import AddQuestion, CountReturns, OpenSurvey
from domain.review import ActionStanding
from domain.theme import Theme
from tests.domain.work import Memory

SESSIONS = {
    Theme.GREENHOUSE_GASES: 3,
    Theme.LAND_TAKE: 2,
    Theme.BIODIVERSITY: 3,
    Theme.AIR_QUALITY: 2,
    Theme.CLIMATE_ADAPTATION: 2,
    Theme.WATER: 2,
    Theme.SOLIDARITY: 2,
}
"""Clermont's sixteen working sessions, by theme."""

AVERAGES = {
    Theme.MOVING: 67,
    Theme.HOUSING: 78,
    Theme.ECOSYSTEMS: 56,
    Theme.PRODUCING: 63,
    Theme.EATING: 34,
    Theme.CONSUMING: 61,
}
"""Average progress of Normandy's actions in 2025, in the order of the slides."""

NEW_ACTIONS = {
    "4_12": "Axe 1 - Poursuivre et renforcer les programmes d’animation régionale ENR",
    "4_13": "Axe 1 - Poursuivre et renforcer les programmes d’animation régionale ENR",
    "1_112": "Axe 1 - Poursuivre et renforcer les programmes d’animation régionale ENR",
    "4_51": "Axe 5 – Décarboner l’industrie",
}
"""The codes of four new actions for better producing, and the axis of each."""


class Story(Memory):
    """What happens, in the order in which it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 2, 20, 9, tzinfo=UTC)

    def organisation(self, name: str, kind: OrganisationKind) -> Id:
        return self.do(RegisterOrganisation(name=name, kind=kind)).id

    def alliance(self, id: Id) -> Alliance:
        found = self.find(Alliance, UUID(hex=id.partition("_")[2]))
        assert found is not None
        return found


def clermont() -> tuple[Story, Id]:
    """The alliance of Clermont's metropolis, from its launch to its closing meeting."""
    story = Story()
    alliance = story.do(
        LaunchAlliance(
            name="Alliance pour la transition écologique et solidaire",
            territory="epci:246300701",
            launched_on=date(2024, 2, 6),
            horizon=2026,
        )
    ).id
    for theme in SESSIONS:
        story.do(OpenTheme(alliance=alliance, theme=theme))
    for name, kind in (
        ("Clermont Auvergne Métropole", OrganisationKind.PUBLIC_AUTHORITY),
        ("Auvergne Habitat", OrganisationKind.SOCIAL_LANDLORD),
        ("Chauve-Souris Auvergne", OrganisationKind.ASSOCIATION),
        ("Chambre de commerce et d’industrie", OrganisationKind.CONSULAR_CHAMBER),
    ):
        founder = kind is OrganisationKind.PUBLIC_AUTHORITY
        story.do(
            JoinAlliance(
                alliance=alliance,
                organisation=story.organisation(name, kind),
                kind=MembershipKind.FOUNDER if founder else MembershipKind.MEMBER,
            )
        )
    story.do(CountMembers(alliance=alliance, count=36, approximate=True, note="Une quarantaine"))
    lpo = story.organisation("LPO", OrganisationKind.ASSOCIATION)
    story.do(AssociateExpert(alliance=alliance, organisation=lpo, theme=Theme.BIODIVERSITY))
    for theme, count in SESSIONS.items():
        for number in range(1, count + 1):
            scheduled = ScheduleMeeting(
                alliance=alliance,
                theme=theme,
                number=number,
                not_before=date(2024, 3, 11),
                not_after=date(2025, 6, 2),
            )
            held = story.do(scheduled).part("meeting")
            story.do(HoldMeeting(alliance=alliance, meeting=held))
    closing = ScheduleMeeting(alliance=alliance, kind=MeetingKind.CLOSING, day=date(2025, 6, 17))
    meeting = story.do(closing).part("meeting")
    story.do(
        HoldMeeting(alliance=alliance, meeting=meeting, outcome="Objectifs et actions collectives")
    )
    return story, alliance


def normandy() -> tuple[Story, Id, Id]:
    """Normandy's COP with its review of 2025, and the working group on jobs and skills."""
    story = Story()
    cop = story.do(
        LaunchAlliance(name="COP normande", kind=AllianceKind.REGIONAL_COP, territory="region:28")
    ).id
    group = story.do(
        LaunchAlliance(
            name="Emplois, compétences et transition écologique",
            kind=AllianceKind.WORKING_GROUP,
            territory="region:28",
            parent=cop,
        )
    ).id
    for theme in AVERAGES:
        story.do(OpenTheme(alliance=cop, theme=theme))
        story.do(OpenTheme(alliance=group, theme=theme))
    return story, cop, group


def test_clermont_held_sixteen_sessions_on_seven_themes_and_a_closing_meeting() -> None:
    story, id = clermont()
    held = [meeting for meeting in story.alliance(id).meetings.values() if meeting.holding]

    sessions = Counter(one.theme for one in held if one.kind is MeetingKind.WORKING_SESSION)
    assert list(sessions.values()) == [3, 2, 3, 2, 2, 2, 2]
    assert sessions.total() == 16
    (closing,) = [one for one in held if one.kind is MeetingKind.CLOSING]
    assert closing.day == date(2025, 6, 17)


def test_clermont_has_about_forty_members_of_which_four_are_told_here() -> None:
    story, id = clermont()
    alliance = story.alliance(id)

    assert len(alliance.members) == 4
    assert len(alliance.members) + alliance.counted[None].count == 40
    assert alliance.counted[None].approximate


def test_clermont_measures_gases_pollutants_and_water_each_in_its_unit() -> None:
    story, id = clermont()
    for name, unit, theme in (
        ("Émissions de gaz à effet de serre", "t CO2e", Theme.GREENHOUSE_GASES),
        ("Émissions de polluants", "t", Theme.AIR_QUALITY),
        ("Eau consommée", "m³", Theme.WATER),
    ):
        story.do(
            DefineIndicator(
                alliance=id, name=name, unit=unit, theme=theme, direction=Direction.FALLING
            )
        )

    units = [one.definition.unit for one in story.alliance(id).indicators.values()]
    assert units == ["t CO2e", "t", "m³"]


def test_clermont_s_members_commit_themselves_to_all_or_some_of_the_themes() -> None:
    story, id = clermont()
    member = next(iter(story.alliance(id).members))
    story.do(
        CommitToTheme(
            alliance=id,
            organisation=Id(f"org_{member.hex}"),
            theme=Theme.AIR_QUALITY,
            contributions=list(Contribution),
        )
    )

    assert list(story.alliance(id).commitments.values()) == [tuple(Contribution)]


def test_clermont_drafts_a_shared_roadmap_and_closes_with_what_it_agreed_on() -> None:
    story, id = clermont()
    assert story.do(DraftAllianceRoadmap(alliance=id, horizon=2026)).events
    conclusion = Conclusion(objectives="Fixés ensemble", common_actions="Décidées ensemble")
    story.do(CloseAlliance(alliance=id, closed_on=date(2025, 6, 17), conclusion=conclusion))

    assert story.alliance(id).conclusion == conclusion


def test_normandy_s_survey_brought_in_26_sheets_by_14_contributors_on_days_as_written() -> None:
    story, _, group = normandy()
    survey = story.do(
        OpenSurvey(
            alliance=group,
            title="Recensement des actions des membres",
            opens_on=date(2025, 1, 12),
            closes_on=date(2026, 2, 4),
            note="Le document écrit 2025 ; les échanges du 5 décembre 2025 suggèrent 2026.",
        )
    ).part("survey")
    story.do(
        AddQuestion(
            alliance=group,
            survey=survey,
            text="Quel budget est engagé ?",
            effective_on=date(2025, 1, 11),
        )
    )
    story.do(CountReturns(alliance=group, survey=survey, sheets=26, contributors=14))

    (known,) = story.alliance(group).surveys.values()
    assert (known.opens_on, known.closes_on) == (date(2025, 1, 12), date(2026, 2, 4))
    assert known.returns is not None
    assert (known.returns.sheets, known.returns.contributors) == (26, 14)


def test_normandy_s_averages_are_stated_by_theme_and_frozen_when_published() -> None:
    story, cop, _ = normandy()
    review = story.do(OpenReview(alliance=cop, year=2025)).part("review")
    for theme, progress in AVERAGES.items():
        story.do(
            StateThemeProgress(alliance=cop, review=review, theme=theme, progress=Decimal(progress))
        )
    (published,) = story.do(PublishReview(alliance=cop, review=review)).events

    assert isinstance(published, Alliance.ReviewPublished)
    stated = {one.theme: one.stated_progress for one in published.themes}
    assert [stated[theme] for theme in AVERAGES] == [67, 78, 56, 63, 34, 61]
    assert all(one.figures.average_progress is None for one in published.themes)


def test_normandy_s_four_new_actions_stand_in_their_axes_whatever_their_codes() -> None:
    story, cop, _ = normandy()
    review = story.do(OpenReview(alliance=cop, year=2026)).part("review")
    for code, axis in NEW_ACTIONS.items():
        action = story.do(
            ProposeAction(
                alliance=cop, title=f"Action {code}", code=code, axis=axis, themes=[Theme.PRODUCING]
            )
        ).id
        story.do(
            SetActionStanding(
                alliance=cop,
                review=review,
                action=action,
                standing=ActionStanding.NEW,
                theme=Theme.PRODUCING,
            )
        )
    (published,) = story.do(PublishReview(alliance=cop, review=review)).events

    assert isinstance(published, Alliance.ReviewPublished)
    (producing,) = published.themes
    assert (producing.figures.actions, producing.figures.new) == (4, 4)


def test_normandy_argues_for_and_against_a_second_theme_and_may_then_decide() -> None:
    story, _, group = normandy()
    story.do(
        FormWorkingGroup(alliance=group, name="GT ad hoc", mandate="Prioriser un ou deux leviers")
    )
    ranking = story.do(
        OpenPrioritisation(
            alliance=group,
            title="Thématiques de travail",
            criteria=[
                CriterionEntry(name="Besoins de la COP et réduction des émissions"),
                CriterionEntry(name="Écosystème partenarial favorable"),
            ],
        )
    ).part("prioritisation")
    named: dict[str, Any] = {"alliance": group, "prioritisation": ranking}
    moving, producing, ecosystems = (
        story.do(AddOption(**named, title=theme.fr, theme=theme)).part("option")
        for theme in (Theme.MOVING, Theme.PRODUCING, Theme.ECOSYSTEMS)
    )
    for option, side, text in (
        (moving, Side.FOR, "Déterminant pour les émissions"),
        (producing, Side.FOR, "Important pour les émissions"),
        (producing, Side.AGAINST, "Écosystème déjà mobilisé"),
        (ecosystems, Side.FOR, "Encore peu exploré"),
        (ecosystems, Side.AGAINST, "Moins déterminant pour les émissions"),
        (None, Side.FOR, "Ne pas prendre de retard sur un second levier"),
        (None, Side.AGAINST, "Charge accrue pour les partenaires"),
    ):
        story.do(RecordArgument(**named, option=option, side=side, text=text))
    (decided,) = story.do(
        DecidePriorities(
            **named,
            options=[moving],
            rationale="Une priorisation naturelle",
        )
    ).events

    assert isinstance(decided, Alliance.PrioritiesDecided)
    assert len(decided.decision.among) == 3
    (known,) = story.alliance(group).prioritisations.values()
    assert Counter(argument.side for argument in known.arguments) == {Side.FOR: 4, Side.AGAINST: 3}
