-- Appending. Both functions begin alike:
--
-- 1. They take one advisory lock, held until the commit, so that appenders form a queue and
--    positions follow the order of commit without a gap.
-- 2. Every check is a statement after the one that locks: under READ COMMITTED a statement sees
--    what was committed when it began, and a check inside the locking statement would miss what
--    the appender before us committed while we waited.
-- 3. The clock of the log never runs backwards, even when the server's does, so that an instant
--    is a position.
--
-- Their plans are pinned: one cached while the tables were empty cost five times as much later.

-- Many independent commands in one transaction, each with its own outcome; their ids are distinct.
-- `job` numbers them from 1. A check names the version that a stream must have now (0: none; -1:
-- none, and its first will be 0), and whether the command goes on to write to it.
--
-- The first row is (0, 'head', the head that the batch found, null, null). Then comes a row for
-- each command that was NOT appended: 'duplicate' and 'reused' with the command as it is stored,
-- 'conflict', or 'retry' when a command before it in the batch writes to a stream that it checks.
-- A command without a row was appended: in the order of the jobs, right after the head.
create function log.append(
    _command       uuid[],
    _request_hash  bytea[],
    _stream        uuid[],
    _version       int[],
    _meta          bytea[],
    _events        int[],
    _event_job     int[],
    _event_stream  uuid[],
    _event_version int[],
    _topic         text[],
    _class_version smallint[],
    _state         bytea[],
    _check_job     int[],
    _check_stream  uuid[],
    _check_version int[],
    _check_writes  boolean[]
) returns table (job int, outcome text, last_position bigint, stream_id uuid, version int)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
    _head    bigint;
    _instant timestamptz;
    _clear   boolean;
    _known   int[] := '{}';
    _late    int[] := '{}';
    _moved   int[] := '{}';
    _refused int[] := '{}';
begin
    perform pg_advisory_xact_lock(7310579);

    select e.position, e.recorded_at into _head, _instant
    from log.event e order by e.position desc limit 1;
    _head := coalesce(_head, 0);
    _instant := greatest(clock_timestamp(), _instant);
    return query select 0, 'head', _head, null::uuid, null::int;

    -- Nearly always nothing stands in the way, and the cheapest way to know is to insert: the
    -- unique constraints find the command that is known and the new stream that is not new. Only
    -- what they cannot see is looked up: a stream that must have a version, and one met twice.
    select count(distinct c.stream_id) = count(*)
           and coalesce(bool_and(c.writes and c.version = 0 or c.version = coalesce(
               (select max(e.version) from log.event e where e.stream_id = c.stream_id),
               least(c.version, 0)
           )), true)
    into _clear
    from unnest(_check_stream, _check_version, _check_writes) c(stream_id, version, writes);

    loop
        if not _clear then
            select coalesce(array_agg(a.job::int), '{}') into _known
            from unnest(_command) with ordinality a(command_id, job)
            join log.command c on c.command_id = a.command_id;

            select coalesce(array_agg(distinct c.job) filter (where c.first_writer < c.job), '{}'),
                   coalesce(array_agg(distinct c.job) filter (where c.found <> c.version), '{}')
            into _late, _moved
            from (
                select u.job, u.version,
                       min(u.job) filter (where u.writes) over (partition by u.stream_id)
                           as first_writer,
                       coalesce(
                           (select max(e.version) from log.event e where e.stream_id = u.stream_id),
                           least(u.version, 0)
                       ) as found
                from unnest(_check_job, _check_stream, _check_version, _check_writes)
                    u(job, stream_id, version, writes)
            ) c;
            _refused := _known || _late || _moved;

            return query
                select k.job,
                       case when c.request_hash = _request_hash[k.job]
                            then 'duplicate' else 'reused' end,
                       c.last_position, c.stream_id, c.version
                from unnest(_known) k(job)
                join log.command c on c.command_id = _command[k.job];
            return query
                select distinct u.job, case when u.job = any(_late) then 'retry' else 'conflict' end,
                       null::bigint, null::uuid, null::int
                from unnest(_late || _moved) u(job)
                where u.job <> all(_known);
        end if;

        begin
            insert into log.event (
                position, stream_id, version, topic, class_version, state, meta, command_id,
                recorded_at
            )
            select _head + row_number() over (order by n),
                   _event_stream[n], _event_version[n], _topic[n], _class_version[n], _state[n],
                   _meta[_event_job[n]], _command[_event_job[n]], _instant
            from generate_series(1, cardinality(_event_job)) n
            where _event_job[n] <> all(_refused);

            insert into log.command (
                command_id, request_hash, stream_id, version, last_position, recorded_at
            )
            select _command[n], _request_hash[n], _stream[n], _version[n],
                   _head + sum(_events[n]) over (order by n rows unbounded preceding), _instant
            from generate_series(1, cardinality(_command)) n
            where n <> all(_refused);

            return;
        exception when unique_violation then
            if not _clear then
                raise;  -- the careful way left something out
            end if;
            _clear := false;
        end;
    end loop;
end $$;

-- One command alone: the same answers for half the work, which is what a lone client waits for.
-- Always one row; 'appended' comes with the position of the command.
create function log.append_one(
    _command       uuid,
    _request_hash  bytea,
    _stream        uuid,
    _version       int,
    _meta          bytea,
    _event_stream  uuid[],
    _event_version int[],
    _topic         text[],
    _class_version smallint[],
    _state         bytea[],
    _check_stream  uuid[],
    _check_version int[],
    out outcome text, out last_position bigint, out stream_id uuid, out version int
)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    _instant timestamptz;
begin
    perform pg_advisory_xact_lock(7310579);

    select case when c.request_hash = _request_hash then 'duplicate' else 'reused' end,
           c.last_position, c.stream_id, c.version
    into outcome, last_position, stream_id, version
    from log.command c where c.command_id = _command;
    if found then
        return;
    end if;

    if exists (
        select from unnest(_check_stream, _check_version) u(stream_id, version)
        where u.version <> coalesce(
            (select max(e.version) from log.event e where e.stream_id = u.stream_id),
            least(u.version, 0)
        )
    ) then
        outcome := 'conflict';
        return;
    end if;

    select e.position, e.recorded_at into last_position, _instant
    from log.event e order by e.position desc limit 1;
    last_position := coalesce(last_position, 0);
    _instant := greatest(clock_timestamp(), _instant);

    insert into log.event (
        position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
    )
    select last_position + e.nth, e.stream_id, e.version, e.topic, e.class_version, e.state,
           _meta, _command, _instant
    from unnest(_event_stream, _event_version, _topic, _class_version, _state)
        with ordinality e(stream_id, version, topic, class_version, state, nth);

    outcome := 'appended';
    last_position := last_position + cardinality(_event_stream);
    stream_id := _stream;
    version := _version;
    insert into log.command values (
        _command, _request_hash, _stream, _version, last_position, _instant
    );
end $$;
