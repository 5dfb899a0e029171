-- Webhooks: where partners want to be told what happens, what is to be told to each, and what came
-- of each attempt. It is how the interface is used, not what happened, and holds secrets: so it lies
-- beside the log, and may be changed and deleted.
create schema webhook;

-- Where to tell it, and to whom it belongs: what is told is what that principal may hear at that
-- moment. Secrets are encrypted.
create table webhook.endpoint (
    id              uuid        primary key,
    principal       uuid        not null,
    url             text        not null,
    label           text,
    filter          text        not null,        -- as the feed is asked: nouns=action&networks=net_…
    verified        boolean     not null default false,
    paused          boolean     not null default false,
    position        bigint      not null check (position >= 0),  -- looked through up to here
    rights          text[]      not null,        -- the roles that it was seen to hear by
    secret          bytea       not null,
    previous_secret bytea,                       -- signs, too, until it ends
    previous_until  timestamptz,
    registered_at   timestamptz not null default clock_timestamp(),
    failing_since   timestamptz,                 -- null where the last attempt succeeded
    delivered_at    timestamptz,                 -- when one succeeded last
    unique (principal, url, filter),
    check ((previous_secret is null) = (previous_until is null))
);

-- What whoever registered it should know of it.
create table webhook.notice (
    id       bigint      generated always as identity primary key,
    endpoint uuid        not null references webhook.endpoint on delete cascade,
    at       timestamptz not null default clock_timestamp(),
    code     text        not null,
    facts    jsonb       not null
);
create index notice_by_endpoint on webhook.notice (endpoint, id);

-- One event for one endpoint, or the challenge by which it is verified. Bodies are not kept: they are
-- written anew for each attempt, as they may be told then.
create table webhook.delivery (
    id         bigint      generated always as identity primary key,
    endpoint   uuid        not null references webhook.endpoint on delete cascade,
    event      uuid        not null,             -- the id that the receiver is told
    type       text        not null,
    stream     uuid,                             -- to what it happened; null is the challenge
    position   bigint,
    state      text        not null default 'QUEUED'
               check (state in ('QUEUED', 'DELIVERED', 'WITHHELD', 'CANCELLED')),
    queued_at  timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    due_at     timestamptz,                      -- when it is tried again after a failure
    tries      int         not null default 0,   -- since it was queued, or the endpoint resumed
    attempts   int         not null default 0,
    check ((stream is null) = (position is null)),
    check ((state = 'QUEUED') = (settled_at is null))
);
-- Those of a stream leave one after the other.
create index delivery_queued on webhook.delivery (endpoint, stream, id) where state = 'QUEUED';
create index delivery_by_endpoint on webhook.delivery (endpoint, id);
create index delivery_settled on webhook.delivery (settled_at) where state <> 'QUEUED';

create table webhook.attempt (
    delivery   bigint      not null references webhook.delivery on delete cascade,
    number     int         not null,
    began_at   timestamptz not null,
    took_ms    int         not null check (took_ms >= 0),
    status     int,                              -- of HTTP; null where there was no answer
    answer     text        not null,             -- how it begins
    error      text,                             -- null where it succeeded
    resent     boolean     not null,             -- whether somebody asked for it
    primary key (delivery, number)
);

-- Endpoints go with whom they belong to, in the very transaction that says so.
create function webhook.forget() returns trigger language plpgsql as $$
declare
    _subject uuid := (convert_from(new.state, 'UTF8')::jsonb->>'subject')::uuid;
begin
    -- None is registered while its owner is being forgotten.
    perform pg_advisory_xact_lock(7310591, hashtext(_subject::text));
    delete from webhook.endpoint where principal = _subject;
    if found then
        insert into log.residue (relation, marked_by)
        select relation, pg_current_xact_id()::xid
        from unnest(array['webhook.endpoint', 'webhook.notice', 'webhook.attempt']) relation
        on conflict (relation) do update set marked_by = excluded.marked_by;
    end if;
    return null;
end $$;

create trigger forget_webhooks after insert on log.event
    for each row when (new.topic = 'person.forgotten') execute function webhook.forget();

-- The queue: a job for the first delivery of each stream and endpoint. What follows is as the
-- library makes it; a test holds it against the version that is installed.
-- pgqueuer 1.6.0 -- prefix='' schema='webhook' durability=balanced

CREATE TYPE webhook.pgqueuer_status AS ENUM ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted', 'failed');

CREATE TABLE webhook.pgqueuer (
    id bigserial NOT NULL PRIMARY KEY,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone NOT NULL DEFAULT now(),
    updated timestamp with time zone NOT NULL DEFAULT now(),
    heartbeat timestamp with time zone NOT NULL DEFAULT now(),
    execute_after timestamp with time zone NOT NULL DEFAULT now(),
    status webhook.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer NOT NULL DEFAULT 0,
    slot bigint
);

CREATE UNLOGGED TABLE webhook.pgqueuer_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT now(),
    job_id bigint NOT NULL,
    status webhook.pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

CREATE TABLE webhook.pgqueuer_schedules (
    id bigserial NOT NULL PRIMARY KEY,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone NOT NULL DEFAULT now(),
    created timestamp with time zone NOT NULL DEFAULT now(),
    updated timestamp with time zone NOT NULL DEFAULT now(),
    next_run timestamp with time zone NOT NULL DEFAULT now(),
    last_run timestamp with time zone,
    status webhook.pgqueuer_status DEFAULT 'queued'::webhook.pgqueuer_status,
    UNIQUE (expression, entrypoint)
);

CREATE UNLOGGED TABLE webhook.pgqueuer_statistics (
    id bigserial NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT date_trunc('sec'::text, now()),
    count bigint NOT NULL,
    priority integer NOT NULL,
    status webhook.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE INDEX pgqueuer_ep_ea_idx ON webhook.pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::webhook.pgqueuer_status);

CREATE INDEX pgqueuer_ep_prio_id_idx ON webhook.pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::webhook.pgqueuer_status);

CREATE INDEX pgqueuer_log_created ON webhook.pgqueuer_log USING btree (created);

CREATE INDEX pgqueuer_log_job_id_status ON webhook.pgqueuer_log USING btree (job_id, created DESC);

CREATE INDEX pgqueuer_log_not_aggregated ON webhook.pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX pgqueuer_log_status ON webhook.pgqueuer_log USING btree (status);

CREATE INDEX pgqueuer_picked_heartbeat_idx ON webhook.pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::webhook.pgqueuer_status);

CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON webhook.pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::webhook.pgqueuer_status) AND (slot IS NOT NULL));

CREATE INDEX pgqueuer_priority_id_id1_idx ON webhook.pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::webhook.pgqueuer_status);

CREATE INDEX pgqueuer_queue_manager_id_idx ON webhook.pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON webhook.pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON webhook.pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::webhook.pgqueuer_status, 'picked'::webhook.pgqueuer_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX pgqueuer_updated_id_id1_idx ON webhook.pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::webhook.pgqueuer_status);

CREATE FUNCTION webhook.fn_pgqueuer_changed() RETURNS TRIGGER AS $$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'webhook_queue',
            json_build_object(
                'channel', 'webhook_queue',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER tg_pgqueuer_changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON webhook.pgqueuer
EXECUTE FUNCTION webhook.fn_pgqueuer_changed();
