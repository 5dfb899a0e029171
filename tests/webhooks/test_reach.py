"""Reach: nothing is connected to that is not on the public internet, however it is named."""

import socket
from ipaddress import ip_address

import pytest

from api.webhooks.refusals import AddressNotPublic, InvalidAddress
from infra.webhooks.reach import NotReachable, Reach, is_public

PRIVATE = [
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254"),  # noqa: S104
    *("172.16.0.1", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "100::1"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "fc00::1", "fd12::1", "fe80::1"),
    *("fe80::1%eth0", "fec0::1", "ff02::1"),
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_on_the_public_internet_is_known(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_on_the_public_internet_is_known(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("", "hook", "ftp://a.example/", "http://a.example/", "https:///hook", "https://"),
        *("https://ada:secret@a.example/", "https://a.example/#part", "https://a.example:99999/"),
        *("https://a.example/\n", "https://a b.example/", "https://é.example/", "javascript:1"),
        "https://a.example/" + "x" * 2_000,
    ],
)
def test_what_cannot_be_called_is_refused(url: str) -> None:
    with pytest.raises(InvalidAddress):
        Reach().check(url)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://localhost"],
)
def test_what_is_written_as_a_private_address_is_refused(url: str) -> None:
    with pytest.raises(AddressNotPublic):
        Reach().check(url)


def test_an_address_of_the_public_internet_is_taken() -> None:
    Reach().check("https://a.example:8443/hook?key=1")
    Reach().check("https://1.1.1.1/")


def test_the_operator_can_list_networks_and_hosts_and_these_need_no_tls() -> None:
    reach = Reach.listing(["10.0.0.0/8", "Hooks.internal", "::1"])
    reach.check("http://10.2.3.4:8080/")
    reach.check("http://hooks.internal/")
    reach.check("https://[::1]/")
    with pytest.raises(InvalidAddress):
        reach.check("http://a.example/")
    with pytest.raises(AddressNotPublic):
        reach.check("https://192.168.1.1/")


def info(address: str) -> tuple[int, int, int, str, tuple[str, int]]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.SOCK_STREAM, 0, "", (address, 443)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_socket_is_made_that_leads_to_what_is_private(address: str) -> None:
    with pytest.raises(NotReachable):
        Reach().sockets("a.example")(info(address))


def test_sockets_are_made_to_public_addresses_and_to_what_is_listed() -> None:
    made = [
        Reach().sockets("a.example")(info("1.1.1.1")),
        Reach.listing(["10.0.0.0/8"]).sockets("a.example")(info("10.0.0.1")),
        Reach.listing(["hooks.internal"]).sockets("hooks.internal")(info("192.168.0.1")),
    ]
    for each in made:
        each.close()
    with pytest.raises(NotReachable):
        Reach.listing(["hooks.internal"]).sockets("a.example")(info("192.168.0.1"))
