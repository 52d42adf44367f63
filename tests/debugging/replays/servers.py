"""A target that behaves as badly as one likes: it answers each path with raw bytes, and remembers what it was sent."""

import contextlib
import gzip
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[["Asked", Any], None]  # what was asked, the file to write into


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass
class HostileServer:
    """Its answers are those of `ANSWERS`; `asked` is everything that came."""

    port: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def hostile_server(answers: dict[str, Answer] | None = None) -> Iterator[HostileServer]:
    known = {**ANSWERS, **(answers or {})}

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                asked = _read(self.rfile)
                server.asked.append(asked)
                known[asked.path.partition("?")[0]](asked, self.wfile)

    class Tcp(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Tcp(("127.0.0.1", 0), Handler) as tcp:
        server = HostileServer(tcp.server_address[1])
        threading.Thread(target=tcp.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        tcp.shutdown()


def says(status: str, body: bytes = b"", *headers: str, length: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if length else []), "Connection: close"]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def raw(data: bytes) -> Answer:
    return lambda asked, out: out.write(data) and None


def _read(source: Any) -> Asked:
    method, path, _ = source.readline(65_536).decode("latin-1").split(" ", 2)
    headers = {}
    while (line := source.readline(65_536).decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, path, headers, source.read(int(headers.get("content-length", 0))))


def _echo(asked: Asked, out: Any) -> None:
    """Everything that came, in headers and body."""
    key = asked.headers.get("authorization", "")
    body = f"{asked.path} {asked.headers} {asked.body.decode()}".encode()
    out.write(says("200 OK", body, f"X-Echo: {key}", "Content-Type: text/plain"))


def _slowly(asked: Asked, out: Any) -> None:
    out.write(says("200 OK", b"", "Content-Type: text/plain", length=False))
    for _ in range(200):
        out.write(b"drip ")
        out.flush()
        time.sleep(0.05)


def _silence(asked: Asked, out: Any) -> None:
    time.sleep(5)


def _flood(asked: Asked, out: Any) -> None:
    out.write(says("200 OK", b"", "Content-Type: text/plain", length=False))
    for _ in range(4096):  # 256 MiB, if anybody read it
        out.write(b"x" * 65_536)


ANSWERS: dict[str, Answer] = {
    "/ok": raw(says("201 Created", b'{"id": 7}', "Content-Type: application/json", "X-Venue: lmax")),
    "/fails": raw(says("500 Internal Server Error", b"Internal Server Error", "Content-Type: text/plain")),
    "/echo": _echo,
    "/slow": _slowly,
    "/silence": _silence,
    "/flood": _flood,
    "/bomb": raw(
        says("200 OK", gzip.compress(b"a" * (64 << 20)), "Content-Encoding: gzip", "Content-Type: text/plain")
    ),
    "/bomb-of-bombs": raw(says("200 OK", b"x", "Content-Encoding: gzip, gzip")),
    "/brotli": raw(says("200 OK", b"x", "Content-Encoding: br")),
    "/gzip": raw(says("200 OK", gzip.compress(b'{"ok": true}'), "Content-Encoding: gzip")),
    "/no-gzip": raw(says("200 OK", b"this is no gzip", "Content-Encoding: gzip")),
    "/half-gzip": raw(says("200 OK", gzip.compress(b"abc" * 1000)[:20], "Content-Encoding: gzip")),
    "/binary": raw(says("200 OK", b"\x89PNG\0\0\0", "Content-Type: image/png")),
    "/latin": raw(says("200 OK", "grün".encode("latin-1"), "Content-Type: text/plain; charset=latin-1")),
    "/punycode": raw(says("200 OK", b"a-" * 50_000, "Content-Type: text/plain; charset=punycode")),
    "/nul-later": raw(says("200 OK", b"a" * 5000 + b"\0b", "Content-Type: text/plain")),
    "/odd-charset": raw(says("200 OK", b"abc", "Content-Type: text/plain; charset=no-such")),
    "/hangs-up": lambda asked, out: None,
    "/breaks-off": raw(says("200 OK", b"", "Content-Length: 100", length=False) + b"half of it"),
    "/no-http": raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "/bad-header": raw(b"HTTP/1.1 200 OK\r\nX Bad Name: x\r\n\r\n"),
    "/endless-header": raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\n"),
    "/many-headers": raw(says("200 OK", b"", *(f"X-{at}: y" for at in range(300)))),
    "/redirect": raw(says("302 Found", b"", "Location: /ok")),
    "/redirect-307": raw(says("307 Temporary Redirect", b"", "Location: /echo")),
    "/redirect-303": raw(says("303 See Other", b"", "Location: /echo")),
    "/loop": raw(says("302 Found", b"", "Location: /loop")),
    "/to-metadata": raw(says("302 Found", b"", "Location: http://169.254.169.254/latest/meta-data")),
    "/to-private": raw(says("302 Found", b"", "Location: http://10.0.0.1/")),
    "/to-other-port": raw(says("307 Temporary Redirect", b"", "Location: http://127.0.0.1:1/")),
    "/to-other-scheme": raw(says("302 Found", b"", "Location: file:///etc/passwd")),
    "/to-nonsense": raw(says("302 Found", b"body", "Location: http://[broken")),
    "/to-login": raw(says("302 Found", b"", "Location: http://user:pass@127.0.0.1/")),
}
