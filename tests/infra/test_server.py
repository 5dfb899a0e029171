"""Where the server listens, and what is said when it cannot."""

import socket

import pytest

from infra.server import PortTaken, listen, url


def test_a_free_port_is_taken_and_named() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert url(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_every_address_is_named_by_one_that_a_browser_understands() -> None:
    with listen("0.0.0.0", 0) as listening:  # noqa: S104
        assert url(listening).startswith("http://127.0.0.1:")


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_ipv6_address_stands_in_brackets() -> None:
    with listen("::1", 0) as listening:
        assert url(listening).startswith("http://[::1]:")


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is taken.*CORDEE_PORT"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_an_address_of_another_machine_is_told(host: str) -> None:
    with pytest.raises(PortTaken, match="no address of this machine"):
        listen(host, 0)
