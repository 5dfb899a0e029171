"""Editing: a report is put into the words of its language."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from api.report.content import Report
from api.report.happened import Version
from domain.calendar import PARIS
from domain.refusal import Language
from infra.report import dates
from infra.report.changed import Changes
from infra.report.edition import Edition, Stage
from infra.report.evidence import evidence
from infra.report.happened import corrections, happenings, people
from infra.report.standing import Standing
from infra.report.values import Values
from infra.report.words import Speech, words

_REGIONS: Final[Mapping[Language, str]] = {"fr": "FR", "en": "GB"}

_DAY_NOUGHT: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The date of a document that speaks of the time before anything was recorded."""


def edition(report: Report) -> Edition:
    """Put a report into words. The same report gives the same words, whenever that is done."""
    return _Editing(report).edition()


class _Editing:
    """One report that is being put into words."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._roadmap = report.roadmap
        self._language = report.language
        self._speech = Speech(report.language)
        self._say, self._text = self._speech.say, self._speech.text
        values = Values(report, self._speech)
        self._changes = Changes(self._speech, values)
        self._standing = Standing(report, self._speech, values)

    def edition(self) -> Edition:
        report, standing = self._report, self._standing
        day = (report.recorded_at or _DAY_NOUGHT).astimezone(PARIS)
        return Edition(
            language=self._language,
            region=_REGIONS[self._language],
            words=words(self._language),
            title=self._text(report.roadmap.title) or self._say("untitled"),
            kind=self._say("kind"),
            owner=self._owner(),
            moment=self._moment(),
            day=(day.year, day.month, day.day),
            cover=list(self._cover()),
            texts=list(standing.texts()),
            levers=list(standing.levers()),
            measurements=list(standing.measurements()),
            plan=list(standing.plan()),
            mobilisations=list(standing.mobilisations()),
            comments=list(standing.comments()),
            dropped=list(standing.dropped()),
            versions=[self._stage(version) for version in report.versions],
            timeline=happenings(report.entries, self._speech),
            people=people(report.entries, self._speech),
            corrections=corrections(report.entries, self._speech),
            proof=evidence(report, self._speech),
        )

    def _owner(self) -> str:
        owner = self._roadmap.organisation or self._roadmap.alliance
        return "" if owner is None else self._text(owner.name)

    def _moment(self) -> str:
        report = self._report
        if report.recorded_at is None:
            return self._say("before_everything")
        at = dates.instant(report.recorded_at, self._language)
        place = self._say("position", position=report.position)
        return f"{at} ({self._say('paris')}), {place}"

    def _cover(self) -> Iterator[tuple[str, str]]:
        roadmap, report = self._roadmap, self._report
        for name, place in (
            ("organisation", roadmap.organisation),
            ("alliance", roadmap.alliance),
            ("territory", roadmap.territory),
        ):
            if place is not None:
                yield self._say(name), self._text(place.name)
        if roadmap.cohort is not None:
            named = roadmap.cohort.name, roadmap.cohort.edition
            yield self._say("cohort"), self._text(" ".join(filter(None, named)))
        yield self._say("horizon"), str(roadmap.horizon)
        yield self._say("status"), self._speech.word(roadmap.status)
        yield self._say("submitted"), str(len(roadmap.submissions))
        if roadmap.published_number is not None:
            yield self._say("published_version"), str(roadmap.published_number)
        yield self._say("facts"), dates.figure(len(report.entries), self._language)
        yield self._say("moment"), self._moment()
        yield self._say("reference"), roadmap.id

    def _stage(self, version: Version) -> Stage:
        reason = []
        if version.opened_because is not None:
            because = self._text(version.opened_because)
            reason.append(self._say("revision_because", reason=because))
        return Stage(
            title=self._title(version),
            dates=self._dates(version),
            reason=reason,
            changes=list(self._changes.of(version)),
            nothing=self._nothing(version),
        )

    def _title(self, version: Version) -> str:
        if version.submission is not None:
            return self._say("version", number=version.submission.number)
        if version.after:
            return self._say("working_version", number=version.after)
        return self._say("draft_version")

    def _dates(self, version: Version) -> str:
        if version.submission is None:
            return ""
        submitted = dates.day(version.submission.submitted_on, self._language)
        if version.published_on is None:
            return self._say("submitted_on", day=submitted)
        published = dates.day(version.published_on, self._language)
        return self._say("submitted_and_published_on", day=submitted, published=published)

    def _nothing(self, version: Version) -> str:
        if version.submission is None and not version.after:
            return self._say("nothing_submitted")
        if not version.after:
            return self._say("first_version")
        if version.difference is None:
            return self._say("not_compared")
        return self._say("nothing_changed")
