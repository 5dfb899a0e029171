"""Connections to the broker: to any of its servers, and lost rather than mended.

Whoever uses one opens another when it is lost, and looks anew at how things stand: the client's own
way to mend a connection would send again what it holds, without anybody knowing what came of it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from random import sample
from typing import Final
from urllib.parse import unquote, urlsplit

import nats
import nats.errors
from nats.aio.client import Client

from infra.broker.trouble import BrokerAway, BrokerRefuses, BrokerTrouble

WITHIN: Final = 3
"""Seconds in which a server answers."""
_PING: Final = 5
"""Seconds from one ping to the next; a connection is lost when two of them got no answer."""

_LOST: Final = (OSError, TimeoutError, nats.errors.Error)


class _Careful(Client):
    """A client that says nothing in the open to a server whose address asks for TLS."""

    def _connect_command(self) -> bytes:
        assert self._current_server is not None, "a server has answered"
        if self._current_server.uri.scheme == "tls" and not self._server_info.get("tls_required"):
            raise OSError("it does not speak TLS, which its address asks for")
        return super()._connect_command()


class Connection:
    """A connection to one server of the broker."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done once it is of no use any more."""
        self.complaint = ""
        """What the server has said without being asked, such as what is not permitted."""


@asynccontextmanager
async def connected(urls: Sequence[str], name: str) -> AsyncIterator[Connection]:
    """Give a connection, under a name that is shown among the broker's clients.

    Raises:
        BrokerAway: no server answers, or the connection is lost meanwhile.
        BrokerRefuses: one does, and does not let us in.
    """
    connection = await _open(urls, name)
    try:
        yield connection
    except nats.errors.Error as error:
        reason = connection.complaint or _told(error)
        raise BrokerAway(f"The broker does not answer ({reason}).") from error
    finally:
        with suppress(*_LOST):
            await connection.client.close()


async def _open(urls: Sequence[str], name: str) -> Connection:
    found: BrokerTrouble | None = None
    for url in sample(urls, len(urls)):
        connection = Connection(_Careful())
        try:
            await _connect(connection, url, name)
        except (OSError, TimeoutError, nats.errors.NoServersError) as error:
            reason = connection.complaint or _told(error)
            away = f"No broker answers at {_bare(url)} ({reason}): {_ADVICE}"
            found = found or BrokerAway(away)
        except nats.errors.Error as error:
            # What is wrong with a password at one server is so at the next, and says more.
            found = BrokerRefuses(f"The broker does not let us in ({_told(error)}): {_ADVICE}")
        else:
            return connection
    assert found is not None, "there is a server to try"
    raise found


_ADVICE: Final = "is it running, and is CORDEE_NATS_URL right?"


async def _connect(connection: Connection, url: str, name: str) -> None:
    try:
        await _attempt(connection, url, name)
    except BaseException:
        with suppress(*_LOST):
            await connection.client.close()
        raise


async def _attempt(connection: Connection, url: str, name: str) -> None:
    async def lost() -> None:
        if not connection.lost.done():
            connection.lost.set_result(None)

    async def complain(error: Exception) -> None:
        connection.complaint = _told(error)

    parts = urlsplit(url)
    await connection.client.connect(
        [url],
        name=name,
        # As they are meant: the client would send those of the address as they are written there.
        user=None if parts.password is None else unquote(parts.username or ""),
        password=None if parts.password is None else unquote(parts.password),
        allow_reconnect=False,
        max_reconnect_attempts=1,  # which is that of the connection itself, made twice at once
        reconnect_time_wait=0,
        connect_timeout=WITHIN,
        ping_interval=_PING,
        closed_cb=lost,
        disconnected_cb=lost,
        error_cb=complain,
    )
    if not connection.client.is_connected:
        raise OSError("it closed the connection")


def _told(error: BaseException) -> str:
    return str(error).removeprefix("nats: ") or "it took too long"


def _bare(url: str) -> str:
    """Give an address without its password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 4222}"
