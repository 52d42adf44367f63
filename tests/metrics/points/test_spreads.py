import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.metrics.points.spreads import Spreads, pack

HISTOGRAMS = st.lists(st.binary(max_size=30), min_size=1, max_size=80)


def packed_in_one_frame(histograms):
    """As it was done until 2026-11-26."""
    return zstandard.compress(msgspec.msgpack.encode(histograms), 1)


@pytest.mark.parametrize("packed", [pack, packed_in_one_frame])
@given(HISTOGRAMS)
def test_each_series_has_its_own(packed, histograms):
    spreads = Spreads(packed(histograms))
    assert [spreads.of(number) for number in reversed(range(len(histograms)))] == histograms[::-1]
    assert Spreads(packed(histograms)).all() == histograms


def test_a_bucket_without_histograms_has_none():
    assert Spreads(b"").all() == []
    assert Spreads(b"").of(3) == b""
    assert Spreads(pack([])).all() == []


def test_one_series_opens_one_frame(monkeypatch):
    opened = []
    from tradewatch.core import frames

    decompress = frames.decompress
    monkeypatch.setattr(frames, "decompress", lambda data: opened.append(len(data)) or decompress(data))
    packed = pack([bytes([number]) * 20 for number in range(100)])
    assert Spreads(packed).of(57) == bytes([57]) * 20
    assert len(opened) == 1
    assert opened[0] < len(packed) / 5
