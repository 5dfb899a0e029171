-- Which master key this database belongs to: a fingerprint, from which the key does not follow.
-- Personal data written under one key cannot be read under another, so a start with the wrong one
-- has to be noticed before anything is written.
create table log.master_key (
    one         boolean primary key default true check (one),
    fingerprint bytea   not null
);
