import pytest

from alerts.measures.filters import read_filter


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", {}),
        (" , ", {}),
        ("venue=XNYS", {"venue": ["XNYS"]}),
        ("venue = XNYS | XLON , side=buy", {"venue": ["XNYS", "XLON"], "side": ["buy"]}),
        ("venue=", {"venue": [""]}),
        ("formula=a=b", {"formula": ["a=b"]}),
    ],
)
def test_a_filter_is_read(text, wanted):
    assert read_filter(text) == wanted


@pytest.mark.parametrize("text", ["venue", "=XNYS", "venue=XNYS, side", "venue=a, venue=b"])
def test_what_is_no_filter_is_said(text):
    with pytest.raises(ValueError, match=r"venue|side|XNYS"):
        read_filter(text)
