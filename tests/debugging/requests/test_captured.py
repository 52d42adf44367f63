"""The request of a stored error, in whatever way an SDK has sent it."""

from typing import Any

import pytest

from debugging.requests.captured import captured_request
from debugging.requests.encoding import content_of
from debugging.requests.shapes import WebRequest
from tradewatch.core.faults import Invalid

JSON_TYPE = [["Content-Type", "application/json"]]
FORM_TYPE = [["content-type", "application/x-www-form-urlencoded; charset=utf-8"]]


def read(**request: Any) -> WebRequest:
    return captured_request({"request": {"url": "https://trade.example/orders", "method": "POST", **request}})


@pytest.mark.parametrize("document", [{}, {"request": {}}, {"request": None}, {"request": {"headers": [["A", "b"]]}}])
def test_an_error_without_a_request_has_nothing_to_send(document: Any) -> None:
    with pytest.raises(Invalid, match="without a request"):
        captured_request(document)


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("https://trade.example/orders", "/orders", ()),
        ("http://t:8000/a%20b/c?x=1&x=2&y=", "/a%20b/c", (("x", "1"), ("x", "2"), ("y", ""))),
        ("https://trade.example", "/", ()),
        ("/orders?x=1#part", "/orders", (("x", "1"),)),
        ("orders", "/orders", ()),
        ("http://[broken", "/", ()),
    ],
)
def test_url(url: str, path: str, query: Any) -> None:
    found = read(url=url)
    assert (found.path, found.query) == (path, query)


@pytest.mark.parametrize(
    ("said", "expected", "removed"),
    [
        ("a=1&b=x%20y", (("a", "1"), ("b", "x y")), ()),
        ("?a=1", (("a", "1"),), ()),
        ({"a": 1, "b": ["x", "y"]}, (("a", "1"), ("b", "x"), ("b", "y")), ()),
        ([["a", "1"], ["a", "2"]], (("a", "1"), ("a", "2")), ()),
        ("a=1&token=%5BFiltered%5D&b=2", (("a", "1"), ("b", "2")), ("query token",)),
        ("a=1&key=[removed: token]", (("a", "1"),), ("query key",)),
    ],
)
def test_query(said: Any, expected: Any, removed: Any) -> None:
    found = read(query_string=said)
    assert (found.query, found.removed) == (expected, removed)


def test_headers_that_a_connection_or_a_trace_makes_are_dropped() -> None:
    dropped = [
        *(
            "Host",
            "content-length",
            "Connection",
            "Transfer-Encoding",
            "Accept-Encoding",
            "Keep-Alive",
            "Upgrade",
            "TE",
        ),
        *("sentry-trace", "Baggage", "traceparent", "tracestate", "Proxy-Authorization", "Expect"),
    ]
    found = read(headers=[*([name, "x"] for name in dropped), ["X-Desk", "fx"], ["x-desk", "eq"]])
    assert found.headers == (("X-Desk", "fx"), ("x-desk", "eq"))
    assert found.removed == ()


def test_headers_that_were_removed_are_named() -> None:
    found = read(
        headers={
            "Authorization": "",
            "X-Api-Key": "[Filtered]",
            "X-Trace": "Bearer [removed: token]",
            "X-Odd": "a\r\nB: c",
            "Accept": "*/*",
        }
    )
    assert found.headers == (("Accept", "*/*"),)
    assert found.removed == ("header Authorization", "header X-Api-Key", "header X-Trace", "header X-Odd")


def test_cookies_become_one_header() -> None:
    found = read(cookies=[["theme", "dark"], ["sessionid", "[removed: cookie]"], ["lang", "de"]])
    assert found.headers == (("Cookie", "theme=dark; lang=de"),)
    assert found.removed == ("cookie sessionid",)


@pytest.mark.parametrize(
    ("headers", "data", "body", "is_json", "removed", "content"),
    [
        (JSON_TYPE, {"a": [1, None]}, {"a": [1, None]}, True, (), b'{"a":[1,null]}'),
        (JSON_TYPE, [1, 2], [1, 2], True, (), b"[1,2]"),
        (JSON_TYPE, '{"a": 1}', {"a": 1}, True, (), b'{"a":1}'),
        ([], {"a": 1}, {"a": 1}, True, (), b'{"a":1}'),
        (FORM_TYPE, {"a": "1", "b": ["x", "y"]}, {"a": "1", "b": ["x", "y"]}, True, (), b"a=1&b=x&b=y"),
        (FORM_TYPE, "a=1&b=x&b=y+z", {"a": "1", "b": ["x", "y z"]}, True, (), b"a=1&b=x&b=y+z"),
        ([], "plain text", "plain text", False, (), b"plain text"),
        (JSON_TYPE, '{"a": ', '{"a": ', False, (), b'{"a": '),
        ([], None, None, True, (), None),
        (JSON_TYPE, {}, {}, True, (), b"{}"),
        ([["Content-Length", "17"]], None, None, True, ("body",), None),
        ([["Content-Length", "0"]], "", None, True, (), None),
        ([["Content-Length", "2"]], {}, {}, True, (), b"{}"),
        ([], "[Filtered]", None, True, ("body",), None),
        (JSON_TYPE, '{"long": "xxx [cut]', None, True, ("body",), None),
        (
            JSON_TYPE,
            {"card": {"no": "[removed: card number]", "of": "ann"}, "legs": ["a", "[Filtered]"]},
            {"card": {"of": "ann"}, "legs": ["a", None]},
            True,
            ("body /card/no", "body /legs/1"),
            b'{"card":{"of":"ann"},"legs":["a",null]}',
        ),
        (JSON_TYPE, {"a/b": "[cut: nested too deep]", "n": "x [cut]"}, {}, True, ("body /a~1b", "body /n"), b"{}"),
    ],
)
def test_body(headers: Any, data: Any, body: Any, is_json: bool, removed: Any, content: Any) -> None:
    found = read(headers=headers, data=data)
    assert (found.body, found.is_json, found.removed) == (body, is_json, removed)
    assert content_of(found) == content


def test_a_multipart_form_is_made_anew_with_its_boundary() -> None:
    found = read(headers=[["Content-Type", 'multipart/form-data; boundary="b1"']], data={"a": "1", 'q"': ["x", "y"]})
    assert content_of(found) == (
        b'--b1\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--b1\r\nContent-Disposition: form-data; name="q%22"\r\n\r\nx\r\n'
        b'--b1\r\nContent-Disposition: form-data; name="q%22"\r\n\r\ny\r\n--b1--\r\n'
    )


def test_a_method_that_nobody_told() -> None:
    assert captured_request({"request": {"url": "/x"}}).method == "GET"
    assert captured_request({"request": {"url": "/x", "data": {"a": 1}}}).method == "POST"


def test_a_path_that_holds_a_mark_is_named() -> None:
    assert read(url="https://t/reset/[removed: token]").removed == ("path",)
