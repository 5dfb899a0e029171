-- Appending, where many commands of a batch rest on the same stream: all that one caller does
-- rests on the roles that this caller holds. Only the first look at the checks is another one than
-- in 0002, where a stream that was met twice led the whole batch the careful way.

create or replace function log.append(
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
    -- Streams that several commands only read are no reason for it: whatever one caller does rests
    -- on the same roles.
    select coalesce(bool_and(
               (c.met = 1 or not c.writes)
               and (c.writes and c.version = 0 or c.version = coalesce(
                   (select max(e.version) from log.event e where e.stream_id = c.stream_id),
                   least(c.version, 0)
               ))
           ), true)
    into _clear
    from (
        select u.stream_id, u.version, count(*) as met, bool_or(u.writes) as writes
        from unnest(_check_stream, _check_version, _check_writes) u(stream_id, version, writes)
        group by u.stream_id, u.version
    ) c;

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
