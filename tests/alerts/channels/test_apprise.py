"""apprise in its own process: what is sent, and that no URL makes it call what must not be called."""

import json
import socket
import threading
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from alerts.channels import apprise
from alerts.channels.apprise import send_apprise
from alerts.channels.outcome import Outcome
from tests.alerts.channels.builders import NOW, make_message
from tests.alerts.mailbox import Mailbox, running_mailbox


def send(url: str) -> Outcome:
    return send_apprise({"url": url}, make_message(), now=NOW)


@pytest.fixture
def local(settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]


def test_a_service_of_apprise_gets_title_text_and_links(local: None, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook", method="POST").respond_with_data("fine")
    assert send(f"json://127.0.0.1:{httpserver.port}/hook") == Outcome(is_sent=True, answer="accepted by JSON")
    sent = json.loads(httpserver.log[0][0].data)
    assert sent["title"] == "[critical] Error rate 2.1% on POST /orders · trading-api production"
    assert sent["type"] == "failure"
    assert "https://watch.example.com/alerts/answer/ack" in sent["message"]


@pytest.mark.parametrize(("status", "is_permanent"), [(404, True), (429, False), (500, False)])
def test_a_refusal_says_its_status(local: None, httpserver: HTTPServer, status: int, is_permanent: bool) -> None:
    httpserver.expect_request("/s3cr3t-token").respond_with_data("no", status=status)
    outcome = send(f"json://user:passw0rd@127.0.0.1:{httpserver.port}/s3cr3t-token")
    assert (outcome.is_sent, outcome.is_permanent) == (False, is_permanent)
    assert str(status) in outcome.answer
    assert "s3cr3t" not in outcome.answer and "passw0rd" not in outcome.answer


# --- the guard -------------------------------------------------------------------------------------------------------
@pytest.fixture
def trap() -> Iterator[tuple[int, list[str]]]:
    """A port on this machine that notes who comes: TCP and UDP alike."""
    listener, came = socket.create_server(("127.0.0.1", 0)), []
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(listener.getsockname())
    listener.settimeout(0.2)
    datagrams.settimeout(0.2)
    stop = threading.Event()

    def watch(read: object, name: str) -> None:
        while not stop.is_set():
            try:
                read()  # type: ignore[operator]
            except TimeoutError:
                continue
            came.append(name)

    threads = [
        threading.Thread(target=watch, args=(listener.accept, "tcp")),
        threading.Thread(target=watch, args=(lambda: datagrams.recv(10), "udp")),
    ]
    for thread in threads:
        thread.start()
    yield listener.getsockname()[1], came
    stop.set()
    for thread in threads:
        thread.join()
    listener.close()
    datagrams.close()


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1:{port}/hook",
        "json://localhost:{port}/hook",
        "json://2130706433:{port}/hook",
        "json://[::ffff:127.0.0.1]:{port}/hook",
        "xml://127.0.0.1:{port}/",
        "gotify://127.0.0.1:{port}/token",
        "mailto://user:pass@127.0.0.1:{port}?smtp=127.0.0.1&to=a@example.com&mode=insecure",
        "rsyslog://127.0.0.1:{port}",
    ],
)
def test_private_addresses_are_refused_whatever_the_service(url: str, trap: tuple[int, list[str]], settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    port, came = trap
    outcome = send(url.format(port=port))
    assert not outcome.is_sent
    assert outcome.is_permanent, outcome.answer
    assert came == []


def test_a_redirect_to_a_private_address_is_refused(httpserver: HTTPServer, settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    httpserver.expect_request("/hook").respond_with_data(
        "", status=307, headers={"Location": f"http://127.0.0.2:{httpserver.port}/inner"}
    )
    outcome = send(f"json://127.0.0.1:{httpserver.port}/hook")
    assert (outcome.is_sent, outcome.answer) == (False, "not called: it leads to an address that is not public")


def test_an_allowed_network_reaches_a_mail_server(local: None, settings) -> None:
    with running_mailbox(settings) as box:
        mails: Mailbox = box
        port = settings.EMAIL_PORT
        outcome = send(
            f"mailto://127.0.0.1:{port}?smtp=127.0.0.1&from=watch@example.com&to=ann@example.com&mode=insecure"
        )
    assert outcome.is_sent, outcome.answer
    assert mails.recipients == ["ann@example.com"]


def test_a_service_that_hangs_is_left_after_its_time(local: None, monkeypatch) -> None:
    monkeypatch.setattr(apprise, "TIMEOUT_SECONDS", 2.0)
    listener = socket.create_server(("127.0.0.1", 0))  # accepts, never answers
    outcome = send(f"json://127.0.0.1:{listener.getsockname()[1]}/hook?rto=300&cto=300")
    listener.close()
    assert outcome == Outcome(is_sent=False, answer="no answer within 2 s", may_have_arrived=True)


def test_an_unreadable_url_is_refused_for_good() -> None:
    assert send("tgram://").is_permanent
