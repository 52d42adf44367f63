import gzip
import zlib

import pytest

from releases.artifacts.asked import Draft, faults_in, inflated, read_headers, words_of_bytes
from tradewatch.core.file_names import safe_file_name

NAMES = {"": "name", " ": "name", "x" * 501: "name", "a\x00b": "name", "a\u202eb": "name"}


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        *((Draft(name, b""), field) for name, field in NAMES.items()),
        (Draft("a", b"", dist="d" * 65), "dist"),
        (Draft("a", b"", headers={"x": "y" * 1000}), "header"),
        (Draft("a", b"", headers={"x": "a\nSet-Cookie: b"}), "header"),
        (Draft("a", b"", headers={str(number): "" for number in range(21)}), "header"),
    ],
)
def test_what_is_wrong_is_named(draft: Draft, field: str) -> None:
    assert list(faults_in(draft)) == [field]


def test_names_are_kept_as_they_come() -> None:
    assert faults_in(Draft("~/../static/ü app.js?x=1", b"", "d1", {"Sourcemap": "app.js.map"})) == {}


@pytest.mark.parametrize(
    ("packed", "content"),
    [
        (gzip.compress(b"abc"), b"abc"),
        (gzip.compress(b""), b""),
        (gzip.compress(b"x" * 100), b"x" * 100),
        (gzip.compress(b"x" * 101), None),
        (gzip.compress(b"x" * 10_000_000), None),  # a bomb is not unpacked
        (gzip.compress(b"abc")[:-4], None),
        (gzip.compress(b"abc") + b"more", None),
        (zlib.compress(b"abc"), None),
        (b"abc", None),
        (b"", None),
    ],
)
def test_gzip_is_unpacked_up_to_a_bound(packed: bytes, content: bytes | None) -> None:
    assert inflated(packed, most=100) == content


def test_headers_are_lines_with_a_colon() -> None:
    assert read_headers(["Sourcemap: a:b.map", "odd", ""]) == {"Sourcemap": "a:b.map", "odd": "", "": ""}


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("~/static/app.js", "app.js"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.map", "y.map"),
        ("..", "artifact"),
        ("/", "artifact"),
        ('a<b>"?.js', "a_b___.js"),
        (".env", "env"),
    ],
)
def test_a_download_has_a_plain_name(name: str, file: str) -> None:
    assert (safe_file_name(name) or "artifact") == file


@pytest.mark.parametrize(("size", "words"), [(32 * 1024**2, "32 MiB"), (2048, "2048 bytes")])
def test_sizes_are_said_in_their_unit(size: int, words: str) -> None:
    assert words_of_bytes(size) == words
