"""POST /alerts/test: who is told, what they answered, and where it stays."""

from typing import Any

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer

from alerts.models import Alert, Notification, NotificationChannel
from tests.alerts.builders import texts
from tests.projects.builders import bearer, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _receivers(settings) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]


def post(body: dict[str, Any], scope: str = "alerts:write") -> Any:
    return Client().post("/alerts/test", body, content_type="application/json", headers=bearer(scope))


def make_channel(url: str, name: str = "Desk", **fields: Any) -> NotificationChannel:
    channel = NotificationChannel(name=name, kind="slack", **fields)
    channel.settings = {"url": url}
    channel.save()
    return channel


def test_everyone_who_would_be_told_gets_a_test_and_answers(httpserver: HTTPServer, mailoutbox) -> None:
    make_project()
    httpserver.expect_request("/ok").respond_with_data("ok")
    make_channel(httpserver.url_for("/ok"))
    make_channel(httpserver.url_for("/ok"), "Off", is_enabled=False)
    answer = post({})
    assert answer.status_code == 202
    told = [(each["channel"], each["is_sent"], each["answer"]) for each in answer.json()["deliveries"]]
    assert told[0] == ("Desk", True, "200 ok")
    assert [channel for channel, _, _ in told] == ["Desk", "desk@example.com"]
    assert mailoutbox[0].subject == "[test] Test of alerting · Default"
    alert = Alert.objects.get(pk=answer.json()["alert_id"])
    assert (alert.state, alert.title) == ("resolved", "Test of alerting")
    assert "Told Desk: 200 ok." in texts(alert)
    assert not Notification.objects.exists()  # a test pages nobody


def test_one_channel_is_tested_by_name_or_id_even_when_it_is_off(httpserver: HTTPServer) -> None:
    make_project()
    httpserver.expect_request("/gone").respond_with_data("no_service", status=404)
    channel = make_channel(httpserver.url_for("/gone"), is_enabled=False)
    for name in ("Desk", str(channel.pk)):
        [delivery] = post({"channel": name}).json()["deliveries"]
        assert delivery == {"channel": "Desk", "kind": "slack", "is_sent": False, "answer": "404 no_service"}
    assert "The test to Desk failed: 404 no_service." in texts(Alert.objects.first())


@pytest.mark.parametrize("name", ["Nothing", "99", "Theirs"])
def test_a_channel_that_the_project_does_not_have_is_unknown(name: str) -> None:
    make_project()
    make_channel("https://example.com", "Theirs", project=make_project("theirs"))
    answer = post({"channel": name})
    assert answer.status_code == 404
    assert "channel" in answer.json()["errors"]


def test_a_reading_token_sends_no_test() -> None:
    make_project()
    assert post({}, "alerts:read").status_code == 403
