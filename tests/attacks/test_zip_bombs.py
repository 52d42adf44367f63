"""Everything that inflates: under a cap when it comes from outside, and listed here with what is its cap."""

import ast
import asyncio
import gzip
import re
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard
from pytest_httpserver import HTTPServer

from alerts.channels.webhook import new_secret, send_webhook
from releases.artifacts.asked import inflated as inflated_artifact
from tests.alerts.channels.builders import NOW, make_message
from tradewatch.core.answer_bodies import text_of_body
from tradewatch.core.dsn import read_dsn
from tradewatch.core.net import Reach
from tradewatch.inbox.decoding import BodyTooLargeError, inflate
from tradewatch.ingest.relay.sending import Line
from tradewatch.ingest.relay.targets import Target
from tradewatch.performance.checks.choices import CheckKind
from tradewatch.performance.checks.plans import Plan
from tradewatch.performance.checks.probes import run_probe

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20
ZEROS = bytes(64 * MIB)
# Who inflates what comes from outside. What we packed ourselves is read by `core.frames`, or a column's own reader.
INFLATING = {
    "tradewatch/inbox/decoding.py": "bodies of SDKs",
    "tradewatch/core/answer_bodies.py": "answers to what we ask",
    "debugging/recordings/protocol.py": "segments of recordings",
    "releases/artifacts/asked.py": "artifacts",
}


def test_who_inflates_is_known() -> None:
    found = set()
    for package in ("tradewatch", "alerts", "sla", "releases", "debugging"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            if any(
                name in text for name in ("zlib", "gzip", "brotli", "zipfile", "tarfile", "lzma", "bz2", "iter_bytes")
            ):
                found |= {path.relative_to(ROOT).as_posix()} if _inflates(ast.parse(text)) else set()
    assert found == set(INFLATING)


def _inflates(tree: ast.Module) -> bool:
    """`iter_bytes`, `read` and `text` of an answer inflate as much as there is in a piece."""
    words = ("decompressobj", "Decompressor", "ZipFile", "GzipFile", "iter_bytes", "aiter_bytes", "aread", "LZMAFile")
    return any(isinstance(node, ast.Attribute) and node.attr in words for node in ast.walk(tree))


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": lambda data: zstandard.compress(data, 3),
}


def peak_of(act: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", PACK)
def test_a_bodys_bomb_is_stopped_at_the_limit(encoding: str) -> None:
    bomb = PACK[encoding](ZEROS)

    def act() -> None:
        with pytest.raises(BodyTooLargeError):
            inflate(bomb, encoding, limit=2 * MIB)

    assert peak_of(act) < 24 * MIB


def test_a_bomb_in_a_bomb_stays_packed() -> None:
    inner = gzip.compress(ZEROS)
    assert inflate(gzip.compress(inner), "gzip", limit=2 * MIB) == inner


def test_an_artifacts_bomb_stays_packed() -> None:
    bomb = gzip.compress(ZEROS)
    assert peak_of(lambda: inflated_artifact(bomb, most=2 * MIB)) < 24 * MIB
    assert inflated_artifact(bomb, most=2 * MIB) is None


@pytest.fixture
def bomber(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    """Answers whoever asks with a few bytes that stand for gigabytes, whatever was asked for."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    bomb = brotli.compress(bytes(256 * MIB), quality=5)
    assert len(bomb) < 4096
    httpserver.expect_request(re.compile(".*")).respond_with_data(bomb, headers={"Content-Encoding": "br"})
    return httpserver


def ask_check(url: str) -> str:
    plan = Plan(kind=CheckKind.HTTP, timeout_seconds=20.0, allowed=("127.0.0.0/8",), address=url, body_contains="ok")
    return asyncio.run(run_probe(plan)).detail


def tell_channel(url: str) -> str:
    return send_webhook({"url": url, "secret": new_secret()}, make_message(), now=NOW).answer


def relay(url: str) -> str:
    line = Line(Target(read_dsn(url.replace("://", f"://{'a' * 32}@") + "7"), Reach(["127.0.0.0/8"])))
    try:
        return str(line._runner.run(line._post(b"{}", "error")))
    finally:
        line.close()


@pytest.mark.parametrize("ask", [ask_check, tell_channel, relay])
def test_an_answers_bomb_stays_packed(bomber: HTTPServer, ask: Callable[[str], str]) -> None:
    assert peak_of(lambda: ask(bomber.url_for("/"))) < 24 * MIB


def test_an_answers_charset_is_one_of_the_usual() -> None:
    """Python has codecs that take time with the square of the length."""
    data = b"a" * MIB + "ü".encode()
    started = time.process_time()
    for name in ("punycode", "idna", "unicode_escape", "undefined", "zlib", "utf-7", "nonsense"):
        assert text_of_body(data, f"text/plain; charset={name}") == data.decode()
    assert time.process_time() - started < 10
