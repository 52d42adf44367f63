"""A POST to receivers that refuse, are slow, break off, or ask for patience."""

import socket
import threading
from datetime import timedelta

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.channels import http
from alerts.channels.http import fault_in_url, outcome_of_answer, post, redact, wait_of
from alerts.channels.outcome import Outcome
from tests.alerts.channels.builders import NOW


@pytest.fixture(autouse=True)
def _local_receivers(settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]


def send(url: str, secrets: list[str] | None = None) -> Outcome:
    return post(url, b"{}", headers={}, secrets=secrets or [], now=NOW)


@pytest.mark.parametrize(
    ("status", "is_sent", "is_permanent"),
    [
        (200, True, False), (202, True, False), (204, True, False), (301, False, True), (400, False, True),
        (403, False, True), (404, False, True), (410, False, True), (408, False, False), (429, False, False),
        (500, False, False), (503, False, False),
    ],
)  # fmt: skip
def test_what_a_status_means(status: int, is_sent: bool, is_permanent: bool) -> None:
    outcome = outcome_of_answer(status, "said", now=NOW)
    assert (outcome.is_sent, outcome.is_permanent, outcome.answer) == (is_sent, is_permanent, f"{status} said")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30), ("0", 0), ("Mon, 23 Nov 2026 15:13:30 GMT", 60), ("Mon, 23 Nov 2026 15:00:00 GMT", 0),
        ("999999999", 6 * 3600), ("99999999999999999999", 6 * 3600), ("soon", None), ("-5", None), ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_how_long_a_receiver_asks_to_be_left_alone(header: str | None, seconds: int | None) -> None:
    assert wait_of(header, now=NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_retry_after_of_a_refusal_is_honoured(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("slow down", status=429, headers={"Retry-After": "77"})
    outcome = send(httpserver.url_for("/"))
    assert outcome == Outcome(is_sent=False, answer="429 slow down", retry_after=timedelta(seconds=77))


def test_a_redirect_is_not_followed(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": "/inner"})
    outcome = send(httpserver.url_for("/"))
    assert (outcome.is_permanent, len(httpserver.log)) == (True, 1)


def test_a_receiver_that_hangs_is_left_after_its_time(httpserver: HTTPServer, monkeypatch) -> None:
    monkeypatch.setattr(http, "STEP_SECONDS", 0.2)
    waiting = threading.Event()
    httpserver.expect_request("/").respond_with_handler(lambda request: (waiting.wait(5), Response("late"))[1])
    outcome = send(httpserver.url_for("/"))
    waiting.set()
    assert outcome == Outcome(is_sent=False, answer="no answer within 0.2 s", may_have_arrived=True)


def test_an_answer_that_drips_on_and_on_is_cut(httpserver: HTTPServer, monkeypatch) -> None:
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0.0)
    stop = threading.Event()

    def drip(request: Request) -> Response:
        return Response((b"x" for _ in iter(lambda: stop.wait(0.01), True)), 200)

    httpserver.expect_request("/").respond_with_handler(drip)
    assert send(httpserver.url_for("/")).is_sent
    stop.set()


def test_a_connection_that_is_cut_may_be_tried_again() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def cut() -> None:
        connection, _ = listener.accept()
        connection.recv(100)
        connection.close()

    thread = threading.Thread(target=cut)
    thread.start()
    outcome = send(f"http://127.0.0.1:{listener.getsockname()[1]}/secret-path")
    thread.join()
    listener.close()
    assert outcome.is_temporary and outcome.may_have_arrived
    assert outcome.answer.startswith("the connection broke")


@pytest.mark.parametrize(
    ("error", "may_have_arrived"),
    [
        (httpx.ReadTimeout(""), True),
        (httpx.WriteTimeout(""), True),
        (httpx.RemoteProtocolError(""), True),
        (httpx.ConnectTimeout(""), False),
        (httpx.PoolTimeout(""), False),
        (httpx.ConnectError(""), False),
        (httpx.UnsupportedProtocol(""), False),
        (httpx.InvalidURL(""), False),
    ],
)
def test_what_broke_after_the_connection_was_made_may_have_arrived(error: Exception, may_have_arrived: bool) -> None:
    assert http.outcome_of_error(error).may_have_arrived is may_have_arrived


@pytest.mark.parametrize(
    ("status", "may_have_arrived"), [(500, False), (502, True), (503, False), (504, True), (404, False)]
)
def test_a_gateway_that_lost_what_is_behind_it_does_not_know(status: int, may_have_arrived: bool) -> None:
    assert outcome_of_answer(status, "", now=NOW).may_have_arrived is may_have_arrived


def test_nobody_there() -> None:
    assert send("http://127.0.0.1:1/") == Outcome(is_sent=False, answer="cannot connect")


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/x", "http://169.254.169.254/latest", "http://[::1]/", "http://localhost:1/"]
)
def test_private_addresses_are_never_called(settings, url: str) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    outcome = send(url)
    assert outcome.is_permanent
    assert "is not a public address" in outcome.answer


def test_secrets_that_a_receiver_echoes_are_not_kept(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("unknown key s3cr3t-key", status=400)
    assert send(httpserver.url_for("/"), ["s3cr3t-key"]).answer == "400 unknown key …"
    assert redact("a key-long b key", ["key", "key-long", ""]) == "a … b …"


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://hooks.example.com/x", ""), ("http://127.0.0.1:9/x", ""), ("ftp://example.com", "must begin with"),
        ("https://", "names no host"), ("https://exa mple.com", "spaces"),
        ("https://example.com:99999/", "cannot be read"),
        ("https://[::1", "cannot be read"), ("example.com", "must begin with"), ("https://example.com/\n", "spaces"),
    ],
)  # fmt: skip
def test_urls_are_checked_when_they_are_saved(url: str, fault: str) -> None:
    assert fault_in_url(url).startswith(fault) if fault != "spaces" else "spaces" in fault_in_url(url)
    assert bool(fault_in_url(url)) == bool(fault)
