import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.inbox.decoding import (
    BodyTooLargeError,
    DecodingError,
    UnknownEncodingError,
    encoding_name,
    inflate,
)

MIB = 1 << 20


def raw_deflate(plain: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(plain) + stream.flush()


COMPRESS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda plain: brotli.compress(plain, quality=5),
    "zstd": zstandard.compress,
    "identity": lambda plain: plain,
}


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize("plain", [b"", b"x", b"envelope\n" * 1_000, b"\0" * (3 * MIB + 1)])
def test_every_encoding_comes_back_whole(encoding, plain):
    assert inflate(COMPRESS[encoding](plain), encoding, limit=4 * MIB) == plain


@given(st.binary(max_size=2_000), st.sampled_from(sorted(COMPRESS)))
def test_any_bytes_round_trip(plain, encoding):
    assert inflate(COMPRESS[encoding](plain), encoding, limit=MIB) == plain


@given(st.binary(max_size=300), st.sampled_from(sorted(COMPRESS)))
def test_garbage_raises_nothing_but_decoding_errors(body, encoding):
    try:
        assert isinstance(inflate(body, encoding, limit=MIB), bytes)
    except DecodingError as error:
        assert error.status in (400, 413)


@given(st.binary(min_size=1, max_size=500), st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.data())
def test_a_stream_cut_short_is_refused(plain, encoding, data):
    body = COMPRESS[encoding](plain)
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(DecodingError):
        inflate(body[:cut], encoding, limit=MIB)


@pytest.mark.parametrize(
    ("body", "encoding", "plain"),
    [
        (raw_deflate(b"bare deflate"), "deflate", b"bare deflate"),
        (gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", b"one two"),
        (gzip.compress(b"padded") + b"\0" * 70_000, "gzip", b"padded"),
        (gzip.compress(b"") * 1_000, "gzip", b""),
        (zstandard.compress(b"one ") + zstandard.compress(b"two"), "zstd", b"one two"),
    ],
)
def test_odd_but_legal_streams(body, encoding, plain):
    assert inflate(body, encoding, limit=MIB) == plain


@pytest.mark.parametrize(
    ("body", "encoding", "sentence"),
    [
        (b"plain", "gzip", "not valid gzip"),
        (gzip.compress(b"x") + b"junk", "gzip", "not valid gzip"),
        (gzip.compress(b"x")[:-8] + b"\1" * 8, "gzip", "not valid gzip"),
        (gzip.compress(b"") * 1_001, "gzip", "more than 1000 gzip members"),
        (b"\xff\xff", "deflate", "not valid deflate"),
        (zlib.compress(b"x") + b"junk", "deflate", "follows the end"),
        (b"", "deflate", "ends too early"),
        (b"\xff" * 8, "br", "not valid br"),
        (brotli.compress(b"x") + b"junk", "br", "not valid br"),
        (b"junk", "zstd", "not valid zstd"),
        (zstandard.compress(b"") * 1_001, "zstd", "more than 1000 zstd frames"),
    ],
)
def test_broken_streams_are_refused_with_a_sentence(body, encoding, sentence):
    with pytest.raises(DecodingError, match=sentence) as refusal:
        inflate(body, encoding, limit=MIB)
    assert refusal.value.status == 400


@pytest.mark.parametrize("encoding", COMPRESS)
def test_the_limit_is_exact(encoding):
    body = COMPRESS[encoding](b"x" * 1_000)
    assert len(inflate(body, encoding, limit=1_000)) == 1_000
    with pytest.raises(BodyTooLargeError, match="larger than 999 bytes"):
        inflate(body, encoding, limit=999)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_costs_little_more_than_the_limit(encoding):
    bomb = COMPRESS[encoding](b"\0" * (200 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLargeError):
            inflate(bomb, encoding, limit=4 * MIB)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 30 * MIB


def test_a_zstd_frame_does_not_choose_our_memory():
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(DecodingError, match="not valid zstd"):
        inflate(stream.compress(b"small") + stream.flush(), "zstd", limit=MIB)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        (" x-gzip ", "gzip"),
        ("", "identity"),
        ("Identity", "identity"),
        ("br", "br"),
    ],
)
def test_names_of_encodings(header, name):
    assert encoding_name(header) == name


@pytest.mark.parametrize("header", ["lzma", "gzip, br", "compress", "gzip;q=1", "\xe9"])
def test_other_encodings_are_refused_naming_those_that_are_known(header):
    with pytest.raises(UnknownEncodingError, match="br, deflate, gzip, identity, zstd") as refusal:
        encoding_name(header)
    assert refusal.value.status == 415
