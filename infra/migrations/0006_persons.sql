-- People's keys lie in a schema of their own, so that a backup of the events and one of the keys are
-- two files: `pg_dump --exclude-schema=keys --exclude-schema=read` and `pg_dump --schema=keys`.
--
-- A database that was restored without its keys is whole but for what was said of people in person.
-- That is why the schema is made by a function, which is among the events' own backup: a start calls
-- it, and goes on with no keys until theirs are restored.
create function log.make_keys() returns void language plpgsql as $$
begin
    create schema if not exists keys;

    -- The key under which a person's fields are encrypted, wrapped by a master key. Forgetting a
    -- person takes the key and keeps the row, so that nobody makes a second key for the same person.
    create table if not exists keys.person_key (
        subject      uuid primary key,
        named_in     uuid,                      -- the stream whose events name the person
        wrapped_key  bytea,
        wrapped_by   bytea,                     -- the fingerprint of the master key
        forgotten_at timestamptz,
        constraint person_key_or_forgotten check ((wrapped_key is null) = (forgotten_at is not null))
    );

    -- Which master key this database belongs to: a fingerprint, from which the key does not follow.
    -- Personal data written under one key cannot be read under another, so a start with the wrong
    -- one has to be noticed before anything is written. While people's keys are being wrapped anew,
    -- there is a next one, too.
    create table if not exists keys.master_key (
        one            boolean primary key default true check (one),
        fingerprint    bytea   not null,
        next           bytea,
        request_secret bytea                    -- keys the hashes of requests, wrapped
    );
end $$;

do $$
begin
    perform log.make_keys();
end $$;

insert into keys.master_key (fingerprint) select fingerprint from log.master_key;

insert into keys.person_key (subject, named_in, wrapped_key, wrapped_by, forgotten_at)
select k.subject, n.stream_id, k.wrapped_key,
       case when k.wrapped_key is not null then (select fingerprint from keys.master_key) end,
       k.forgotten_at
from log.person_key k
left join (
    select distinct on (named.subject) named.subject, e.stream_id
    from log.event e
    cross join lateral (
        select (found #>> '{}')::uuid as subject
        from jsonb_path_query(convert_from(e.state, 'UTF8')::jsonb, '$.**.subject') found
        where found #>> '{}' ~ '^[0-9a-f-]{36}$'
    ) named
    where position('"box"' in convert_from(e.state, 'UTF8')) > 0
    order by named.subject, e.position
) n on n.subject = k.subject;

drop table log.person_key, log.master_key;

-- Where rows of the dead may still show what was forgotten: a deleted row stays in its file until
-- the file is written anew.
create table log.residue (
    relation  text primary key,
    marked_by xid  not null                     -- the transaction that left it behind
);

-- A person is forgotten in the very transaction that says so: no event without it, and it not without
-- an event.
create function log.forget() returns trigger language plpgsql as $$
declare
    _fact jsonb := convert_from(new.state, 'UTF8')::jsonb;
begin
    insert into keys.person_key (subject, named_in, forgotten_at)
    values ((_fact->>'subject')::uuid, (_fact->>'named_in')::uuid, new.recorded_at)
    on conflict (subject) do update
    set wrapped_key = null, wrapped_by = null, forgotten_at = excluded.forgotten_at
    where person_key.forgotten_at is null;

    insert into log.residue (relation, marked_by)
    values ('keys.person_key', pg_current_xact_id()::xid)
    on conflict (relation) do update set marked_by = excluded.marked_by;
    return null;
end $$;

create trigger forget after insert on log.event
    for each row when (new.topic = 'person.forgotten') execute function log.forget();

-- To find those who were forgotten, at each start: keys that come out of an older backup are
-- destroyed again.
create index event_of_forgotten on log.event (position) where topic = 'person.forgotten';

create function log.forget_again() returns bigint language sql as $$
    with fact as (
        select convert_from(state, 'UTF8')::jsonb as state, recorded_at
        from log.event where topic = 'person.forgotten'
    ), gone as (
        insert into keys.person_key (subject, named_in, forgotten_at)
        select (state->>'subject')::uuid, (state->>'named_in')::uuid, recorded_at from fact
        on conflict (subject) do update
        set wrapped_key = null, wrapped_by = null, forgotten_at = excluded.forgotten_at
        where person_key.forgotten_at is null
        returning subject
    )
    select count(*) from gone
$$;
