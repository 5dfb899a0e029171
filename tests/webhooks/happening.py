"""What happens to organisations in these tests, told by numbers; and processes that deliver it."""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import uvloop

from domain.identity import Id, external
from domain.organisation import Organisation, OrganisationKind
from domain.record import Metadata, Recorded
from infra.reads import Reads
from infra.webhooks.courier import Terms, delivering
from infra.webhooks.reach import Reach
from infra.webhooks.secret import SecretBox
from tests.api.ports import Happening, Still
from tests.generations import FIRST

AT: Final = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)
ADA: Final = UUID(int=1)
SECRET: Final = b"a request secret"
LISTED: Final = Reach.listing(["127.0.0.0/8"])
SOON: Final = [timedelta(milliseconds=20)] * 9
"""Pauses for those who cannot wait."""
TERMS: Final = Terms(
    reach=LISTED,
    patience=timedelta(hours=72),
    base="https://cordee.example/",
    longest=0.5,
    heartbeat=0.8,
    look=0.05,
    trusted=ssl.create_default_context(),
)


class Growing(Happening):
    """A log that a test lets grow, which also tells how."""

    async def wait_beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109
        """Wait until something follows a position."""
        return await self.beyond(position, timeout)

    async def head(self) -> int:
        """Tell where it ends."""
        return await self.beyond(0, 0)

    def knows(self, number: int) -> bool:
        """Tell whether anything happened to an organisation."""
        return self._version(number) > 0

    def _version(self, number: int) -> int:
        stream = _stream(number)
        return sum(each.event.originator_id == stream for each in self.recorded)

    def happen(self, number: int) -> None:
        """Let something happen to an organisation."""
        stream, version = _stream(number), 1 + self._version(number)
        if version == 1:
            (event,) = Organisation.register(
                stream, now=AT, name="Atmo", kind=OrganisationKind.ASSOCIATION
            ).collect_events()
        else:
            event = Organisation.Renamed(
                originator_id=stream,
                originator_version=version,
                timestamp=AT,
                name=f"Atmo {version}",
            )
        told = Metadata(actor=external("principal", ADA), command="DoIt", reason=None)
        self.recorded.append(Recorded(event, len(self.recorded) + 1, AT, UUID(int=99), told))


def organisation(number: int) -> Id:
    """Give the id of an organisation."""
    return external("organisation", _stream(number))


def _stream(number: int) -> UUID:
    return UUID(int=0xA000 + number)


@contextmanager
def another_process(dsn: str, happened: Sequence[int]) -> Iterator["subprocess.Popen[bytes]"]:
    """Let another process deliver what happened, until it is killed."""
    command = [sys.executable, "-m", __name__, dsn, *map(str, happened)]
    process = subprocess.Popen(command)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def _deliver(dsn: str, happened: Sequence[int]) -> None:
    log = Growing()
    for number in happened:
        log.happen(number)
    reads = await Reads.open(dsn, FIRST, pool_size=2)
    async with delivering(
        dsn,
        TERMS,
        growth=log,
        feed=log,
        positions=Still(10_000),
        reads=reads,
        box=SecretBox(SECRET),
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_deliver(sys.argv[1], [int(each) for each in sys.argv[2:]]))
