"""Every statement that the event store sends, complete; appending itself is 0002_append.sql."""

from typing import Final

APPEND: Final = """
select job, outcome, last_position, stream_id, version
from log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""

APPEND_ONE: Final = """
select outcome, last_position, stream_id, version
from log.append_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

HEAD: Final = "select coalesce(max(position), 0) from log.event"

COMMAND: Final = """
select last_position, stream_id, version, request_hash, recorded_at
from log.command
where command_id = $1
"""

STREAM: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
where stream_id = $1 and version > $2 and version <= $3
order by version
limit $4
"""

STREAM_DESCENDING: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
where stream_id = $1 and version > $2 and version <= $3
order by version desc
limit $4
"""

STREAMS: Final = """
select e.position, e.stream_id, e.version, e.topic, e.class_version, e.state, e.meta,
       e.command_id, e.recorded_at
from unnest($1::uuid[], $2::int[]) s(stream_id, after)
join log.event e on e.stream_id = s.stream_id and e.version > s.after
order by e.stream_id, e.version
"""

AT: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
where position = any($1::bigint[])
order by position
"""

PAGE: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
where position > $1 and position <= $2
order by position
limit $3
"""

# No index of topics: each would cost every append, and a reader that is up to date needs none. So
# one page looks at a bounded stretch of the log, and says where it ends. That comes from the same
# snapshot as the events: on every row, and alone when there are none.
PAGE_OF_TOPICS: Final = """
select s.scanned, e.position, e.stream_id, e.version, e.topic, e.class_version, e.state, e.meta,
       e.command_id, e.recorded_at
from (
    select least(coalesce(max(position), 0), $2, $1::bigint + $5::int) as scanned from log.event
) s
left join lateral (
    select *
    from log.event
    where position > $1 and position <= s.scanned and topic = any($4::text[])
    order by position
    limit $3
) e on true
order by e.position
"""

SNAPSHOT: Final = """
select version, state
from log.snapshot
where stream_id = $1 and code_hash = $2
"""

PUT_SNAPSHOT: Final = """
insert into log.snapshot as s (stream_id, version, code_hash, state)
values ($1, $2, $3, $4)
on conflict (stream_id) do update
set version = excluded.version, code_hash = excluded.code_hash, state = excluded.state
where s.version < excluded.version or s.code_hash <> excluded.code_hash
"""

NOTIFY: Final = "select pg_notify($1, $2)"
