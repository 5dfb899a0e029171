-- Generations of read models: each making of a projection's tables has a schema of its own,
-- read_<projection>_<number>, so that one can be made beside the one that is read. Which one that is
-- each version of the program says for itself: two of them may work on one database.

drop schema if exists read cascade;
drop table log.projection;
delete from log.residue where starts_with(relation, 'read.');

create table log.generation (
    projection       text        not null,
    number           int         not null,
    code_hash        bytea       not null,               -- the code that folds it, and no other
    shape_hash       bytea       not null,               -- its tables, for whoever only reads them
    state            text        not null check (state in ('BUILDING', 'READY', 'FAILED')),
    automatic        boolean     not null,               -- is read as soon as it is ready
    position         bigint      not null default 0,     -- up to here it has everything
    moved            jsonb       not null default '{}',  -- by table, the position of its last change
    personal         jsonb       not null default '{}',  -- by table, who is named in which column
    cleared          bigint      not null default 0,     -- up to here the forgotten are forgotten
    owner            text,
    fence            bigint      not null default 0,     -- counts the changes of owner
    lease_until      timestamptz not null default '-infinity',
    error            text,
    failing_position bigint,
    paused           boolean     not null default false,
    created_at       timestamptz not null default now(),
    ready_at         timestamptz,
    updated_at       timestamptz not null default now(),
    primary key (projection, number)
) with (fillfactor = 50);

-- The number that a projection gave last: none is given twice, whatever was dropped.
create table log.generation_number (
    projection text primary key,
    last       int  not null
);

-- The generation that a version of the program reads, and the one that it read before.
create table log.active (
    projection  text        not null,
    code_hash   bytea       not null,
    number      int         not null,
    previous    int,
    switched_at timestamptz not null default now(),
    primary key (projection, code_hash),
    foreign key (projection, number) references log.generation on delete cascade
);

-- Streams whose events a generation sets aside, from a position on.
create table log.parked (
    projection text        not null,
    number     int         not null,
    stream_id  uuid        not null,
    position   bigint      not null,                     -- the first that is set aside, or later
    released   boolean     not null default false,       -- whoever folds takes it back in
    error      text,                                     -- why it was parked, or could not be taken in
    parked_at  timestamptz not null default now(),
    primary key (projection, number, stream_id),
    foreign key (projection, number) references log.generation on delete cascade
);
