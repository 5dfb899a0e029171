"""What happened, as a report tells it: fact by fact, by whom, and what was recorded late."""

from collections.abc import Sequence
from typing import Final

import msgspec

from api.report.happened import Entry
from domain.calendar import today
from infra.report import dates
from infra.report.words import Speech

_SUPERSEDED: Final = "supersededAt"
"""The field of a measurement that another one for the same day and source has replaced."""


class Happening(msgspec.Struct, frozen=True):
    """A fact in a line."""

    position: str
    recorded: str
    effective: str
    """The day on which it took effect, in words; empty where that is the day of recording."""
    sentence: str
    by: str
    why: str


class Correction(msgspec.Struct, frozen=True):
    """A fact that puts something right, or was recorded late."""

    kind: str
    fact: Happening


def happenings(entries: Sequence[Entry], speech: Speech) -> list[Happening]:
    """Tell facts one by one, none left out."""
    return [
        _happening(entry, speech, "" if _is_of_the_day(entry) else _on(entry, speech, "effective"))
        for entry in entries
    ]


def corrections(entries: Sequence[Entry], speech: Speech) -> list[Correction]:
    """Tell what was corrected, or recorded after the day on which it took effect."""
    return [
        Correction(
            kind=speech.say("corrected" if _corrects(entry) else "late"),
            fact=_happening(entry, speech, dates.short(entry.effective_on, speech.language)),
        )
        for entry in entries
        if entry.is_late or _corrects(entry)
    ]


def people(entries: Sequence[Entry], speech: Speech) -> list[list[str]]:
    """Tell who took part, in the order in which they came in: role, place, facts, days."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        place = speech.text(entry.actor.place_name)
        found.setdefault((_role(entry, speech), place), []).append(entry)
    return [
        [role, place, str(len(theirs)), _stretch(theirs, speech)]
        for (role, place), theirs in found.items()
    ]


def by(entry: Entry, speech: Speech) -> str:
    """Say who did something, and for whom."""
    who = _begun(entry.actor.label, speech)
    behalf = entry.on_behalf_of
    if behalf is None or behalf.name == entry.actor.place_name:
        return who
    organisation = speech.text(behalf.name)
    return f"{who}, {speech.say('on_behalf', organisation=organisation)}"


def _happening(entry: Entry, speech: Speech, effective: str) -> Happening:
    language = speech.language
    return Happening(
        position=str(entry.position),
        recorded=dates.short(entry.recorded_at, language),
        effective=effective,
        sentence=speech.text(entry.sentence),
        by=by(entry, speech),
        why=speech.text(entry.reason),
    )


def _corrects(entry: Entry) -> bool:
    """Tell whether a fact puts right what was recorded, such as what was measured on a day."""
    return entry.is_correction or any(each.field == _SUPERSEDED for each in entry.changes)


def _is_of_the_day(entry: Entry) -> bool:
    return entry.effective_on == today(entry.recorded_at)


def _on(entry: Entry, speech: Speech, phrase: str) -> str:
    return speech.say(phrase, day=dates.short(entry.effective_on, speech.language))


def _role(entry: Entry, speech: Speech) -> str:
    """Give the role of whoever did something, and their name where that is told."""
    role, language = entry.actor.role, speech.language
    said = entry.actor.label if role is None else role.fr if language == "fr" else role.en
    said = _begun(said, speech)
    principal = entry.principal
    name = None if principal is None else principal.name or principal.label
    return said if name is None else f"{said} ({speech.text(name)})"


def _begun(text: str, speech: Speech) -> str:
    """Begin a line with a text."""
    return speech.text(text[:1].upper() + text[1:])


def _stretch(entries: Sequence[Entry], speech: Speech) -> str:
    """Tell from which day to which somebody did something, by the days on which it took effect."""
    days = [entry.effective_on for entry in entries]
    first, last = (dates.short(day, speech.language) for day in (min(days), max(days)))
    return first if first == last else f"{first} – {last}"
