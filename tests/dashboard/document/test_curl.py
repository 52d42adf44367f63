"""The command is run by real shells, with a `curl` that prints what it was given."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tradewatch.dashboard.document.curl import curl_command

ECHO = "curl() { printf '%s\\0' \"$@\"; }\n"
HOSTILE = [
    "'; touch CANARY; echo '",
    "$(touch CANARY)",
    "`touch CANARY`",
    "\\'; touch CANARY #",
    '"; touch CANARY; "',
    "a\nb; touch CANARY\n",
    "!touch CANARY",
    "${IFS}&&touch${IFS}CANARY",
    "-o CANARY",
    "@/etc/passwd",
    "\x1b[2Jtouch CANARY\r",
    "\u202etouch CANARY",
    "it's 100% \\n fine",
]


def arguments(request: dict[str, Any], shell: str, folder: Path) -> list[str]:
    """Return what curl would be given."""
    script = ECHO + curl_command(request)
    done = subprocess.run([shell, "-c", script], cwd=folder, capture_output=True, timeout=10, check=True)
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("shell", ["bash", "dash"])
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_client_sent_becomes_code(text: str, shell: str, tmp_path: Path) -> None:
    request = {
        "method": "POST",
        "url": f"https://trade.example/orders/{text}",
        "query_string": f"q={text}",
        "headers": [["X-Note", text], [text, "value"], ["Content-Type", "text/plain"]],
        "cookies": [["theme", text]],
        "data": text,
    }
    given = arguments(request, shell, tmp_path)
    assert list(tmp_path.iterdir()) == []
    options = [each for each in given if each.startswith("--")]
    assert set(options) <= {"--proto", "--globoff", "--url", "--header", "--data-raw", "--request"}
    assert given.count("--header") in (3, 4)
    body = given[given.index("--data-raw") + 1]
    assert body == text.replace("\x1b", "").replace("\r", "").replace("\u202e", "")
    assert not any(each.startswith("@") for each in given if each != body)


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_an_ordinary_request_reads_as_one_writes_it(shell: str, tmp_path: Path) -> None:
    request = {
        "method": "POST",
        "url": "https://trade.example/orders",
        "query_string": "dry=1",
        "headers": [
            ["Host", "trade.example"],
            ["Content-Type", "application/json"],
            ["Authorization", "[removed: token]"],
        ],
        "cookies": [["session", "[Filtered]"]],
        "data": {"symbol": "AAPL", "pin": "[removed: secret]"},
    }
    assert arguments(request, shell, tmp_path) == [
        *("--proto", "=http,https", "--globoff"),
        *("--url", "https://trade.example/orders?dry=1"),
        *("--header", "Content-Type: application/json"),
        *("--header", "Authorization: <token>"),
        *("--header", "Cookie: session=<session>"),
        *("--data-raw", '{"symbol":"AAPL","pin":"<secret>"}'),
    ]


@pytest.mark.parametrize(
    ("request_", "piece"),
    [
        ({"url": "http://a/", "method": "GET"}, "--url http://a/"),
        ({"url": "http://a/", "method": "GET", "data": "x"}, "--request GET"),
        ({"url": "http://a/", "method": "POST"}, "--request POST"),
        ({"url": "http://a/", "method": "HEAD"}, "--head"),
        ({"url": "http://a/", "method": "delete"}, "--request DELETE"),
        ({"url": "http://a/", "headers": [["X-Empty", ""]]}, "'X-Empty;'"),
        ({"url": "http://a/[Filtered]"}, "'http://a/<value>'"),
        (
            {
                "url": "http://a/",
                "data": {"a": "1 2"},
                "headers": [["content-type", "application/x-www-form-urlencoded"]],
            },
            "--data-raw a=1+2",
        ),
    ],
)
def test_methods_headers_and_bodies(request_: dict[str, Any], piece: str) -> None:
    assert piece in curl_command(request_)


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "javascript:alert(1)", "/orders", None, 5])
def test_without_an_http_address_there_is_no_command(url: object) -> None:
    assert curl_command({"url": url, "method": "GET"}) == ""


def test_curl_is_told_to_stay_with_http() -> None:
    assert "--proto =http,https" in curl_command({"url": "http://a/"})
