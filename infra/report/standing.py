"""The roadmap as it stood, as a report tells it."""

from collections.abc import Iterator
from decimal import Decimal

from api.report.content import Report
from api.report.standing import Comment, Lever, Objective
from infra.report import dates
from infra.report.edition import Goal, Means, Text
from infra.report.typography import FIRM, paragraphs, unit_of
from infra.report.values import Values
from infra.report.words import Speech


class Standing:
    """Puts into words what a roadmap says."""

    def __init__(self, report: Report, speech: Speech, values: Values) -> None:
        self._report = report
        self._roadmap = report.roadmap
        self._language = report.language
        self._say, self._text, self._word = speech.say, speech.text, speech.word
        self._values = values

    def texts(self) -> Iterator[Text]:
        """Give its long texts, under their titles."""
        roadmap = self._roadmap
        for name, text in (
            ("turning_point", roadmap.turning_point),
            ("generative_question", roadmap.generative_question),
            ("new_course", roadmap.new_course),
        ):
            if text is not None:
                title = self._say(name, horizon=roadmap.horizon)
                yield Text(title, paragraphs(text))

    def levers(self) -> Iterator[Means]:
        """Give the levers with their objectives, in order."""
        for number, lever in enumerate(self._roadmap.levers, start=1):
            yield self._lever(number, lever)

    def measurements(self) -> Iterator[list[str]]:
        """Give where its objectives stood: a row for each measurement."""
        language = self._language
        for each in self._report.measurements:
            unit = None if each.objective is None else each.objective.unit
            notes = [self._text(each.source), self._text(each.note)]
            notes.append(self._say("entered_on", day=dates.short(each.measured_at, language)))
            if each.superseded_at is not None:
                notes.append(self._say("superseded"))
            yield [
                dates.short(each.measured_on, language),
                "" if each.objective is None else self._text(each.objective.wording),
                self._quantity(each.value, unit),
                " · ".join(filter(None, notes)),
            ]

    def plan(self) -> Iterator[list[str]]:
        """Give the lines of its plan: a row for each."""
        for item in self._roadmap.plan_items:
            title = self._text(item.title)
            if item.action_id is not None:
                title = f"{title} ({self._say('became_action')})"
            yield [
                title,
                "" if item.lever is None else self._text(item.lever.title),
                "" if item.due is None else dates.short(item.due, self._language),
            ]

    def mobilisations(self) -> Iterator[list[str]]:
        """Give how others are taken along: a row for each way."""
        for each in self._roadmap.ecosystem_mobilisations:
            yield [self._text(each.text), self._text(each.audience)]

    def comments(self) -> Iterator[list[str]]:
        """Give what was said about it: a row for each comment."""
        for each in self._report.comments:
            day = dates.short(each.commented_at, self._language)
            yield [day, self._about(each), self._text(each.text)]

    def dropped(self) -> Iterator[list[str]]:
        """Give what was given up: a row for each part."""
        for each in self._report.dropped:
            part = self._word(each.part)
            yield [part, self._text(each.wording), self._text(each.reason)]

    def _lever(self, number: int, lever: Lever) -> Means:
        return Means(
            title=self._say("lever", number=number, title=self._text(lever.title)),
            description=paragraphs(lever.description),
            objectives=[
                Goal(self._text(each.wording), self._figures(each)) for each in lever.objectives
            ],
        )

    def _figures(self, objective: Objective) -> str:
        return " · ".join(self._figure(objective))

    def _figure(self, objective: Objective) -> Iterator[str]:
        if objective.scope is not None:
            yield self._say("scope", scope=self._word(objective.scope))
        if objective.indicator is not None:
            yield self._text(objective.indicator)
        unit = objective.unit
        baseline, target = (
            None if number is None else self._quantity(number, unit)
            for number in (objective.baseline, objective.target)
        )
        if baseline is not None and target is not None:
            yield self._say("from_to", baseline=baseline, target=target)
        elif target is not None:
            yield self._say("to", target=target)
        elif baseline is not None:
            yield self._say("from", baseline=baseline)
        if objective.due_year is not None:
            yield self._say("by_year", year=objective.due_year)

    def _quantity(self, number: Decimal, unit: str | None) -> str:
        written = dates.figure(number, self._language)
        return written if unit is None else f"{written}{FIRM}{unit_of(unit)}"

    def _about(self, comment: Comment) -> str:
        """Say of what a comment speaks: of which part, as that was worded last."""
        label = self._word(comment.about)
        wording = None if comment.part_id is None else self._values.name(comment.part_id)
        return label if wording is None else self._say("part", label=label, wording=wording)
