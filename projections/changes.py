"""Changes: what single events made of the rows of a thing, as far as a caller may see it.

An event that changed a row ended one version of it and began another: both bear its position. Who
may see them is asked as of the moment at which each of them held, with the caller's roles of
today: what stood in a draft is not told to those for whom a later version was published.
"""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Sequence
from functools import lru_cache

from domain.identity import Id
from domain.label import Label
from projections import guard
from projections.guard import Eyes, Viewer
from projections.lookup import Bound
from projections.past_tables import past_name
from projections.sights import Rules, Sights
from projections.table import TABLES
from projections.then import Then
from projections.tracks import Track, owned_by


class ValueKind(Label):
    """Of what kind a value is that changed, and so how it is written."""

    TEXT = "TEXT", "texte", "text"
    WORD = "WORD", "valeur d’un vocabulaire", "value of a vocabulary"
    ID = "ID", "identifiant", "id"
    INTEGER = "INTEGER", "nombre entier", "whole number"
    DECIMAL = "DECIMAL", "nombre exact", "exact number"
    BOOLEAN = "BOOLEAN", "oui ou non", "yes or no"
    DATE = "DATE", "jour", "day"
    INSTANT = "INSTANT", "instant", "instant"
    LIST = "LIST", "liste", "list"


class Became(Label):
    """What an event made of a part of a thing."""

    ADDED = "ADDED", "ajouté", "added"
    CHANGED = "CHANGED", "modifié", "changed"
    REMOVED = "REMOVED", "retiré", "removed"


def changed(tracks: Sequence[Track], owner: Id, positions: Sequence[int], eyes: Eyes) -> Bound:
    """Ask what the events at some positions made of the rows of a thing.

    A row is a version that began or ended: the number of its track; the position; whether it ended
    there; its key; whether it may be seen, and if so two JSON arrays, with the value of each field
    and with whether that may be seen. The id of another thing is for those alone who may see that,
    which is for `visible` to say.
    """
    viewer = eyes.viewer(3)
    return guard.complete(_changed(tuple(tracks), viewer), viewer), [
        owner,
        list(positions),
        *eyes.arguments,
    ]


def visible(things: Sequence[tuple[str, str, int]], eyes: Eyes) -> Bound:
    """Ask which of some things may be seen: tables, with the key of a row and a position each.

    Gives the numbers of those that may, as they were at that position.
    """
    viewer = eyes.viewer(4)
    tables, keys, positions = zip(*things, strict=True)
    arguments = [list(tables), list(keys), list(positions), *eyes.arguments]
    return guard.complete(_visible(frozenset(tables), viewer), viewer), arguments


@lru_cache(maxsize=256)
def _visible(tables: frozenset[str], viewer: Viewer) -> str:
    then = Then(viewer)
    branches = []
    for name in sorted(tables):
        (key,) = TABLES[name].key
        conditions = [f"there.{key} = w.key", *guard.seen(TABLES[name], "there", viewer)]
        asked = then.at("w.at", f"select from {name} there where {' and '.join(conditions)}")
        branches.append(
            f"select w.place - 1 from wanted w where w.name = '{name}' and exists ({asked})"
        )
    wanted = (
        "wanted as materialized (select * from"
        " unnest($1::text[], $2::text[], $3::bigint[]) with ordinality w(name, key, at, place))"
    )
    return then.complete(" union all ".join(branches), [wanted])


@lru_cache(maxsize=256)
def _changed(tracks: tuple[Track, ...], viewer: Viewer) -> str:
    owner = tracks[0].table.owner
    assert owner is not None, "tracks are of what belongs to a thing"
    then = Then(viewer)
    sights = Sights(TABLES[owner[0]], then)
    rules = [Rules(track, sights, then) for track in tracks]
    branches = [_of(track, place, rules[place]) for place, track in enumerate(tracks)]
    return then.complete(" union all ".join(branches), sights.parts)


def _of(track: Track, place: int, rules: Rules) -> str:
    """Ask for the versions of one table."""
    table, owner = track.table, owned_by(track.table)
    past = past_name(table.name)
    key = ", ".join(f"v.{column}" for column in track.key)
    values = ", ".join(rules.value(each) for each in track.fields)
    told = ", ".join(rules.told(each) for each in track.fields)
    which = ", ".join(f"t.{column}" for column in (*table.key, "since"))
    return f"""
select {place}, v.at, v.ended, concat_ws('/', {key}), {rules.seen},
    case when {rules.seen} then json_build_array({values}) end,
    case when {rules.seen} then json_build_array({told}) end
from (
    select * from (
        select distinct on ({which}) t.*, t.since as at, false as ended
        from {past} t where t.{owner} = $1::text and t.since = any($2::bigint[])
    ) began
    union all
    select t.*, t.until, true
    from {past} t where t.{owner} = $1::text and t.until = any($2::bigint[])
) v{rules.joined}""".strip()
