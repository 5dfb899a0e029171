"""Sights: who could see versions of rows, and their values, at the moments at which they held."""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from typing import Final

from projections import guard
from projections.access import Rule, Through
from projections.table import Table
from projections.then import Then
from projections.tracks import Field, Track, owned_by

_YES: Final = "true"
MOMENT: Final = "(v.at - v.ended::int)"
"""The position as of which a version held."""


class Sights:
    """What of a thing a viewer could see at each moment: asked once, for all of its parts.

    Most parts are seen with the thing to which they belong, or by a rule of it.
    """

    def __init__(self, owner: Table, then: Then) -> None:
        self.owner = owner
        self._conditions = _Conditions("sight.c", then)

    def of(self, rule: Rule) -> str:
        """Write whether the thing fulfils a rule at the moment of a version."""
        viewer = self._conditions.then.viewer
        return self._conditions.named(guard.fulfilled(rule, self.owner, "thing", viewer))

    @property
    def parts(self) -> list[str]:
        """The part of a ``with`` clause that asks all that `of` was asked, if that is anything."""
        if not self._conditions.written:
            return []
        asked = self._conditions.asked(
            "m.at", f" from {self.owner.name} thing where thing.id = $1::text"
        )
        moments = "select unnest($2::bigint[]) as at union select unnest($2::bigint[]) - 1"
        sights = f"select m.at, c.* from ({moments}) m cross join lateral ({asked}) c"
        return [f"sights as materialized ({sights})"]


class Rules:
    """Who could see a version and its values: what the thing itself tells of that, and the rest."""

    def __init__(self, track: Track, sights: Sights, then: Then) -> None:
        self._track = track
        self._sights = sights
        self._conditions = _Conditions("own.c", then)
        self.seen = self._ruled(track.table.seen)
        self._told = {each.name: self._shown(each) for each in track.fields}

    def value(self, field: Field) -> str:
        """Write a value, null where it is not told."""
        value = f"v.{field.column.name}{'::text' if field.column.kind.quoted else ''}"
        told = self.told(field)
        return value if told == _YES else f"case when {told} then {value} end"

    def told(self, field: Field) -> str:
        """Write whether a value is told."""
        return self._told[field.name]

    @property
    def joined(self) -> str:
        """What finds that out, as of the moment at which the version held."""
        joined = ""
        if self._sights.parts:
            joined = f" join sights sight on sight.at = {MOMENT}"
        if self._conditions.written:
            joined += f" cross join lateral ({self._conditions.asked(MOMENT)}) own"
        return joined

    def _ruled(self, rule: Rule) -> str:
        table, owner = self._track.table, self._sights.owner
        theirs = _of_owner(rule, table, owner)
        if theirs is not None:
            return self._sights.of(theirs)
        viewer = self._conditions.then.viewer
        return self._conditions.named(guard.fulfilled(rule, table, "v", viewer))

    def _shown(self, field: Field) -> str:
        """Write whether a value is told of a row that is seen."""
        rule = self._track.table.shown.get(field.column.name)
        return _YES if rule is None else self._ruled(rule)


class _Conditions:
    """Conditions of one kind, each written once and called by its number."""

    def __init__(self, name: str, then: Then) -> None:
        self.then = then
        self._name = name
        self.written: list[str] = []

    def named(self, condition: str | None) -> str:
        """Give what a condition is called; None always holds."""
        if condition is None:
            return _YES
        if condition not in self.written:
            self.written.append(condition)
        return f"{self._name}{self.written.index(condition)}"

    def asked(self, moment: str, source: str = "") -> str:
        """Ask for all of them as of a moment."""
        values = ", ".join(
            f"coalesce({condition}, false) as c{number}"
            for number, condition in enumerate(self.written)
        )
        return self.then.at(moment, f"select {values}{source}")


def _of_owner(rule: Rule, table: Table, owner: Table) -> Rule | None:
    """Give the rule that the thing itself must fulfil, None where more than that is asked."""
    if table is owner:
        return rule
    if isinstance(rule, Through):
        relation = table.relations[rule.relation]
        if relation.target == owner.name and relation.on == ((owned_by(table), "id"),):
            return owner.seen if rule.rule is None else rule.rule
    return None
