"""Roles: which of them principals held at a position."""

# Tables and columns are names of ours; every value is bound.
# ruff: noqa: S608

from collections.abc import Sequence

from domain.identity import Id
from projections.lookup import Bound
from projections.past import shadow
from projections.statement import Statement


def held(principals: Sequence[Id], positions: Sequence[int]) -> Bound:
    """Ask which roles principals held at positions, whoever asks.

    Gives the number of the question, the role, and the kind and the id or key of its place.
    """
    text = (
        "select w.place - 1, g.role, g.scope_kind, g.place"
        " from unnest($1::text[], $2::bigint[]) with ordinality w(principal, at, place)"
        f" cross join lateral (with {shadow('role_grant', 'w.at')} select r.* from role_grant r"
        " where r.principal_id = w.principal and not r.suspended) g"
    )
    return Statement(text), [list(principals), list(positions)]
