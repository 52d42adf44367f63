import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from tradewatch.core.net import ForbiddenAddressError, GuardedTransport, guarded_client, may_call


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",  # metadata of clouds
        "192.0.2.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "192.0.0.8",
        "192.88.99.1",
        "3fff::1",
        "fec0::1",
        "2606:4700::5efe:7f00:1",
        "2606:4700::200:5efe:a00:1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2001:0:7f00:1:8000:63bf:f7f7:f7f7",
    ],
)
def test_private_addresses_are_not_called(address: str) -> None:
    assert not may_call(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are(address: str) -> None:
    assert may_call(address)


def test_an_allowed_network_may_be_called_and_its_neighbour_not() -> None:
    assert may_call("10.1.2.3", allowed=["10.1.0.0/16"])
    assert may_call("::ffff:10.1.2.3", allowed=["10.1.0.0/16"])
    assert not may_call("10.2.2.3", allowed=["10.1.0.0/16"])


class Recorder(httpx.BaseTransport):
    def __init__(self, *answers: httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self.answers = list(answers) or [httpx.Response(200)]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def client(inner: Recorder, names: dict[str, list[str]], **options: object) -> httpx.Client:
    transport = GuardedTransport(resolve=lambda host, port: names.get(host, [host]), inner=inner)
    return httpx.Client(transport=transport, **options)


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    inner = Recorder()
    with client(inner, {"hooks.example": ["1.1.1.1"]}) as http:
        http.post("https://hooks.example:8443/a?b=c", content=b"body", headers={"X-A": "1"})
    (sent,) = inner.requests
    assert str(sent.url) == "https://1.1.1.1:8443/a?b=c"
    assert sent.headers["Host"] == "hooks.example:8443"
    assert sent.headers["X-A"] == "1"
    assert sent.extensions["sni_hostname"] == "hooks.example"
    assert sent.extensions["timeout"]["connect"] == 5.0
    assert sent.read() == b"body"


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], []])
def test_a_name_with_any_private_address_or_none_is_refused(addresses: list[str]) -> None:
    inner = Recorder()
    with client(inner, {"rebind.example": addresses}) as http, pytest.raises(ForbiddenAddressError):
        http.get("http://rebind.example/")
    assert inner.requests == []


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://2130706433/", "http://localhost/"])
def test_ways_to_write_this_machine_are_refused(url: str) -> None:
    with guarded_client(timeout_seconds=1) as http, pytest.raises((ForbiddenAddressError, httpx.ConnectError)):
        http.get(url)


def test_a_redirect_to_a_private_address_is_refused() -> None:
    inner = Recorder(httpx.Response(302, headers={"Location": "http://169.254.169.254/latest"}), httpx.Response(200))
    with (
        client(inner, {"a.example": ["1.1.1.1"]}, follow_redirects=True) as http,
        pytest.raises(ForbiddenAddressError),
    ):
        http.get("http://a.example/")
    assert len(inner.requests) == 1


def test_an_unknown_name_is_a_connect_error() -> None:
    with guarded_client(timeout_seconds=1) as http, pytest.raises(httpx.ConnectError):
        http.get("http://nothing.invalid/")


def test_a_proxy_of_the_environment_does_not_take_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://1.1.1.1:1")
    with guarded_client(timeout_seconds=1) as http, pytest.raises(ForbiddenAddressError):
        http.get("http://127.0.0.1:9/")


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def log_message(self, *args: object) -> None:
        pass


def test_an_allowed_network_is_really_reached(settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1"]
    server = HTTPServer(("127.0.0.1", 0), Hello)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with guarded_client(timeout_seconds=5) as http:
            assert http.get(f"http://127.0.0.1:{server.server_port}/").text == f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
