-- What stands beside the log and may change: snapshots, people's keys, projections.

-- The newest snapshot of an aggregate. It only saves time: valid for the code that made it, and
-- gone without loss.
create table log.snapshot (
    stream_id uuid  primary key,
    version   int   not null,
    code_hash bytea not null,
    state     bytea not null
);

-- The key under which a person's fields are encrypted, wrapped by the master key. Forgetting a
-- person takes the key and keeps the row, so that nobody makes a second key for the same person.
create table log.person_key (
    subject      uuid primary key,
    wrapped_key  bytea,
    forgotten_at timestamptz,
    constraint person_key_or_forgotten check ((wrapped_key is null) = (forgotten_at is not null))
);

-- Who folds which projection, how far it has come, and what stopped it.
create table log.projection (
    name             text        primary key,
    code_hash        bytea       not null,
    position         bigint      not null default 0,
    owner            text,
    fence            bigint      not null default 0,   -- counts the changes of owner
    lease_until      timestamptz not null default '-infinity',
    error            text,
    failing_position bigint,
    updated_at       timestamptz not null default now()
) with (fillfactor = 50);
