"""Volleys: messages that are sent together, each to be stored right after the one before it.

None waits for the acknowledgement of another, and yet none is stored without those before it: each
names the sequence at which the stream must be. That is also the fence: a relay that was replaced,
or a message that has wandered about since then, does not find the stream where it left it.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from nats.aio.msg import Msg
from nats.js.api import Header

from api.publication.cloud_event import SINGLE
from infra.broker.connection import Connection
from infra.broker.trouble import BrokerAway, BrokerRefuses, Overtaken

WITHIN: Final = 3.0
"""Seconds in which the broker acknowledges something, or is asked anew how things stand.

A new leader takes four to six.
"""

_TYPE: Final = "content-type"
_WRONG_SEQUENCE: Final = 10071
"""The broker's code for a stream that is not at the sequence that was named."""


class Message(NamedTuple):
    """An event as it goes to the broker."""

    subject: str
    id: str
    """By which the broker knows it again: that of the event."""
    body: bytes


class _Error(msgspec.Struct):
    err_code: int = 0
    description: str = ""


class _Answer(msgspec.Struct):
    seq: int = 0
    error: _Error | None = None


class Volley:
    """Sends messages over one connection, to a stream that is at a sequence.

    When something goes wrong it is of no use any more: what is stored, the stream itself tells.
    """

    def __init__(self, connection: Connection, stream: str, sequence: int) -> None:
        self._connection = connection
        self._stream = stream
        self._inbox = connection.client.new_inbox()
        self.sequence = sequence
        """That of the last message that was acknowledged."""
        self._aim = sequence
        self._there: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def open(self) -> None:
        """Listen for acknowledgements. Raises nats.errors.Error."""
        await self._connection.client.subscribe(self._inbox, cb=self._take)

    async def send(self, messages: Sequence[Message]) -> None:
        """Send messages, and wait until all of them are acknowledged.

        Raises:
            Overtaken: the stream is not where it was; some of them may be stored.
            BrokerAway: there is no answer, or the connection is lost; some may be stored.
            BrokerRefuses: the broker stores no more.
            nats.errors.Error: the connection is of no use any more.
        """
        if not messages:
            return
        self._aim = self.sequence + len(messages)
        self._there = asyncio.get_running_loop().create_future()
        client = self._connection.client
        for before, message in enumerate(messages, self.sequence):
            headers = {
                Header.MSG_ID.value: message.id,
                Header.EXPECTED_STREAM.value: self._stream,
                Header.EXPECTED_LAST_SEQUENCE.value: str(before),
                _TYPE: SINGLE,
            }
            await client.publish(message.subject, message.body, self._inbox, headers)
        await self._acknowledged()

    async def _acknowledged(self) -> None:
        lost = self._connection.lost
        while True:
            before = self.sequence
            await asyncio.wait(
                (self._there, lost), timeout=WITHIN, return_when=asyncio.FIRST_COMPLETED
            )
            if self._there.done():
                return self._there.result()
            if lost.done() or self.sequence == before:
                reason = self._connection.complaint or "it may be choosing who leads the stream"
                raise BrokerAway(f"The broker acknowledges nothing ({reason}).")

    async def _take(self, message: Msg) -> None:
        if not self._there.done():
            try:
                self._count(message)
            except (BrokerAway, BrokerRefuses, Overtaken) as error:
                self._there.set_exception(error)

    def _count(self, message: Msg) -> None:
        if not message.data:
            raise BrokerAway("No server of the broker leads the stream.")
        answer = msgspec.json.decode(message.data, type=_Answer)
        if answer.error is not None and answer.error.err_code != _WRONG_SEQUENCE:
            raise BrokerRefuses(f"The broker does not store events ({answer.error.description}).")
        # Known by its id, it has the sequence at which it was stored the first time.
        if answer.error is not None or answer.seq != self.sequence + 1:
            raise Overtaken
        self.sequence += 1
        if self.sequence == self._aim:
            self._there.set_result(None)
