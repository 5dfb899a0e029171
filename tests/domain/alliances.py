"""Alliances to start from, and ways to see what became of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import pytest

from domain.account import OpenReview
from domain.action import ProposeAction
from domain.agenda import FormWorkingGroup, ScheduleMeeting
from domain.aggregate import AggregateEvent
from domain.alliance import Alliance, CloseAlliance, LaunchAlliance
from domain.allies import AssociateExpert, CommitToTheme, JoinAlliance, OpenTheme
from domain.calendar import today
from domain.conclusion import Conclusion
from domain.deliberation import AddCriterion, AddOption, OpenPrioritisation
from domain.identity import Id
from domain.indicator import Direction, Source
from domain.membership import Contribution
from domain.observation import DefineIndicator, ReportMeasurement
from domain.organisation import OrganisationKind, RegisterOrganisation
from domain.prioritisation import CriterionEntry
from domain.questionnaire import AddQuestion, AnswerEntry, AnswerSurvey, OpenSurvey
from domain.refusal import Refusal
from domain.theme import Theme
from tests.domain.work import NOW, Memory

E = TypeVar("E", bound=AggregateEvent)

CLERMONT = "epci:246300701"
TODAY = today(NOW)
YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)
OPENS, CLOSES = date(2026, 1, 12), date(2026, 2, 4)
"""The days of the survey, around today."""

ATMO = Source(producer="Atmo Auvergne-Rhône-Alpes", method="Inventaire", edition="2025")


class Assembly(Memory):
    """A memory with an alliance in it that works on two themes, and with two members."""

    def __init__(self) -> None:
        super().__init__()
        self.alliance = self.launched("Alliance pour la transition écologique et solidaire")
        for theme in (Theme.AIR_QUALITY, Theme.WATER):
            self.do(OpenTheme(alliance=self.alliance, theme=theme))
        self.member = self.joined("Auvergne Habitat")
        self.other = self.joined("Conservatoire d’espaces naturels")

    def launched(self, name: str) -> Id:
        """An alliance without members or themes."""
        launched_on = date(2024, 2, 6)
        return self.do(
            LaunchAlliance(name=name, territory=CLERMONT, launched_on=launched_on, horizon=2026)
        ).id

    def organisation(self, name: str) -> Id:
        """An organisation that is no member."""
        return self.do(RegisterOrganisation(name=name, kind=OrganisationKind.ASSOCIATION)).id

    def joined(self, name: str) -> Id:
        """An organisation that is a member."""
        organisation = self.organisation(name)
        self.do(JoinAlliance(alliance=self.alliance, organisation=organisation))
        return organisation

    def send(self, command: Any) -> list[AggregateEvent]:
        """Send a command, and give what it recorded; an undeclared refusal is a fault."""
        return self.decided(command).events

    def decided(self, command: Any) -> Memory.Decided:
        """Send a command, and give what came of it; an undeclared refusal is a fault."""
        try:
            return self.do(command)
        except Refusal as refusal:
            if type(refusal) not in command.REFUSES:
                raise AssertionError(f"{refusal!r} is not declared") from refusal
            raise

    def only(self, command: Any, kind: type[E]) -> E:
        """Send a command that records one fact of a kind, and give it."""
        (event,) = self.send(command)
        assert isinstance(event, kind)
        return event

    @contextmanager
    def refuses(
        self, kind: type[Refusal], path: str | None = None
    ) -> Iterator[pytest.ExceptionInfo[Refusal]]:
        """What is sent is refused for this reason, and nothing is stored."""
        before = {stream: len(events) for stream, events in self.streams.items()}
        with pytest.raises(kind) as caught:
            yield caught
        assert {stream: len(events) for stream, events in self.streams.items()} == before
        assert self.last is not None
        assert not any(aggregate.pending_events for aggregate in self.last.loaded.values())
        assert caught.value.message("fr") != caught.value.message("en")
        if path is not None:
            assert caught.value.path == path

    def state(self) -> Alliance:
        """The alliance as it is."""
        found = self.find(Alliance, UUID(hex=self.alliance.partition("_")[2]))
        assert found is not None
        return found

    def close(self) -> None:
        """Close the alliance."""
        conclusion = Conclusion(objectives="Dix pour cent de moins", common_actions="Un plan")
        self.do(
            CloseAlliance(
                alliance=self.alliance, closed_on=date(2025, 6, 17), conclusion=conclusion
            )
        )

    def survey(self, **fields: Any) -> Id:
        """A survey that takes answers today."""
        given: dict[str, Any] = {
            "title": "Recensement",
            "opens_on": OPENS,
            "closes_on": CLOSES,
            **fields,
        }
        return self.do(OpenSurvey(alliance=self.alliance, **given)).part("survey")

    def question(self, survey: Id, text: str = "Quelles actions menez-vous ?") -> Id:
        """A question that was asked before the opening."""
        asked = AddQuestion(
            alliance=self.alliance, survey=survey, text=text, effective_on=date(2026, 1, 5)
        )
        return self.do(asked).part("question")

    def indicator(self, **fields: Any) -> Id:
        """An indicator of pollutants."""
        given: dict[str, Any] = {
            "name": "Oxydes d’azote",
            "unit": "t",
            "direction": Direction.FALLING,
            **fields,
        }
        return self.do(DefineIndicator(alliance=self.alliance, **given)).part("indicator")

    def measurement(self, indicator: Id, value: str = "900", **fields: Any) -> Id:
        """What was measured in 2024."""
        return self.do(self.measuring(indicator, value, **fields)).part("measurement")

    def measuring(self, indicator: Id, value: str = "900", **fields: Any) -> ReportMeasurement:
        """The report of what was measured in 2024."""
        given: dict[str, Any] = {
            "alliance": self.alliance,
            "indicator": indicator,
            "starts_on": date(2024, 1, 1),
            "ends_on": date(2024, 12, 31),
            "source": ATMO,
            **fields,
        }
        return ReportMeasurement(value=Decimal(value), **given)

    def prioritisation(self) -> Id:
        """A question what comes first, without options so far."""
        return self.do(
            OpenPrioritisation(
                alliance=self.alliance, title="Leviers", criteria=[CriterionEntry(name="Impact")]
            )
        ).part("prioritisation")

    def option(self, prioritisation: Id, title: str = "Mieux se déplacer") -> Id:
        """An open option."""
        added = AddOption(alliance=self.alliance, prioritisation=prioritisation, title=title)
        return self.do(added).part("option")

    def criterion(self, prioritisation: Id, name: str = "Écosystème favorable") -> Id:
        """A further criterion."""
        added = AddCriterion(alliance=self.alliance, prioritisation=prioritisation, name=name)
        return self.do(added).part("criterion")

    def review(self, year: int = 2025) -> Id:
        """The review of a year."""
        return self.do(OpenReview(alliance=self.alliance, year=year)).part("review")

    def action(self, title: str = "Replanter des haies", alliance: Id | None = None) -> Id:
        """An action of the alliance, or of another one."""
        return self.do(ProposeAction(alliance=alliance or self.alliance, title=title)).id

    def meeting(self, **fields: Any) -> Id:
        """A working session that took place, or is to."""
        given: dict[str, Any] = {
            "theme": Theme.WATER,
            "number": 1,
            "day": date(2024, 3, 11),
            **fields,
        }
        return self.do(ScheduleMeeting(alliance=self.alliance, **given)).part("meeting")

    def working_group(self) -> Id:
        """A working group of one member."""
        formed = FormWorkingGroup(
            alliance=self.alliance,
            name="Groupe ad hoc",
            mandate="Emplois et compétences",
            organisations=[self.member],
        )
        return self.do(formed).part("working_group")

    def expert(self) -> Id:
        """An expert on the quality of the air."""
        associated = AssociateExpert(
            alliance=self.alliance, role="ingénieure", theme=Theme.AIR_QUALITY
        )
        return self.do(associated).part("expert")

    def answer(self, survey: Id, question: Id, text: str = "Un plan vélo") -> None:
        """The answer of the member."""
        self.do(
            AnswerSurvey(
                alliance=self.alliance,
                survey=survey,
                organisation=self.member,
                answers=[AnswerEntry(question=question, text=text)],
            )
        )

    def commit(self) -> None:
        """The member commits itself to the work on water."""
        self.do(
            CommitToTheme(
                alliance=self.alliance,
                organisation=self.member,
                theme=Theme.WATER,
                contributions=[Contribution.KNOWLEDGE],
            )
        )
