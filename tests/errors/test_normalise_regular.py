"""The short way (`regular`) and the long way (`clean_record`) must not differ, whatever a client sends."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.errors.documents import make_event, make_exception, make_frame
from tradewatch.errors.normalise import decode_event, normalise_event
from tradewatch.errors.normalise.regular import is_regular

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
ZULU = "2026-11-23T15:11:58.123456Z"


def normalised(event: bytes | dict[str, Any], drift: timedelta = timedelta(0)) -> dict[str, Any]:
    return normalise_event(
        event, received_at=NOW, retention=timedelta(days=90), environment="production", drift=drift, event_id="ab" * 16
    )


def usual_event(**fields: Any) -> dict[str, Any]:
    frame = make_frame(vars={"qty": "2.5", "book": {"levels": [[1, 2.5], [3, None]]}}, abs_path="/srv/app/risk.py")
    exception = make_exception(stacktrace={"frames": [frame, make_frame(context_line=None)]}, module=None)
    usual: dict[str, Any] = {
        "breadcrumbs": {"values": [{"timestamp": ZULU, "category": "query", "data": {"rows": 3}}]},
        "extra": {"limits": {"gross": 2500000}},
        "modules": {"django": "5.2"},
    }
    return make_event(exception, **{**usual, **fields})


def test_a_usual_event_takes_the_short_way() -> None:
    assert is_regular(orjson.dumps(usual_event()))


@pytest.mark.parametrize(
    "change",
    [
        {"breadcrumbs": {"values": [{"timestamp": ZULU, "message": "m" * 9000}]}},
        {"breadcrumbs": {"values": [{"timestamp": ZULU}] * 101}},
        {"breadcrumbs": {"values": [{"timestamp": ZULU, "data": [1]}]}},
        {"breadcrumbs": [{"timestamp": ZULU}]},
        {"extra": {"long": "x" * 9000}},
        {"extra": {"deep": [[[[[[[1]]]]]]]}},
        {"modules": {"django": 5}},
        {"contexts": {"trace": "not an object"}},
        {"exception": [{"type": "KeyError", "value": "x"}]},
        {"exception": {"values": [{"type": "KeyError", "value": {"an": "object"}}]}},
        {"exception": {"values": [None]}},
    ],
)
def test_an_unusual_event_takes_the_long_way(change: dict[str, Any]) -> None:
    assert not is_regular(orjson.dumps(usual_event(**change)))


def test_bytes_that_are_no_utf8_take_the_long_way_and_are_kept() -> None:
    raw = orjson.dumps(usual_event(extra={"venue": "LMAX!"})).replace(b"LMAX!", b"LMAX\xff")
    assert not is_regular(raw)
    assert normalised(raw)["extra"]["venue"].startswith("LMAX")


@pytest.mark.parametrize(
    "variables", [{"text": "x" * 3000}, [1], None, {"deep": "[" * 150}], ids=["long", "list", "null", "brackets"]
)
def test_variables_that_may_need_cleaning_take_the_long_way(variables: Any) -> None:
    event = usual_event()
    event["exception"]["values"][0]["stacktrace"]["frames"][0]["vars"] = variables
    assert not is_regular(orjson.dumps(event))


@pytest.mark.parametrize(
    "moments",
    [
        [ZULU, "2026-11-23T15:11:58Z"],
        ["2026-11-23T15:11:58+01:00", ZULU],
        [1763910718.5, ZULU],
        [1763910718500.0],
        ["1969-12-31T23:59:58Z"],
        ["2026-11-23T15:11:nanZ"],
        ["yesterday", ZULU],
        [""],
    ],
)
@pytest.mark.parametrize("drift", [timedelta(0), timedelta(hours=-2)])
def test_moments_of_breadcrumbs_come_out_the_same(moments: list[Any], drift: timedelta) -> None:
    event = usual_event(breadcrumbs={"values": [{"timestamp": moment, "message": "m"} for moment in moments]})
    raw = orjson.dumps(event)
    assert normalised(raw, drift) == normalised(decode_event(raw), drift)


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
        for key in ("vars", "in_app", "lineno", "context_line", "pre_context", "filename", "unheard_of")
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
    ("sdk",),
    ("unheard_of",),
]


@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=2))
def test_both_ways_give_one_document(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    event: Any = usual_event()
    for place, value in changes:
        put(event, place, copy.deepcopy(value))
    try:
        raw = orjson.dumps(event)
    except orjson.JSONEncodeError:  # an integer beyond 64 bits: no client writes it with this library
        return
    assert normalised(raw) == normalised(decode_event(raw))


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
