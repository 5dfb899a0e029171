"""What is asked of the feed: from where on, how much, how long to wait, and which events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from api.interests import EventWhere, Interests, interests
from api.publication.catalogue import BY_TYPE, PUBLISHED, topics_of
from api.publication.cursor import CursorForged, CursorOfAnother, Cursors
from api.scalars import position
from domain.refusal import InvalidNumber, Refusal

USUAL: Final = 100
"""Events of an answer, unless it is said."""
MOST: Final = 5_000
"""Events of an answer at most."""
LONGEST: Final = 30
"""Seconds for which an answer may be waited for, less than proxies wait."""

_ONCE: Final = ("after", "limit", "wait")
_LISTS: Final = (
    *("types", "nouns", "subjects"),
    *("territories", "networks", "alliances", "cohorts", "organisations"),
)
_NOUNS: Final = frozenset(each.noun for each in PUBLISHED)


class UnknownParameter(Refusal):
    """The feed has no parameter {name}. It has {known}."""

    FRENCH = "Le flux n’a pas de paramètre {name}. Il connaît {known}."


class SaidTwice(Refusal):
    """The parameter {name} is given more than once. Say it once."""

    FRENCH = "Le paramètre {name} est donné plusieurs fois. Donnez-le une seule fois."


class CursorRefused(Refusal):
    """{value} is no position, and no cursor from here. Take that of the link to what follows."""

    FRENCH = (
        "{value} n’est ni une position ni un curseur de ce flux. "
        "Prenez celui du lien vers la suite."
    )


class OtherFilters(Refusal):
    """This cursor goes with other filters: what they left out is past. Begin at a position."""

    FRENCH = (
        "Ce curseur a été fait pour d’autres filtres, et ce qu’ils ont écarté est derrière lui. "
        "Commencez à une position."
    )


class NotPublished(Refusal):
    """Nothing called {name} is published. The catalogue, at /events/catalogue, says what is."""

    FRENCH = (
        "Rien n’est publié sous le nom {name}. Le catalogue, /events/catalogue, dit ce qui l’est."
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the feed."""

    after: int
    """The position after which to begin."""
    limit: int
    wait: int
    """Seconds to wait until there is something to tell."""
    wanted: Interests
    topics: frozenset[str]
    """The topics of the events that may be told."""
    filters: tuple[tuple[str, str], ...]
    """The filters, as they were given, in an order of their own."""

    @classmethod
    def read(cls, given: QueryParams, cursors: Cursors) -> Self:
        """Read a question from the parameters of its address.

        Raises:
            Refusal: something of it makes no sense.
        """
        for name in given:
            if name not in (*_ONCE, *_LISTS):
                known = ", ".join((*_ONCE, *_LISTS))
                raise UnknownParameter(name[:80], name=name[:80], known=known)
        for name in _ONCE:
            if len(given.getlist(name)) > 1:
                raise SaidTwice(name, name=name)
        lists = {name: _listed(given, name) for name in _LISTS if name in given}
        filters = tuple((name, each) for name in sorted(lists) for each in sorted(set(lists[name])))
        wanted = _wanted(lists)
        return cls(
            _after(given.get("after", "0"), filters, cursors),
            _number(given, "limit", USUAL, least=1, most=MOST),
            _number(given, "wait", 0, least=0, most=LONGEST),
            wanted,
            topics_of(wanted),
            filters,
        )

    def following(self, scanned: int, cursors: Cursors) -> str:
        """Write the parameters of the question that goes on after a position."""
        said: list[tuple[str, Any]] = [("after", cursors.write(scanned, _said(self.filters)))]
        if self.limit != USUAL:
            said.append(("limit", self.limit))
        if self.wait:
            said.append(("wait", self.wait))
        return urlencode([*said, *self.filters])


def _listed(given: QueryParams, name: str) -> Sequence[str]:
    """Give the items of a list: several in one parameter by commas, or in several."""
    return [item for said in given.getlist(name) for item in said.split(",")]


def _wanted(lists: Mapping[str, Sequence[str]]) -> Interests:
    try:
        where = EventWhere(**{**lists, **_by_topic(lists)})
        wanted = interests(where)
    except Refusal as refusal:
        if refusal.path is not None:
            refusal.path = refusal.path.removeprefix("where.")
        raise
    for noun in wanted.nouns or ():
        if noun not in _NOUNS:
            raise NotPublished("nouns", name=noun)
    return wanted


def _by_topic(lists: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Give the types that are meant as the domain calls them."""
    if "types" not in lists:
        return {}
    known = {**BY_TYPE, **{each.event.TOPIC: each for each in PUBLISHED}}
    for name in lists["types"]:
        if name not in known:
            raise NotPublished("types", name=name[:80])
    return {"types": [known[name].event.TOPIC for name in lists["types"]]}


def _after(said: str, filters: Sequence[tuple[str, str]], cursors: Cursors) -> int:
    try:
        return position(said)
    except ValueError:
        pass
    try:
        return cursors.read(said, _said(filters))
    except CursorForged:
        raise CursorRefused("after", value=said[:80]) from None
    except CursorOfAnother:
        raise OtherFilters("after") from None


def _said(filters: Sequence[tuple[str, str]]) -> Sequence[str]:
    return [f"{name}={each}" for name, each in filters]


def _number(given: QueryParams, name: str, usual: int, *, least: int, most: int) -> int:
    said = given.get(name)
    if said is None:
        return usual
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else -1
    if not least <= number <= most:
        raise InvalidNumber(name, value=said[:40], least=least, most=most)
    return number
