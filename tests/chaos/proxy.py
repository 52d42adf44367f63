"""A TCP proxy in front of something that may be slow, silent, gone, or break off in the middle of a word."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from tests.backends import free_port

_CHUNK = 65_536
Address = tuple[str, int] | str  # host and port, or the path of a unix socket


class Proxy:
    """Passes on what comes to its `port`. It disturbs while a context of one of its methods is open."""

    def __init__(self, target: Address) -> None:
        self.port = free_port()
        self._target = target
        self._delay_seconds, self._cut_every = 0.0, 0
        self._chunks = 0
        self._flows = threading.Event()
        self._flows.set()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._listen()

    @contextlib.contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Each piece of data, each way, comes so much later."""
        self._delay_seconds = seconds
        try:
            yield
        finally:
            self._delay_seconds = 0.0

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Connections are made and stay open, and nothing comes through; afterwards all of them break."""
        self._flows.clear()
        try:
            yield
        finally:
            self._break_all()
            self._flows.set()

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """All connections break, and there are no new ones."""
        self._close_listener()
        self._break_all()
        try:
            yield
        finally:
            self._listen()

    @contextlib.contextmanager
    def cutting(self, every: int) -> Iterator[None]:
        """Every so many pieces of data one comes through by half, and its connection breaks."""
        self._cut_every = every
        try:
            yield
        finally:
            self._cut_every = 0

    def close(self) -> None:
        self._close_listener()
        self._break_all()

    def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _close_listener(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        self._flows.wait()
        try:
            server = self._connect()
        except OSError:
            client.close()
            return
        pair = (client, server)
        with self._lock:
            self._pairs.add(pair)
        for source, target in (pair, pair[::-1]):
            threading.Thread(target=self._pump, args=(source, target, pair), daemon=True).start()

    def _connect(self) -> socket.socket:
        if isinstance(self._target, str):
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            return server
        return socket.create_connection(self._target, timeout=None)

    def _pump(self, source: socket.socket, target: socket.socket, pair: tuple[socket.socket, socket.socket]) -> None:
        try:
            while data := source.recv(_CHUNK):
                self._flows.wait()
                time.sleep(self._delay_seconds)
                if self._is_to_cut():
                    target.sendall(data[: len(data) // 2])
                    self._break(pair)
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            self._break(pair)

    def _is_to_cut(self) -> bool:
        with self._lock:
            self._chunks += 1
            return bool(self._cut_every) and self._chunks % self._cut_every == 0

    def _break_all(self) -> None:
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self._break(pair)

    def _break(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            self._pairs.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
