"""The edge as a client sees it: requests in, answers and rows out."""

import asyncio
import gzip
import os
import time
import zlib

import brotli
import orjson
import pytest
import zstandard

from tests.backends import wait_until
from tests.ingest.builders import AUTH, EVENT, ID, KEY, OTHER_KEY, make_project
from tests.ingest.conftest import read_queue
from tradewatch.inbox.decoding import inflate
from tradewatch.inbox.envelope import parse_envelope
from tradewatch.inbox.limits import current_limits
from tradewatch.ingest.edge import edge, edge_stats, is_ingest, start_edge, stop_edge
from tradewatch.ingest.relay.marks import installation
from tradewatch.projects.config import forget_configs
from tradewatch.projects.models import Project, ProjectKey

ENVELOPE = "/api/1/envelope/"


async def queued_envelopes():
    limits = current_limits()
    return [parse_envelope(inflate(row.body, row.encoding, limit=1 << 30), limits) for row in await read_queue()]


async def test_an_accepted_envelope_is_in_the_queue_byte_for_byte(client):
    before = time.time()
    answer = await client.post(ENVELOPE, content=EVENT, headers=AUTH)
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    (row,) = await read_queue()
    assert (row.project_id, row.encoding, row.address, row.body) == (1, "identity", "192.0.2.7", EVENT)
    assert before <= row.received_at <= time.time()


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("GZip", gzip.compress),
    ],
)
async def test_compressed_bodies_are_stored_as_they_came(client, encoding, compress):
    body = compress(EVENT)
    answer = await client.post(ENVELOPE, content=body, headers={**AUTH, "Content-Encoding": encoding})
    assert answer.json() == {"id": ID}
    (row,) = await read_queue()
    assert (row.encoding, row.body) == (encoding.lower(), body)


@pytest.mark.parametrize(
    "path", [ENVELOPE, "/api/1/envelope", "/prefix/of/proxy/api/1/envelope/", "/api/api/1/envelope"]
)
async def test_paths_of_an_envelope(client, path):
    assert is_ingest(path)
    assert (await client.post(path, content=EVENT, headers=AUTH)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        ({"X-Sentry-Auth": f"Sentry sentry_key={KEY}"}, "", EVENT),
        ({"X-Sentry-Auth": f"SENTRY  sentry_version=7,sentry_key={KEY}"}, "", EVENT),
        ({"Authorization": f"Sentry sentry_version=7, sentry_key={KEY}"}, "", EVENT),
        ({}, f"?sentry_version=7&sentry_key={KEY}", EVENT),
        ({"Authorization": "Bearer token-of-the-tunnel"}, f"?sentry_key={KEY}", EVENT),
        ({}, "", b'{"dsn":"https://%s@watch.example/1"}\n' % KEY.encode()),
        ({}, "", b'{"dsn":"https://%s:secret@watch.example/prefix/1"}\n' % KEY.encode()),
        ({"X-Sentry-Auth": f"Sentry sentry_key={KEY}"}, f"?sentry_key={OTHER_KEY}", b'{"dsn":"http://x@y/1"}\n'),
    ],
)
async def test_credentials_in_each_of_their_places(client, headers, query, body):
    answer = await client.post(ENVELOPE + query, content=body, headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("path", "key"), [(ENVELOPE, OTHER_KEY), (ENVELOPE, "unknown"), ("/api/99/envelope/", KEY), ("/api/2/store/", KEY)]
)
async def test_a_wrong_key_and_a_wrong_project_get_the_same_answer(client, path, key):
    answer = await client.post(path, content=EVENT, headers={"X-Sentry-Auth": f"Sentry sentry_key={key}"})
    assert answer.status_code == 403
    assert answer.json() == {"detail": "The DSN's key or project is unknown or revoked."}
    assert await read_queue() == []


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        (ENVELOPE, EVENT, {}),
        (ENVELOPE, EVENT, {"Authorization": "Bearer abc"}),
        (ENVELOPE, EVENT, {"X-Sentry-Auth": "Sentry sentry_version=7"}),
        (ENVELOPE, b'{"dsn":17}\n', {}),
        (ENVELOPE, b'{"dsn":"http://[broken"}\n', {}),
        ("/api/1/store/", b"{}", {}),
        ("/api/1/cron/nightly/", b"", {}),
    ],
)
async def test_a_request_without_a_key_is_unauthorised(client, path, body, headers):
    answer = await client.post(path, content=body, headers=headers)
    assert answer.status_code == 401
    assert "DSN key" in answer.json()["detail"]
    assert await read_queue() == []


async def test_a_dsn_in_the_envelope_of_another_project_is_refused(client):
    answer = await client.post(ENVELOPE, content=b'{"dsn":"https://%s@h/2"}\n' % OTHER_KEY.encode())
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "encoding", "status", "detail"),
    [
        (b"", "", 400, "empty"),
        (b"nonsense", "", 400, "not JSON"),
        (b'{}\n{"type":"event","length":9}\nabc', "", 400, "promises 9 bytes"),
        (b"nonsense", "gzip", 400, "not valid gzip"),
        (gzip.compress(EVENT)[:-3], "gzip", 400, "ends too early"),
        (EVENT, "lzma", 415, "not one of br, deflate, gzip"),
        (b'{}\n{"type":"event"}\n' + b"x" * 2_000_000, "", 413, "type event is larger than 1048576 bytes"),
        (gzip.compress(b"{}\n" + b"\n" * 3_000_000), "gzip", 200, ""),
        (gzip.compress(b"\0" * 6_000_000), "gzip", 413, "larger than 5000000 bytes once decompressed"),
        (brotli.compress(b"\0" * 6_000_000, quality=1), "br", 413, "larger than 5000000 bytes once decompressed"),
        (os.urandom(4_000_001), "gzip", 413, "larger than 4000000 bytes"),
        (b"{}\n" + b"\n" * 4_500_000, "", 200, ""),
        (b"x" * 5_000_001, "", 413, "larger than 5000000 bytes"),
    ],
)
async def test_what_cannot_be_taken_is_refused_with_its_reason(client, accepting, body, encoding, status, detail):
    accepting(INGEST_MAX_COMPRESSED_BYTES=4_000_000, INGEST_MAX_ENVELOPE_BYTES=5_000_000)
    answer = await client.post(ENVELOPE, content=body, headers={**AUTH, "Content-Encoding": encoding})
    assert answer.status_code == status
    if status != 200:
        assert detail in answer.json()["detail"]
        assert answer.headers["x-sentry-error"] == answer.json()["detail"]
        assert await read_queue() == []


@pytest.mark.parametrize(
    ("body", "event_id"),
    [
        (EVENT, ID),
        (EVENT.replace(ID.encode(), b"9EC79C33-EC99-42AB-8353-589FCB2E04DC"), ID),
        (b'{}\n{"type":"event"}\n{"event_id":"%s"}' % ID.encode(), ID),
        (b'{"event_id":null}\n{"type":"transaction"}\n{"event_id":"%s"}' % ID.encode(), ID),
        (b'{"event_id":"%s"}\n{"type":"event"}\n{"event_id":"%s"}' % (ID.encode(), b"1" * 32), ID),
    ],
)
async def test_the_answer_names_the_event(client, body, event_id):
    assert (await client.post(ENVELOPE, content=body, headers=AUTH)).json() == {"id": event_id}


@pytest.mark.parametrize("payload", [b"{}", b'{"event_id":"nonsense"}', b"[", b"[]"])
async def test_an_event_without_an_id_is_stored_under_the_one_in_the_answer(client, payload):
    body = (
        b'{"sent_at":"2026-10-01T10:00:00Z"}\n{"type":"event"}\n%s\n{"type":"attachment","filename":"a"}\nx' % payload
    )
    answer = await client.post(ENVELOPE, content=gzip.compress(body), headers={**AUTH, "Content-Encoding": "gzip"})
    (envelope,) = await queued_envelopes()
    assert envelope.headers == {"sent_at": "2026-10-01T10:00:00Z", "event_id": answer.json()["id"]}
    assert [(item.type, item.payload) for item in envelope.items] == [("event", payload), ("attachment", b"x")]
    assert envelope.items[1].headers["filename"] == "a"


async def test_sessions_without_any_header_are_stored_as_they_came(client):
    body = b'{}\n{"type":"session"}\n{"sid":"1"}\n{"type":"hologram"}\nx\n'
    answer = await client.post(ENVELOPE, content=body, headers=AUTH)
    assert len(answer.json()["id"]) == 32
    assert [row.body for row in await read_queue()] == [body]


@pytest.mark.parametrize("origin", [{}, {"Origin": "https://shop.example"}])
async def test_every_answer_lets_a_browser_read_it(client, origin):
    answers = [
        await client.post(ENVELOPE, content=EVENT, headers={**AUTH, **origin}),
        await client.post(ENVELOPE, content=b"", headers={**AUTH, **origin}),
        await client.post(ENVELOPE, content=EVENT, headers=origin),
        await client.get(ENVELOPE, headers=origin),
        await client.options(ENVELOPE, headers=origin),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 401, 405, 200]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"]
        assert {"x-sentry-error", "x-sentry-rate-limits", "retry-after"} == set(exposed.split(", "))


async def test_preflight_allows_what_sdks_send(client):
    answer = await client.options(ENVELOPE, headers={"Access-Control-Request-Headers": "x-sentry-auth"})
    assert answer.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert set(answer.headers["access-control-allow-headers"].split(", ")) == {
        *("x-sentry-auth", "x-requested-with", "origin", "accept", "content-type", "authentication", "authorization"),
        *("content-encoding", "transfer-encoding", "sentry-trace", "baggage"),
    }
    assert answer.headers["access-control-max-age"] == "3600"
    assert await read_queue() == []


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", ENVELOPE, "POST, OPTIONS"), ("DELETE", "/api/1/cron/nightly", "GET, POST, OPTIONS")],
)
async def test_other_methods_are_told_which_ones_there_are(client, method, path, allowed):
    answer = await client.request(method, path, headers=AUTH)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


class TestQuota:
    @pytest.fixture(autouse=True)
    def _quota_of_two(self, projects):
        projects[1] = make_project(1, quota_per_minute=2)

    async def test_what_is_over_is_refused_with_the_headers_sdks_obey(self, client):
        statuses = [(await client.post(ENVELOPE, content=EVENT, headers=AUTH)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        answer = await client.post("/api/1/store/", content=b"{}", headers=AUTH)
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "60"
        assert answer.headers["x-sentry-rate-limits"] == "60:error;transaction:project:quota"
        assert len(await read_queue()) == 2

    async def test_it_is_counted_by_project(self, client):
        for _ in range(3):
            await client.post(ENVELOPE, content=EVENT, headers=AUTH)
        other = await client.post(f"/api/2/envelope/?sentry_key={OTHER_KEY}", content=EVENT)
        assert other.status_code == 200

    @pytest.mark.parametrize("item_type", ["client_report", "session", "check_in", "log", "feedback"])
    async def test_other_items_are_never_limited(self, client, item_type):
        body = b'{}\n{"type":"%s"}\n{}' % item_type.encode()
        statuses = {(await client.post(ENVELOPE, content=body, headers=AUTH)).status_code for _ in range(5)}
        assert statuses == {200}

    async def test_of_a_mixed_envelope_the_unlimited_items_are_kept(self, client):
        for _ in range(2):
            await client.post(ENVELOPE, content=EVENT, headers=AUTH)
        mixed = EVENT + b'{"type":"client_report","x":1}\n{"a":1}\n{"type":"attachment"}\nbytes\n'
        headers = {**AUTH, "Content-Encoding": "gzip"}
        answer = await client.post(ENVELOPE, content=gzip.compress(mixed), headers=headers)
        assert answer.status_code == 429  # the event is not stored, and 200 would promise that it is
        envelope = (await queued_envelopes())[-1]
        assert envelope.headers == {"event_id": ID}
        (item,) = envelope.items
        assert (item.type, item.headers["x"], item.payload) == ("client_report", 1, b'{"a":1}')


LOG = b'{}\n{"type":"log","item_count":1}\n{"version":2,"items":[]}\n'  # 24 bytes of logs


class TestLogQuota:
    @pytest.fixture(autouse=True)
    def _quota_of_two(self, projects):
        projects[1] = make_project(1, log_bytes_per_minute=50)

    async def test_lines_over_it_are_refused_and_sdks_are_told_of_lines_alone(self, client):
        answers = [await client.post(ENVELOPE, content=LOG, headers=AUTH) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["x-sentry-rate-limits"] == "60:log_item;log_byte:project:quota"
        assert "bytes of logs" in answers[2].json()["detail"]
        assert len(await read_queue()) == 2
        assert (await client.post(ENVELOPE, content=EVENT, headers=AUTH)).status_code == 200

    async def test_of_a_mixed_envelope_all_but_the_lines_is_kept(self, client):
        mixed = EVENT + b'{"type":"log"}\n' + b"x" * 51 + b"\n"
        assert (await client.post(ENVELOPE, content=mixed, headers=AUTH)).status_code == 429
        assert [item.type for item in (await queued_envelopes())[-1].items] == ["event"]

    async def test_both_quotas_are_said_where_both_are_used_up(self, client, projects):
        projects[1] = make_project(1, log_bytes_per_minute=0, quota_per_minute=0)
        answer = await client.post(ENVELOPE, content=EVENT + LOG.removeprefix(b"{}\n"), headers=AUTH)
        assert answer.headers["x-sentry-rate-limits"] == (
            "60:error;transaction:project:quota, 60:log_item;log_byte:project:quota"
        )
        assert not await read_queue()


class TestStore:
    @pytest.mark.parametrize(
        ("body", "encoding"),
        [
            (b'{"event_id":"%s","message":"x"}' % ID.encode(), ""),
            (gzip.compress(b'{"event_id":"%s","message":"x"}' % ID.encode()), "gzip"),
        ],
    )
    async def test_an_event_becomes_an_envelope(self, client, body, encoding):
        answer = await client.post("/api/1/store/", content=body, headers={**AUTH, "Content-Encoding": encoding})
        assert (answer.status_code, answer.json()) == (200, {"id": ID})
        (envelope,) = await queued_envelopes()
        assert envelope.headers == {"event_id": ID}
        (item,) = envelope.items
        assert (item.type, orjson.loads(item.payload)["message"]) == ("event", "x")

    @pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"17"])
    async def test_what_is_no_event_is_refused(self, client, body):
        answer = await client.post("/api/1/store/", content=body, headers=AUTH)
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("The event is not")


async def test_a_csp_report_becomes_an_event(client):
    details = {"document-uri": "https://a.example/", "effective-directive": "img-src", "blocked-uri": "eval"}
    answer = await client.post(f"/api/1/security/?sentry_key={KEY}", json={"csp-report": details})
    assert answer.status_code == 200
    (envelope,) = await queued_envelopes()
    assert envelope.headers == {"event_id": answer.json()["id"]}
    assert orjson.loads(envelope.items[0].payload)["fingerprint"] == ["csp", "img-src", "eval"]


async def test_each_report_of_a_batch_is_an_event_of_its_own(client):
    batch = [{"type": "csp-violation", "url": "https://a.example/", "body": {"blockedURL": "inline"}}] * 3
    answer = await client.post(f"/api/1/security/?sentry_key={KEY}", json=batch)
    assert answer.status_code == 200
    ids = [envelope.headers["event_id"] for envelope in await queued_envelopes()]
    assert len(set(ids)) == 3
    assert answer.json()["id"] in ids


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", f"/api/1/cron/nightly/{KEY}?status=ok&duration=1.5", {}),
        ("POST", f"/api/1/cron/nightly/{KEY}/?status=ok&duration=1.5", {}),
        ("GET", f"/api/1/cron/nightly/?status=ok&duration=1.5&sentry_key={KEY}", {}),
        ("POST", "/api/1/cron/nightly?status=ok&duration=1.5", AUTH),
    ],
)
async def test_a_check_in_by_url(client, method, path, headers):
    answer = await client.request(method, path, headers=headers)
    assert answer.status_code == 202, answer.text
    (envelope,) = await queued_envelopes()
    (item,) = envelope.items
    assert item.type == "check_in"
    payload = orjson.loads(item.payload)
    assert (payload["monitor_slug"], payload["status"], payload["duration"]) == ("nightly", "ok", 1.5)


async def test_a_check_in_that_is_wrong_names_its_field(client):
    answer = await client.get(f"/api/1/cron/nightly/{KEY}?status=fine")
    assert answer.status_code == 400
    assert answer.json() == {"detail": "status is not one of ok, error, in_progress."}


async def call_edge(*messages: dict, hangs: bool = False, headers: list | None = None) -> list[dict]:
    """Return what the edge sends for a request whose body arrives as `messages`."""
    pending, sent = list(messages), []

    async def receive() -> dict:
        if not pending and hangs:
            await asyncio.sleep(60)
        return pending.pop(0)

    async def send(message: dict) -> None:
        sent.append(message)

    auth = (b"x-sentry-auth", f"Sentry sentry_key={KEY}".encode())
    scope = {
        "type": "http",
        "method": "POST",
        "path": ENVELOPE,
        "query_string": b"",
        "headers": [auth, *(headers or [])],
    }
    await edge(scope, receive, send)
    return sent


@pytest.mark.usefixtures("accepting")
class TestBody:
    async def test_it_may_come_in_pieces(self):
        pieces = [{"type": "http.request", "body": EVENT[at : at + 9], "more_body": True} for at in range(0, 900, 9)]
        sent = await call_edge(*pieces, {"type": "http.request"})
        assert sent[0]["status"] == 200
        (row,) = await read_queue()
        assert (row.body, row.address) == (EVENT, "")

    async def test_a_client_that_stalls_is_timed_out(self, accepting):
        accepting(INGEST_BODY_TIMEOUT_SECONDS=0.05)
        sent = await call_edge({"type": "http.request", "body": b"{}", "more_body": True}, hangs=True)
        assert sent[0]["status"] == 408
        assert await read_queue() == []

    async def test_a_client_that_goes_away_is_not_answered_and_nothing_is_stored(self):
        sent = await call_edge({"type": "http.request", "body": b"{}", "more_body": True}, {"type": "http.disconnect"})
        assert sent == []
        assert await read_queue() == []

    async def test_a_body_declared_too_large_is_refused_unread(self):
        sent = await call_edge(headers=[(b"content-length", b"99999999999")])
        assert sent[0]["status"] == 413

    async def test_only_so_many_large_bodies_are_under_way_at_once(self, accepting):
        accepting(INGEST_MAX_LARGE_BODIES=1)
        piece = {"type": "http.request", "body": b"x" * 1_100_000, "more_body": True}
        stuck = asyncio.create_task(call_edge(piece, hangs=True))
        await asyncio.sleep(0.01)
        refused = await call_edge(piece, {"type": "http.request", "body": b""})
        small = await call_edge({"type": "http.request", "body": EVENT})
        assert (refused[0]["status"], small[0]["status"]) == (503, 200)
        assert (b"retry-after", b"5") in refused[0]["headers"]
        stuck.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stuck
        large = await call_edge({"type": "http.request", "body": b"{}\n" + b"\n" * 1_100_000})
        assert large[0]["status"] == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        ([], "198.51.100.9", "192.0.2.7"),
        (["192.0.2.0/24"], "198.51.100.9", "198.51.100.9"),
        (["203.0.113.1"], "198.51.100.9", "192.0.2.7"),
    ],
)
async def test_a_proxys_word_counts_when_it_is_trusted(client, accepting, proxies, forwarded, address):
    accepting(TRUSTED_PROXIES=proxies)
    await client.post(ENVELOPE, content=EVENT, headers={**AUTH, "X-Forwarded-For": forwarded})
    assert [row.address for row in await read_queue()] == [address]


async def test_several_headers_of_proxies_are_one_chain(client, accepting):
    accepting(TRUSTED_PROXIES=["192.0.2.0/24"])
    chain = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "198.51.100.9, 192.0.2.1")]
    await client.post(ENVELOPE, content=EVENT, headers=[*AUTH.items(), *chain])
    assert [row.address for row in await read_queue()] == ["198.51.100.9"]


async def test_a_commit_that_fails_is_answered_503_and_never_200(client, monkeypatch):
    def full_disk(batch):
        raise OSError("disk full")

    monkeypatch.setattr("tradewatch.inbox.queue_sqlite.append", full_disk)
    monkeypatch.setattr("tradewatch.inbox.queue_postgres.append", full_disk)
    answer = await client.post(ENVELOPE, content=EVENT, headers=AUTH)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    monkeypatch.undo()


async def test_a_surprise_is_answered_503_and_logged_without_the_payload(client, monkeypatch, caplog):
    def surprise(*arguments):
        raise KeyError("secret payload")

    monkeypatch.setattr("tradewatch.ingest.parcels.envelope_parcel", surprise)
    answer = await client.post(ENVELOPE, content=EVENT, headers=AUTH)
    assert answer.status_code == 503
    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text


async def test_what_was_taken_and_refused_is_counted(client):
    await client.post(ENVELOPE, content=EVENT, headers=AUTH)
    await client.post(ENVELOPE, content=b"", headers=AUTH)
    await client.post(ENVELOPE, content=EVENT)
    stats = edge_stats()
    assert (stats.accepted, stats.accepted_bytes, dict(stats.refused)) == (1, len(EVENT), {400: 1, 401: 1})


async def test_a_stopped_edge_says_so(client):
    await asyncio.to_thread(stop_edge)
    answer = await client.post(ENVELOPE, content=EVENT, headers=AUTH)
    assert answer.status_code == 503
    assert edge_stats().accepted == 0


async def test_many_at_once_are_all_stored_once(client):
    bodies = [b'{"event_id":"%032x"}\n{"type":"event"}\n{}' % number for number in range(200)]
    answers = await asyncio.gather(*(client.post(ENVELOPE, content=body, headers=AUTH) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(row.body for row in await read_queue()) == bodies


async def test_without_a_known_key_a_body_may_not_be_larger_than_a_compressed_one(client, accepting):
    accepting(INGEST_MAX_COMPRESSED_BYTES=1_000)
    answer = await client.post(ENVELOPE, content=b'{"dsn":"http://%s@h/1"}\n' % KEY.encode() + b"\n" * 1_000)
    assert answer.status_code == 413


def status_of_an_event() -> int:
    return asyncio.run(call_edge({"type": "http.request", "body": EVENT}))[0]["status"]


@pytest.mark.django_db(transaction=True)
def test_a_new_key_is_known_within_two_seconds_and_a_revoked_one_forgotten(inbox, monkeypatch):
    monkeypatch.setattr("tradewatch.ingest.refresher.PERIOD_SECONDS", 0.05)
    forget_configs()
    project = Project.objects.create(id=1, name="Desk", slug="default")
    start_edge()
    try:
        assert status_of_an_event() == 403
        key = ProjectKey.objects.create(project=project, public_key=KEY)
        wait_until(lambda: status_of_an_event() == 200, what="the new key")
        key.delete()
        wait_until(lambda: status_of_an_event() == 403, what="the refusal of the revoked key")
    finally:
        stop_edge()


async def test_what_this_installation_relayed_is_not_taken_back(client):
    own = b'{"event_id":"%s","tradewatch_relay":["another","%s"]}\n' % (ID.encode(), installation().encode())
    answer = await client.post(ENVELOPE, content=own + EVENT.partition(b"\n")[2], headers=AUTH)
    assert (answer.status_code, "leads back here" in answer.json()["detail"]) == (403, True)
    assert await read_queue() == []
    others = own.replace(installation().encode(), b"third")
    assert (await client.post(ENVELOPE, content=others + EVENT.partition(b"\n")[2], headers=AUTH)).status_code == 200
