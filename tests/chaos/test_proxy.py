"""The proxy passes on what it is told to pass on, and disturbs as it says."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.chaos.proxy import Proxy

pytestmark = pytest.mark.once


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    listener = socket.create_server(("127.0.0.1", 0))

    def echo(connection: socket.socket) -> None:
        try:
            while data := connection.recv(100):
                connection.sendall(data)
        except OSError:
            pass

    def serve() -> None:
        try:
            while True:
                threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    started = Proxy(listener.getsockname())
    yield started
    started.close()
    listener.close()


def connected(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=20)


def is_over(client: socket.socket) -> bool:
    """Return whether no more comes: the other end closed, or broke off."""
    try:
        return client.recv(100) == b""
    except ConnectionError:
        return True


def test_passes_on(proxy: Proxy) -> None:
    with connected(proxy) as client:
        client.sendall(b"order")
        assert client.recv(100) == b"order"


def test_refuses_and_takes_again(proxy: Proxy) -> None:
    with connected(proxy) as client:
        client.sendall(b"order")
        client.recv(100)
        with proxy.refusing():
            assert is_over(client)
            with pytest.raises(ConnectionRefusedError):
                connected(proxy)
    test_passes_on(proxy)


def test_cuts_in_the_middle(proxy: Proxy) -> None:
    with proxy.cutting(2), connected(proxy) as client:  # the answer is the second piece
        client.sendall(b"orders")
        assert client.recv(3) == b"ord"
        assert is_over(client)


def test_is_silent_and_then_breaks(proxy: Proxy) -> None:
    with connected(proxy) as client:
        client.sendall(b"order")
        client.recv(100)
        with proxy.silent():
            client.sendall(b"order")
            client.settimeout(0.05)
            with pytest.raises(TimeoutError):
                client.recv(100)
        client.settimeout(20)
        assert is_over(client)
    test_passes_on(proxy)
