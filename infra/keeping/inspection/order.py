"""The order of the log: positions, instants and commands, as the database itself can tell."""

from typing import Any, Final

from infra.keeping.inspection.finding import Findings, Rule
from infra.keeping.kept import Connection

_POSITIONS: Final = """
select position, before, recorded_at < recorded_before as early
from (
    select position, recorded_at,
           lag(position, 1, 0::bigint) over w as before,
           lag(recorded_at) over w as recorded_before
    from log.event
    window w as (order by position)
) e
where position <> before + 1 or recorded_at < recorded_before
"""

_WITHOUT_COMMAND: Final = """
select e.position, e.command_id
from log.event e
left join log.command c using (command_id)
where c.command_id is null
"""

_OTHER_POSITION: Final = """
select c.command_id, c.last_position, e.last_position as found
from log.command c
join (select command_id, max(position) as last_position from log.event group by command_id) e
    using (command_id)
where c.last_position <> e.last_position
"""

# The head that a command found is one that there was.
_BEYOND: Final = """
select command_id, last_position from log.command
where last_position not between 0 and (select coalesce(max(position), 0) from log.event)
"""

_OTHER_VERSION: Final = """
select c.command_id, c.stream_id, c.version, c.last_position
from log.command c
left join log.event e on e.stream_id = c.stream_id and e.version = c.version
where c.version > 0 and (e.position is null or e.position > c.last_position)
"""


async def check_order(connection: Connection, findings: Findings) -> None:
    """Find gaps in the log, and events and commands that do not agree."""
    async for row in _rows(connection, _POSITIONS):
        if row["position"] != row["before"] + 1:
            missing = f"{row['before'] + 1} to {row['position'] - 1}"
            findings.add(Rule.POSITIONS, f"the events {missing} are missing", row["position"])
        if row["early"]:
            problem = "it was recorded before the one that it follows"
            findings.add(Rule.POSITIONS, problem, row["position"])
    async for row in _rows(connection, _WITHOUT_COMMAND):
        problem = f"its command {row['command_id']} is missing"
        findings.add(Rule.COMMANDS, problem, row["position"])
    async for row in _rows(connection, _OTHER_POSITION):
        problem = f"the last event of command {row['command_id']} is at {row['found']}"
        findings.add(Rule.COMMANDS, problem, row["last_position"])
    async for row in _rows(connection, _BEYOND):
        problem = f"command {row['command_id']} ends where no event is"
        findings.add(Rule.COMMANDS, problem, row["last_position"])
    async for row in _rows(connection, _OTHER_VERSION):
        findings.add(
            Rule.COMMANDS,
            f"command {row['command_id']} left stream {row['stream_id']} at a version"
            f" {row['version']} that it did not have there",
            row["last_position"],
        )


def _rows(connection: Connection, question: str) -> Any:
    """Stream what is found: of a log that is badly damaged that may be every event."""
    return connection.cursor(question, prefetch=1_000)
