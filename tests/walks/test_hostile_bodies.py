"""Every malformed, bombing, hostile or plain weird body gets its 4xx or becomes a stored event.

Never a 500, never a stuck inbox; and an event that was answered 200 is stored, or a dead letter says why not.
"""

import contextlib
import gzip
import http.client
import json
import random
import socket
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest
import sentry_sdk
import zstandard

from tests.servers import Server, running_server
from tests.walks import hostile
from tests.walks.hostile import Case, all_cases, holds_event

pytestmark = pytest.mark.server

SECRETS = ("hunter2-planted", "tok_planted_4242")
FACTS = """
import json
from tradewatch.errors.models import Event
from tradewatch.inbox.decoding import inflate
from tradewatch.inbox.models import DeadLetter
print(json.dumps({
    "events": [event_id.hex for event_id in Event.objects.values_list("event_id", flat=True)],
    "dead": [
        [one.reason, one.detail, inflate(bytes(one.body), one.encoding, limit=1 << 30)[:9000].decode("latin-1")]
        for one in DeadLetter.objects.all()
    ],
}))
"""


@pytest.fixture(scope="module")
def target() -> Iterator[Server]:
    with running_server(TRADEWATCH_LOG_LEVEL="DEBUG", TRADEWATCH_BODY_TIMEOUT_SECONDS="2") as server:
        yield server


class Client:
    """One connection to the server, opened anew whenever the server closed it."""

    def __init__(self, dsn: str) -> None:
        self.parts = urlsplit(dsn)
        self.connection = http.client.HTTPConnection(str(self.parts.hostname), self.parts.port, timeout=30)

    @property
    def auth(self) -> dict[str, str]:
        return {"X-Sentry-Auth": f"Sentry sentry_key={self.parts.username}, sentry_version=7"}

    def send(self, case: Case) -> tuple[int, dict[str, str], bytes]:
        path = f"/api{self.parts.path}/{case.path}"
        try:
            self.connection.request(case.method, path, case.body, {**self.auth, **case.headers})
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connection.close()
            self.connection.request(case.method, path, case.body, {**self.auth, **case.headers})
            answer = self.connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def send_raw(self, *pieces: bytes) -> bytes:
        """Send bytes as they are and return everything that comes back."""
        with socket.create_connection((str(self.parts.hostname), self.parts.port), timeout=10) as raw:
            answer = b""
            with contextlib.suppress(OSError):  # the server may have answered and gone before it heard all of it
                for piece in pieces:
                    raw.sendall(piece)
                while piece := raw.recv(65_536):
                    answer += piece
        return answer

    def head(self, *lines: str, method: str = "POST") -> bytes:
        request = f"{method} /api{self.parts.path}/envelope/ HTTP/1.1"
        auth = [f"{name}: {value}" for name, value in self.auth.items()]
        return "\r\n".join([request, "Host: x", *auth, *lines, "", ""]).encode()


@pytest.fixture(scope="module")
def client(target: Server) -> Client:
    return Client(target.dsn)


def facts(server: Server) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(server.manage("shell", "--no-imports", "-c", FACTS).splitlines()[-1])
    return answer


def assert_all_told(server: Server, promised: dict[str, str]) -> None:
    """Every id in `promised` (id: case) is stored, or in a dead letter with its reason; nothing waits."""
    assert server.drain(120)["pending"] == 0
    found = facts(server)
    assert all(reason for reason, _, _ in found["dead"])
    # What is wrong with a payload is told in a sentence. A dead letter with a stack is an exception: a fault of ours.
    assert "\n".join(f"{reason}\n{detail}" for reason, detail, _ in found["dead"] if detail) == ""
    bodies = "\n".join(body for _, _, body in found["dead"])
    missing = {event_id: name for event_id, name in promised.items() if event_id not in found["events"]}
    assert {event_id: name for event_id, name in missing.items() if event_id not in bodies} == {}
    assert len(found["events"]) == len(set(found["events"]))


def promise_of(case: Case, status: int, body: bytes) -> str | None:
    """Return the id under which an event must be there after this answer; None when none is promised."""
    if status != 200 or case.method != "POST":
        return None
    if case.path == "envelope/" and not holds_event(plain(case)):
        return None
    return str(json.loads(body)["id"])


def plain(case: Case) -> bytes:
    match case.headers.get("Content-Encoding", "").strip().lower():
        case "":
            return case.body
        case "gzip" | "x-gzip":
            return gzip.decompress(case.body)
        case "deflate":
            return zlib.decompressobj(15 if case.body[0] & 15 == 8 else -15).decompress(case.body)
        case "br":
            return bytes(brotli.decompress(case.body))
        case _:
            return zstandard.ZstdDecompressor().decompressobj().decompress(case.body)


def test_every_body_is_refused_for_a_reason_or_stored(target: Server, client: Client) -> None:
    promised: dict[str, str] = {}
    wrong = []
    for case in all_cases():
        status, headers, body = client.send(case)
        if status not in case.statuses:
            wrong.append((case.name, status, body[:200]))
        if status >= 400 and status != 404:
            assert headers["access-control-allow-origin"] == "*", case.name
            assert headers["x-sentry-error"] and headers["x-sentry-error"].isascii(), case.name
            assert case.method == "HEAD" or json.loads(body) == {"detail": json.loads(body)["detail"]}, case.name
        if event_id := promise_of(case, status, body):
            promised[event_id] = case.name
    assert wrong == []
    assert len(promised) > 2000  # the table is not empty by mistake
    assert_all_told(target, promised)


def captured_envelopes() -> list[bytes]:
    """Return what the stock Python SDK sends for an exception, a message, a transaction, a log and a check-in."""
    sent: list[bytes] = []

    class Transport(sentry_sdk.Transport):
        def capture_envelope(self, envelope: Any) -> None:
            sent.append(envelope.serialize())

    client = sentry_sdk.Client(dsn="http://k@localhost/1", transport=Transport, traces_sample_rate=1.0, release="a@1")
    with sentry_sdk.new_scope() as scope:
        scope.set_client(client)
        try:
            password, key = SECRETS
            raise ValueError(f"no margin for {len(password + key)}")
        except ValueError as error:
            scope.capture_exception(error)
        scope.capture_message("market closed", level="warning")
        with scope.start_transaction(name="POST /orders"):
            pass
        sentry_sdk.crons.capture_checkin(monitor_slug="settle", status="ok")
    client.close()
    return sent


def mutated(body: bytes, dice: random.Random) -> bytes:
    """Return `body` after one to four small accidents."""
    data = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data)) if data else 0
        match dice.randrange(7):
            case 0:
                data[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del data[at : at + dice.randint(1, 40)]
            case 2:
                data[at:at] = dice.choice(
                    [b"\n", b"\0", b"\xed\xa0\x80", b'"', b"{", b"]", b"NaN", b"\\ud800", b"-1e999"]
                )
            case 3:
                data[at:at] = data[at : at + dice.randint(1, 200)]
            case 4:
                data[at:] = data[at:][::-1]
            case 5:
                data = data.replace(
                    dice.choice([b"null", b"true", b"1", b'"']), dice.choice([b"[]", b"{}", b"0", b"''"]), 1
                )
            case _:
                data[at : at + 1] = b""
    return bytes(data)


def test_mutations_of_real_envelopes(target: Server, client: Client) -> None:
    dice = random.Random(20261123)
    originals = captured_envelopes()
    assert len(originals) >= 4
    promised: dict[str, str] = {}
    statuses = []
    for number in range(600):
        body = mutated(originals[number % len(originals)], dice)
        case = Case(f"mutation {number}", body, (200, 400, 413))
        status, _, answer = client.send(case)
        assert status in case.statuses, (number, status, answer, body)
        statuses.append(status)
        if event_id := promise_of(case, status, answer):
            promised[event_id] = case.name
    assert {200, 400} <= set(statuses)
    assert_all_told(target, promised)


RAW = b'{"event_id":"%s"}\n{"type":"event"}\n{"message":"raw"}\n'


@pytest.mark.parametrize(
    ("lines", "pieces", "statuses"),
    [
        (["Content-Length: 50"], [b"{}\n"], [b"408"]),
        (["Content-Length: 3"], [b"{}\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n"], [b"200", b"200"]),  # pipelining
        (["Content-Length: -1"], [b"{}\n"], [b"400"]),
        (["Content-Length: x"], [b"{}\n"], [b"400"]),
        (["Content-Length: 3", "Content-Length: 4"], [b"{}\n\n"], [b"400"]),
        (["Content-Length: 3", "Transfer-Encoding: chunked"], [b"0\r\n\r\n"], [b"400"]),  # smuggling
        (["Content-Length: " + "9" * 30], [b"{}\n"], [b"400"]),
        (["Content-Length: 999999999999"], [b"{}\n"], [b"413"]),
        (["Transfer-Encoding: chunked"], [b"3\r\n{}\n\r\n0\r\n\r\n"], [b"200"]),
        (["Transfer-Encoding: chunked"], [b"3\r\n{}\n\r\n5\r\nab"], [b"408"]),  # cut in the middle of a chunk
        (["Transfer-Encoding: chunked"], [b"zz\r\n{}\n\r\n0\r\n\r\n"], [b"400"]),
    ],
)
def test_faults_of_http_itself(target: Server, client: Client, lines, pieces, statuses) -> None:
    answer = client.send_raw(client.head(*lines), *pieces)
    seen = [line[9:12] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert seen == statuses or (len(seen) == 1 and seen[0] in statuses), answer[:300]
    assert client.send(Case("after", b"{}\n", (200,)))[0] == 200


def test_a_body_that_comes_too_slowly_is_timed_out(target: Server, client: Client) -> None:
    with socket.create_connection((str(client.parts.hostname), client.parts.port), timeout=10) as raw:
        raw.sendall(client.head("Content-Length: 50") + b"{}")
        answer = raw.recv(65_536)
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert b"access-control-allow-origin: *" in answer


def test_no_secret_and_no_payload_in_the_logs(target: Server, client: Client) -> None:
    document = {
        "message": f"payload-fragment-7 {SECRETS[0]}",
        "request": {"headers": {"Authorization": f"Bearer {SECRETS[1]}"}, "data": {"password": SECRETS[0]}},
        "exception": [
            {"type": "E", "value": SECRETS[1], "stacktrace": {"frames": [{"vars": {"password": SECRETS[0]}}]}}
        ],
    }
    assert client.send(Case("secrets", hostile.event(document), (200,)))[0] == 200
    broken = b'{"event_id":"%s"}\n{"type":"event"}\n{"message":"payload-fragment-7 %s' % (
        b"a" * 32,
        SECRETS[0].encode(),
    )
    assert client.send(Case("broken secrets", broken, (200,)))[0] == 200
    client.send(Case("bad header", b'{"payload-fragment-7":%s\n' % SECRETS[0].encode(), (400,)))
    target.drain()
    log = "\n".join(target.log(name).rpartition("data in")[2] for name in target.processes)  # the banner shows the DSN
    assert "DEBUG" in log  # the level is on: the test looks at something
    for text in (*SECRETS, "payload-fragment-7", str(client.parts.username), "correct horse 7"):
        assert text not in log, text
