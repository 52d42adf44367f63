from typing import Any

import orjson
import pytest

from tradewatch.errors.normalise import decode_event
from tradewatch.errors.normalise.decode import storable


@pytest.mark.parametrize(
    ("raw", "document"),
    [
        (b'{"a": NaN, "b": Infinity, "c": -Infinity}', {"a": "nan", "b": "inf", "c": "-inf"}),
        (b'{"a": "x\\u0000y", "b\\u0000": 1}', {"a": "x\ufffdy", "b\ufffd": 1}),
        (b'{"a": "x\\ud800y"}', {"a": "x\ufffdy"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        (b'{"a": "\\ud83d\\ude00\\udc00"}', {"a": "😀\ufffd"}),
        (b'{"a": "\xff"}', {"a": "\ufffd"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "tab\there"}', {"a": "tab\there"}),
        (b'{"a": NaN, "b": 123456789012345678901234567890}', {"a": "nan", "b": "123456789012345678901234567890"}),
        (b'{"a": NaN, "b": ' + b"9" * 5000 + b"}", {"a": "nan", "b": "[cut: number too long]"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_messy_json_is_read(raw: bytes, document: dict[str, Any]) -> None:
    assert decode_event(raw) == document


@pytest.mark.parametrize("depth", [150, 900, 5000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_no_reason_to_lose_the_event(depth: int, opening: bytes, closing: bytes) -> None:
    document = decode_event(b'{"message": "m ]}", "x": ' + opening * depth + b"1" + closing * depth + b', "y": 2}')
    assert (document["message"], document["y"]) == ("m ]}", 2)


def test_a_value_of_our_own_code_becomes_storable() -> None:
    value = {1: (1, 2), "s": {"x"}, "b": b"\x00", "o": 2**70, "n": float("nan"), "t": True, "f": 1.5, "z": None}
    assert storable(value) == {
        "1": [1, 2],
        "s": ["x"],
        "b": "b'\\x00'",
        "o": str(2**70),
        "n": "nan",
        "t": True,
        "f": 1.5,
        "z": None,
    }


def test_what_nests_in_itself_is_cut() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert b"[cut: nested too deep]" in orjson.dumps(storable(loop))
