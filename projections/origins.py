"""Origins: the event that gave a value, or a sentence of a text, its present wording.

What something said from event to event is told by its versions. A value is as old as the last
stretch of versions in which it stayed the same. A sentence is as old as the last stretch of
versions that all hold it, wherever in the text, and whatever was written around it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from projections.wording import Sentence, sentences

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """What something said from an event on."""

    since: int
    """The position of the event."""
    value: T


def origin_of_value(versions: Sequence[Version[object]]) -> int:
    """Give the position of the event that gave the last of some versions its value.

    ``versions`` are those of one value, at least one, in the order of their events.
    """
    origin = versions[-1].since
    for version in reversed(versions):
        if version.value != versions[-1].value:
            break
        origin = version.since
    return origin


def origins_of_sentences(versions: Sequence[Version[str | None]]) -> list[tuple[Sentence, int]]:
    """Give the sentences of the last of some versions of a text, each with its origin.

    Of a sentence that a text holds several times, the first ones are the oldest.
    """
    present = list(sentences(versions[-1].value or ""))
    numbered = list(_numbered(present))
    origins = dict.fromkeys(numbered, versions[-1].since)
    unbroken = set(numbered)
    for version in reversed(versions):
        held = Counter(_said(each) for each in sentences(version.value or ""))
        unbroken = {(said, number) for said, number in unbroken if number < held[said]}
        if not unbroken:
            break
        origins.update(dict.fromkeys(unbroken, version.since))
    return [(each, origins[key]) for each, key in zip(present, numbered, strict=True)]


def _numbered(found: Sequence[Sentence]) -> Iterator[tuple[str, int]]:
    """Tell each sentence from those that say the same, by how many of them stand before it."""
    before = Counter[str]()
    for each in found:
        said = _said(each)
        yield said, before[said]
        before[said] += 1


def _said(sentence: Sentence) -> str:
    """Give what a sentence says, the white space around it aside."""
    return sentence.text.strip()
