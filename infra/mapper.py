"""Events on their way into the log and back: JSON, with what is personal encrypted."""

import asyncio
import base64
import binascii
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, Transcoder
from eventsourcing.persistence import StoredEvent as LibraryEvent
from eventsourcing.utils import TopicError, resolve_topic

# An event is known by its topic once the module of its aggregate was imported.
import domain.catalogue  # noqa: F401
from domain.aggregate import AggregateEvent
from domain.person import Person
from domain.personal import Personal
from domain.record import Metadata, Recorded
from infra.keys.person_keys import PersonKey, PersonKeys
from infra.store import StoredEvent

_NONCE: Final = 12
_WITHOUT_BREAK: Final = 200
"""Events that are decoded in one go before others on the loop get their turn (some ms)."""
_METADATA_KEPT: Final = 2_000
"""How many different metadata are kept decoded."""


class UnreadableEvent(Exception):
    """An event in the log cannot be read: it is damaged, unknown, or from newer code."""

    def __init__(self, stored: StoredEvent, problem: str) -> None:
        super().__init__(
            f"the event at position {stored.position} ({stored.topic}, version {stored.version}"
            f" of stream {stored.stream_id}) cannot be read: {problem}"
        )
        self.position = stored.position
        self.topic = stored.topic
        self.stream_id = stored.stream_id


class Encoded(NamedTuple):
    """An event as the log keeps it."""

    topic: str
    class_version: int
    state: bytes


@dataclass(frozen=True)
class VersionedEvent(LibraryEvent):
    """The library's stored event, with the version of its class beside the state, not in it."""

    class_version: int = 1


class Json(Transcoder):
    """The library's transcoder, by msgspec."""

    def __init__(self, enc_hook: Callable[[Any], Any]) -> None:
        self._encoder = msgspec.json.Encoder(enc_hook=enc_hook)

    def encode(self, obj: Any) -> bytes:
        """Encode an event, or the plain state of one."""
        return self._encoder.encode(obj)

    def decode(self, data: bytes) -> Any:
        """Decode to plain objects."""
        return msgspec.json.decode(data)


class Envelope:
    """Seals and opens the personal fields of the one event that is being encoded or decoded.

    A field is stored as ``{"subject": …, "box": …}``; the box is the base64 of a nonce and the
    text encrypted by AES-256-GCM under the person's key. It opens only in the very event for
    which it was sealed: subject, stream and version are authenticated with it.
    """

    def __init__(self, keys: PersonKeys) -> None:
        self._keys = keys
        self._given: Mapping[UUID, PersonKey] = {}
        self._stream = UUID(int=0)
        self._version = 0
        self.missing: dict[UUID, UUID] = {}
        """Those whose key was not at hand, each with the stream that names them: what was sealed
        or opened meanwhile is of no use."""

    def address(self, stream_id: UUID, version: int, given: Mapping[UUID, PersonKey]) -> None:
        """Turn to an event; ``given`` are keys that were fetched for it."""
        self._stream = stream_id
        self._version = version
        self._given = given
        if self.missing:
            self.missing = {}

    def seal(self, value: Any) -> Any:
        """Give what is stored in place of a personal text."""
        if not isinstance(value, Personal):
            raise NotImplementedError(f"an event cannot carry a {type(value).__name__}")
        box = None
        key = self._key_of(value.subject)
        if key is not None and key.cipher is not None and value.text is not None:
            nonce = secrets.token_bytes(_NONCE)
            sealed = key.cipher.encrypt(nonce, value.text.encode(), self._place_of(value.subject))
            box = base64.b64encode(nonce + sealed).decode()
        return {"subject": value.subject, "box": box}

    def open(self, kind: type, stored: Any) -> Any:
        """Give the personal text that was stored; None for its text when the key is gone."""
        if kind is not Personal:
            raise NotImplementedError(f"an event cannot carry a {kind.__name__}")
        subject, box = UUID(stored["subject"]), stored["box"]
        key = self._key_of(subject)
        if key is None or key.cipher is None or box is None:
            return Personal(subject, None)
        sealed = base64.b64decode(box, validate=True)
        text = key.cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._place_of(subject))
        return Personal(subject, text.decode())

    def _key_of(self, subject: UUID) -> PersonKey | None:
        key = self._given.get(subject) or self._keys.at_hand(subject)
        if key is None:
            self.missing[subject] = self._stream
        return key

    def _place_of(self, subject: UUID) -> bytes:
        return subject.bytes + self._stream.bytes + self._version.to_bytes(4, "big")


class EventMapper(Mapper[UUID]):
    """Maps events to what is stored and back.

    The state is the JSON of the event, whole. The version of its class stands in a column; older
    states are brought up by the static methods ``upcast_v1_v2``, ``upcast_v2_v3`` … of the event
    class, each of which changes the plain state in place.
    """

    def __init__(self, keys: PersonKeys) -> None:
        self.keys = keys
        self._envelope = Envelope(keys)
        self._decoders: dict[type[AggregateEvent], msgspec.json.Decoder[AggregateEvent]] = {}
        self._metadata: dict[bytes, Metadata] = {}
        super().__init__(Json(self._envelope.seal))

    async def encode(self, events: Sequence[AggregateEvent]) -> list[Encoded]:
        """Encode new events. Only a person who is new to this process costs a look-up.

        Raises:
            PersonForgotten: an event is about somebody who was forgotten.
        """
        encoded, missing = self._encode(events, {})
        if missing:
            encoded, _ = self._encode(events, await self.keys.ensure(missing))
        return encoded

    async def decode(self, stored: Sequence[StoredEvent]) -> list[Recorded[AggregateEvent]]:
        """Decode events from the log, in their order.

        Whoever is forgotten by one of them is read without a text in those that follow.

        Raises:
            UnreadableEvent: one of them is damaged, unknown, or from newer code.
        """
        decoded: list[Recorded[AggregateEvent]] = []
        sealed: dict[int, Mapping[UUID, UUID]] = {}
        for start in range(0, len(stored), _WITHOUT_BREAK):
            if start:
                await asyncio.sleep(0)
            self._decode(stored[start : start + _WITHOUT_BREAK], {}, decoded, sealed)
        if sealed:
            people = {subject for named in sealed.values() for subject in named}
            given = await self.keys.fetch(people)
            for place in sealed:
                (decoded[place],) = self._decode([stored[place]], given, [], {})
        return decoded

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> VersionedEvent:
        """Encode one event whose people's keys are at hand, as the library has it."""
        assert isinstance(domain_event, AggregateEvent)
        (encoded,), missing = self._encode([domain_event], {})
        _all_at_hand(missing)
        return VersionedEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=encoded.topic,
            state=encoded.state,
            class_version=encoded.class_version,
        )

    def to_domain_event(self, stored_event: LibraryEvent) -> AggregateEvent:
        """Decode one event whose people's keys are at hand, as the library has it."""
        assert isinstance(stored_event, VersionedEvent)
        assert isinstance(stored_event.originator_id, UUID)
        self._envelope.address(stored_event.originator_id, stored_event.originator_version, {})
        event = self._event(stored_event.topic, stored_event.class_version, stored_event.state)
        _all_at_hand(self._envelope.missing)
        return event

    def _encode(
        self, events: Sequence[AggregateEvent], given: Mapping[UUID, PersonKey]
    ) -> tuple[list[Encoded], dict[UUID, UUID]]:
        envelope, encode = self._envelope, self.transcoder.encode
        encoded: list[Encoded] = []
        missing: dict[UUID, UUID] = {}
        for event in events:
            envelope.address(event.originator_id, event.originator_version, given)
            encoded.append(Encoded(event.TOPIC, event.class_version, encode(event)))
            missing |= envelope.missing
        return encoded, missing

    def _decode(
        self,
        stored: Iterable[StoredEvent],
        given: Mapping[UUID, PersonKey],
        decoded: list[Recorded[AggregateEvent]],
        sealed: dict[int, Mapping[UUID, UUID]],
    ) -> list[Recorded[AggregateEvent]]:
        """Decode events onto others; ``sealed`` learns, by place, who lacks the key for whom."""
        envelope, metadata_of = self._envelope, self._metadata
        for each in stored:
            envelope.address(each.stream_id, each.version, given)
            try:
                event = self._event(each.topic, each.class_version, each.state)
                metadata = metadata_of.get(each.meta) or self._read_metadata(each.meta)
            except _DAMAGE as error:
                raise UnreadableEvent(each, str(error) or type(error).__name__) from error
            if event.originator_version != each.version or event.originator_id != each.stream_id:
                raise UnreadableEvent(
                    each,
                    f"its state says version {event.originator_version} of stream"
                    f" {event.originator_id}",
                )
            if envelope.missing:
                sealed[len(decoded)] = envelope.missing
            elif type(event) is Person.Forgotten:
                self.keys.forgotten(event.subject)
            decoded.append(
                Recorded(event, each.position, each.recorded_at, each.command_id, metadata)
            )
        return decoded

    def _read_metadata(self, meta: bytes) -> Metadata:
        """Read who gave a command and why; the same words come again and again."""
        if len(self._metadata) >= _METADATA_KEPT:
            self._metadata.clear()
        metadata = self._metadata[meta] = _METADATA.decode(meta)
        return metadata

    def _event(self, topic: str, class_version: int, state: bytes) -> AggregateEvent:
        kind = _class_of(topic)
        if class_version != kind.class_version:
            state = self._upcast(kind, class_version, state)
        decoder = self._decoders.get(kind)
        if decoder is None:
            decoder = msgspec.json.Decoder(kind, dec_hook=self._envelope.open)
            self._decoders[kind] = decoder
        return decoder.decode(state)

    def _upcast(self, kind: type[AggregateEvent], class_version: int, state: bytes) -> bytes:
        if not 1 <= class_version < kind.class_version:
            raise _Unknown(
                f"version {class_version} of its class is not known,"
                f" this code knows 1 to {kind.class_version}"
            )
        plain = self.transcoder.decode(state)
        for version in range(class_version, kind.class_version):
            getattr(kind, f"upcast_v{version}_v{version + 1}")(plain)
        return self.transcoder.encode(plain)


class _Unknown(Exception):
    """A topic, or a version of its class, that this code does not have."""


_METADATA: Final = msgspec.json.Decoder(Metadata)

_DAMAGE: Final = (
    _Unknown,
    msgspec.MsgspecError,
    # From opening a box: other keys than those expected, no base64, or a text that was changed.
    KeyError,
    TypeError,
    ValueError,
    binascii.Error,
    InvalidTag,
)


@cache
def _class_of(topic: str) -> type[AggregateEvent]:
    # The library would import whatever a topic with a colon names; ours never have one.
    try:
        kind = None if ":" in topic else resolve_topic(topic)
    except (TopicError, ValueError):  # the latter from importing a module without a name
        kind = None
    if not (isinstance(kind, type) and issubclass(kind, AggregateEvent)):
        raise _Unknown("no event of this code has its topic")
    return kind


def _all_at_hand(missing: Collection[UUID]) -> None:
    if missing:
        raise LookupError(f"the keys of {len(missing)} people must be fetched first")
