"""CONTRIBUTING.md, "Adding a notification channel", followed: one module, and one line in `CHANNELS`."""

import json
from collections.abc import Iterator
from datetime import datetime
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_httpserver import HTTPServer

from alerts.channels import CHANNELS
from alerts.channels.http import fault_in_url, post
from alerts.channels.kinds import ChannelKind, SettingField, Settings
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.channels.words import body_of, title_of
from alerts.models import NotificationChannel

pytestmark = pytest.mark.django_db


# --- the module ------------------------------------------------------------------------------------------------------
def send_pigeon(settings: Settings, message: Message, *, now: datetime) -> Outcome:
    body = json.dumps({"title": title_of(message), "text": body_of(message)}).encode()
    return post(str(settings["url"]), body, headers={}, secrets=[str(settings["ring"])], now=now)


PIGEON = ChannelKind(
    name="pigeon",
    label="Carrier pigeon",
    phrase="by pigeon",
    send=send_pigeon,
    fields=(
        SettingField(name="url", label="Loft", check=fault_in_url),
        SettingField(name="ring", label="Ring", is_secret=True),
    ),
)


# --- the line --------------------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _added() -> Iterator[None]:
    with mock.patch.dict(CHANNELS, pigeon=PIGEON):
        yield


def test_the_form_its_checks_and_the_test_button_follow_from_it(httpserver: HTTPServer, settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    httpserver.expect_request("/loft").respond_with_data("ring r1ng-17 has landed")
    client = Client()
    client.force_login(User.objects.create_superuser("chief", "chief@desk.example", "pass word 1"))
    add = "/admin/alerts/notificationchannel/add/"
    assert "Carrier pigeon" in client.get(add).content.decode()
    bad = client.post(f"{add}?kind=pigeon", {"name": "Roof", "setting_url": "x"}).content.decode()
    assert "must begin with https://" in bad and "is needed" in bad
    good = {"name": "Roof", "is_enabled": "on", "setting_url": httpserver.url_for("/loft"), "setting_ring": "r1ng-17"}
    assert client.post(f"{add}?kind=pigeon", good).status_code == 302
    channel = NotificationChannel.objects.get()
    tried = client.post(f"/admin/alerts/notificationchannel/{channel.pk}/try/", {"about": "sample:0", "send": "1"})
    assert "The receiver said: 200 ring … has landed" in tried.content.decode()
    assert json.loads(httpserver.log[0][0].data)["title"].startswith("[test] Error rate 2.1%")
