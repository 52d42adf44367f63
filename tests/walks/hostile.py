# ruff: noqa: E501, SIM905 - tables read best as lines, word lists as words
"""What a hostile, broken or merely odd client sends, and a reading of envelopes that owes nothing to TradeWatch's."""

import gzip
import json
import uuid
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import brotli
import zstandard

MIB = 1 << 20


class Case(NamedTuple):
    """A request and the statuses that may answer it. `{id}` in `body` is a fresh event id."""

    name: str
    body: bytes
    statuses: tuple[int, ...]
    headers: dict[str, str] = {}
    path: str = "envelope/"
    method: str = "POST"


def event(document: Any, **header: Any) -> bytes:
    """Return an envelope of one event with an id of its own."""
    payload = json.dumps(document).encode("utf-8", "surrogatepass")
    return raw_event(payload, **header)


def raw_event(payload: bytes, **header: Any) -> bytes:
    head = {"event_id": uuid.uuid4().hex, **header}
    return json.dumps(head).encode() + b'\n{"type":"event","length":%d}\n%s\n' % (len(payload), payload)


def deep(levels: int, inner: bytes = b"1") -> bytes:
    return b'{"a":' * levels + inner + b"}" * levels


# --- the grammar of envelopes -----------------------------------------------------------------------------------------
ID = "9ec79c33ec9942ab8353589fcb2e04dc"
HEAD = b'{"event_id":"%s"}\n' % ID.encode()
GRAMMAR = [
    Case("nothing", b"", (400,)),
    Case("one newline", b"\n", (400,)),
    Case("spaces", b"   ", (400,)),
    Case("NULs", b"\0" * 40, (400,)),
    Case("random bytes", bytes(range(256)) * 8, (400,)),
    Case("header that is a list", b"[]\n", (400,)),
    Case("header that is null", b"null\n", (400,)),
    Case("header that is a number", b"12\n", (400,)),
    Case("header in single quotes", b"{'event_id':1}\n", (400,)),
    Case("header cut short", b'{"event_id":"', (400,)),
    Case("header without newline", b"{}", (200,)),
    Case("header and blank lines", b"{}\n\n\n\n", (200,)),
    Case("CRLF after the header", b"{}\r\n", (200,)),
    Case("byte order mark", b"\xef\xbb\xbf{}\n", (200, 400)),
    Case("UTF-16", "{}\n".encode("utf-16"), (400,)),
    Case("header of 9 KiB", b'{"a":"' + b"x" * 9000 + b'"}\n', (400, 413)),
    Case("header nested 3000 deep", deep(1300) + b"\n", (200, 400)),
    Case(
        "header with ids of each type", b'{"event_id":["%s"],"dsn":7,"sent_at":{},"trace":"x"}\n' % ID.encode(), (200,)
    ),
    Case("item that is no JSON", HEAD + b"event\n{}\n", (400,)),
    Case("item header that is a list", HEAD + b'["event"]\n{}\n', (400,)),
    Case("item without a type", HEAD + b"{}\n{}\n", (400,)),
    Case("item whose type is null", HEAD + b'{"type":null}\n{}\n', (400,)),
    Case("item whose type is a number", HEAD + b'{"type":7}\n{}\n', (400,)),
    Case("item whose type is empty", HEAD + b'{"type":""}\n{}\n', (400,)),
    Case("item whose type is 5000 characters", HEAD + b'{"type":"' + b"t" * 5000 + b'"}\n{}\n', (200, 400)),
    Case("item of a type nobody knows", HEAD + b'{"type":"quux"}\n{}\n', (200,)),
    Case("item type with a NUL", HEAD + b'{"type":"a\\u0000b"}\n{}\n', (200,)),
    Case("item type with a surrogate", HEAD + b'{"type":"\\ud800"}\n{}\n', (200,)),
    Case("item header alone", HEAD + b'{"type":"event"}', (200,)),
    Case("length too long", HEAD + b'{"type":"event","length":99}\n{}\n', (400,)),
    Case("length too short", HEAD + b'{"type":"event","length":1}\n{}\n', (400,)),
    Case("length below zero", HEAD + b'{"type":"event","length":-1}\n{}\n', (400,)),
    Case("length as a string", HEAD + b'{"type":"event","length":"2"}\n{}\n', (400,)),
    Case("length as a fraction", HEAD + b'{"type":"event","length":2.0}\n{}\n', (400,)),
    Case("length true", HEAD + b'{"type":"event","length":true}\n{}\n', (400,)),
    Case("length of 2**70", HEAD + b'{"type":"event","length":%d}\n{}\n' % 2**70, (400,)),
    Case("length of 400 digits", HEAD + b'{"type":"event","length":' + b"9" * 400 + b"}\n{}\n", (400,)),
    Case("length of 5000 digits", HEAD + b'{"type":"event","length":' + b"9" * 5000 + b"}\n{}\n", (400,)),
    Case("length NaN", HEAD + b'{"type":"event","length":NaN}\n{}\n', (200, 400)),
    Case("length zero", HEAD + b'{"type":"session","length":0}\n\n', (200,)),
    Case("500 empty items", b"{}\n" + b'{"type":"session","length":0}\n\n' * 500, (200,)),
    Case("two events under one id", HEAD + b'{"type":"event"}\n{}\n{"type":"event"}\n{"message":"second"}\n', (200,)),
    Case("sessions under an empty header", b'{}\n{"type":"sessions"}\n{"aggregates":[]}\n', (200,)),
    Case("event id that is no id", b'{"event_id":"../../etc/passwd"}\n{"type":"event"}\n{}\n', (200,)),
    Case(
        "event id with hyphens", b'{"event_id":"9ec79c33-ec99-42ab-8353-589fcb2e04dd"}\n{"type":"event"}\n{}\n', (200,)
    ),
    Case(
        "event id in capitals", b'{"event_id":"%s"}\n{"type":"event"}\n{}\n' % uuid.uuid4().hex.upper().encode(), (200,)
    ),
    Case(
        "event id of full-width digits", ('{"event_id":"' + "１" * 32 + '"}\n{"type":"event"}\n{}\n').encode(), (200,)
    ),
    Case("another body under a known id", HEAD + b'{"type":"event"}\n{"message":"another"}\n', (200,)),
    Case("duplicate keys", raw_event(b'{"message":"a","message":{"b":1},"level":"info","level":[]}'), (200,)),
]


# --- payloads -------------------------------------------------------------------------------------------------------
EVENT_FIELDS = """event_id timestamp platform level logger transaction server_name release dist tags environment modules
extra fingerprint exception message logentry threads breadcrumbs user request contexts sdk debug_meta start_timestamp
type version project received culprit errors _meta stacktrace template spans measurements time_spent key_id checksum
grouping_config sentry.interfaces.Http sentry.interfaces.User sentry.interfaces.Exception site repos""".split()
WEIRD: list[Any] = [
    None, True, 0, -1, 2**63, 2**64, -(2**70), 1e308, 0.1, "", " ", "x" * 5000, "\0", "a\0b", "\ud800", "\udfff\ud800",
    "\u202egnp.exe", "e\u0301" * 300, "😀" * 300, [], {}, [[]], [{}], {"": ""}, {"values": None}, {"values": {}},
    {"values": [None, 1, "x", [], {}]}, [None, 1, "x", [], {"a": [{}]}], {"a\0": "\0"}, {"\ud800": "\ud800"},
    [["a", "b"], ["a"], [], ["a", "b", "c"], [None, None]], {"frames": [None, 1]}, "2026-13-45T99:99:99Z", "NaN",
    {"type": {}, "value": [], "stacktrace": "x", "mechanism": 3, "module": 1}, "%s %d {0} {{ default }}",
]  # fmt: skip
EXCEPTION_PARTS = ["type", "value", "module", "mechanism", "stacktrace", "thread_id", "raw_stacktrace"]
FRAME_PARTS = """filename function module lineno colno abs_path context_line pre_context post_context in_app vars
instruction_addr package platform data lock""".split()
DEEPER: list[tuple[str, Callable[[Any], Any]]] = [
    *[(f"exception.{name}", lambda value, name=name: {"exception": {"values": [{"type": "E", name: value}]}})
      for name in EXCEPTION_PARTS],
    *[(f"frame.{name}", lambda value, name=name: {"exception": [{"type": "E", "stacktrace": {"frames": [{name: value}]}}]})
      for name in FRAME_PARTS],
    *[(f"request.{name}", lambda value, name=name: {"request": {name: value}})
      for name in "url method data query_string cookies headers env fragment api_target".split()],
    *[(f"user.{name}", lambda value, name=name: {"user": {name: value}})
      for name in "id email ip_address username name geo data segment".split()],
    *[(f"breadcrumb.{name}", lambda value, name=name: {"breadcrumbs": [{name: value}]})
      for name in "timestamp type category message data level".split()],
    *[(f"contexts.{name}", lambda value, name=name: {"contexts": {name: value}})
      for name in "trace os device app browser runtime response gpu culture x".split()],
    *[(f"logentry.{name}", lambda value, name=name: {"logentry": {"message": "m", name: value}})
      for name in "message formatted params".split()],
    ("tag", lambda value: {"tags": {"t": value}}),
    ("tag pair", lambda value: {"tags": [["t", value], [value, "t"]]}),
    ("fingerprint part", lambda value: {"fingerprint": [value, "{{ default }}"]}),
    ("thread", lambda value: {"threads": {"values": [value, {"id": value, "stacktrace": value}]}}),
    ("debug image", lambda value: {"debug_meta": {"images": [value]}}),
    ("sdk name", lambda value: {"sdk": {"name": value, "version": value, "packages": value}}),
]  # fmt: skip


def wrong_types() -> Iterator[Case]:
    """Every field of an event with every value it should not have: one envelope a field, to keep them few."""
    shapes = [(name, lambda value, name=name: {name: value}) for name in EVENT_FIELDS] + DEEPER
    for name, build in shapes:
        for number, value in enumerate(WEIRD):
            yield Case(f"{name} #{number}", event(build(value)), (200,))


def payloads() -> Iterator[Case]:
    yield Case("nested 200 deep", raw_event(b'{"extra":%s}' % deep(200)), (200,))
    yield Case("nested 900 deep", raw_event(b'{"extra":%s}' % deep(900)), (200,))
    yield Case("nested 100,000 deep", raw_event(b'{"extra":%s}' % deep(100_000)), (200,))
    yield Case("list nested 100,000 deep", raw_event(b"[" * 100_000 + b"]" * 100_000), (200,))
    yield Case("NaN and Infinity", raw_event(b'{"extra":{"a":NaN,"b":Infinity,"c":-Infinity},"timestamp":NaN}'), (200,))
    yield Case("1e999", raw_event(b'{"extra":{"a":1e999},"timestamp":1e999}'), (200,))
    yield Case("timestamp of 5000 digits", raw_event(b'{"timestamp":' + b"9" * 5000 + b"}"), (200,))
    yield Case(
        "lone surrogates",
        raw_event(b'{"message":"\\ud800\\udc00\\udc00 \\ud800","tags":{"\\udfff":"\\ud800"}}'),
        (200,),
    )
    yield Case("raw surrogate bytes", raw_event(b'{"message":"\xed\xa0\x80"}'), (200,))
    yield Case("NUL escapes", raw_event(b'{"message":"a\\u0000b","release":"\\u0000","environment":"\\u0000"}'), (200,))
    yield Case("raw NUL", raw_event(b'{"message":"a\0b"}'), (200,))
    yield Case("invalid UTF-8", raw_event(b'{"message":"\xff\xfe\x80"}'), (200,))
    yield Case("10,000 tags", event({"tags": {f"t{n}": "v" for n in range(10_000)}}), (200,))
    yield Case("10,000 tag pairs", event({"tags": [[f"t{n}", n] for n in range(10_000)]}), (200,))
    yield Case("5000 exceptions", event({"exception": [{"type": "E", "value": str(n)} for n in range(5000)]}), (200,))
    frames = [{"function": f"f{n}", "lineno": n} for n in range(20_000)]
    yield Case("20,000 frames", event({"exception": [{"type": "E", "stacktrace": {"frames": frames}}]}), (200,))
    yield Case("5000 breadcrumbs", event({"breadcrumbs": [{"message": "b" * 20}] * 5000}), (200,))
    yield Case("1 MiB exactly", raw_event(b'{"message":"%s"}' % (b"m" * (MIB - 14))), (200,))
    yield Case("1 MiB and 1", raw_event(b'{"message":"%s"}' % (b"m" * (MIB - 13))), (413,))
    yield Case("cut JSON", raw_event(b'{"message":"m'), (200,))
    for name, payload in (
        ("empty", b""),
        ("null", b"null"),
        ("list", b"[]"),
        ("text", b'"event"'),
        ("HTML", b"<html>"),
    ):
        yield Case(f"event that is {name}", raw_event(payload), (200,))
    for sent_at in (
        "",
        "now",
        "1600-01-01T00:00:00Z",
        "9999-12-31T23:59:59+14:00",
        "0001-01-01T00:00:00-14:00",
        5,
        [],
        {},
    ):
        yield Case(f"sent_at {sent_at}", event({"timestamp": 1e9}, sent_at=sent_at), (200,))
    for timestamp in (
        -1e18,
        0,
        1e18,
        1e300,
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
        "٢٠٢٦-01-01",
        "1e400",
        "inf",
    ):
        yield Case(f"timestamp {timestamp}", event({"timestamp": timestamp}), (200,))


ITEM_TYPES = """event transaction span session sessions check_in log otel_log trace_metric statsd metric_buckets
client_report attachment feedback user_report user_feedback profile profile_chunk replay_event replay_recording
replay_video raw_security security nel form_data unreal_report""".split()
ITEM_PAYLOADS = [
    b"", b"null", b"[]", b"{}", b'"x"', b"12", b"NaN", b"{", b"\0\0\0", b"\xff" * 50, deep(300), deep(5000),
    b'{"items":null,"version":2}', b'{"version":2,"items":[null,1,"x",[],{"attributes":[]},{"attributes":{"a":1}}]}',
    b'{"items":{"a":1}}', b'{"sid":[],"event_id":{},"check_in_id":7,"environment":{},"release":[],"name":{}}',
    b'{"timestamp":"x","start_timestamp":[],"spans":7,"contexts":[],"tags":3,"transaction":{},"measurements":[]}',
    b'{"start_timestamp":1e308,"timestamp":-1e308,"transaction":"\\u0000\\ud800","contexts":{"trace":{"status":[]}}}',
    b'{"timestamp":0,"start_timestamp":99999999999999999999,"transaction":"' + b"n" * 3000 + b'"}',
    b'{"monitor_slug":{},"status":"?","monitor_config":[1],"duration":"x","aggregates":{"a":[]},"attrs":3}',
    b'{"discarded_events":[null,{"reason":{},"category":[],"quantity":"9"}],"timestamp":true}',
]  # fmt: skip


def items() -> Iterator[Case]:
    for item_type in ITEM_TYPES:
        for number, payload in enumerate(ITEM_PAYLOADS):
            item = b'{"type":"%s","length":%d}\n%s\n' % (item_type.encode(), len(payload), payload)
            head = b'{"event_id":"%s"}\n' % uuid.uuid4().hex.encode()
            yield Case(f"{item_type} #{number}", head + item, (200,))
        yield Case(f"{item_type} without an id", b'{}\n{"type":"%s"}\n{}\n' % item_type.encode(), (200,))
    weird = (
        b'{"type":"attachment","length":3,"filename":["\\u0000"],"content_type":"\\ud800","attachment_type":{}}\nabc\n'
    )
    yield Case("attachment with weird headers", b"{}\n" + weird, (200,))
    yield Case("trace header of weird values", b'{"trace":{"trace_id":[],"sample_rate":"x","release":{},"environment":"\\u0000"}}\n'
               b'{"type":"transaction"}\n{"transaction":"t","timestamp":2,"start_timestamp":1}\n', (200,))  # fmt: skip


# --- encodings --------------------------------------------------------------------------------------------------------
def _raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=1),
    "zstd": zstandard.compress,
}


def encodings() -> Iterator[Case]:
    bomb = b"{}\n" + bytes(101 * MIB)
    for name, compress in COMPRESS.items():
        coded = {"Content-Encoding": name}
        good = compress(event({"message": f"compressed with {name}"}))
        yield Case(f"{name}", good, (200,), coded)
        yield Case(f"{name} bomb", compress(bomb), (413,), coded)
        yield Case(f"{name} cut short", good[: len(good) // 2], (400,), coded)
        yield Case(f"{name} without its end", good[:-3], (400,), coded)
        yield Case(f"{name} and more", good + b"more after it", (400,), coded)
        yield Case(f"{name} of plain text", b"{}\n", (400,), coded)
        yield Case(f"{name} of nothing", b"", (400,), coded)
        yield Case(f"{name} of an empty body", compress(b""), (400,), coded)
        yield Case(f"{name} twice", compress(compress(event({}))), (400,), coded)
        broken = bytearray(good)
        broken[len(broken) // 2] ^= 0xFF
        yield Case(f"{name} with a flipped byte", bytes(broken), (200, 400), coded)
    yield Case("raw deflate", _raw_deflate(event({"message": "raw"})), (200,), {"Content-Encoding": "deflate"})
    yield Case("gzip members", gzip.compress(b"{}\n") * 3, (200, 400), {"Content-Encoding": "gzip"})
    yield Case("2000 gzip members", gzip.compress(b"{}\n") * 2000, (400,), {"Content-Encoding": "gzip"})
    for name in ("gzip, gzip", "lzma", "*", "gzip;q=1", "\xe9", "x" * 3000):
        yield Case(f"encoding {name[:9]}", event({}), (415,), {"Content-Encoding": name})
    for name in ("GZIP", " gzip ", "x-gzip"):
        yield Case(f"encoding {name}", gzip.compress(event({})), (200,), {"Content-Encoding": name})


# --- other doors ------------------------------------------------------------------------------------------------------
STORE = [
    Case("store: nothing", b"", (400,), path="store/"),
    Case("store: an event", b'{"message":"by store"}', (200,), path="store/"),
    Case("store: a list", b"[]", (400,), path="store/"),
    Case(
        "store: a form", b"sentry_data=%7B%7D", (400,), {"Content-Type": "application/x-www-form-urlencoded"}, "store/"
    ),
    Case("store: base64 of zlib", b"eJyrVspNLS5OTE9VslJKzCtRqgUAKdQE5g==", (200, 400), path="store/"),
    Case("store: base64 of nothing", b"AAAA", (400,), path="store/"),
    Case("store: over 1 MiB", b'{"message":"%s"}' % (b"m" * MIB), (413,), path="store/"),
    Case("store: deep", deep(100_000), (400,), path="store/"),
    Case("store: wrong types", b'{"event_id":[],"type":{},"exception":7,"tags":9}', (200,), path="store/"),
    Case("store: a type of another kind", b'{"type":"attachment"}', (200,), path="store/"),
    Case("store: NaN", b'{"extra":NaN,"event_id":Infinity}', (200,), path="store/"),
]
REPORTS = [
    (b"", 400), (b"{}", 400), (b"[]", 400), (b"null", 400), (b"[{}]", 400), (b"[1]", 400), (b"<csp>", 400),
    (b'{"csp-report":{}}', 200), (b'{"csp-report":null}', 200), (b'{"csp-report":[1]}', 200),
    (b'{"csp-report":{"effective-directive":7,"blocked-uri":["x"],"document-uri":{}}}', 200),
    (b'{"csp-report":{"blocked-uri":"http://[::1","violated-directive":" ","document-uri":"\\u0000"}}', 200),
    (b'{"csp-report":{"blocked-uri":"' + b"u" * 9000 + b'"}}', 200),
    (b'{"body":{},"type":[],"url":9}', 200), (b'[{"type":"nel","body":{"type":"\\ud800"}}]', 200),
    (b'{"expect-ct-report":{"hostname":"\\u0000"}}', 200), (b'{"known-pins":[1]}', 200), (deep(200), 200), (deep(400), 400),
    (deep(50_000), 400), (b"[" + b'{"a":1},' * 100 + b'{"a":1}]', 400), (b'{"' + b"k" * 9000 + b'":{}}', 200),
]  # fmt: skip
CRON = [
    ("cron/nightly?status=ok", "GET", b"", 202),
    ("cron/nightly/?status=in_progress&check_in_id=", "POST", b"", 202),
    ("cron/nightly?status=fine", "GET", b"", 400),
    ("cron/nightly", "GET", b"", 400),
    ("cron/nightly?status=ok&duration=NaN", "GET", b"", 400),
    ("cron/nightly?status=ok&duration=-1", "GET", b"", 400),
    ("cron/nightly?status=ok&duration=1e308", "GET", b"", 202),
    ("cron/nightly?status=ok&check_in_id=1", "GET", b"", 400),
    ("cron/nightly?status=ok&environment=%00%ff", "GET", b"", 202),
    ("cron/%2e%2e?status=ok", "GET", b"", 400),
    ("cron/caf%C3%A9?status=ok", "GET", b"", 400),
    ("cron/" + "s" * 51 + "?status=ok", "GET", b"", 400),
    ("cron/nightly", "POST", b'{"status":["ok"]}', 400),
    ("cron/nightly", "POST", b"[]", 400),
    ("cron/nightly", "POST", b"{", 400),
    ("cron/nightly", "POST", b'{"status":"ok","duration":{},"monitor_config":7}', 400),
    ("cron/nightly", "POST", b'{"status":"ok","environment":7,"monitor_config":{"schedule":"\\u0000"}}', 202),
    ("cron/nightly", "POST", b'{"status":"ok","monitor_config":' + deep(400) + b"}", 400),
    ("cron/nightly?status=ok", "PUT", b"", 405),
]


def other_doors() -> Iterator[Case]:
    yield from STORE
    for number, (body, status) in enumerate(REPORTS):
        yield Case(f"security #{number}", body, (status,), path="security/")
    for path, method, body, status in CRON:
        yield Case(f"{method} {path[:40]} {body[:20]!r}", body, (status,), path=path, method=method)
    for path in ("envelope", "envelope/", "store/", "security/"):
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
            yield Case(f"{method} {path}", b"", (405,), path=path, method=method)
        yield Case(f"OPTIONS {path}", b"", (200,), path=path, method="OPTIONS")
    for path in ("integration/otlp/v1/traces", "integration/otlp/v1/logs", "unknown/", "envelope/more", "minidump/"):
        yield Case(f"no such path {path}", b"{}", (404,), path=path)
    for kind in (
        "text/plain",
        "application/json",
        "multipart/form-data",
        "image/png; charset=\xff",
        "application/x-sentry-envelope",
    ):
        yield Case(f"type {kind}", event({"message": kind}), (200,), {"Content-Type": kind})


def all_cases() -> list[Case]:
    return [*GRAMMAR, *payloads(), *wrong_types(), *items(), *encodings(), *other_doors()]


# --- an own reading of envelopes --------------------------------------------------------------------------------------
def holds_event(body: bytes) -> bool:
    """Return whether an accepted, plain envelope carries an event item."""
    position = body.find(b"\n") + 1 or len(body)
    while position < len(body):
        end = body.find(b"\n", position) if b"\n" in body[position:] else len(body)
        line, start = body[position:end], min(end + 1, len(body))
        if not line.strip():
            position = end + 1
            continue
        header = json.loads(line.decode("utf-8", "replace"))
        if header["type"] == "event":
            return True
        if header.get("length") is None:
            newline = body.find(b"\n", start)
            position = len(body) if newline < 0 else newline + 1
        else:
            position = start + header["length"] + 1
    return False
