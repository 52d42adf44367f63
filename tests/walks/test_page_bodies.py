"""A real server and what a stranger pours into its pages: refused, and nothing of it stays on the disk."""

import contextlib
import os
import select
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.backends import wait_until
from tests.servers import Server, running_server

pytestmark = pytest.mark.server

MIB = 1 << 20
CHUNK = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
CHUNKED = "Transfer-Encoding: chunked"
ENDLESS = 256 * MIB  # after that much nobody waits for an answer any more
FILES = "/api/0/organizations/tradewatch/releases/web@1/files/"


@pytest.fixture(scope="module")
def folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="tw-spool-") as made:
        yield made


@pytest.fixture(scope="module")
def target(folder: str) -> Iterator[Server]:
    with running_server(TMPDIR=folder, TRADEWATCH_BODY_TIMEOUT_SECONDS="20") as server:
        yield server


def spooled_bytes(server: Server, folder: str) -> int:
    """Return what the web processes hold in their folder of temporary files, where they have no name.

    Not the workers: memory that their processes share is such a file too, for as long as they run.
    """
    roots = [psutil.Process(each.pid) for name, each in server.processes.items() if name.startswith(("serve", "web"))]
    handles: list[Path] = []
    for process in [each for root in roots for each in (root, *root.children(recursive=True))]:
        with contextlib.suppress(OSError):  # a process that has just ended
            handles += Path(f"/proc/{process.pid}/fd").iterdir()
    return sum(size_within(handle, folder) for handle in handles)


def size_within(handle: Path, folder: str) -> int:
    try:
        return handle.stat().st_size if str(handle.readlink()).startswith(folder) else 0
    except OSError:
        return 0


def connect(server: Server, path: str, *lines: str) -> socket.socket:
    raw = socket.create_connection(("127.0.0.1", server.ports[0]), timeout=60)
    raw.sendall("\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode())
    return raw


def pour(raw: socket.socket, most_bytes: int) -> int:
    """Send chunks until `most_bytes` are out, or an answer is there. Returns how many bytes were sent."""
    sent = 0
    with contextlib.suppress(OSError):  # the server has answered and gone
        while sent < most_bytes and not select.select([raw], [], [], 0)[0]:
            raw.sendall(CHUNK)
            sent += 65_536
    return sent


def answer_of(raw: socket.socket) -> tuple[bytes, bytes]:
    """Return the status line and the body of what comes until the server ends the connection."""
    answer = b""
    with contextlib.suppress(OSError):
        while piece := raw.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], body


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/admin/login/", b"The body is larger than 6,291,456 bytes."),
        ("/alerts", b'{"detail":"the body is larger than 6,291,456 bytes","errors":{}}'),
        ("/api/0/organizations/tradewatch/chunk-upload/", b'{"detail":"the body is larger than 20,971,520 bytes"}'),
        (FILES, b'{"detail":"the body is larger than 34,603,008 bytes"}'),
    ],
)
def test_a_body_without_end_is_refused_and_nothing_of_it_stays(
    target: Server, folder: str, path: str, says: bytes
) -> None:
    with connect(target, path, CHUNKED) as raw:
        assert pour(raw, 4 * MIB) == 4 * MIB
        wait_until(lambda: spooled_bytes(target, folder) > 0, what="a file of what came")  # so we would see it
        assert pour(raw, ENDLESS) < ENDLESS
        status, body = answer_of(raw)
    assert status.startswith(b"HTTP/1.1 413 ") and body == says
    wait_until(lambda: spooled_bytes(target, folder) == 0, what="the end of that file")
    assert httpx.get(f"{target.url}/health", timeout=60).status_code == 200


def test_one_that_never_comes_is_given_up(target: Server) -> None:
    with connect(target, "/admin/login/", "Content-Length: 50") as raw:
        raw.sendall(b"us")
        status, body = answer_of(raw)
    assert status.startswith(b"HTTP/1.1 408 ") and body == b"The body did not arrive within 20 seconds."


def test_one_that_says_too_much_is_refused(target: Server) -> None:
    answer = httpx.post(f"{target.url}/alerts", content=b"x" * (7 * MIB), timeout=60)
    assert (answer.status_code, answer.json()["detail"]) == (413, "the body is larger than 6,291,456 bytes")


def test_what_is_meant_to_be_large_still_arrives(target: Server) -> None:
    token = target.token("releases:write", "alerts:write")
    with httpx.Client(base_url=target.url, headers={"Authorization": f"Bearer {token}"}, timeout=300) as client:
        long = client.post("/alerts", json={"title": "x" * (4 * MIB)})
        assert (long.status_code, "title" in long.json()["errors"]) == (400, True)  # read, and judged
        release = {"version": "web@1", "projects": ["default"]}
        assert client.post("/api/0/organizations/tradewatch/releases/", json=release).status_code in (200, 201)
        content = os.urandom(31 * MIB)
        told = client.post(FILES, files={"file": ("app.js", content)}, data={"name": "~/app.js"})
        assert told.status_code == 201, told.text
        assert client.get(f"{FILES}{told.json()['id']}/", params={"download": "1"}).content == content
