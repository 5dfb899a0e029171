"""Which generation is read: told once for each version of the program, and moved in one step."""

from typing import Final

from infra.projector.connection import Connection
from infra.projector.generation import Generation

# Whoever reads a generation has been told how far it is: no other may take its place that is
# less far.
_ACTIVATE: Final = """
insert into log.active as a (projection, code_hash, number)
select g.projection, g.code_hash, g.number
from log.generation g
where g.projection = $1 and g.number = $2 and g.state = 'READY' and g.error is null
  and not exists (
      select from log.active a
      join log.generation replaced using (projection, number)
      where a.projection = g.projection and a.code_hash = g.code_hash
        and replaced.position > g.position
  )
on conflict (projection, code_hash) do update
set previous = a.number, number = excluded.number, switched_at = now()
where a.number <> excluded.number
returning true
"""

_DONE: Final = """
update log.generation set automatic = false where projection = $1 and number = $2 and automatic
"""


async def activate(connection: Connection, generation: Generation) -> bool:
    """Let a generation be the one that is read by the code that folds it; False if it cannot be.

    It cannot where it is not ready, has stopped, or is not as far as the one that is read. The
    one before is kept, and followed. To be called in a transaction, under `generation.LOCK`.
    """
    key = (generation.name, generation.number)
    if not await connection.fetchval(_ACTIVATE, *key):
        return False
    await connection.execute(_DONE, *key)
    return True
