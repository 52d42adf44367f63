"""Channels in the admin: entered by kind, refused with place and reason, secrets never shown, tried out."""

import html
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_httpserver import HTTPServer

from alerts.channels import CHANNELS
from alerts.models import NotificationChannel
from tests.admin.builders import make_alert, make_person, make_project
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
ADD = "/admin/alerts/notificationchannel/add/"
SECRET = "https://hooks.slack.com/services/T0/B0/s3cr3tS3cr3t"


@pytest.fixture
def chief() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("chief", "chief@desk.example", "pass word 1"))
    return client


def fields(**values: Any) -> dict[str, Any]:
    return {
        "name": "Desk",
        "is_enabled": "on",
        "sends_resolves": "on",
        "title_template": "",
        "text_template": "",
        **values,
    }


def make_channel(kind: str = "slack", project: Any = None, **settings: Any) -> NotificationChannel:
    channel = NotificationChannel(name="Desk", kind=kind, project=project)
    channel.settings = settings or {"url": SECRET}
    channel.save()
    return channel


def change_url(channel: NotificationChannel) -> str:
    return f"/admin/alerts/notificationchannel/{channel.pk}/change/"


def try_url(channel: NotificationChannel) -> str:
    return f"/admin/alerts/notificationchannel/{channel.pk}/try/"


@pytest.mark.parametrize("kind", CHANNELS)
def test_each_kind_has_a_form_of_its_own(chief: Client, kind: str) -> None:
    assert f"?kind={kind}" in chief.get(ADD).content.decode()
    page = chief.get(f"{ADD}?kind={kind}").content.decode()
    assert all(f'name="setting_{field.name}"' in page for field in CHANNELS[kind].fields)


def test_a_channel_is_saved_encrypted_and_its_secret_is_never_shown(chief: Client) -> None:
    answer = chief.post(f"{ADD}?kind=slack", fields(setting_url=SECRET))
    assert answer.status_code == 302, answer.content.decode()
    channel = NotificationChannel.objects.get()
    assert (channel.kind, channel.settings) == ("slack", {"url": SECRET})
    raw = (
        NotificationChannel.objects.filter(pk=channel.pk).extra(select={"raw": "encrypted_settings"}).values_list("raw")
    )
    assert "s3cr3t" not in raw[0][0]
    page = chief.get(change_url(channel)).content.decode()
    assert "s3cr3t" not in page and "One is stored; leave empty to keep it." in page
    entry = AuditEntry.objects.get(action="rule.create")
    assert "s3cr3t" not in json.dumps(entry.changes) and "url" in entry.changes


def test_a_secret_left_empty_is_kept_and_one_entered_replaces_it(chief: Client) -> None:
    channel = make_channel()
    assert chief.post(change_url(channel), fields(name="Desk 2", setting_url="")).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.settings["url"]) == ("Desk 2", SECRET)
    chief.post(change_url(channel), fields(setting_url="https://hooks.slack.com/services/new"))
    channel.refresh_from_db()
    assert channel.settings["url"].endswith("/new")


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        ("slack", {"setting_url": ""}, "is needed"),
        ("slack", {"setting_url": "ftp://x"}, "must begin with https://"),
        ("email", {"setting_to": "ann@example.com\nbad"}, "bad is no e-mail address"),
        ("pagerduty", {"setting_routing_key": "x"}, "32 letters and digits"),
        (
            "email",
            {"setting_to": "a@example.com", "text_template": "one\n{{ nope }}"},
            "line 2: &#x27;nope&#x27; is undefined",
        ),
        ("email", {"setting_to": "a@example.com", "title_template": "{% if %}"}, "line 1: Expected an expression"),
    ],
)
def test_what_cannot_work_is_refused_with_place_and_reason(
    chief: Client, kind: str, values: dict[str, str], says: str
) -> None:
    answer = chief.post(f"{ADD}?kind={kind}", fields(**values))
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not NotificationChannel.objects.exists()


def test_addresses_come_one_a_line(chief: Client) -> None:
    chief.post(f"{ADD}?kind=email", fields(setting_to="ann@example.com\r\n\r\n ben@example.com "))
    channel = NotificationChannel.objects.get()
    assert channel.settings == {"to": ["ann@example.com", "ben@example.com"]}
    assert "ann@example.com\nben@example.com" in chief.get(change_url(channel)).content.decode()


def test_a_manager_has_their_projects_channels_and_only_sees_the_general_ones() -> None:
    ours, theirs = make_project("ours"), make_project("theirs")
    client = Client()
    client.force_login(make_person("mara", Role.MANAGER, ours))
    general = make_channel()
    assert (
        client.post(f"{ADD}?kind=email", fields(name="ours", project=ours.pk, setting_to="a@b.example")).status_code
        == 302
    )
    assert client.post(f"{ADD}?kind=email", fields(name="all", setting_to="a@b.example")).status_code == 403
    assert (
        client.post(f"{ADD}?kind=email", fields(name="x", project=theirs.pk, setting_to="a@b.example")).status_code
        == 200
    )
    assert client.post(change_url(general), fields(name="mine")).status_code == 403
    assert set(NotificationChannel.objects.values_list("name", flat=True)) == {"Desk", "ours"}


# --- trying one out --------------------------------------------------------------------------------------------------
def test_templates_are_previewed_on_samples_and_past_alerts_without_being_saved(chief: Client) -> None:
    channel, alert = make_channel(), make_alert(make_project())
    page = chief.get(try_url(channel)).content.decode()
    assert "[critical] Error rate 2.1% on POST /orders" in page and "New issue (firing)" in page
    values = {"about": f"alert:{alert.pk}", "title_template": "DESK {{ headline }}", "text_template": "{{ project }}!"}
    page = chief.post(try_url(channel), {**values, "preview": "1"}).content.decode()
    assert "[error] DESK New issue · Desk" in page and "Desk!" in page
    page = chief.post(try_url(channel), {**values, "text_template": "\n\n{{ nope }}"}).content.decode()
    assert "line 3: &#x27;nope&#x27; is undefined" in page
    channel.refresh_from_db()
    assert channel.text_template == ""


def test_send_a_test_shows_what_the_receiver_said(chief: Client, httpserver: HTTPServer, settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    httpserver.expect_request("/hook").respond_with_data("no_service", status=404)
    channel = make_channel(url=httpserver.url_for("/hook"))
    page = chief.post(try_url(channel), {"about": "sample:2", "send": "1"}).content.decode()
    assert "another try is of no use" in page and "The receiver said: 404 no_service" in page
    channel.refresh_from_db()
    assert channel.last_answer == "404 no_service"
    assert AuditEntry.objects.get(action="channel.test").changes == {"answer": ["", "404 no_service"]}
    assert "[test]" in json.loads(httpserver.log[0][0].data)["text"]


def test_a_test_cannot_reach_a_private_address(chief: Client) -> None:
    channel = make_channel(url="http://169.254.169.254/latest")
    page = chief.post(try_url(channel), {"about": "sample:0", "send": "1"}).content.decode()
    assert "is not a public address" in page


def test_nobody_tries_a_channel_of_another_project() -> None:
    channel = make_channel(project=make_project("theirs"))
    client = Client()
    client.force_login(make_person("mara", Role.MANAGER, make_project("ours")))
    assert client.get(try_url(channel)).status_code == 404


# --- secrets that are made here --------------------------------------------------------------------------------------
def test_a_webhooks_secret_is_made_shown_once_and_replaced_with_both_signing(chief: Client) -> None:
    values = fields(setting_url="https://example.com/hook")
    page = chief.post(f"{ADD}?kind=webhook", values, follow=True).content.decode()
    channel = NotificationChannel.objects.get()
    first = channel.settings["secret"]
    assert first.startswith("whsec_") and first in html.unescape(page)
    assert first not in html.unescape(chief.get(change_url(channel)).content.decode())
    chosen = {"action": "rotate", "_selected_action": [channel.pk]}
    page = chief.post("/admin/alerts/notificationchannel/", chosen, follow=True).content.decode()
    channel.refresh_from_db()
    assert channel.settings["previous_secret"] == first
    assert channel.settings["secret"] not in ("", first)
    assert channel.settings["secret"] in html.unescape(page)
    assert first not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_a_kind_whose_secret_is_the_receivers_has_none_to_replace(chief: Client) -> None:
    chosen = {"action": "rotate", "_selected_action": [make_channel().pk]}
    page = chief.post("/admin/alerts/notificationchannel/", chosen, follow=True).content.decode()
    assert "has no secret of ours" in page
