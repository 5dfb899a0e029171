"""The stream of public events: made once, never changed, and asked where it ends."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec
import nats.js.errors
from nats.js.client import JetStreamContext

from infra.broker import subjects
from infra.broker.shape import differences, wanted
from infra.broker.trouble import BrokerRefuses, StreamOfAnotherShape
from infra.settings import BrokerSettings

CLUSTER: Final = 3
"""Servers on which the stream is, where there is a cluster."""

_ALONE: Final = 10074
"""The broker's code for replicas that are asked of a server without a cluster."""


class Last(NamedTuple):
    """The last message of a stream."""

    sequence: int
    subject: str
    position: int
    """The position of its event in the log."""
    id: str
    """The id of its event."""


class End(NamedTuple):
    """Where a stream ends."""

    sequence: int
    """Of the last message that it got, whether it has it still or not; 0 before the first."""
    last: Last | None
    """The last one that it has."""


class _Event(msgspec.Struct):
    """What is read of an event that was published."""

    id: str
    sequence: str


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of the broker, as the settings want it."""

    jetstream: JetStreamContext
    settings: BrokerSettings

    async def prepare(self) -> None:
        """Make the stream, unless it is there.

        Raises:
            StreamOfAnotherShape: it is there, and not as the settings say.
            BrokerRefuses: it cannot be made.
            nats.errors.Error: the broker does not answer.
        """
        try:
            info = await self.jetstream.stream_info(self.settings.stream)
        except nats.js.errors.NotFoundError:
            await self._make()
            return
        found = "; ".join(differences(info.config, self.settings))
        if found:
            raise StreamOfAnotherShape(
                f"The stream {self.settings.stream} of the broker is not as the settings say:"
                f" {found}. Change the settings, or the stream by `nats stream edit"
                f" {self.settings.stream}`, or name another by CORDEE_NATS_STREAM."
            )

    async def end(self) -> End:
        """Tell where the stream ends.

        Raises:
            StreamOfAnotherShape: its last message was not published from here.
            nats.errors.Error: the broker does not answer.
        """
        name = self.settings.stream
        state = (await self.jetstream.stream_info(name)).state
        try:
            message = await self.jetstream.get_last_msg(name, subjects.events(name))
        except nats.js.errors.NotFoundError:
            return End(state.last_seq, None)
        assert message.seq is not None
        assert message.subject is not None
        try:
            event = msgspec.json.decode(message.data or b"", type=_Event)
            last = Last(message.seq, message.subject, int(event.sequence), event.id)
        except (msgspec.MsgspecError, ValueError):
            raise foreign(self.settings, message.seq, message.subject) from None
        return End(max(state.last_seq, message.seq), last)

    async def _make(self) -> None:
        """Make it on three servers; a server that knows no others has it alone."""
        for replicas in (self.settings.replicas,) if self.settings.replicas else (CLUSTER, 1):
            try:
                await self.jetstream.add_stream(wanted(self.settings, replicas))
            except nats.js.errors.APIError as error:
                if error.err_code == _ALONE and replicas != self.settings.replicas:
                    continue
                raise BrokerRefuses(
                    f"The broker does not make the stream {self.settings.stream} with {replicas}"
                    f" replicas ({error.description}). Start all its servers, with JetStream and"
                    " room for it; or set CORDEE_NATS_REPLICAS."
                ) from error
            else:
                return


def foreign(settings: BrokerSettings, sequence: int, subject: str) -> StreamOfAnotherShape:
    """Tell of a message that was not published from this log."""
    return StreamOfAnotherShape(
        f"Message {sequence} of the stream {settings.stream} ({subject}) was not published from"
        " this log. Where two instances share a broker, give each its CORDEE_NATS_STREAM. Where"
        " somebody else published it, forbid that and remove it: `nats stream rmm"
        f" {settings.stream} {sequence}`. After an older backup was restored, or another log,"
        f" begin the stream anew: `nats stream rm {settings.stream}`."
    )
