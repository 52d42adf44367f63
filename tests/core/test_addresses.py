import pytest
from django.test import RequestFactory

from tradewatch.core.addresses import address_of, client_address, counted_address, counted_address_of, trusted_networks

PROXIES = trusted_networks(["10.0.0.0/8", "::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # a stranger's word
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),  # what the client itself wrote is left out
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "nonsense, 10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "10.3.3.3, 10.2.2.2", "10.3.3.3"),
        ("10.0.0.1", "\xff", "10.0.0.1"),
        ("10.0.0.1", "fe80::1%" + "x" * 100, "10.0.0.1"),  # a scope id may be of any length, a column is not
        ("", "198.51.100.7", ""),
    ],
)
def test_the_client_is_the_nearest_stranger(peer: str, forwarded: str, client: str) -> None:
    assert client_address(peer, forwarded, trusted=PROXIES) == client


def test_without_trusted_proxies_the_header_means_nothing(settings) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert address_of(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert address_of(request) == "198.51.100.7"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::1", "::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.2", "192.0.2.2"),
        (None, None),
    ],
)
def test_limits_count_an_ipv6_network_as_one_client(address: str | None, counted: str | None) -> None:
    assert counted_address(address) == counted


def test_limits_count_the_client_not_the_proxy(settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="2001:db8::7")
    assert counted_address_of(request) == "2001:db8::"
    assert counted_address_of(RequestFactory().get("/", REMOTE_ADDR="")) is None


def test_a_scope_id_is_left_to_nobody(settings) -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="fe80::1%eth0")) is None
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    forwarded = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="fe80::1%eth0")
    assert address_of(forwarded) == "10.0.0.1"


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert client_address("10.1.1.1", "198.51.100.1", trusted=()) == "10.1.1.1"


def test_a_unix_socket_has_no_address() -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="")) is None
