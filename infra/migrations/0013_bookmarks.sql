-- Bookmarks: up to where callers have read what happens, each under a name of its own. They are no
-- events: how far somebody has read is nobody else's, and is not kept longer than they want it.
create table log.bookmark (
    principal uuid        not null,
    name      text        not null,
    position  bigint      not null check (position >= 0),
    moved_at  timestamptz not null default clock_timestamp(),
    primary key (principal, name)
);

-- Moves a bookmark forward, or back where that is said, and tells what became of it: MOVED, where it
-- is there now; TOO_MANY, its owner has as many already; FORGOTTEN, its owner was forgotten.
create function log.move_bookmark(
    _principal uuid, _name text, _position bigint, _back boolean, _most int
) returns table (outcome text, "position" bigint, moved_at timestamptz) language plpgsql as $$
#variable_conflict use_column
begin
    -- One after the other for each owner: two do not both add the last one that there may be, and
    -- none is added while its owner is being forgotten.
    perform pg_advisory_xact_lock(7310913, hashtext(_principal::text));
    if exists (select from keys.person_key where subject = _principal and forgotten_at is not null) then
        return query select 'FORGOTTEN', null::bigint, null::timestamptz;
        return;
    end if;
    if (select count(*) from log.bookmark b where b.principal = _principal and b.name <> _name) >= _most
    then
        return query select 'TOO_MANY', null::bigint, null::timestamptz;
        return;
    end if;
    insert into log.bookmark as b (principal, name, position) values (_principal, _name, _position)
    on conflict (principal, name) do update
    set position = excluded.position, moved_at = excluded.moved_at
    where b.position < excluded.position or (_back and b.position > excluded.position);
    return query
        select 'MOVED', b.position, b.moved_at from log.bookmark b
        where b.principal = _principal and b.name = _name;
end $$;

-- Bookmarks go with whom they belong to, in the very transaction that says so; the file in which
-- they were is written anew like that of the keys.
create function log.forget_bookmarks() returns trigger language plpgsql as $$
declare
    _subject uuid := (convert_from(new.state, 'UTF8')::jsonb->>'subject')::uuid;
begin
    perform pg_advisory_xact_lock(7310913, hashtext(_subject::text));
    delete from log.bookmark where principal = _subject;
    if found then
        insert into log.residue (relation, marked_by)
        values ('log.bookmark', pg_current_xact_id()::xid)
        on conflict (relation) do update set marked_by = excluded.marked_by;
    end if;
    return null;
end $$;

create trigger forget_bookmarks after insert on log.event
    for each row when (new.topic = 'person.forgotten') execute function log.forget_bookmarks();
