"""The plan of an alliance as a table, from the read model: the same that is taken in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg

from domain.assignment import SteeringRole
from domain.budget import BudgetBasis, BudgetKind, BudgetLine, BudgetStage
from domain.identity import Id
from domain.label import Label
from domain.progress import ExecutionStatus
from domain.sheet import ActionCategory, ActionPriority, Audience, ParticipationLevel
from domain.theme import Theme
from infra.sheets.content import UNANSWERED, written_line
from infra.sheets.layout import OWN, ROLES
from infra.sheets.party import written
from infra.sheets.writing import Value

Record = Mapping[str, Any]

_ACTIONS: Final = """
select action.*, whole.code as part_of_code,
       (select amount from budget_total
        where action_id = action.id and stage = 'PLANNED') as planned,
       (select basis from budget_total
        where action_id = action.id and stage = 'PLANNED') as planned_total_basis,
       (select amount from budget_total
        where action_id = action.id and stage = 'SPENT') as spent,
       (select basis from budget_total
        where action_id = action.id and stage = 'SPENT') as spent_total_basis,
       array(select theme from action_theme where action_id = action.id order by place) as themes,
       array(select audience from action_audience
             where action_id = action.id order by place) as audiences,
       array(select territory_key from action_territory
             where action_id = action.id order by place) as territories
from action left join action whole on whole.id = action.part_of_id
where action.alliance_id = $1
order by action.axis collate "C" nulls last, action.sub_axis collate "C" nulls first,
         action.sub_sub_axis collate "C" nulls first, action.code nulls last,
         action.title collate "C", action.id
"""

_PARTIES: Final = """
select assignment.action_id, assignment.role, assignment.organisation_id,
       assignment.designation, organisation.name
from assignment
join action on action.id = assignment.action_id
left join organisation on organisation.id = assignment.organisation_id
where action.alliance_id = $1 and num_nonnulls(organisation_id, designation) > 0
order by assignment.action_id, assignment.place, assignment.id
"""

_LINES: Final = """
select budget_line.*, organisation.name
from budget_line
join action on action.id = budget_line.action_id
left join organisation on organisation.id = budget_line.funder_id
where action.alliance_id = $1
order by budget_line.action_id, budget_line.place, budget_line.id
"""


async def plan_of(connection: "asyncpg.Connection[Any]", alliance: Id) -> list[list[Value]]:
    """Give the rows of an alliance's plan in cordée's own layout; people's names are left out."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        actions = await connection.fetch(_ACTIONS, alliance)
        parties = _by_action(await connection.fetch(_PARTIES, alliance))
        lines = _by_action(await connection.fetch(_LINES, alliance))
    return [_row(action, parties[action["id"]], lines[action["id"]]) for action in actions]


def _by_action(records: Sequence[Record]) -> defaultdict[str, list[Record]]:
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record["action_id"]].append(record)
    return found


def _row(action: Record, parties: Sequence[Record], lines: Sequence[Record]) -> list[Value]:
    unanswered = action["budget_answer"] == "NOT_ANSWERED"
    told: dict[str, Value] = {
        "part_of": action["part_of_code"] or action["part_of_id"],
        "category": _label(ActionCategory, action["category"]),
        "themes": _labels(Theme, action["themes"]),
        "audiences": _labels(Audience, action["audiences"]),
        "territories": "\n".join(action["territories"]),
        "participation": _label(ParticipationLevel, action["participation"]),
        "priority": _label(ActionPriority, action["priority"]),
        "planned": UNANSWERED.value if unanswered else action["planned"],
        "planned_basis": _label(BudgetBasis, action["planned_total_basis"]),
        "spent": action["spent"],
        "spent_basis": _label(BudgetBasis, action["spent_total_basis"]),
        "lines": "\n".join(_line(line) for line in lines),
        "status": _label(ExecutionStatus, action["status"]),
        **{key: _parties(role, parties) for key, role in ROLES.items()},
    }
    return [
        told[column.key] if column.key in told else action[column.key] for column in OWN.columns
    ]


def _parties(role: SteeringRole, parties: Sequence[Record]) -> str:
    return "\n".join(
        written(party["organisation_id"], party["name"], party["designation"])
        for party in parties
        if party["role"] == role
    )


def _line(line: Record) -> str:
    payer = written(line["funder_id"], line["name"], line["funder_name"])
    kept = BudgetLine(
        amount=line["amount"],
        basis=BudgetBasis[line["basis"]],
        kind=None if line["kind"] is None else BudgetKind[line["kind"]],
        stage=BudgetStage[line["stage"]],
        year=line["year"],
    )
    return written_line(kept, payer)


def _label(labels: type[Label], value: str | None) -> str | None:
    return None if value is None else labels[value].fr


def _labels(labels: type[Label], values: Sequence[str]) -> str:
    return "\n".join(labels[value].fr for value in values)
