"""Slack, PagerDuty and webhooks: what arrives, held against what the receivers publish."""

import json
from typing import Any

import pytest
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook, WebhookVerificationError

from alerts.channels.pagerduty import PAGERDUTY, event_of
from alerts.channels.sending import send_message
from alerts.channels.slack import payload_of
from alerts.channels.templates import Words
from alerts.channels.webhook import new_secret
from tests.alerts.builders import MINUTE
from tests.alerts.channels import schemas
from tests.alerts.channels.builders import NOW, make_facts, make_message

KEY = "a1" * 16
ENDED = {"headline": "Ended: error rate, 24 min", "ended_at": NOW + 24 * MINUTE}
LONG = "🚨<&>" * 5000
MANY = tuple(
    make_facts(id=n, title=LONG, message=LONG, link="https://watch.example.com/" + "x" * 300) for n in range(60)
)
MESSAGES = {
    "firing": make_message(),
    "acknowledged": make_message("acknowledged", next_step="Ann Lee takes care"),
    "resolved": make_message("resolved", **ENDED),
    "test": make_message("test"),
    "bare": make_message(why="", alerts=(make_facts(message="", link=""),), acknowledge_url="", resolve_url=""),
    "group": make_message(alerts=(make_facts(), make_facts(id=8)), more_alerts=4, likely_cause="deploy 2.0.1"),
    "huge": make_message(
        headline=LONG, alerts=MANY, why=LONG, likely_cause=LONG, next_step=LONG, project=LONG, environment=LONG,
        held=LONG, dedup_key="k" * 999, may_be_repeat=True, labels={"a": LONG},
    ),
    "huge-template": make_message(text=LONG),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _local_receivers(settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]


def check(document: Any, schema: dict[str, Any]) -> None:
    errors = list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document))
    assert not errors, [f"{error.json_path}: {error.message[:200]}" for error in errors]


# --- Slack -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", MESSAGES)
def test_slack_gets_blocks_within_its_limits(name: str) -> None:
    check(payload_of(MESSAGES[name]), schemas.SLACK)


def test_slack_posts_and_shows_the_answer(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/services/T0/B0/XXXX", method="POST").respond_with_data("ok")
    url = httpserver.url_for("/services/T0/B0/XXXX")
    outcome = send_message("slack", {"url": url}, make_message(), now=NOW)
    assert (outcome.is_sent, outcome.answer) == (True, "200 ok")
    request, _ = httpserver.log[0]
    sent = json.loads(request.data)
    check(sent, schemas.SLACK)
    buttons = {button["text"]["text"]: button["url"] for button in sent["blocks"][-1]["elements"]}
    assert buttons == {
        "Acknowledge": "https://watch.example.com/alerts/answer/ack",
        "Resolve": "https://watch.example.com/alerts/answer/res",
        "Open in TradeWatch": "https://watch.example.com/alerts/7",
    }


@pytest.mark.parametrize(
    ("event", "labels"), [("acknowledged", ["Resolve", "Open in TradeWatch"]), ("resolved", ["Open in TradeWatch"])]
)
def test_slack_buttons_are_those_that_still_make_sense(event: str, labels: list[str]) -> None:
    elements = payload_of(MESSAGES[event])["blocks"][-1]["elements"]
    assert [element["text"]["text"] for element in elements] == labels


def test_slack_says_that_it_ended() -> None:
    assert ":white_check_mark: *Ended*" in json.dumps(payload_of(MESSAGES["resolved"]))


def test_slack_shows_no_mention_and_no_link_of_a_strangers_making() -> None:
    text = json.dumps(
        payload_of(make_message(headline="x", alerts=(make_facts(message="<!channel> <https://evil|click> &"),)))
    )
    assert "<!channel>" not in text and "<https" not in text
    assert "&lt;!channel&gt;" in text


def test_a_removed_webhook_is_refused_for_good_without_its_secret(httpserver: HTTPServer, caplog) -> None:
    httpserver.expect_request("/services/T0/B0/s3cr3t").respond_with_data("no_service T0/B0/s3cr3t", status=404)
    outcome = send_message("slack", {"url": httpserver.url_for("/services/T0/B0/s3cr3t")}, make_message(), now=NOW)
    assert outcome.is_permanent
    logged = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]  # the receiver's own
    assert "s3cr3t" not in outcome.answer + " ".join(logged)


# --- PagerDuty -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", MESSAGES)
def test_pagerduty_gets_events_of_its_schema(name: str) -> None:
    event = event_of(MESSAGES[name], routing_key=KEY)
    check(event, schemas.PAGERDUTY)
    assert len(json.dumps(event)) < schemas.PAGERDUTY_BYTES


def test_one_dedup_key_carries_an_incident_from_trigger_to_resolve(httpserver: HTTPServer) -> None:
    answer = {"status": "success", "message": "Event processed", "dedup_key": "group-31"}
    httpserver.expect_request("/v2/enqueue", method="POST").respond_with_json(answer, status=202)
    settings = {"routing_key": KEY, "url": httpserver.url_for("/v2/enqueue")}
    for name in ("firing", "acknowledged", "resolved"):
        assert send_message("pagerduty", settings, MESSAGES[name], now=NOW).answer.startswith("202 ")
    sent = [json.loads(request.data) for request, _ in httpserver.log]
    assert [event["event_action"] for event in sent] == ["trigger", "acknowledge", "resolve"]
    assert {event["dedup_key"] for event in sent} == {"group-31"}
    assert sent[0]["payload"]["severity"] == "critical"
    assert {link["text"] for link in sent[0]["links"]} >= {"Open in TradeWatch", "Acknowledge in TradeWatch"}


def test_pagerduty_refusing_a_key_does_not_put_it_on_record(httpserver: HTTPServer) -> None:
    said = {"status": "invalid event", "errors": [f"'routing_key' {KEY} is invalid"]}
    httpserver.expect_request("/v2/enqueue").respond_with_json(said, status=400)
    outcome = send_message(
        "pagerduty", {"routing_key": KEY, "url": httpserver.url_for("/v2/enqueue")}, make_message(), now=NOW
    )
    assert outcome.is_permanent and "invalid event" in outcome.answer and KEY not in outcome.answer


def test_pagerduty_is_safe_to_repeat_and_slack_is_not() -> None:
    assert PAGERDUTY.is_safe_to_repeat


# --- webhook -------------------------------------------------------------------------------------------------------
def test_a_webhook_is_signed_so_that_the_library_verifies_it(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook", method="POST").respond_with_data("", status=204)
    secret, now = new_secret(), timezone.now()
    for _ in range(2):  # two attempts of one notification
        outcome = send_message(
            "webhook", {"url": httpserver.url_for("/hook"), "secret": secret}, make_message(), now=now
        )
        assert (outcome.is_sent, outcome.answer) == (True, "204")
    (first, _), (again, _) = httpserver.log
    document = Webhook(secret).verify(first.data, dict(first.headers))
    check(document, schemas.WEBHOOK)
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == "notification-9"
    assert document["type"] == "alert.firing"
    assert document["data"]["alerts"][0]["title"] == "Error rate 2.1% on POST /orders"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(first.data + b" ", dict(first.headers))


def test_while_a_secret_changes_over_both_verify(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    new, old = new_secret(), new_secret()
    settings = {"url": httpserver.url_for("/hook"), "secret": new, "previous_secret": old}
    send_message("webhook", settings, make_message(), now=timezone.now())
    request, _ = httpserver.log[0]
    assert Webhook(new).verify(request.data, dict(request.headers))
    assert Webhook(old).verify(request.data, dict(request.headers))


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_can_be_a_webhook(name: str, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    settings = {"url": httpserver.url_for("/hook"), "secret": new_secret()}
    assert send_message("webhook", settings, MESSAGES[name], now=NOW).is_sent


# --- whatever the kind -----------------------------------------------------------------------------------------------
def test_a_channels_own_words_go_out(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    settings = {"url": httpserver.url_for("/hook"), "secret": new_secret()}
    words = Words(title="DESK {{ headline }}", text="{% for a in alerts %}{{ a.title }}!{% endfor %}")
    send_message("webhook", settings, make_message(), now=NOW, words=words)
    data = json.loads(httpserver.log[0][0].data)["data"]
    assert data["headline"] == "DESK Error rate 2.1% on POST /orders"
    assert data["text"] == "Error rate 2.1% on POST /orders!"


def test_words_that_fail_give_way_to_the_usual_and_say_so(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("fine")
    settings = {"url": httpserver.url_for("/hook"), "secret": new_secret()}
    outcome = send_message("webhook", settings, make_message(), now=NOW, words=Words(text="\n{{ labels.desk }}"))
    assert outcome.is_sent
    assert outcome.answer.startswith("200 fine (its template failed: line 2: 'dict object' has no attribute 'desk'")
    assert "312 failed" in json.loads(httpserver.log[0][0].data)["data"]["text"]


def test_settings_that_cannot_be_read_fail_and_do_not_raise() -> None:
    assert send_message("slack", {}, make_message(), now=NOW).answer == "KeyError"
    assert send_message("pigeon", {}, make_message(), now=NOW).is_permanent
