-- How far public events have gone to the broker, by the stream to which they go. What the broker
-- holds counts for more: this is where to go on when it holds nothing yet, or nothing any more, and
-- what spares looking again at what was not for it.
create table log.relay (
    stream     text        primary key,
    position   bigint      not null default 0,      -- up to here of the log all is there
    sequence   bigint      not null default 0,      -- of the broker's last message at that time
    fence      bigint      not null default 0,      -- counts the changes of the one who relays
    problem    text,                                -- why it does not go on
    updated_at timestamptz not null default now()
) with (fillfactor = 50);
