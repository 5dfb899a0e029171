"""The shape of the stream: how it is made, and what of one that is there is not as it should be."""

from collections.abc import Iterator
from typing import Final

from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

from infra.broker import subjects
from infra.settings import BrokerSettings

REMEMBERS: Final = 120.0
"""Seconds for which the broker knows the id of a message again.

A message is sent again within some twenty: a server that leads the stream is replaced within six, a
relay that hangs within fifteen. Whatever comes later is told apart by the sequence.
"""

_DAY: Final = 86_400
_DESCRIPTION: Final = "Public events of cordée, as CloudEvents"


def wanted(settings: BrokerSettings, replicas: int) -> StreamConfig:
    """Say how the stream is made on so many servers."""
    return StreamConfig(
        name=settings.stream,
        description=_DESCRIPTION,
        subjects=[subjects.events(settings.stream)],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        storage=StorageType.FILE,
        max_age=settings.days * _DAY,
        max_bytes=settings.size or -1,
        num_replicas=replicas,
        duplicate_window=REMEMBERS,
    )


def differences(found: StreamConfig, settings: BrokerSettings) -> Iterator[str]:
    """Say what of a stream is not as it should be; the rest is the affair of who runs the broker.

    Nothing is changed to please the settings: where less is kept, something is lost.
    """
    yield from _of_kind(found, settings)
    yield from _of_bounds(found, settings)


def _of_kind(found: StreamConfig, settings: BrokerSettings) -> Iterator[str]:
    meant = wanted(settings, 1)
    if found.subjects != meant.subjects:
        yield f"its subjects are {found.subjects}, not {meant.subjects}"
    if found.mirror or found.sources or found.subject_transform:
        yield "it takes messages from other streams, or renames them"
    if found.retention != meant.retention:
        yield f"its retention is {found.retention}, not limits"
    if found.discard != meant.discard:
        yield f"it discards {found.discard} messages, not old ones"
    if found.storage != meant.storage:
        yield f"its storage is {found.storage}, not file"
    if found.sealed or found.no_ack:
        yield "it is sealed, or acknowledges nothing"
    if found.duplicate_window < REMEMBERS:
        window = f"{found.duplicate_window:g} s, not {REMEMBERS:g}"
        yield f"its duplicate window is {window}"


def _of_bounds(found: StreamConfig, settings: BrokerSettings) -> Iterator[str]:
    days = (found.max_age or 0) / _DAY
    if days != settings.days:
        kept = f"{days:g} days" if days else "for ever"
        yield f"it keeps messages {kept}, CORDEE_NATS_DAYS says {settings.days}"
    size = _bound(found.max_bytes)
    if size != settings.size:
        yield f"it keeps {_in_words(size)}, CORDEE_NATS_MEGABYTES says {_in_words(settings.size)}"
    for bound, of in ((found.max_msgs, "in all"), (found.max_msgs_per_subject, "of a subject")):
        if _bound(bound) is not None:
            yield f"it keeps {bound} messages {of}, not all"
    if settings.replicas not in {None, found.num_replicas}:
        yield f"it has {found.num_replicas} replicas, CORDEE_NATS_REPLICAS says {settings.replicas}"


def _bound(limit: int | None) -> int | None:
    return None if limit is None or limit <= 0 else limit


def _in_words(size: int | None) -> str:
    return "any number of bytes" if size is None else f"{size} bytes"
