import pytest
from django.core.exceptions import ImproperlyConfigured

from tradewatch.ingest.addresses import client_address, trusted_networks

TRUSTED = trusted_networks(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", [b"198.51.100.1"], "203.0.113.5"),
        ("10.1.1.1", [], "10.1.1.1"),
        ("10.1.1.1", [b"198.51.100.1"], "198.51.100.1"),
        ("10.1.1.1", [b"6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.1.1.1", [b"198.51.100.1, 10.2.2.2"], "198.51.100.1"),
        ("10.1.1.1", [b"6.6.6.6", b"198.51.100.1,192.0.2.1"], "198.51.100.1"),
        ("10.1.1.1", [b"10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        ("10.1.1.1", [b"198.51.100.1, nonsense"], "10.1.1.1"),
        ("10.1.1.1", [b"nonsense, 10.2.2.2"], "10.2.2.2"),
        ("10.1.1.1", [b"\xff"], "10.1.1.1"),
        ("10.1.1.1", [b"fe80::1%" + b"x" * 100], "10.1.1.1"),
        ("2001:db8::7", [b"2001:4860::8"], "2001:4860::8"),
        ("", [b"198.51.100.1"], ""),
    ],
)
def test_only_what_trusted_proxies_wrote_counts(peer, forwarded, address):
    headers = [(b"host", b"x"), *((b"x-forwarded-for", value) for value in forwarded)]
    assert client_address(peer, headers, TRUSTED) == address


def test_without_trusted_proxies_nobody_is_believed():
    assert client_address("10.1.1.1", [(b"x-forwarded-for", b"198.51.100.1")], ()) == "10.1.1.1"


def test_a_bad_network_stops_the_start_with_its_name():
    with pytest.raises(ImproperlyConfigured, match=r"TRADEWATCH_TRUSTED_PROXIES: .*proxy\.internal"):
        trusted_networks(["10.0.0.0/8", "proxy.internal"])
