-- What full-text search in French needs: two extensions and a configuration, in a schema of their
-- own, so that nothing depends on anybody's search path.

create schema if not exists search;

do $$
declare
    wanted text;
    found  text;
begin
    foreach wanted in array array['unaccent', 'pg_trgm'] loop
        select n.nspname into found
        from pg_extension e
        join pg_namespace n on n.oid = e.extnamespace
        where e.extname = wanted;
        if found is null then
            begin
                execute format('create extension %I with schema search', wanted);
            exception
                when feature_not_supported or undefined_file then
                    raise exception 'This PostgreSQL lacks the extension %, which search needs: '
                        'install the package postgresql-contrib of its version.', wanted;
                when insufficient_privilege then
                    raise exception 'The extension % is needed for search, and this user may not '
                        'create it: let an administrator run "create schema if not exists search; '
                        'create extension % with schema search" in this database.', wanted, wanted;
            end;
        elsif found <> 'search' then
            raise exception 'The extension % is in the schema %, and search looks for it in its '
                'own: run "create schema if not exists search; alter extension % set schema '
                'search" in this database.', wanted, found, wanted;
        end if;
    end loop;
end
$$;

-- Stop words go first, while they still have their accents: without them "à" would be the verb "a",
-- and "été" a word that is in no list.
create text search dictionary search.french_stop (
    template = simple, stopwords = french, accept = false
);

create text search configuration search.french (copy = pg_catalog.french);
alter text search configuration search.french
    alter mapping for hword, hword_part, word, asciihword, hword_asciipart, asciiword
    with search.french_stop, search.unaccent, french_stem;
