"""Parts kept as they came (`regular`) and parts cleaned (`clean_record`) must not differ, whatever a client sends."""

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import orjson
import pytest
import zstandard
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.errors.documents import make_event, make_exception, make_frame
from tests.inbox.test_scrub_document import CARRIERS
from tests.ingest.builders import make_project
from tradewatch.errors import digest, drafting
from tradewatch.errors.digest import ErrorHandler
from tradewatch.errors.drafts import Draft
from tradewatch.errors.fingerprinting import FingerprintRules
from tradewatch.errors.normalise import decode_event, settled
from tradewatch.errors.normalise.regular import NOTHING_KEPT, keep_regular
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival, Unreadable

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
ZULU = "2026-11-23T15:11:58.123456Z"
HEAVY = {"exception", "breadcrumbs", "extra", "modules"}
NO_DRIFT = timedelta(0)


def prepare(
    raw: bytes, *, drift: timedelta = NO_DRIFT, fields: frozenset[str] = frozenset(), header_id: str = "ab" * 16
) -> Draft:
    project = make_project(1, scrub_fields=fields)
    headers = {"event_id": header_id} if header_id else {}
    arrival = Arrival(project=project, received_at=NOW, drift=drift, headers=headers, address="")
    no_rules = patch.object(drafting, "current_fingerprint_rules", lambda: FingerprintRules(()))
    with no_rules, override_settings(SENTRY_ENABLE_ERROR_CLASSIFICATION=False):  # without rules no database is asked
        return ErrorHandler().prepare(Item("event", {}, raw), arrival)


def prepare_the_long_way(raw: bytes, **arrival: Any) -> Draft:
    with patch.object(digest, "take_apart", lambda raw, *_, **__: (decode_event(raw), NOTHING_KEPT)):
        return prepare(raw, **arrival)


def stored(draft: Draft) -> dict[str, Any]:
    return settled(orjson.loads(zstandard.decompress(draft.payload)))


def outcome(draft: Draft) -> tuple[Any, ...]:
    return stored(draft), draft.facts, draft.grouping, draft.event_id, draft.timestamp, draft.user_hash


def kept_of(event: Any) -> set[str]:
    raw = event if isinstance(event, bytes) else orjson.dumps(event)
    apart = keep_regular(raw, lambda name, part: True)
    return set(apart[1].parts) if apart else set()


def usual_event(**fields: Any) -> dict[str, Any]:
    frame = make_frame(vars={"qty": "2.5", "book": {"levels": [[1, 2.5], [3, None]]}}, abs_path="/srv/app/risk.py")
    exception = make_exception(stacktrace={"frames": [frame, make_frame(context_line=None)]}, module=None)
    usual: dict[str, Any] = {
        "breadcrumbs": {"values": [{"timestamp": ZULU, "category": "query", "level": None, "data": {"rows": 3}}]},
        "extra": {"limits": {"gross": 2500000}},
        "modules": {"django": "5.2"},
    }
    return make_event(exception, **{**usual, **fields})


def test_of_a_usual_event_all_heavy_parts_are_kept() -> None:
    assert kept_of(usual_event()) == HEAVY
    assert kept_of(usual_event(breadcrumbs=[{"timestamp": 1795446718.5}])) == HEAVY  # as JavaScript sends them


@pytest.mark.parametrize(
    "change",
    [
        {"breadcrumbs": {"values": [{"timestamp": ZULU, "message": "m" * 9000}]}},
        {"breadcrumbs": {"values": [{"timestamp": ZULU}] * 101}},
        {"breadcrumbs": {"values": [{"timestamp": ZULU, "data": [1]}]}},
        {"breadcrumbs": {"values": [{"timestamp": "1969-12-31T23:59:58Z"}]}},
        {"extra": {"long": "x" * 9000}},
        {"extra": {"deep": [[[[[[[1]]]]]]]}},
        {"modules": {"django": 5}},
        {"exception": [{"type": "KeyError", "value": "x"}]},
        {"exception": {"values": [{"type": "KeyError", "value": {"an": "object"}}]}},
        {"exception": {"values": [{"type": "", "value": ""}]}},
        {"exception": {"values": [None]}},
    ],
)
def test_an_unusual_part_goes_the_long_way_alone(change: dict[str, Any]) -> None:
    assert kept_of(usual_event(**change)) == HEAVY - set(change)


@pytest.mark.parametrize("variables", [{"text": "x" * 3000}, [1], {"deep": [[[[[[[1]]]]]]]}])
def test_variables_that_need_cleaning_go_the_long_way(variables: Any) -> None:
    event = usual_event()
    event["exception"]["values"][0]["stacktrace"]["frames"][0]["vars"] = variables
    assert kept_of(event) == HEAVY - {"exception"}


def test_bytes_that_are_no_utf8_go_the_long_way_and_are_not_lost() -> None:
    raw = orjson.dumps(usual_event(extra={"venue": "LMAX!"})).replace(b"LMAX!", b"LMAX\xff")
    assert kept_of(raw) == set()
    assert stored(prepare(raw))["extra"]["venue"].startswith("LMAX")


def test_a_secret_costs_only_the_part_that_holds_it() -> None:
    event = usual_event(request={"data": {"password": "hunter2"}}, extra={"api_key": "hunter2"})
    draft = prepare(orjson.dumps(event))
    document = orjson.loads(zstandard.decompress(draft.payload))
    assert document["_as_sent"] == ["exception", "breadcrumbs", "modules"]
    assert b"hunter2" not in orjson.dumps(document)


def test_what_a_client_calls_kept_is_not() -> None:
    raw = orjson.dumps(make_event(_as_sent=["exception"], modules={"django": 5}, exception={"values": "x"}))
    assert "_as_sent" not in orjson.loads(zstandard.decompress(prepare(raw).payload))


def test_an_event_without_an_id_has_the_same_one_however_it_is_stored() -> None:
    event = usual_event(event_id="none")
    other = copy.deepcopy(event)
    other["extra"]["limits"]["gross"] = 1
    raw = orjson.dumps(event)
    assert prepare(raw, header_id="").event_id == prepare_the_long_way(raw, header_id="").event_id
    assert prepare(raw, header_id="").event_id != prepare(orjson.dumps(other), header_id="").event_id


@pytest.mark.parametrize("name", ["extra", "breadcrumbs", "modules", "rows", "名"])
def test_a_field_that_a_project_names_is_removed_from_kept_parts_too(name: str) -> None:
    event = usual_event()
    event["extra"][name] = event["exception"]["values"][0]["stacktrace"]["frames"][0]["vars"][name] = "hunter2"
    for raw in (orjson.dumps(event), json.dumps(event).encode()):
        draft = prepare(raw, fields=frozenset({name}))
        assert outcome(draft) == outcome(prepare_the_long_way(raw, fields=frozenset({name})))
        assert b"hunter2" not in zstandard.decompress(draft.payload)


@pytest.mark.parametrize(
    "moments",
    [
        [ZULU, "2026-11-23T15:11:58Z"],
        ["2026-11-23T15:11:58+01:00", ZULU],
        ["2026-11-23 15:11:58z", "2026-11-23t15:11:58.123456789Z"],
        ["2026-11-23T15:11:58", "2026-11-23T15:11:60Z"],
        [1763910718.5, ZULU, None],
        [1763910718, 0, -0.0],
        [1763910718500.0],
        [True, "1763910718"],
        ["1969-12-31T23:59:58Z"],
        ["9999-12-31T23:59:59.999999999-23:59"],
        ["0001-01-01T00:00:00+01:00"],
        ["2026-11-23T15:11:nanZ"],
        ["yesterday", ZULU],
        [""],
    ],
)
@pytest.mark.parametrize("drift", [NO_DRIFT, timedelta(hours=-2)])
@pytest.mark.parametrize("is_bare", [True, False])
def test_moments_of_breadcrumbs_come_out_the_same(moments: list[Any], drift: timedelta, is_bare: bool) -> None:
    crumbs = [{"timestamp": moment, "message": "m"} for moment in moments]
    raw = orjson.dumps(usual_event(breadcrumbs=crumbs if is_bare else {"values": crumbs}))
    assert outcome(prepare(raw, drift=drift)) == outcome(prepare_the_long_way(raw, drift=drift))


@given(
    st.datetimes(timezones=st.timezones() | st.none()), st.sampled_from("Tt _"), st.sampled_from(["Z", "z", "", "+00"])
)
def test_every_spelling_of_a_moment_comes_out_the_same(moment: datetime, between: str, end: str) -> None:
    text = moment.isoformat(between)
    crumbs = [{"timestamp": text}, {"timestamp": moment.replace(tzinfo=None).isoformat(between) + end}]
    raw = orjson.dumps(usual_event(breadcrumbs={"values": crumbs}))
    assert outcome(prepare(raw)) == outcome(prepare_the_long_way(raw))


LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20)
LONG = st.sampled_from(["x" * 513, "y" * 2049, "z" * 8193, "k" * 201])
JSON = st.recursive(
    LEAVES | LONG,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | LONG, inner, max_size=4),
    max_leaves=12,
)
PLACES = [
    ("exception",),
    ("exception", "values"),
    ("exception", "values", 0),
    *(("exception", "values", 0, key) for key in ("type", "value", "module", "mechanism", "stacktrace")),
    ("exception", "values", 0, "stacktrace", "frames"),
    ("exception", "values", 0, "stacktrace", "frames", 0),
    *(
        ("exception", "values", 0, "stacktrace", "frames", 0, key)
        for key in ("vars", "in_app", "lineno", "context_line", "pre_context", "filename", "function", "unheard_of")
    ),
    ("exception", "values", 0, "stacktrace", "frames", 0, "vars", "qty"),
    ("breadcrumbs",),
    ("breadcrumbs", "values"),
    ("breadcrumbs", "values", 0),
    *(("breadcrumbs", "values", 0, key) for key in ("timestamp", "type", "message", "data", "unheard")),
    ("extra",),
    ("extra", "limits"),
    ("contexts",),
    ("contexts", "trace"),
    ("modules",),
    ("modules", "django"),
    ("fingerprint",),
    ("user",),
    ("sdk",),
    ("unheard_of",),
]
# A name in modules is a package's; in source lines only what stands in quotes is a value.
UNSCRUBBED = {"modules", "context_line", "pre_context"}
SCRUBBED_PLACES = [place for place in PLACES if UNSCRUBBED.isdisjoint(place)]
CHANGES = st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=2)


@settings(deadline=None)
@given(CHANGES, st.booleans())
def test_both_ways_give_one_document(changes: list[tuple[tuple[Any, ...], Any]], is_ascii: bool) -> None:
    event: Any = usual_event()
    for place, value in changes:
        put(event, place, copy.deepcopy(value))
    raw = json.dumps(event, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    assert outcome(prepare(raw)) == outcome(prepare_the_long_way(raw))


STRANGE = st.sampled_from(
    [
        *(rb'"\u0000"', b'"\x00"', b'"\x01"', b'"\n"', b'"\x7f"', b'"\xff"', b'"\xc3"', b'"\xed\xa0\x80"', b'"\\x"'),
        *(rb'"\ud800"', rb'"\udc00\ud800"', rb'"\ud83d\ude00"', rb'"\/\u0041\u00e9\u001b[0m"'),
        '"é\U0001f600"'.encode(),
        *(b"1e400", b"-1e400", b"1e-400", b"1E5", b"-0", b"-0.0", b"1.5e+3", b"01", b"1.", b"0." + b"1" * 500),
        *(b"9223372036854775807", b"9223372036854775808", b"18446744073709551616", b"-9223372036854775809"),
        *(b"1" * 310, b"1" * 5000, b"1" * 310 + b".5", b"NaN", b"Infinity", b"-Infinity", b"tru", b"nul", b""),
        *(b"[" * depth + b"]" * depth for depth in (4, 6, 99, 101, 260, 1100)),
        *(b'{"a":' * depth + b"1" + b"}" * depth for depth in (4, 6, 99, 101, 260)),
        *(b'{"a":1,"a":null}', b'{"a":null,"a":{"a":1,"a":2}}', b' \t\r\n{ "a" :\r\n[ 1 , 2 ] }', b"[1,]", b'{"":0}'),
        *(b'"x","values":[]', b'null,"module":"m","in_app":true,"type":"T"', b"1}"),
        b'"x","event_id":"' + b"ef" * 16 + b'"',
        *(b'{"__proto__":{"x":"[removed: token]"}}', b'"[Filtered]"', b'"' + b"\\" * 301 + b'""'),
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(PLACES), STRANGE), min_size=1, max_size=2))
def test_strange_bytes_come_out_the_same(changes: list[tuple[tuple[Any, ...], bytes]]) -> None:
    event: Any = usual_event()
    for number, (place, _) in enumerate(changes):
        put(event, place, f"@{number}@")
    raw = orjson.dumps(event)
    for number, (_, strange) in enumerate(changes):
        raw = raw.replace(b'"@%d@"' % number, strange)
    try:
        expected = outcome(prepare_the_long_way(raw))
    except Unreadable:
        with pytest.raises(Unreadable):
            prepare(raw)
        return
    assert outcome(prepare(raw)) == expected


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(SCRUBBED_PLACES), CARRIERS), min_size=1, max_size=2),
    st.from_regex(r"\Ahunter2[A-Za-z0-9!$*+._~-]{0,12}\Z"),
    st.booleans(),
)
def test_a_planted_secret_is_in_no_stored_bytes(changes: list[tuple[Any, Any]], secret: str, is_ascii: bool) -> None:
    event: Any = usual_event()
    for place, carrier in changes:
        put(event, place, carrier(secret))
    raw = json.dumps(event, ensure_ascii=is_ascii).encode()
    draft = prepare(raw)
    assert b"hunter2" not in zstandard.decompress(draft.payload)
    assert "hunter2" not in repr(draft.facts)
    assert outcome(draft) == outcome(prepare_the_long_way(raw))


@pytest.mark.parametrize(
    "secret",
    ["4111111111111111", "AKIAIOSFODNN7EXAMPLE", "DE89370400440532013000", "Bearer abc123def", "pin=abc123def"],
)
@pytest.mark.parametrize("before", ["é", "\x1b", "💥", "ж"])
def test_a_letter_written_as_an_escape_hides_no_secret_behind_it(secret: str, before: str) -> None:
    """`\\u00e9` ends in a letter, where `é` would be the end of a word."""
    event = usual_event(extra={"note": before + secret})
    for raw in (orjson.dumps(event), json.dumps(event).encode()):
        assert secret.encode()[-6:] not in zstandard.decompress(prepare(raw).payload)


def put(tree: Any, place: tuple[Any, ...], value: Any) -> None:
    """Set `value` at `place`, where an earlier change has left the way there."""
    for key in place[:-1]:
        if (type(tree) is dict and type(key) is str and key in tree) or (
            type(tree) is list and type(key) is int and key < len(tree)
        ):
            tree = tree[key]
        else:
            return
    if type(tree) is dict or (type(tree) is list and type(place[-1]) is int and place[-1] < len(tree)):
        tree[place[-1]] = value
