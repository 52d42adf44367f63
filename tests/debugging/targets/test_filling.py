"""A request made ready for a target: the secrets in their places, and in no text that is stored or shown."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from debugging.requests.shapes import WebRequest
from debugging.targets.filling import Prepared, Secret, filled
from debugging.targets.masking import MASK, forms_of, masked, masked_text
from tradewatch.core.faults import Invalid
from tradewatch.inbox.scrub import ScrubPolicy, scrub_document

KEY = "s3cr3t/key+1"


@dataclass(frozen=True)
class At:
    base_url: str = "https://staging.example/app"


def fill(request: WebRequest, *secrets: Secret, base_url: str = "https://staging.example/app", **more: Any) -> Prepared:
    return filled(request, At(base_url), secrets, **more)


ORDER = WebRequest("POST", "/orders", (("dry", "1"),), (("X-Desk", "fx"),), {"auth": {}, "legs": ["a"]})


@pytest.mark.parametrize(
    ("secret", "where"),
    [
        (Secret("header", "Authorization", KEY), "headers"),
        (Secret("query", "token", KEY), "url"),
        (Secret("cookie", "sid", KEY), "headers"),
        (Secret("body", "/auth/key", KEY), "content"),
        (Secret("body", "/legs/0", KEY), "content"),
    ],
)
def test_a_secret_is_sent_and_not_shown(secret: Secret, where: str) -> None:
    prepared = fill(ORDER, secret)
    sent = str(getattr(prepared, where))
    assert KEY in sent or "s3cr3t%2Fkey%2B1" in sent
    assert MASK in orjson.dumps(prepared.shown).decode() and "s3cr3t" not in orjson.dumps(prepared.shown).decode()
    assert "s3cr3t" not in repr(prepared)
    scrubbed = orjson.loads(orjson.dumps({"request": prepared.shown}))
    scrub_document(scrubbed, ScrubPolicy())
    if where == "url" or secret.place == "header":
        assert MASK in orjson.dumps(scrubbed["request"]).decode()  # scrubbing leaves the mark


def test_what_is_sent() -> None:
    prepared = fill(ORDER, Secret("header", "x-desk", "eq-desk"), Secret("cookie", "sid", "1234"))
    assert (prepared.method, prepared.url) == ("POST", "https://staging.example/app/orders?dry=1")
    assert prepared.headers == (("x-desk", "eq-desk"), ("Cookie", "sid=1234"), ("Content-Type", "application/json"))
    assert prepared.content == b'{"auth":{},"legs":["a"]}'


def test_a_cookie_goes_beside_the_others() -> None:
    request = WebRequest("GET", "/", headers=(("Cookie", "theme=dark; sid=old"),))
    assert fill(request, Secret("cookie", "sid", "new1")).headers == (("Cookie", "theme=dark; sid=new1"),)


def test_what_was_removed_is_back_with_its_secret() -> None:
    request = WebRequest("GET", "/", removed=("header Authorization", "header X-Api-Key", "query token"))
    prepared = fill(request, Secret("header", "authorization", "Bearer 1"), Secret("query", "token", "abcd"))
    assert prepared.shown["removed"] == ["header X-Api-Key"]


def test_a_modification_goes_before_a_secret() -> None:
    request = WebRequest("GET", "/", headers=(("Authorization", "Bearer other"),))
    prepared = fill(request, Secret("header", "Authorization", KEY), kept={("header", "authorization")})
    assert prepared.headers == (("Authorization", "Bearer other"),)


@pytest.mark.parametrize(
    "request_",
    [
        WebRequest("POST", "/", body="text", is_json=False),
        WebRequest("POST", "/"),
        WebRequest("POST", "/", body={"other": 1}),
        WebRequest("POST", "/", body={"auth": []}),
    ],
)
def test_a_secret_without_a_place_in_the_body_is_said(request_: WebRequest) -> None:
    prepared = fill(request_, Secret("body", "/auth/key", KEY))
    assert "s3cr3t" not in str(prepared.content)
    assert prepared.shown["removed"] == ["secret body /auth/key"]


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/@evil.example", "/%2F%2Fevil", "/:80@evil.example/", "/ü", "/a'b\"c"]
)
def test_whatever_the_path_the_host_stays_the_targets(path: str) -> None:
    for base_url in ("https://staging.example", "https://staging.example:8443/app/"):
        assert fill(WebRequest("GET", path), base_url=base_url).url.startswith(base_url.rstrip("/") + "/")


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (WebRequest("GET", "/a/../b"), "modifications.path"),
        (WebRequest("GET", "/a b"), "modifications.path"),
        (WebRequest("TRACE", "/"), "modifications.method"),
        (WebRequest("POST", "/", body={"x": "y" * (1 << 20)}), "modifications.body"),
    ],
)
def test_what_cannot_be_sent_is_refused(request_: WebRequest, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        fill(request_)
    assert list(refused.value.errors) == [field]


def test_a_long_body_is_shown_cut() -> None:
    prepared = fill(WebRequest("POST", "/", body={"x": "y" * (300 << 10)}))
    assert len(prepared.content or b"") > 300 << 10
    assert len(prepared.shown["body"]) < 257 << 10 and prepared.shown["body"].endswith("[cut]")


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("Bearer tok-12345", "you sent tok-12345"),
        ("Basic YW5uOnBhc3N3b3JkMQ==", "hello ann:password1"),
        ("Basic YW5uOnBhc3N3b3JkMQ==", "wrong: password1"),
        ('q"uote\\d', '{"key": "q\\"uote\\\\d"}'),
        ("a&b<c>d", "<p>a&amp;b&lt;c&gt;d</p>"),
        ("a/b c+d", "?key=a%2Fb%20c%2Bd"),
        ("a/b c+d", "?key=a%2Fb+c%2Bd"),
        ("schlüssel", '{"k": "schl\\xfcssel"}'),
    ],
)
def test_an_echo_is_masked_however_it_is_written(secret: str, text: str) -> None:
    found = masked_text(text, forms_of([secret]))
    assert MASK in found
    assert not any(form in found for form in forms_of([secret]))


def test_a_document_is_masked_in_names_and_values() -> None:
    found = masked({"secret-1": ["x secret-1 y", 12345, True, None]}, forms_of(["secret-1", "12345"]))
    assert found == {MASK: [f"x {MASK} y", MASK, True, None]}
