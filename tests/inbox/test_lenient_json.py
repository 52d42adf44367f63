import pytest

from tradewatch.inbox.lenient_json import loads_leniently


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": [1, "x", null]}', {"a": [1, "x", None]}),
        (b'{"a": NaN, "b": [Infinity, -Infinity]}', {"a": None, "b": [None, None]}),
        (b'"\\ud83d\\ude00 \\ud83d"', "\N{GRINNING FACE} ?"),
        (b'{"\\ud83d": 1}', {"?": 1}),
        (b'"\xff"', "\N{REPLACEMENT CHARACTER}"),
        (b"[NaN, 99999999999999999999, 7]", [None, 1e20, 7]),
        (b"[NaN, " + b"9" * 400 + b"]", [None, float("inf")]),
        (b"123456789012345678901234567890.5", 1.2345678901234568e29),
    ],
)
def test_odd_but_readable_json(raw, value):
    assert loads_leniently(raw) == value


@pytest.mark.parametrize("raw", [b"", b"{", b"nope", b"[" * 100_000, b"9" * 5_000 + b"x"])
def test_what_is_no_json_is_a_value_error(raw):
    with pytest.raises(ValueError, match=r"."):
        loads_leniently(raw)
