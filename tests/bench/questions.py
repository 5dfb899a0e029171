"""The questions that are asked in `tests.bench.reads`, how a hand answers them, and their rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from tests.generations import PATH

ORGANISATIONS = 2_000
MANY = 1_000_000


@dataclass(frozen=True)
class Asked:
    """A question, and how a hand would answer it."""

    name: str
    query: str
    variables: Callable[[int], dict[str, Any]]
    """The variables of one asking."""
    sql: str
    bound: str
    """The variable that the statement takes."""


def _page(_: int) -> dict[str, Any]:
    return {"n": 50}


def _one(number: int) -> dict[str, Any]:
    return {"id": f"org_{1 + number % ORGANISATIONS:032x}"}


ASKED = (
    Asked(
        "50 rows of 8 fields",
        "query List($n: Int) { organisations(first: $n) { nodes { id version name kind siren rna "
        "registeredAt dissolved } } }",
        _page,
        """
        select coalesce(json_agg(q), '[]') from (
            select id, version, name, kind, siren, rna, registered_at as "registeredAt", dissolved
            from organisation order by name_key, id limit $1::bigint
        ) q
        """,
        "n",
    ),
    Asked(
        "50 rows, nested twice",
        "query Nested($n: Int) { organisations(first: $n) { nodes { id name kind mobilisations "
        "{ id name kind rhythm sessions { heldOn attendance } } } } }",
        _page,
        """
        select coalesce(json_agg(q), '[]') from (
            select o.id, o.name, o.kind, (
                select coalesce(json_agg(r), '[]') from (
                    select m.id, m.name, m.kind, m.rhythm, (
                        select coalesce(json_agg(s), '[]') from (
                            select s.held_on as "heldOn", s.attendance
                            from mobilisation_session s
                            where s.mobilisation_id = m.id order by s.held_on
                        ) s
                    ) as sessions
                    from mobilisation m where m.organisation_id = o.id order by m.started_at, m.id
                ) r
            ) as mobilisations
            from (select * from organisation order by name_key, id limit $1::bigint) o
            order by o.name_key, o.id
        ) q
        """,
        "n",
    ),
    Asked(
        "one by its id",
        "query One($id: ID!) { organisation(id: $id) { id version name kind siren rna registeredAt "
        "dissolved } }",
        _one,
        """
        select row_to_json(q) from (
            select id, version, name, kind, siren, rna, registered_at as "registeredAt", dissolved
            from organisation where id = $1::text
        ) q
        """,
        "id",
    ),
)


async def fill(dsn: str) -> None:
    """Fill the read model: every organisation with six mobilisations of six sittings."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": PATH})
    await connection.execute(
        f"""
        insert into organisation
        select 'org_' || lpad(to_hex(n), 32, '0'), 3, now(), now(), 'Organisation n° ' || n,
            'organisation n° ' || lpad(n::text, 5, '0'), 'ASSOCIATION', null, null, 'region:28',
            null, false
        from generate_series(1, {ORGANISATIONS}) n;
        insert into mobilisation
        select 'mob_' || lpad(to_hex(n * 6 + m), 32, '0'), 'org_' || lpad(to_hex(n), 32, '0'),
            'Mobilisation ' || m, 'SCREENING', 'WEEKLY', now()
        from generate_series(1, {ORGANISATIONS}) n, generate_series(0, 5) m;
        insert into mobilisation_session (mobilisation_id, held_on, organisation_id, attendance)
        select m.id, date '2026-01-01' + s, m.organisation_id, s
        from mobilisation m, generate_series(1, 6) s;
        analyze;
        """  # noqa: S608 - constants of this module
    )
    await connection.close()


async def grow(dsn: str) -> None:
    """Let there be a million organisations."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": PATH})
    await connection.execute(
        f"""
        insert into organisation
        select 'org_' || lpad(to_hex(n), 32, '0'), 3, now(), now(), 'Organisation n° ' || n,
            'organisation n° ' || lpad(n::text, 7, '0'), 'ASSOCIATION', null, null, 'region:28',
            null, false
        from generate_series({ORGANISATIONS} + 1, {MANY}) n;
        analyze organisation;
        """  # noqa: S608 - constants of this module
    )
    await connection.execute("vacuum organisation")
    await connection.close()
