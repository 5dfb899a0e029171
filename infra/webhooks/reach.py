"""Reach: to which addresses requests may go, and to which they never do.

An address is looked at where the socket is made that connects to it. So it does not matter by which
name it was found, whether that name is resolved to another one a moment later, or how an address
is written in a URL: nothing is connected to that was not looked at.
"""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, Self, TypeAlias
from urllib.parse import SplitResult

from api.webhooks.refusals import AddressNotPublic, InvalidAddress
from infra.environment import url_parts

LONGEST: Final = 2_000
"""Characters of an address."""

_Address: TypeAlias = IPv4Address | IPv6Address
_Info: TypeAlias = tuple[int, int, int, str, tuple[Any, ...]]
"""An address as `socket.getaddrinfo` gives it."""

_NAT64: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
_NOT_TO_BE_REACHED: Final = tuple(
    IPv6Network(each)
    # Those that hold an address of IPv4 (6to4, Teredo, IPv4-compatible), site-local, and discard.
    for each in ("2002::/16", "2001::/32", "::/96", "fec0::/10", "100::/64")
)


class NotReachable(OSError):
    """An address to which no request goes. All say the same, so that of several one is raised."""


def is_public(address: _Address) -> bool:
    """Tell whether an address is one of the public internet, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64[0]:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address in _NAT64[1] or any(address in each for each in _NOT_TO_BE_REACHED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@dataclass(frozen=True, slots=True)
class Reach:
    """The public internet, and what the operator lists beside it."""

    networks: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def listing(cls, listed: Iterable[str]) -> Self:
        """Read what the operator lists: networks, and names of hosts."""
        networks, hosts = set[str](), set[str]()
        for each in listed:
            try:
                networks.add(str(ip_network(each)))
            except ValueError:
                hosts.add(each.lower())
        return cls(frozenset(networks), frozenset(hosts))

    def check(self, url: str) -> None:
        """Check where to somebody wants to be told, before it is ever called.

        What a name stands for is looked at with each connection, not here.

        Raises:
            InvalidAddress: it is none that can be called, or none of https.
            AddressNotPublic: it is not on the public internet.
        """
        parts = url_parts(url) if _plain(url) else None
        if parts is None or parts.hostname is None or "@" in parts.netloc or parts.fragment:
            raise InvalidAddress("url", url=url[:200])
        host = parts.hostname
        listed = self._lists(parts)
        if parts.scheme != "https" and not listed:
            raise InvalidAddress("url", url=url[:200])
        address = _literal(host)
        if not listed and (
            (address is not None and not is_public(address))
            or host == "localhost"
            or host.endswith(".localhost")
        ):
            raise AddressNotPublic("url", host=host[:200])

    def sockets(self, host: str) -> Callable[[_Info], socket.socket]:
        """Give what makes the sockets of connections to a host, if they may be made."""
        anywhere = host.lower() in self.hosts

        def made(info: _Info) -> socket.socket:
            family, kind, protocol, _, (numeric, *_rest) = info
            address = ip_address(numeric)
            if not (anywhere or is_public(address) or self._holds(address)):
                raise NotReachable
            opened = socket.socket(family, kind, protocol)
            opened.setblocking(False)
            return opened

        return made

    def _lists(self, parts: SplitResult) -> bool:
        host = parts.hostname or ""
        address = _literal(host)
        return host.lower() in self.hosts or (address is not None and self._holds(address))

    def _holds(self, address: _Address) -> bool:
        return any(address in ip_network(each) for each in self.networks)


def _plain(url: str) -> bool:
    return len(url) <= LONGEST and url.isascii() and url.isprintable() and " " not in url


def _literal(host: str) -> _Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
