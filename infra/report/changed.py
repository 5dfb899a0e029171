"""What a version changed, as a report tells it: part by part, word by word, with the reasons."""

from collections.abc import Iterable, Iterator
from typing import Final

from api.report.happened import Entry, FieldChange, PartChanged, Version
from infra.report.edition import Change, Field, Why
from infra.report.happened import by
from infra.report.values import Values
from infra.report.words import Speech
from projections.difference import PartChange
from projections.wording import WordChange, compared

_LINE: Final = 75
"""Characters of a label and a value that stand on one line."""

_ADDED, _REMOVED = WordChange.ADDED.value, WordChange.REMOVED.value


class Changes:
    """Puts what versions changed into words."""

    def __init__(self, speech: Speech, values: Values) -> None:
        self._speech = speech
        self._values = values

    def of(self, version: Version) -> Iterator[Change]:
        """Tell what is another in a version than in the one before: itself, then its parts."""
        difference = version.difference
        if difference is None:
            return
        for field in difference.fields:
            facts = (
                entry
                for entry in version.entries
                if any(
                    each.part.noun == "roadmap" and each.field == field.field
                    for each in entry.changes
                )
            )
            told = self._field("", field)
            yield Change(self._label(field.label), "", [told], list(self._whys(facts)))
        for part in difference.parts:
            yield self._part(part, version)

    def _part(self, part: PartChanged, version: Version) -> Change:
        facts = (
            entry
            for entry in version.entries
            if any(part.id is not None and each.part.id == part.id for each in entry.changes)
        )
        label, title = self._label(part.label), self._speech.text(part.title)
        became = map(self._speech.word, part.changes)
        return Change(
            what=self._speech.say("part", label=label, wording=title) if title else label,
            became=", ".join(became),
            fields=[
                self._field(self._speech.text(field.label), field)
                for field in part.fields
                if not _is_title(field, part)
            ],
            why=list(self._whys(facts)),
        )

    def _field(self, label: str, field: FieldChange) -> Field:
        pieces = list(self._pieces(field))
        length = sum(len(text) for _, text in pieces)
        return Field(label, pieces, short=len(label) + length <= _LINE)

    def _pieces(self, field: FieldChange) -> Iterator[tuple[str, str]]:
        before, after = (
            None if said is None else self._values.word(field.field, said)
            for said in (field.before, field.after)
        )
        if before is None and after is None:
            for piece in compared(field.before or "", field.after or ""):
                yield piece.change.value, self._speech.text(piece.text)
            return
        if before is not None:
            yield _REMOVED, before
        if after is not None:
            yield _ADDED, after

    def _whys(self, facts: Iterable[Entry]) -> Iterator[Why]:
        """Give the reasons of facts, each said once."""
        said = set[str]()
        for entry in facts:
            if entry.reason is not None and entry.reason not in said:
                said.add(entry.reason)
                yield Why(self._speech.text(entry.reason), by(entry, self._speech))

    def _label(self, label: str) -> str:
        label = self._speech.text(label)
        return label[:1].upper() + label[1:]


def _is_title(field: FieldChange, part: PartChanged) -> bool:
    """Tell whether a field of a part that came or went says only what its heading says."""
    whole = {PartChange.ADDED, PartChange.DROPPED} & set(part.changes)
    return bool(whole) and part.title in (field.before, field.after)
