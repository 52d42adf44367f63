"""What a proxy says of the way a request came, and what is done about it."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tradewatch.core.over_tls import over_tls, scheme_of

PROXY, STRANGER = "10.0.0.1", "192.0.2.1"


@pytest.fixture(autouse=True)
def _behind_a_proxy(settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    settings.PUBLIC_URL = "https://watch.example"


def asked(method: str = "GET", path: str = "/issues?a=1", *, peer: str = PROXY, said: str = "") -> HttpRequest:
    headers = {"HTTP_X_FORWARDED_PROTO": said} if said else {}
    return RequestFactory().generic(method, path, REMOTE_ADDR=peer, **headers)


def seen(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secure" if request.is_secure() else "plain")


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        (PROXY, "https", "https"),
        (PROXY, "HTTPS ", "https"),
        (PROXY, "http, https", "https"),  # what the client itself wrote stands before
        (PROXY, "https, http", "http"),
        (PROXY, "", ""),
        (STRANGER, "https", ""),
        ("", "https", ""),
    ],
)
def test_only_our_own_proxy_is_believed(peer: str, said: str, scheme: str) -> None:
    assert scheme_of(asked(peer=peer, said=said)) == scheme


@pytest.mark.parametrize(
    ("said", "status", "text"),
    [("https", 200, "secure"), ("", 200, "plain"), ("http", 301, ""), ("gopher", 200, "plain")],
)
def test_a_page_asked_for_without_tls_is_led_there(said: str, status: int, text: str) -> None:
    answer = over_tls(seen)(asked(said=said))
    assert (answer.status_code, answer.content.decode()) == (status, text)
    assert answer.headers.get("Location") == ("https://watch.example/issues?a=1" if status == 301 else None)


def test_what_was_posted_without_tls_is_refused() -> None:
    answer = over_tls(seen)(asked("POST", said="http"))
    assert answer.status_code == 403
    assert b"https://watch.example" in answer.content


def test_without_a_public_https_address_nobody_is_led_anywhere(settings) -> None:
    settings.PUBLIC_URL = "http://watch.example"
    assert over_tls(seen)(asked(said="http")).status_code == 200


def test_a_stranger_cannot_be_led_by_a_host_of_his_choice() -> None:
    request = asked(said="http")
    request.META["HTTP_HOST"] = "evil.example"
    assert over_tls(seen)(request)["Location"].startswith("https://watch.example/")
