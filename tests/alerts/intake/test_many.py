"""Whole pushes in few statements: what comes of them is what came of their alerts one by one."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts.choices import AlertSeverity
from alerts.intake.alertmanager import read_push
from alerts.intake.incoming import Incoming, Reading
from alerts.models import Alert, TakenIn
from alerts.services.taking_in import end_silent, take_in
from tests.alerts.builders import MINUTE, NOW, texts
from tests.alerts.intake.builders import make_source, pushed
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
PUSH = "/api/v2/alerts"
STARTED, OVER = "2026-11-23T15:10:00Z", "2026-11-23T15:11:00Z"


def order(number: int, **fields: Any) -> dict[str, Any]:
    return pushed(labels={"alertname": "OrderRejected", "order": str(number), "severity": "page"}, **fields)


def read(*documents: dict[str, Any], now: datetime = NOW) -> list[Incoming]:
    found, errors = read_push(list(documents), Reading(), now=now)
    assert errors == {}
    return found


def take(project: Project, *documents: dict[str, Any], now: datetime = NOW) -> list[Alert]:
    return take_in(SYSTEM, project.pk, read(*documents, now=now), source=None, now=now)


def send(key: str, body: Sequence[dict[str, Any]]) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return Client().post(PUSH, list(body), content_type="application/json", headers=headers).status_code


def statements_of(key: str, body: Sequence[dict[str, Any]]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert send(key, body) == 200
    return len(seen)


# --- few statements ---------------------------------------------------------------------------------------------------
def test_a_push_of_five_hundred_takes_hardly_more_statements_than_one_of_fifty() -> None:
    _, key = make_source()
    first = statements_of(key, [order(n) for n in range(50)])
    many = statements_of(key, [order(n) for n in range(50, 550)])
    assert Alert.objects.count() == TakenIn.objects.count() == AuditEntry.objects.count() == 550
    assert many <= first < 40
    again = statements_of(key, [order(n, endsAt="2099-01-01T00:00:00Z") for n in range(550)])
    assert again < 60  # one of them writes 550 rows on PostgreSQL, which Django's log counts once
    assert statements_of(key, [order(n, endsAt=OVER) for n in range(550)]) < 40
    assert set(Alert.objects.values_list("state", "count")) == {("resolved", 1)}


def test_everything_that_one_alert_leaves_behind_five_hundred_leave_too() -> None:
    source, key = make_source()
    assert send(key, [order(n, annotations={"summary": f"Order {n}"}) for n in range(500)]) == 200
    for alert in Alert.objects.filter(title__in=["Order 0", "Order 499"]):
        assert texts(alert) == ["Sent by Prometheus."]
        taken = alert.taken_in
        assert (taken.source, taken.labels["order"]) == (source, alert.tags["order"])
        assert taken.annotations == {"summary": alert.title}
        assert (taken.starts_at, alert.severity) == (alert.starts_at, "critical")
        entry = AuditEntry.objects.get(object_id=str(alert.pk))
        assert (entry.action, entry.actor_label, entry.object_type) == ("alert.open", "Prometheus", "alerts.alert")
        assert (entry.project_id, entry.object_label) == (source.project_id, alert.title)


def test_sent_again_hundreds_change_in_text_alone() -> None:
    project = make_project()
    take(project, *[order(n, endsAt=None) for n in range(300)])
    later = [order(n, endsAt=None, annotations={"summary": "x", "description": f"now {n}"}) for n in range(300)]
    take(project, *later, now=NOW + MINUTE)
    assert set(Alert.objects.values_list("count", flat=True)) == {1}
    assert Alert.objects.get(tags__order="299").message == "now 299"
    assert set(TakenIn.objects.values_list("ends_at", "updated_at")) == {(NOW + 6 * MINUTE, NOW + MINUTE)}
    assert TakenIn.objects.get(alert__tags__order="7").annotations["description"] == "now 7"


def test_hundreds_that_fire_anew_are_counted_and_raised() -> None:
    project = make_project()
    mild = [{**order(n), "labels": {**order(n)["labels"], "severity": "warning"}} for n in range(200)]
    keys = {one.key for one in read(*mild)}
    take(project, *mild)
    Alert.objects.update(severity=AlertSeverity.INFO, is_unrouted=False)  # as a rule of classification may have it
    take(project, *[{**one, "startsAt": "2026-11-23T15:12:00Z"} for one in mild], now=NOW + MINUTE)
    assert set(Alert.objects.values_list("severity", "count", "is_unrouted")) == {("warning", 2, True)}
    alert = Alert.objects.get(dedup_key=min(keys))
    assert texts(alert)[-1] == "Raised from info to warning. Sent by TradeWatch."
    assert alert.metadata["occasion"] == "since 2026-11-23T15:12:00+00:00"


# --- one key twice ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ends", "states"),
    [
        ([None, OVER], ["resolved"]),
        ([OVER, None], ["firing"]),
        ([None, OVER, None], ["resolved", "firing"]),
        ([None, OVER, None, OVER], ["resolved", "resolved"]),
        ([OVER, OVER], []),
        ([None, None], ["firing"]),
    ],
)
def test_a_key_that_a_push_names_again_is_done_in_its_order(ends: list[str | None], states: list[str]) -> None:
    project = make_project()
    others = [order(n) for n in range(2, 30)]
    taken = take(project, *others, *[order(1, endsAt=end) for end in ends])
    alerts = Alert.objects.filter(tags__order="1").order_by("id")
    assert [alert.state for alert in alerts] == states
    assert Alert.objects.count() == 28 + len(states)
    assert [alert.pk for alert in taken] == [alert.pk for alert in sorted(taken, key=lambda each: each.dedup_key)]
    if len(states) == 2:
        assert alerts[1].previous_id == alerts[0].pk


def test_a_push_of_mixed_ends_and_news_is_what_they_are_one_by_one() -> None:
    """Four hundred random alerts over forty keys: the same rows as from pushes of one each."""
    whole, single = make_project("whole"), make_project("single")
    dice = random.Random(20261126)
    for minute in range(10):
        now = NOW + minute * MINUTE
        documents = [
            order(
                dice.randrange(40),
                startsAt=dice.choice([STARTED, now.isoformat()]),
                endsAt=dice.choice([None, None, OVER, (now + 3 * MINUTE).isoformat()]),
                annotations={"summary": "s", "description": f"text {dice.randrange(5)}"},
            )
            for _ in range(40)
        ]
        documents = [one for one in documents if not (one["endsAt"] == OVER and one["startsAt"] != STARTED)]
        together = take(whole, *documents, now=now)
        one_by_one = []
        for incoming in sorted(read(*documents, now=now), key=lambda each: each.key):
            one_by_one += take_in(SYSTEM, single.pk, [incoming], source=None, now=now)
        assert [alert.dedup_key for alert in together] == [alert.dedup_key for alert in one_by_one]
        if minute % 3 == 2:
            end_silent(now)
    assert Alert.objects.filter(project=whole).count() > 60
    assert facts(whole) == facts(single)


def facts(project: Project) -> list[object]:
    rows = Alert.objects.filter(project=project).order_by("dedup_key", "id")
    return [
        (
            alert.dedup_key, alert.state, alert.count, alert.message, alert.starts_at, alert.last_at, alert.ending,
            alert.resolved_by, alert.resolved_at, alert.previous_id is not None, alert.metadata, sorted(texts(alert)),
            *TakenIn.objects.filter(alert=alert).values_list("ends_at", "updated_at", "starts_at", "annotations"),
        )
        for alert in rows
    ]  # fmt: skip


# --- all or nothing, and who may --------------------------------------------------------------------------------------
def test_without_the_right_nothing_of_a_push_is_taken() -> None:
    stranger = Actor(kind="token", id=None, label="stranger")
    with pytest.raises(NotAllowed):
        take_in(stranger, make_project().pk, read(*[order(n) for n in range(30)]), source=None, now=NOW)
    assert not Alert.objects.exists()
    assert not TakenIn.objects.exists()


def test_an_empty_push_is_answered() -> None:
    _, key = make_source()
    assert send(key, []) == 200


# --- ends by silence --------------------------------------------------------------------------------------------------
def test_thousands_that_fell_silent_end_at_one_look() -> None:
    project = make_project()
    for start in range(0, 1_500, 500):
        take(project, *[order(n, endsAt=None) for n in range(start, start + 500)])
    take(project, *[order(n, endsAt=None) for n in range(100)], now=NOW + 4 * MINUTE)  # these are repeated
    assert end_silent(NOW + 6 * MINUTE) == 1_400
    assert Alert.objects.exclude(state="resolved").count() == 100
    assert TakenIn.objects.exclude(ends_at=None).count() == 100
    ended = Alert.objects.filter(state="resolved").latest("id")
    assert ended.ending.startswith("Ended: p99 above 2 s, ")
    assert texts(ended)[-1].startswith("Not sent again since 15:12")
    assert end_silent(NOW + 6 * MINUTE) == 0
    assert end_silent(NOW + timedelta(hours=1)) == 100
