"""The promise of the first page of README: point a DSN at us, raise, and see it."""

import json
import time
import urllib.request

import pytest
import sentry_sdk

from tests.backends import wait_until
from tests.servers import Server
from tests.walks.facts import counts

pytestmark = pytest.mark.server


def get_json(server: Server, path: str, token: str) -> dict[str, object]:
    request = urllib.request.Request(f"{server.url}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        body: dict[str, object] = json.load(answer)
        return body


def raise_in_application(dsn: str) -> str | None:
    """Report one exception the way an application with the stock SDK does; return its event id."""
    client = sentry_sdk.Client(
        dsn=dsn, release="trading-api@2.0.1", environment="production", default_integrations=False
    )
    with sentry_sdk.new_scope() as scope:
        scope.set_client(client)
        try:
            raise ConnectionResetError("venue lmax closed the session")
        except ConnectionResetError as error:
            event_id = scope.capture_exception(error)
    client.close(timeout=5)
    return event_id


def test_an_exception_becomes_a_classified_issue_and_an_alert(server: Server) -> None:
    token = server.token("errors:read", "alerts:read")
    event_id = raise_in_application(server.dsn)

    def loudest() -> list[dict[str, object]]:
        return get_json(server, "/error-tracking/metrics?window=1h", token)["top_issues"]  # type: ignore[return-value]

    wait_until(loudest, what="the issue", seconds=30)
    (issue,) = loudest()
    assert "ConnectionResetError" in str(issue["title"])
    assert (issue["events"], issue["category"]) == (1, "network")

    wait_until(lambda: get_json(server, "/alerts/active", token)["results"], what="the alert", seconds=30)
    (alert,) = get_json(server, "/alerts/active", token)["results"]  # type: ignore[misc]
    assert "ConnectionResetError" in alert["title"]

    stored = counts(server)
    assert stored["ids"] == [event_id]
    assert stored["minute_events"] == stored["hour_events"] == stored["issue_events"] == stored["payloads"] == 1
    mails = server.home / "mails"
    wait_until(lambda: list(mails.iterdir()), what="the mail", seconds=60)  # group_wait is 30 s
    assert "ConnectionResetError" in next(mails.iterdir()).read_text()
    assert list(server.folder.iterdir()) == [], "a process (beat?) keeps files where it was started"


def test_a_second_event_joins_the_issue_and_opens_no_second_alert(server: Server) -> None:
    for _ in range(2):
        raise_in_application(server.dsn)
    server.drain()
    time.sleep(3)  # a judge that would open a second alert has had its turn
    stored = counts(server)
    assert [issue[3] for issue in stored["issues"]] == [2]  # type: ignore[attr-defined]
    assert len(stored["alerts"]) == 1  # type: ignore[arg-type]
