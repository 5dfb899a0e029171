"""Wording: what became of a text word by word, and of which sentences it is made.

The words that two texts share in the same order are found by their longest common subsequence.
That one is the longest, but not always the plainest: between two sentences that have nothing to
do with each other it still finds every « de » and every comma. So a stretch that is shared is kept
only where it is longer than what was changed on one side of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import LCSseq

from domain.label import Label

# A number with its decimals is one word, an elided article is one of its own.
_WORDS: Final = re.compile(r"\d+(?:[.,\u00a0\u202f]\d+)+|[\w\u0300-\u036f]+[’']?|\s+|.")
_LETTER: Final = re.compile(r"\w")

# A sentence ends after its closing quotation mark, before which the French write a narrow space.
_END: Final = re.compile(r"\s*\n\s*|[.!?…]+(?:[ \u00a0\u202f]*[»”\"’)\]])*\s+")
_SHORTENED: Final = re.compile(
    r"(?:^|[^\w])(?:\w|MM|Mme|Mlle|Dr|Pr|St|Ste|art|cf|chap|env|ex|fig|pp|vol)\.[ \u00a0\u202f]$"
)


class WordChange(Label):
    """What became of some words."""

    SAME = "SAME", "inchangé", "unchanged"
    ADDED = "ADDED", "ajouté", "added"
    REMOVED = "REMOVED", "retiré", "removed"


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of a text, with the spaces and signs between them."""

    text: str
    change: WordChange


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text, with the white space that follows it."""

    text: str
    start: int
    """Its place in the text, in characters."""

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.text)


@dataclass(slots=True)
class _Turn:
    """What was put in the place of something, after words that stayed."""

    same: str
    removed: str
    added: str

    @property
    def size(self) -> int:
        return max(len(self.removed), len(self.added))


def compared(before: str, after: str) -> tuple[Words, ...]:
    """Tell what became of a text word by word.

    What is the same or removed, in this order, is the old text, character by character; what is
    the same or added is the new one. Words that gave way stand before those that came for them.
    Texts of 8 000 characters, the longest there are, take some milliseconds at most.
    """
    pieces = (
        Words(text, change)
        for turn in _settled(_turns(before, after))
        for text, change in (
            (turn.same, WordChange.SAME),
            (turn.removed, WordChange.REMOVED),
            (turn.added, WordChange.ADDED),
        )
    )
    return tuple(piece for piece in pieces if piece.text)


def sentences(text: str) -> Iterator[Sentence]:
    """Take a text apart into sentences, lines and items of lists, none of it left out."""
    start = 0
    for end in _END.finditer(text):
        if _ends(text, end):
            yield Sentence(text[start : end.end()], start)
            start = end.end()
    if start < len(text):
        yield Sentence(text[start:], start)


def _turns(before: str, after: str) -> list[_Turn]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    numbers: dict[str, int] = {}
    # Numbers are compared exactly, texts by hashes of them.
    ours = [numbers.setdefault(word, len(numbers)) for word in old]
    theirs = [numbers.setdefault(word, len(numbers)) for word in new]
    turns = [_Turn("", "", "")]
    for step in LCSseq.opcodes(ours, theirs):
        there = "".join(new[step.dest_start : step.dest_end])
        if step.tag == "equal":
            turns.append(_Turn(there, "", ""))
        else:
            turns[-1].removed += "".join(old[step.src_start : step.src_end])
            turns[-1].added += there
    return turns


def _settled(turns: list[_Turn]) -> list[_Turn]:
    """Join changes between which nothing stayed that says anything."""
    settled: list[_Turn] = []
    for turn in turns:
        settled.append(turn)
        while len(settled) > 1 and _is_noise(settled[-1].same, settled[-2].size, settled[-1].size):
            last = settled.pop()
            settled[-1].removed += last.same + last.removed
            settled[-1].added += last.same + last.added
    return settled


def _is_noise(same: str, before: int, after: int) -> bool:
    """Tell whether words that stayed between two changes are there by chance."""
    if not before or not after:
        return False
    return not _LETTER.search(same) or len(same) <= min(before, after)


def _ends(text: str, end: re.Match[str]) -> bool:
    """Tell whether a sentence ends at a sign that may end one."""
    if "\n" in end[0]:
        return True
    follows = text[end.end() : end.end() + 1]
    if follows.islower() or follows in "»”)]:;,":
        return False
    return _SHORTENED.search(text, max(end.start() - 6, 0), end.end()) is None
