-- The proof of the log: a Merkle tree (RFC 9162) over its events, written behind the appends, and
-- heads that sign it. Nothing of it ever changes but the private key that signs.

-- What blinds the hash of each event, so that it says nothing of an event that one may not see,
-- not even to whoever guesses it. The id of the tree follows from it.
create table log.tree (
    one    boolean primary key default true check (one),
    secret bytea   not null check (octet_length(secret) = 32)
);

-- Whose signatures count, one after the other. Each says in `accepted` whom it succeeds; in
-- `introduced` the one before says by whom it is succeeded, unless it was lost.
create table log.signer (
    number     int         primary key,
    public_key bytea       not null unique check (octet_length(public_key) = 32),
    accepted   bytea       not null,
    introduced bytea,
    since      timestamptz not null default now()
);

-- The heads of the tree, each over the one before it, with the hashes of the events that it adds.
create table log.head (
    size      bigint      primary key,          -- events in the tree
    root      bytea       not null,
    sealed_at timestamptz not null,             -- never earlier than any event in it, or head before
    previous  bytea       not null,             -- the digest of the head before it
    signer    int         not null references log.signer,
    signature bytea       not null,
    leaves    bytea       not null check (octet_length(leaves) > 0 and octet_length(leaves) % 32 = 0)
);
-- Hashes cannot be compressed, and pieces are read out of the middle.
alter table log.head alter column leaves set storage external;

-- Inner nodes, where 256 leaves come to their end: the roots of the perfect trees of 256, 256²,
-- 256³ … leaves that end with this block. A proof is made from a few of them.
create table log.block (
    number bigint primary key,                  -- 0 for the leaves 1 to 256
    hashes bytea  not null check (octet_length(hashes) > 0 and octet_length(hashes) % 32 = 0)
);

do $$
declare
    name text;
begin
    foreach name in array array['tree', 'signer', 'head', 'block'] loop
        execute format(
            'create trigger append_only before update or delete or truncate on log.%I'
            ' for each statement execute function log.refuse_change()', name);
        execute format('alter table log.%I enable always trigger append_only', name);
    end loop;
end $$;

-- As in 0006, and with the private key that signs, wrapped by the master key. It is replaced, not
-- kept: whoever finds an old one signs nothing that counts.
create or replace function log.make_keys() returns void language plpgsql as $$
begin
    create schema if not exists keys;

    create table if not exists keys.person_key (
        subject      uuid primary key,
        named_in     uuid,                      -- the stream whose events name the person
        wrapped_key  bytea,
        wrapped_by   bytea,                     -- the fingerprint of the master key
        forgotten_at timestamptz,
        constraint person_key_or_forgotten check ((wrapped_key is null) = (forgotten_at is not null))
    );

    create table if not exists keys.master_key (
        one            boolean primary key default true check (one),
        fingerprint    bytea   not null,
        next           bytea,
        request_secret bytea                    -- keys the hashes of requests, wrapped
    );

    create table if not exists keys.signing_key (
        one         boolean primary key default true check (one),
        public_key  bytea   not null,
        wrapped_key bytea   not null,
        wrapped_by  bytea   not null
    );
end $$;

do $$
begin
    perform log.make_keys();
end $$;
