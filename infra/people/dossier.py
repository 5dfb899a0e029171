"""A dossier: all that is held about one person, for that person."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from asyncpg import Record

from api.ports import Caller, Reads
from api.webhooks.port import WEBHOOK
from domain.identity import Id, external, internal
from domain.person import NAMED_IN, ForgetPerson, Person, noun_of
from domain.personal import Personal
from domain.record import Recorded
from domain.refusal import NotFound
from infra.command_bus import CommandBus
from infra.mapper import EventMapper
from infra.store import EventStore, StoredEvent
from projections.statement import Statement
from projections.table import TABLES, Table

# A principal's id is the actor of all that it did. It is no key of the log: this reads all of it.
_GIVEN: Final = """
select position, stream_id, version, topic, class_version, state, meta, command_id, recorded_at
from log.event
where position($1::bytea in meta) > 0
order by position
"""

_BOOKMARKS: Final = """
select name, position, moved_at from log.bookmark where principal = $1 order by name collate "C"
"""

_WEBHOOKS: Final = """
select id, url, label, filter, registered_at from webhook.endpoint
where principal = $1 order by registered_at, id
"""


class Dossiers:
    """Gives dossiers to those who may have a person forgotten, and to the person."""

    def __init__(
        self,
        commands: CommandBus,
        store: EventStore,
        mapper: EventMapper,
        pool: "asyncpg.Pool[Record]",
        reads: Reads,
    ) -> None:
        self._commands = commands
        self._store = store
        self._mapper = mapper
        self._pool = pool
        self._reads = reads

    async def held(self, person: Id, caller: Caller) -> Mapping[str, Any]:
        """Give all that is held about a person.

        Raises:
            Refusal: the caller may not know it, or nobody is known by the id.
        """
        oneself = caller.principal and external("principal", caller.principal)
        if not caller.trusted and person != oneself:
            refused = await self._commands.rehearse([ForgetPerson(person=person)], caller)
            if refused:
                raise refused[0]
        return await dossier(person, self._store, self._mapper, self._pool, self._reads)


async def dossier(
    person: Id,
    store: EventStore,
    mapper: EventMapper,
    pool: "asyncpg.Pool[Record]",
    reads: Reads,
) -> dict[str, Any]:
    """Gather what is held about a person, as plain objects that JSON can say.

    What was said of them: the facts that name them, decrypted, and the rows of the read model that
    do. What they did: the commands that a principal has given, by time and name, up to where it has
    read what happens, and where it wants to be told.

    Raises:
        NotFound: nobody is known by this id.
    """
    noun = noun_of(person)
    subject = internal(noun, person)
    stream = await mapper.keys.named_in(subject)
    if stream is None and noun == NAMED_IN[noun]:
        stream = subject  # a principal without a name: there are facts about it all the same
    if stream is None:
        raise NotFound("person", id=person, noun=noun)
    own = stream == subject
    named = [
        recorded
        for recorded in await mapper.decode(await store.stream(stream))
        if own or _names(recorded, subject)
    ]
    if not named:
        raise NotFound("person", id=person, noun=noun)
    forgotten = await mapper.decode(await store.stream(Person.id_of(subject)))
    given = await _given(person, mapper, pool) if own else []
    bookmarks = await pool.fetch(_BOOKMARKS, subject) if own else []
    webhooks = await pool.fetch(_WEBHOOKS, subject) if own else []
    return {
        "person": person,
        "forgotten_at": forgotten[0].recorded_at.isoformat() if forgotten else None,
        "facts": [_told(recorded, subject) for recorded in named],
        "rows": {
            table.name: rows
            for table in TABLES.values()
            if (rows := await _rows(table, person, reads))
        },
        "commands_given": given,
        "bookmarks": [
            {
                "name": bookmark["name"],
                "position": bookmark["position"],
                "moved_at": bookmark["moved_at"].isoformat(),
            }
            for bookmark in bookmarks
        ],
        "webhooks": [
            {
                "id": WEBHOOK.write(webhook["id"].int),
                "url": webhook["url"],
                "label": webhook["label"],
                "filter": webhook["filter"],
                "registered_at": webhook["registered_at"].isoformat(),
            }
            for webhook in webhooks
        ],
    }


def _names(recorded: Recorded[Any], subject: UUID) -> bool:
    """Tell whether a fact carries a text of this person, however deep."""
    found: list[UUID] = []
    msgspec.json.encode(recorded.event, enc_hook=lambda carried: found.append(carried.subject))
    return subject in found


def _told(recorded: Recorded[Any], subject: UUID) -> dict[str, Any]:
    """Tell a fact with the texts of this person, and with nobody else's."""

    def text(carried: Personal) -> str | None:
        return carried.text if carried.subject == subject else None

    return {
        "position": recorded.position,
        "recorded_at": recorded.recorded_at.isoformat(),
        "topic": type(recorded.event).TOPIC,
        "fact": msgspec.to_builtins(recorded.event, enc_hook=text),
        "noted": msgspec.to_builtins(recorded.metadata),
    }


async def _rows(table: Table, person: Id, reads: Reads) -> list[Any]:
    """Give the rows of a table that say something of a person."""
    columns = sorted(set(table.personal.values()))
    if not columns:
        return []
    named = " or ".join(f"{column} = $1" for column in columns)
    statement = Statement(f"select row_to_json(t) from {table.name} t where {named}")  # noqa: S608
    return [msgspec.json.decode(row[0]) for row in await reads.rows(statement, (person,))]


async def _given(
    person: Id, mapper: EventMapper, pool: "asyncpg.Pool[Record]"
) -> Sequence[dict[str, Any]]:
    rows = await pool.fetch(_GIVEN, person.encode())
    facts = await mapper.decode([StoredEvent(*row) for row in rows])
    return [
        {
            "position": fact.position,
            "recorded_at": fact.recorded_at.isoformat(),
            "command": fact.metadata.command,
            "fact": type(fact.event).TOPIC,
        }
        for fact in facts
        if fact.metadata.actor == person
    ]
