"""What is kept: the tables from which everything else is made anew."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import asyncpg

    Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
else:
    Connection = Any

APPENDERS: Final = 7310579
"""The advisory lock under which the log grows (migration 0002)."""

SLICE: Final = 5_000
"""Rows that are read in one go: some megabytes."""

COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
"""What PostgreSQL's binary COPY begins with: its signature, no flags, no extension."""

COPY_END: Final = b"\xff\xff"
"""What it ends with: a row of no columns."""


class Kept(NamedTuple):
    """A table that is kept."""

    name: str
    columns: tuple[str, ...]
    key: str
    """By which its rows are in order, the same in every copy."""


LOG: Final = (
    Kept(
        "log.event",
        (
            "position",
            "stream_id",
            "version",
            "topic",
            "class_version",
            "state",
            "meta",
            "command_id",
            "recorded_at",
        ),
        "position",
    ),
    Kept(
        "log.command",
        ("command_id", "request_hash", "stream_id", "version", "last_position", "recorded_at"),
        "command_id",
    ),
    Kept("log.tree", ("one", "secret"), "one"),
    Kept("log.signer", ("number", "public_key", "accepted", "introduced", "since"), "number"),
    Kept(
        "log.head",
        ("size", "root", "sealed_at", "previous", "signer", "signature", "leaves"),
        "size",
    ),
    Kept("log.block", ("number", "hashes"), "number"),
)
"""What happened, the commands that made it happen, and the tree that proves it. Snapshots only save
time, and projections are made anew. What is added comes last: older backups end before it."""

KEYS: Final = (
    Kept("keys.master_key", ("one", "fingerprint", "next", "request_secret"), "one"),
    Kept(
        "keys.person_key",
        ("subject", "named_in", "wrapped_key", "wrapped_by", "forgotten_at"),
        "subject",
    ),
    Kept("keys.signing_key", ("one", "public_key", "wrapped_key", "wrapped_by"), "one"),
)
"""What opens the personal texts among them, by a master key that is kept elsewhere."""

Take: TypeAlias = Callable[[bytes], Awaitable[None]]
"""Takes the next bytes of some rows."""


async def bounds(connection: Connection, kept: Kept) -> tuple[int, list[Any]]:
    """Tell how many rows a table has, and the keys at which each slice of them but one ends."""
    rows = await connection.fetch(
        f"select {kept.key} as bound, place from ("  # noqa: S608  (names of this module)
        f" select {kept.key}, row_number() over (order by {kept.key}) as place from {kept.name}"
        f") s where place % {SLICE} = 0 order by place"
    )
    counted: int = await connection.fetchval(f"select count(*) from {kept.name}")  # noqa: S608
    return counted, [row["bound"] for row in rows]


async def copy_slices(
    connection: Connection,
    kept: Kept,
    ends: Sequence[Any],
    take: Take,
    done: Callable[[], Awaitable[None]],
) -> None:
    """Give the rows of a table in the order of its key, as binary COPY without head and end.

    ``done`` is called after each slice, at the end of a row. The bytes are the same for the same
    rows, on every server and of whatever slices.
    """
    columns = ", ".join(kept.columns)
    for start, end in zip([None, *ends], [*ends, None], strict=True):
        conditions = []
        if start is not None:
            conditions.append(f"{kept.key} > $1")
        if end is not None:
            conditions.append(f"{kept.key} <= ${len(conditions) + 1}")
        where = f"where {' and '.join(conditions)}" if conditions else ""
        bare = _Bare(take)
        await connection.copy_from_query(
            f"select {columns} from {kept.name} {where} order by {kept.key}",  # noqa: S608
            *(bound for bound in (start, end) if bound is not None),
            output=bare.take,
            format="binary",
        )
        assert bare.ended, "PostgreSQL ends a COPY with a row of no columns"
        await done()


class _Bare:
    """Takes head and end off what PostgreSQL's COPY gives."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._head = len(COPY_HEAD)
        self._tail = b""

    @property
    def ended(self) -> bool:
        """Whether what was held back is the end."""
        return self._head == 0 and self._tail == COPY_END

    async def take(self, data: bytes) -> None:
        """Take what COPY gives next."""
        if self._head:
            skipped = min(self._head, len(data))
            self._head -= skipped
            data = data[skipped:]
        held = self._tail + data
        self._tail = held[-len(COPY_END) :]
        if bare := held[: -len(COPY_END)]:
            await self._take(bare)
