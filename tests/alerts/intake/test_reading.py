"""Wire formats into values: labels, times and severities of others, and what is refused with its place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.choices import AlertSeverity
from alerts.intake.alertmanager import read_push, read_webhook
from alerts.intake.filters import keeps
from alerts.intake.incoming import Reading, fingerprint_of, web_link
from alerts.intake.pagerduty import BadEvent, read_event, routing_key_of
from tests.alerts.builders import NOW
from tests.alerts.intake.builders import pushed
from tradewatch.core.faults import Invalid


def read(*alerts: Any, reading: Reading | None = None) -> Any:
    return read_push(list(alerts), reading or Reading(), now=NOW)


def test_what_prometheus_pushes_is_understood() -> None:
    [alert], errors = read(pushed())
    assert errors == {}
    assert (alert.title, alert.message, alert.severity) == ("p99 above 2 s", "p99 is 2.31 s", AlertSeverity.CRITICAL)
    assert alert.starts_at == datetime(2026, 11, 23, 15, 10, 0, 123456, tzinfo=UTC)
    assert alert.link.startswith("http://prometheus.example.com")
    assert not alert.has_ended(NOW)


@pytest.mark.parametrize(
    ("fields", "ended", "ends_at"),
    [
        ({"endsAt": "2026-11-23T15:12:30Z"}, True, NOW),
        ({"endsAt": "2026-11-23T15:12:31Z"}, False, NOW + timedelta(seconds=1)),
        ({"endsAt": None}, False, NOW + timedelta(minutes=5)),
        ({"endsAt": "0001-01-01T00:00:00Z"}, False, NOW + timedelta(minutes=5)),
        ({"endsAt": "9999-01-01T00:00:00Z"}, False, NOW + timedelta(days=366)),
    ],
)
def test_when_an_alert_ends(fields: dict[str, Any], ended: bool, ends_at: datetime) -> None:
    [alert], _ = read(pushed(**fields))
    assert (alert.has_ended(NOW), alert.ends_at) == (ended, ends_at)


@pytest.mark.parametrize(
    ("labels", "severity"),
    [
        ({}, "error"), ({"severity": "critical"}, "critical"), ({"severity": "PAGE"}, "critical"),
        ({"severity": "warn"}, "warning"), ({"severity": "weird"}, "error"), ({"severity": "none"}, "info"),
    ],
)  # fmt: skip
def test_usual_words_for_severity(labels: dict[str, str], severity: str) -> None:
    assert Reading().severity_of(labels) == severity


def test_a_source_reads_its_own_labels_and_words() -> None:
    own = Reading(
        severity_label="prio", severity_map={"sev1": "critical", "bad": "nonsense"}, environment_label="stage"
    )
    [alert], _ = read(pushed(labels={"a": "b", "prio": "SEV1", "stage": "production"}), reading=own)
    assert (alert.severity, alert.environment) == ("critical", "production")
    assert own.severity_of({"prio": "bad"}) == "error"


def test_the_same_labels_are_the_same_alert_in_any_order() -> None:
    assert fingerprint_of({"a": "1", "b": "2"}) == fingerprint_of({"b": "2", "a": "1"}) != fingerprint_of({"a": "1"})


@pytest.mark.parametrize(
    ("alert", "field", "says"),
    [
        ({"labels": {}}, "0.labels", "at least one label"),
        ({"labels": {"a": ""}}, "0.labels", "at least one label"),
        ({"labels": {"a": 5}}, "0.labels.a", "expected a text"),
        ({"labels": "x"}, "0.labels", "expected an object"),
        ({"labels": {str(n): "x" for n in range(51)}}, "0.labels", "at most 50"),
        ({"startsAt": "yesterday"}, "0.startsAt", "expected a time"),
        ({"startsAt": "2026-13-45T00:00:00Z"}, "0.startsAt", "expected a time"),
        ({"startsAt": "2026-11-23T15:10:00Z", "endsAt": "2026-11-23T15:00:00Z"}, "0.startsAt", "must not be after"),
    ],
)
def test_a_bad_alert_is_refused_with_its_place(alert: dict[str, Any], field: str, says: str) -> None:
    good, errors = read(pushed(**alert), pushed())
    assert says in errors[field][0]
    assert len(good) == 1  # the good one is taken


@pytest.mark.parametrize("body", [{}, "x", None, 5, [pushed()] * 1001])
def test_what_is_no_list_of_alerts_is_refused(body: Any) -> None:
    with pytest.raises(Invalid):
        read_push(body, Reading(), now=NOW)


def test_nul_and_lone_surrogates_are_taken_out() -> None:
    [alert], _ = read(pushed(labels={"alertname": "a\0b\ud800"}))
    assert alert.labels == {"alertname": "ab?"}


def test_a_webhook_ends_alerts_by_word() -> None:
    grafana = {
        "version": "1", "status": "resolved", "title": "[RESOLVED]", "orgId": 1,
        "alerts": [
            pushed(status="firing", endsAt="0001-01-01T00:00:00Z", values={"B": 22}, silenceURL="http://g"),
            pushed(status="resolved", labels={"alertname": "Other"}, endsAt="2026-11-23T15:11:00Z"),
        ],
    }  # fmt: skip
    (firing, ended), errors = read_webhook(grafana, Reading(), now=NOW)
    assert errors == {}
    assert (firing.ends_at, ended.has_ended(NOW)) == (None, True)


@pytest.mark.parametrize(
    ("url", "link"),
    [("http://x/y", "http://x/y"), ("javascript:alert(1)", ""), (None, ""), ("http://" + "x" * 400, "")],
)
def test_only_web_addresses_become_links(url: Any, link: str) -> None:
    assert web_link(url) == link


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (['alertname="Disk"'], True), (["alertname=Disk"], True), (['alertname!="Disk"'], False),
        (['alertname=~"D.*"'], True), (['alertname=~"is"'], False), (['alertname!~"X|Y"', 'host=""'], True),
        (['"alertname"="Disk"'], True),
    ],
)  # fmt: skip
def test_filters_of_amtool(filters: list[str], kept: bool) -> None:
    assert keeps(filters, {"alertname": "Disk"}) == kept


@pytest.mark.parametrize("bad", ["nothing", 'a=~"("'])
def test_a_bad_filter_is_refused(bad: str) -> None:
    with pytest.raises(Invalid):
        keeps([bad], {"a": "b"})


# --- PagerDuty -------------------------------------------------------------------------------------------------------
def event(**fields: Any) -> dict[str, Any]:
    payload = {"summary": "Disk full", "source": "settle-02", "severity": "critical", **fields.pop("payload", {})}
    return {"routing_key": "k", "event_action": "trigger", "dedup_key": "disk", "payload": payload, **fields}


def test_a_trigger_becomes_an_alert() -> None:
    details = {"environment": "production", "free": "3%"}
    read = read_event(
        event(payload={"custom_details": details, "class": "disk"}, client_url="https://x"), 5, Reading(), now=NOW
    )
    assert read.incoming is not None
    assert (read.incoming.title, read.incoming.severity) == ("Disk full", "critical")
    assert (read.incoming.environment, read.incoming.link) == ("production", "https://x")
    assert "free: 3%" in read.incoming.message
    assert read.incoming.labels == {"source": "settle-02", "class": "disk"}


def test_keys_belong_to_their_source_and_are_made_where_none_is_given() -> None:
    assert read_event(event(), 5, Reading(), now=NOW).key != read_event(event(), 6, Reading(), now=NOW).key
    bare = {name: value for name, value in event().items() if name != "dedup_key"}
    made = read_event(bare, 5, Reading(), now=NOW).dedup_key
    assert made == read_event(bare, 5, Reading(), now=NOW).dedup_key and len(made) == 32


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"event_action": "explode"}, "'event_action' is not one of"),
        ({"payload": {"summary": ""}}, "'payload.summary' is missing or blank"),
        ({"payload": {"severity": "bad"}}, "'payload.severity' is not one of"),
        ({"payload": {"timestamp": "soon"}}, "'payload.timestamp'"),
        ({"dedup_key": "x" * 256}, "'dedup_key'"),
        ({"dedup_key": 5}, "'dedup_key'"),
        ({"event_action": "resolve", "dedup_key": None}, "'dedup_key' is missing"),
    ],
)
def test_a_bad_event_says_everything_that_is_wrong(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(BadEvent) as caught:
        read_event(event(**fields), 5, Reading(), now=NOW)
    assert any(says in error for error in caught.value.errors), caught.value.errors


@pytest.mark.parametrize("body", [[], "x", {}, {"routing_key": ""}, {"routing_key": 5}])
def test_without_a_routing_key_nothing_is_read(body: Any) -> None:
    with pytest.raises(BadEvent):
        routing_key_of(body)
