-- The log: what happened, once, in one order; and the commands that made it happen.

create schema if not exists log;

create table log.event (
    position      bigint      primary key,      -- 1..N without a gap, in the order of commit
    stream_id     uuid        not null,         -- the aggregate
    version       int         not null,         -- 1..n within its stream
    topic         text        not null,         -- the event's TOPIC, never a module path
    class_version smallint    not null,         -- which shape of the event it was stored in
    state         bytea       not null,         -- its own fields as JSON; personal ones as ciphertext
    meta          bytea       not null,         -- who, on whose behalf, why: domain.record.Metadata
    command_id    uuid        not null,
    recorded_at   timestamptz not null,         -- never earlier than that of the position before
    constraint event_stream_version unique (stream_id, version)
) with (
    -- Rows never change: freeze them as soon as they are vacuumed at all.
    autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_freeze_min_age = 0
);

create table log.command (
    command_id    uuid        primary key,
    request_hash  bytea       not null,         -- tells a repetition from another use of the same id
    stream_id     uuid        not null,         -- the aggregate that the command speaks of
    version       int         not null,         -- its version afterwards
    last_position bigint      not null,         -- the command's last event, else the head it found
    recorded_at   timestamptz not null
) with (
    autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_freeze_min_age = 0
);

create function log.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, tg_op
        using errcode = 'feature_not_supported';
end $$;

create trigger append_only before update or delete or truncate on log.event
    for each statement execute function log.refuse_change();
create trigger append_only before update or delete or truncate on log.command
    for each statement execute function log.refuse_change();
-- "always": session_replication_role = replica does not get past it either.
alter table log.event enable always trigger append_only;
alter table log.command enable always trigger append_only;
