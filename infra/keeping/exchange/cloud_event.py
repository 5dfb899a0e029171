"""Events of the log as CloudEvents 1.0 in JSON, one a line, and back without losing a byte.

What the log keeps of an event beside its state stands in extension attributes, which may only be
strings and numbers. ``data`` is the state as it is stored: what is encrypted stays so. The last
event of a command carries the command with it, and a command that recorded nothing has a line of
its own, so that whoever takes the lines in recognises a repeated command, too.

By msgspec and not by the library of the specification: that reads ``data`` into objects and writes
them again, which gives other bytes, at a tenth of the speed. The tests read every line by it.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET, Raw, UnsetType

SOURCE: Final = "/cordee"
"""Where the events come from; an event's id is the same in every copy of its log."""

COMMAND: Final = "command.done.v1"
"""The type of the line of a command that recorded nothing."""

_DIGITS: Final = 19
"""Of a position: strings of it are in the order of the numbers, as ``sequence`` asks for."""


class EventRow(NamedTuple):
    """A row of ``log.event``."""

    position: int
    stream_id: UUID
    version: int
    topic: str
    class_version: int
    state: bytes
    meta: bytes
    command_id: UUID
    recorded_at: datetime


class CommandRow(NamedTuple):
    """A row of ``log.command``."""

    command_id: UUID
    request_hash: bytes
    stream_id: UUID
    version: int
    last_position: int
    recorded_at: datetime


class Entry(NamedTuple):
    """What one line says: an event, the command whose last event it is, or a command alone."""

    event: EventRow | None
    command: CommandRow | None

    @property
    def position(self) -> int:
        """Where in the log it stands: of a command alone, that of the event before it."""
        if self.event is not None:
            return self.event.position
        assert self.command is not None
        return self.command.last_position


class UnfitLine(Exception):
    """A line is no event of a log, or not as it was written."""


class _Line(msgspec.Struct, kw_only=True):
    specversion: str
    id: str
    source: str
    type: str
    subject: UUID
    time: datetime
    sequence: str
    commandid: UUID
    digest: str
    streamversion: int | UnsetType = UNSET
    metadata: str | UnsetType = UNSET
    commandrequest: str | UnsetType = UNSET
    commandstream: UUID | UnsetType = UNSET
    commandversion: int | UnsetType = UNSET
    commandtime: datetime | UnsetType = UNSET
    datacontenttype: str | UnsetType = UNSET
    data: Raw | UnsetType = UNSET
    data_base64: str | UnsetType = UNSET


_ENCODER: Final = msgspec.json.Encoder()
_LINE: Final = msgspec.json.Decoder(_Line)
_ANY: Final = msgspec.json.Decoder(Raw)
_PACK: Final = msgspec.msgpack.Encoder(uuid_format="bytes")


def written(entry: Entry) -> bytes:
    """Write an entry as a line, with its end.

    Raises:
        UnfitLine: the metadata of an event are no text.
    """
    event, command = entry
    if event is None:
        assert command is not None
        line = _Line(
            specversion="1.0",
            id=str(command.command_id),
            source=SOURCE,
            type=COMMAND,
            subject=command.stream_id,
            time=command.recorded_at,
            sequence=f"{command.last_position:0{_DIGITS}}",
            commandid=command.command_id,
            digest=_digest(entry),
        )
    else:
        line = _Line(
            specversion="1.0",
            id=str(uuid5(event.stream_id, str(event.version))),
            source=SOURCE,
            type=f"{event.topic}.v{event.class_version}",
            subject=event.stream_id,
            time=event.recorded_at,
            sequence=f"{event.position:0{_DIGITS}}",
            commandid=event.command_id,
            digest=_digest(entry),
            streamversion=event.version,
            metadata=_text(event.meta),
        )
        if _is_plain(event.state):
            line.datacontenttype = "application/json"
            line.data = Raw(event.state)
        else:
            line.data_base64 = base64.b64encode(event.state).decode()
    if command is not None:
        line.commandrequest = base64.b64encode(command.request_hash).decode()
        line.commandstream = command.stream_id
        line.commandversion = command.version
        if command.recorded_at != line.time:
            line.commandtime = command.recorded_at
    return _ENCODER.encode(line) + b"\n"


def read(line: bytes) -> Entry:
    """Read a line.

    Raises:
        UnfitLine: it is not one that was written here, or a byte of what it says was changed.
    """
    try:
        return _entry(_LINE.decode(line))
    except (msgspec.MsgspecError, ValueError) as error:  # the latter from a number or base64
        raise UnfitLine(f"it is no event of a log ({error})") from error


def _entry(line: _Line) -> Entry:
    position = int(line.sequence)
    command = None
    if line.commandrequest is not UNSET:
        if line.commandstream is UNSET or line.commandversion is UNSET:
            raise UnfitLine("it says of its command neither stream nor version")
        command = CommandRow(
            line.commandid,
            base64.b64decode(line.commandrequest, validate=True),
            line.commandstream,
            line.commandversion,
            position,
            line.time if line.commandtime is UNSET else line.commandtime,
        )
    event = None if line.type == COMMAND else _event(line, position)
    if event is None and command is None:
        raise UnfitLine("it says neither event nor command")
    entry = Entry(event, command)
    if line.digest != _digest(entry):
        raise UnfitLine("it was changed since it was written: its digest is another one")
    return entry


def _event(line: _Line, position: int) -> EventRow:
    topic, _, class_version = line.type.rpartition(".v")
    if line.data is not UNSET:
        state = bytes(line.data)
    elif line.data_base64 is not UNSET:
        state = base64.b64decode(line.data_base64, validate=True)
    else:
        raise UnfitLine("it has no data")
    if line.streamversion is UNSET or line.metadata is UNSET:
        raise UnfitLine("it says neither its version nor who did it")
    return EventRow(
        position,
        line.subject,
        line.streamversion,
        topic,
        int(class_version),
        state,
        line.metadata.encode(),
        line.commandid,
        line.time,
    )


def _digest(entry: Entry) -> str:
    packed = _PACK.encode([_plain(entry.event), _plain(entry.command)])
    return base64.b64encode(hashlib.sha256(packed).digest()).decode()


def _plain(row: Sequence[Any] | None) -> list[Any] | None:
    """Turn instants into microseconds, which are the same however they are written."""
    if row is None:
        return None
    return [value.timestamp() if isinstance(value, datetime) else value for value in row]


def _text(meta: bytes) -> str:
    try:
        return meta.decode()
    except UnicodeDecodeError as error:
        raise UnfitLine("its metadata are no text") from error


def _is_plain(state: bytes) -> bool:
    """Tell whether a state can stand in a line as it is, and be read from there as it was."""
    try:
        state.decode()
        return b"\n" not in state and b"\r" not in state and bytes(_ANY.decode(state)) == state
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
